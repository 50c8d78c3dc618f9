//! What a plan refuses without a remote.

use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::model::{DefaultDeny, NetworkPolicy};
use super::parts::source;
use crate::proxy::render::isolation::rule;

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
        }
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

/// True if no rule for name servers is made, whatever is not known yet.
fn asks_nobody(policy: &NetworkPolicy) -> bool {
    let unrestricted = policy.allow_to.is_null()
        && matches!(
            policy.default_deny,
            Attr::Null | Attr::Known(DefaultDeny::None | DefaultDeny::Ingress)
        );
    policy.dns.known() == Some(&false) || unrestricted
}
