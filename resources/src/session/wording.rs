//! Messages about refusals: the one place that turns a [`Refusal`] into diagnostics.

use e2etls_clients::kube::cluster::{Cluster, Unidentified};
use e2etls_clients::kube::connect::NotConnected;
use e2etls_clients::kube::kinds::Kind;
use e2etls_engine::refusal::{Answer, Denial, Refusal};
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

/// A result whose refusal is to be shown to the user.
pub trait Worded<T> {
    /// The same with the refusal in words.
    ///
    /// # Errors
    /// The refusal.
    fn worded(self) -> Result<T, Diagnostics>;
}

impl<T> Worded<T> for Result<T, Refusal> {
    fn worded(self) -> Result<T, Diagnostics> {
        self.map_err(|refusal| aws(&refusal))
    }
}

/// What AWS refused: operation, target, its words, and what to do.
#[must_use]
pub fn aws(refusal: &Refusal) -> Diagnostics {
    let Refusal {
        operation,
        target,
        words,
        ..
    } = refusal;
    let next = match &refusal.answer {
        Answer::Absent => "Check the name or ARN, the account and the Region.".to_owned(),
        Answer::Forbidden(Denial::Quota) => {
            "A quota is exhausted. Request an increase in Service Quotas, or delete unused resources.".to_owned()
        }
        Answer::Forbidden(Denial::Permission) => {
            format!("Grant `{operation}` on {target} to the identity that the provider uses.")
        }
        Answer::Unauthenticated => {
            "The credentials were not accepted, or have expired. Log in (for example with `aws sso login`), or check \
             AWS_PROFILE or the provider argument `profile`."
                .to_owned()
        }
        Answer::Throttled => "AWS is throttling requests or is not available. Apply again later, or increase \
            `max_retries`."
            .to_owned(),
        Answer::Unreachable => "Check that this machine can reach AWS, and apply again.".to_owned(),
        Answer::OutcomeUnknown => "It is not known whether the call took effect. Apply again to find out.".to_owned(),
        _ => "Fix the cause above and apply again.".to_owned(),
    };
    let diagnostic = match (&refusal.answer, refusal.argument) {
        // Nothing was requested: the argument does not fit what exists.
        (Answer::Invalid, Some(_)) => Diagnostic::error(operation).because(format!("{target}: {words}")),
        (Answer::Forbidden(Denial::Elsewhere), _) => Diagnostic::error("Wrong AWS account or Region")
            .because(format!("{target}: {words}"))
            .advice("Use credentials for the account of the object, and its Region."),
        (Answer::Interrupted, _) => Diagnostic::error("The operation was interrupted")
            .because(format!("{operation}: {words}"))
            .advice("Apply again to continue. If it needs more time, increase `timeouts`."),
        (Answer::Unreachable | Answer::OutcomeUnknown, _) => {
            Diagnostic::error(format!("AWS did not answer {operation}"))
                .because(format!("{target}: {words}"))
                .advice(next)
        }
        _ => Diagnostic::error(format!("AWS refused {operation}"))
            .because(format!("{target}: {words}"))
            .advice(next),
    };
    match refusal.argument {
        Some(argument) => diagnostic.at(AttributePath::root(argument)).into(),
        None => diagnostic.into(),
    }
}

/// What the API server refused about the object `reference` of a kind.
#[must_use]
pub fn api_server(reference: &str, kind: Kind, refusal: &Refusal) -> Diagnostics {
    let next = match &refusal.answer {
        Answer::KindMissing if !kind.add_on.is_empty() => format!(
            "The cluster does not serve the kind {} ({}). Install what provides it, for example the EKS add-on `{}`, \
             and apply again.",
            kind.kind,
            kind.api_version(),
            kind.add_on
        ),
        Answer::Forbidden(Denial::Permission) => format!(
            "Grant this verb on {} to the identity that the provider uses; `examples/permissions` lists everything it \
             needs.",
            kind.resource()
        ),
        Answer::Forbidden(Denial::Quota) => "Increase the quota of the namespace, and apply again.".to_owned(),
        Answer::Forbidden(Denial::Policy) => {
            "A policy of the cluster rejected the object. Comply with the policy, or have it changed, and apply again."
                .to_owned()
        }
        Answer::Forbidden(Denial::Terminating) => {
            "The namespace is being deleted. Wait until it is gone, and apply again.".to_owned()
        }
        Answer::Unauthenticated => {
            "The credentials were not accepted. Check the provider's cluster configuration.".to_owned()
        }
        Answer::Unreachable => "Check that this machine can reach the cluster, and apply again.".to_owned(),
        Answer::OutcomeUnknown => {
            "It is not known whether the request took effect. Apply again to find out.".to_owned()
        }
        _ => "Fix the cause above and apply again.".to_owned(),
    };
    let what = match refusal.answer {
        Answer::Unreachable => format!("The cluster could not be reached for {reference}"),
        Answer::OutcomeUnknown => format!("The API server did not answer for {reference}"),
        _ => format!("The API server refused {reference}"),
    };
    Diagnostic::error(what)
        .because(format!("{}\n\n{next}", told(refusal)))
        .into()
}

/// What a remote refused about the object `reference`: a request of Kubernetes names verb and path, one of AWS service
/// and action.
#[must_use]
pub fn refused(reference: &str, refusal: &Refusal) -> Diagnostics {
    let named = |text: &str| Kind::named(text.split(' ').next().unwrap_or_default());
    let is_path = refusal.operation.contains(" /");
    match (named(reference), named(&refusal.target)) {
        (Some(kind), _) if is_path || !refusal.operation.contains(':') => api_server(reference, kind, refusal),
        // A check is no object: what it asked about is named.
        (None, Some(kind)) if is_path => api_server(&refusal.target, kind, refusal),
        _ => aws(refusal),
    }
}

/// Request and words; the target is in the request's path.
#[must_use]
pub fn told(refusal: &Refusal) -> String {
    format!("{}: {}", refusal.operation, refusal.words)
}

const NOT_REACHED: (&str, &str) = (
    "Can't reach the cluster",
    "Check the address in the provider's cluster configuration, and that this machine can reach it.",
);
const NOT_KNOWN: (&str, &str) = (
    "The cluster's credentials or certificate were not accepted",
    "Check that the token, client certificate or role is correct and has not expired. On EKS, check that the role has \
     an access entry. If the server's certificate is not trusted, check `ca_pem` (or the CA in the kubeconfig) and the \
     host name.",
);
const NOT_ALLOWED: (&str, &str) = (
    "The cluster denied access",
    "Grant `get` on the namespace `kube-system`, whose UID identifies the cluster. `examples/permissions` contains \
     complete roles.",
);
const ANOTHER: (&str, &str) = (
    "Wrong cluster",
    "Point the provider's configuration at the right cluster, or correct `expect_uid`.",
);
const NOT_KUBERNETES: (&str, &str) = (
    "Not a Kubernetes API server",
    "Check the address in the provider's cluster configuration.",
);
const NOT_NOW: (&str, &str) = ("The cluster did not answer the request", "Try again.");

/// Why it is not known which cluster this is. Nothing was changed there.
#[must_use]
pub fn unidentified(why: &Unidentified, cluster: &Cluster) -> Diagnostics {
    let (words, (summary, advice)) = match why {
        Unidentified::NotKubernetes => (why.to_string(), NOT_KUBERNETES),
        Unidentified::Another { .. } => (why.to_string(), ANOTHER),
        Unidentified::Refused(refusal) => {
            let cause = match refusal.answer {
                Answer::Unreachable => NOT_REACHED,
                Answer::Unauthenticated => NOT_KNOWN,
                Answer::Forbidden(_) => NOT_ALLOWED,
                Answer::KindMissing | Answer::Invalid => NOT_KUBERNETES,
                _ => NOT_NOW,
            };
            (told(refusal), cause)
        }
    };
    let advice = match &cluster.proxy {
        Some(proxy) if is_unreachable(why) => format!(
            "The request went through {proxy}. Check that the proxy can be reached and lets it pass, or reach the cluster \
             without it: NO_PROXY names servers that are reached directly."
        ),
        _ => advice.to_owned(),
    };
    Diagnostic::error(summary)
        .because(format!("{words}\n\n{advice} Nothing was changed."))
        .into()
}

/// True if nobody answered at the cluster's address; not if somebody else did.
#[must_use]
pub fn is_unreachable(why: &Unidentified) -> bool {
    matches!(why, Unidentified::Refused(refusal) if refusal.answer == Answer::Unreachable)
}

/// Why there is no client of the cluster.
#[must_use]
pub fn not_connected(why: &NotConnected) -> Diagnostics {
    match why {
        NotConnected::Refused(refusal) => aws(refusal),
        NotConnected::Proxy { variable, why } => Diagnostic::error("The proxy can't be used")
            .because(format!(
                "The variable {variable} names the proxy to the cluster: {why}."
            ))
            .advice(format!(
                "Correct {variable}, or add the cluster's host to NO_PROXY if it is reached directly."
            ))
            .into(),
        NotConnected::Settings(words) => Diagnostic::error("Invalid cluster configuration")
            .because(format!(
                "{words}\n\nCorrect the provider argument `cluster` (or `clusters`)."
            ))
            .into(),
    }
}

/// The environment names an endpoint of AWS that is none.
pub fn broken_endpoint(variable: &str, why: &str) -> Diagnostics {
    Diagnostic::error(format!("Invalid environment variable {variable}"))
        .because(format!("{why}."))
        .advice("Set the variable to a URL, or unset it. No AWS call was made.")
        .into()
}

/// No Region is configured.
#[must_use]
pub fn no_region() -> Diagnostics {
    Diagnostic::error("No AWS Region is configured")
        .at(AttributePath::root("region"))
        .because(
            "Neither the provider argument `region`, nor AWS_REGION, nor the profile names a Region. Set `region`.",
        )
        .into()
}

#[cfg(test)]
#[path = "wording_tests.rs"]
mod tests;
