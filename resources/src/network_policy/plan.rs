//! What a plan refuses without a remote.

use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::model::{DefaultDeny, NetworkPolicy};
use super::parts::source;
use crate::proxy::render::isolation::rule;
use crate::proxy::system_namespace;

/// Checks what spans attributes.
pub(super) fn validate(policy: &NetworkPolicy, diagnostics: &mut Diagnostics) {
    for (argument, peers) in [("allow_from", &policy.allow_from), ("allow_to", &policy.allow_to)] {
        for (position, peer) in peers.known().into_iter().flatten().enumerate() {
            if rule("from", &source(peer), &[]).is_none() {
                diagnostics.input(
                    AttributePath::root(argument).index(position),
                    format!("Invalid `{argument}`"),
                    "The item names nobody. Set at least one of `pods`, `namespaces` and `cidrs`.",
                );
            }
            let at = AttributePath::root(argument).index(position);
            system_namespace(&at.attribute("namespaces"), &peer.namespaces, diagnostics);
        }
    }
    name_servers(policy, diagnostics);
    if !policy.dns_cidrs.is_null() && asks_nobody(policy) {
        diagnostics.input(
            AttributePath::root("dns_cidrs"),
            "Conflicting arguments",
            "`dns_cidrs` has no effect: no connection to name servers is allowed or denied here. Set `dns = true` with \
             `allow_to` or `default_deny = \"all\"`, or remove `dns_cidrs`.",
        );
    }
}

/// Warns of a way to name servers that leaves out the one that they are asked on first.
fn name_servers(policy: &NetworkPolicy, diagnostics: &mut Diagnostics) {
    if policy.dns.known() != Some(&false) {
        return;
    }
    for (position, peer) in policy.allow_to.known().into_iter().flatten().enumerate() {
        if !peer.ports.known().is_some_and(|ports| ports.contains(&53)) {
            continue;
        }
        let at = AttributePath::root("allow_to").index(position).attribute("ports");
        diagnostics.add(
            Diagnostic::warning("Name servers are queried over UDP first")
                .at(at)
                .because("The ports in `allow_to` are TCP ports. With `dns = false`, UDP to port 53 stays denied.")
                .advice("Set `dns = true`. If the name servers are not Pods in the cluster, also set `dns_cidrs`."),
        );
    }
}

/// True if no rule for name servers is made, whatever is not known yet.
fn asks_nobody(policy: &NetworkPolicy) -> bool {
    let unrestricted = policy.allow_to.is_null()
        && matches!(
            policy.default_deny,
            Attr::Null | Attr::Known(DefaultDeny::None | DefaultDeny::Ingress)
        );
    policy.dns.known() == Some(&false) || unrestricted
}
