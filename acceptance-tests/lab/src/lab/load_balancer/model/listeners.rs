//! The listeners of one Ingress, and of several together.

use std::collections::BTreeMap;

use super::member::Member;
use super::{Action, Listener, parse};
use crate::lab::{Context as _, Error, Result};

/// The listeners that one Ingress asks for, without rules.
pub(super) fn wanted(member: &Member<'_>) -> Result<Vec<Listener>> {
    let certificates = member.own.list("certificate-arn");
    let ports = parse::listen_ports(member.own.get("listen-ports"), !certificates.is_empty())?;
    let authentication = match member.own.get("mutual-authentication") {
        Some(text) => parse::mutual_authentication(text)?,
        None => BTreeMap::new(),
    };
    for cidr in member.own.list("inbound-cidrs") {
        let parsed = cidr.parse::<ipnet::IpNet>();
        parsed.context(format!("invalid inbound-cidrs settings on Ingress: {}", member.key()))?;
    }
    let listener = |(port, protocol): (u16, String)| {
        let secure = protocol == "HTTPS";
        if secure && certificates.is_empty() {
            let host = member.rules().find_map(|rule| rule.host.clone()).unwrap_or_default();
            return Err(Error::new(format!("no certificate found for host: {host}")));
        }
        Ok(Listener {
            port,
            protocol,
            policy: member.own.get("ssl-policy").filter(|_| secure).map(str::to_owned),
            certificates: if secure { certificates.clone() } else { Vec::new() },
            alpn: None,
            authentication: authentication.get(&port).filter(|_| secure).cloned(),
            default: Action::Fixed("404".to_owned(), String::new()),
            rules: Vec::new(),
        })
    };
    ports.into_iter().map(listener).collect()
}

/// Puts what another Ingress of the group asks for into a listener.
pub(super) fn merge(merged: &mut Listener, other: Listener) -> Result<()> {
    if merged.protocol != other.protocol {
        return Err(Error::new(format!(
            "conflicting protocol, {} | {}",
            merged.protocol, other.protocol
        )));
    }
    match (&merged.policy, other.policy) {
        (Some(one), Some(other)) if *one != other => {
            return Err(Error::new(format!("conflicting sslPolicy, {one} | {other}")));
        }
        (None, policy) => merged.policy = policy,
        _ => {}
    }
    match (&merged.authentication, other.authentication) {
        (Some(one), Some(other)) if *one != other => {
            return Err(Error::new("conflicting mTLS Attributes"));
        }
        (None, authentication) => merged.authentication = authentication,
        _ => {}
    }
    for certificate in other.certificates {
        if !merged.certificates.contains(&certificate) {
            merged.certificates.push(certificate);
        }
    }
    Ok(())
}
