//! Privileged ports in addresses of Services.

use super::super::address::Ports;

const DOMAIN: &str = ".svc.cluster.local";

/// Maps the port of `http://name.ns.svc.cluster.local[:PORT]` and `name.ns.svc.cluster.local:PORT`.
///
/// The host may hold variables (`$ns`, `${ns}`). Without a port the scheme's own is mapped.
pub(super) fn map_ports(text: &str, ports: Ports) -> String {
    if ports.is_identity() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(DOMAIN) {
        let (host, after) = rest.split_at(at + DOMAIN.len());
        out.push_str(host);
        rest = after;
        if let Some((port, taken)) = super::number_after_colon(after) {
            out.push_str(&format!(":{}", ports.lab_port(port)));
            rest = &after[taken..];
        } else if after
            .chars()
            .next()
            .is_none_or(|c| !c.is_alphanumeric() && !".-_:".contains(c))
            && let Some(port) = implied_port(&host[..at])
        {
            out.push_str(&format!(":{}", ports.lab_port(port)));
        }
    }
    out.push_str(rest);
    out
}

/// The port that the scheme before a host implies.
fn implied_port(before: &str) -> Option<u16> {
    let is_host = |c: char| c.is_alphanumeric() || "-._${}".contains(c);
    let scheme = before.trim_end_matches(is_host);
    if scheme.ends_with("https://") {
        Some(443)
    } else {
        scheme.ends_with("http://").then_some(80)
    }
}
