//! cert-manager's objects: Certificates and issuers as manifests, both ways; what proves an issuance; the canary.

pub mod authority;
pub mod canary;
pub mod certificate;
mod events;
mod issuance;
pub mod issued;
pub mod issuer;
pub mod names;
pub mod parts;
mod pending;
mod proof;
pub mod reference;
mod reissue;
pub mod renewal;
pub mod report;
mod sweep;

use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::part::reference as object;
use tfplugin_framework::Diagnostics;

/// A failure that this module describes itself.
fn failed(
    kind: &str,
    name: &str,
    what: impl Into<String>,
    cause: impl Into<String>,
    advice: impl Into<String>,
) -> Failure {
    Failure {
        address: String::new(),
        reference: object(kind, name),
        trouble: Trouble::Domain {
            what: what.into(),
            cause: cause.into(),
            advice: advice.into(),
        },
    }
}

/// The same with more details about the cause.
fn explained(mut failure: Failure, more: &str) -> Failure {
    match &mut failure.trouble {
        Trouble::Domain { cause, .. } => *cause = format!("{cause}\n\n{more}"),
        Trouble::Waiting { last_seen, .. } => *last_seen = format!("{last_seen}\n\n{more}"),
        _ => {}
    }
    failure
}

/// A failure from existing messages.
fn worded(kind: &str, name: &str, diagnostics: &Diagnostics) -> Failure {
    let first = diagnostics.iter().next();
    let (what, cause, advice) = first.map_or_else(Default::default, |one| {
        (one.what.clone(), one.cause.clone(), one.advice.clone())
    });
    failed(kind, name, what, cause, advice)
}

/// Texts of transient failures: new permissions propagate, the issuer's controller drops its old client. They are
/// written by a controller, in the conditions of its objects.
const PASSING: [&str; 9] = [
    "AccessDenied",
    "no EC2 IMDS role",
    "Throttl",
    "timeout",
    "connection",
    "failed to retrieve provisioner",
    "ExpiredToken",
    "get credentials",
    "StatusCode: 5",
];

/// True if the failure that a controller reports may be transient.
fn may_pass(conditions: &str) -> bool {
    PASSING.iter().any(|word| conditions.contains(word))
}
