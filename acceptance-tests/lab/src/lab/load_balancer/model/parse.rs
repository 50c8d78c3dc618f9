//! Annotations that are JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Authentication;
use crate::lab::{Context as _, Error, Result};

/// `listen-ports`: port to protocol.
pub(crate) fn listen_ports(text: Option<&str>, prefers_tls: bool) -> Result<BTreeMap<u16, String>> {
    let Some(text) = text else {
        let (port, protocol) = if prefers_tls { (443, "HTTPS") } else { (80, "HTTP") };
        return Ok(BTreeMap::from([(port, protocol.to_owned())]));
    };
    let entries: Vec<BTreeMap<String, i64>> =
        serde_json::from_str(text).context(format!("failed to parse listen-ports configuration: `{text}`"))?;
    if entries.is_empty() {
        return Err(Error::new(format!("empty listen-ports configuration: `{text}`")));
    }
    let mut ports = BTreeMap::new();
    for (protocol, number) in entries.into_iter().flatten() {
        let port = port(number)?;
        if !matches!(protocol.as_str(), "HTTP" | "HTTPS") {
            return Err(Error::new(format!(
                "listen protocol must be within [HTTP, HTTPS]: {protocol}"
            )));
        }
        ports.insert(port, protocol);
    }
    Ok(ports)
}

fn port(number: i64) -> Result<u16> {
    u16::try_from(number)
        .ok()
        .filter(|port| *port > 0)
        .context(format!("listen port must be within [1, 65535]: {number}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    port: i64,
    #[serde(default)]
    mode: String,
    trust_store: Option<String>,
    ignore_client_certificate_expiry: Option<bool>,
    advertise_trust_store_ca_names: Option<String>,
}

/// `mutual-authentication`: port to mode.
pub(crate) fn mutual_authentication(text: &str) -> Result<BTreeMap<u16, Authentication>> {
    let entries: Vec<Entry> = serde_json::from_str(text).context(format!(
        "failed to parse mutualAuthentication configuration from ingress annotation: `{text}`"
    ))?;
    if entries.is_empty() {
        return Err(Error::new(format!(
            "empty mutualAuthentication configuration from ingress annotation: `{text}`"
        )));
    }
    entries.into_iter().map(authentication).collect()
}

fn authentication(entry: Entry) -> Result<(u16, Authentication)> {
    let port = port(entry.port)?;
    let mode = entry.mode;
    let verifies = mode == "verify";
    let problem = if !matches!(mode.as_str(), "off" | "passthrough" | "verify") {
        format!("mutualAuthentication mode value must be among [off, passthrough, verify] for port {port} : {mode}")
    } else if verifies && entry.trust_store.is_none() {
        format!("trustStore is required when mutualAuthentication mode is verify for port {port}")
    } else if !verifies && entry.trust_store.is_some() {
        format!("Mutual Authentication mode {mode} does not support trustStore for port {port}")
    } else if !verifies && entry.ignore_client_certificate_expiry.is_some() {
        format!("Mutual Authentication mode {mode} does not support ignoring client certificate expiry for port {port}")
    } else {
        let ignore = entry.ignore_client_certificate_expiry.unwrap_or_default();
        return Ok((
            port,
            Authentication {
                mode,
                trust_store: entry.trust_store,
                ignore_expiry: verifies.then_some(ignore),
                advertise_names: entry.advertise_trust_store_ca_names,
            },
        ));
    };
    Err(Error::new(problem))
}
