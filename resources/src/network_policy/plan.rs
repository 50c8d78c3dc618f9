//! What a plan refuses without a remote.

use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::model::{DefaultDeny, NetworkPolicy, Peer};

/// Checks what spans attributes.
pub(super) fn validate(policy: &NetworkPolicy, diagnostics: &mut Diagnostics) {
    for (argument, peers) in [("allow_from", &policy.allow_from), ("allow_to", &policy.allow_to)] {
        for (position, peer) in peers.known().into_iter().flatten().enumerate() {
            if names_nobody(peer) {
                diagnostics.input(
                    AttributePath::root(argument).index(position),
                    format!("Invalid `{argument}`"),
                    "The item names nobody. Set at least one of `pods`, `namespaces` and `cidrs`.",
                );
            }
        }
    }
    let selector = policy.app.known().and_then(|app| app.selector.known());
    if selector.is_some_and(std::collections::BTreeMap::is_empty) {
        diagnostics.input(
            AttributePath::root("app").attribute("selector"),
            "Invalid `selector`",
            "Without a label it would select every Pod of the namespace. Set at least one, or use `default_deny`.",
        );
    }
    if !policy.dns_cidrs.is_null() && asks_nobody(policy) {
        diagnostics.input(
            AttributePath::root("dns_cidrs"),
            "Conflicting arguments",
            "`dns_cidrs` has no effect: no connection to name servers is allowed or denied here. Set `dns = true` with \
             `allow_to` or `default_deny = \"all\"`, or remove `dns_cidrs`.",
        );
    }
}

fn names_nobody(peer: &Peer) -> bool {
    let no_labels = |labels: &Attr<std::collections::BTreeMap<String, String>>| match labels {
        Attr::Known(labels) => labels.is_empty(),
        Attr::Unknown => false,
        Attr::Null => true,
    };
    let no_networks = match &peer.cidrs {
        Attr::Known(cidrs) => cidrs.is_empty(),
        Attr::Unknown => false,
        Attr::Null => true,
    };
    no_labels(&peer.pods) && no_labels(&peer.namespaces) && no_networks
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
