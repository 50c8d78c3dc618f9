//! Why the first request to a cluster failed: not reached, not trusted, not let in, or another cluster.

use tfplugin_framework::Diagnostics;

use crate::clients::kube::error::ApiError;

const NOT_REACHED: (&str, &str) = (
    "Can't reach the cluster",
    "Check the address in the provider's configuration of the cluster, and that it can be reached from here.",
);
const NOT_TRUSTED: (&str, &str) = (
    "The cluster's certificate is not trusted",
    "Check `ca_pem` (or the kubeconfig's CA) and the host name: it may be another server than the configuration means. Nothing was \
     sent to it.",
);
const NOT_KNOWN: (&str, &str) = (
    "The cluster does not know these credentials",
    "Check the token, certificate or role, and that it has not expired; on EKS, that the role has an access entry.",
);
const NOT_ALLOWED: (&str, &str) = (
    "The cluster does not allow this",
    "Grant `get` on the namespace `kube-system`: its uid tells clusters apart. `examples/permissions` has the whole role.",
);
const ANOTHER: (&str, &str) = (
    "This is another cluster",
    "Point the provider's configuration at the right cluster, or correct `expect_uid`.",
);

/// True if nobody answered at the cluster's address; not if somebody else did.
#[must_use]
pub fn is_unreachable(error: &ApiError) -> bool {
    error.is_transient() && cause(error) == NOT_REACHED
}

/// The message of a cluster whose UID could not be read. Nothing was changed there.
#[must_use]
pub fn refusal(error: &ApiError) -> Diagnostics {
    let words = error.to_string();
    let (summary, advice) = cause(error);
    let mut diagnostics = Diagnostics::new();
    diagnostics.remote(summary, format!("{words}\n\n{advice} Nothing was changed."));
    diagnostics
}

fn cause(error: &ApiError) -> (&'static str, &'static str) {
    let words = error.to_string();
    match error.code() {
        401 => NOT_KNOWN,
        403 => NOT_ALLOWED,
        _ if words.contains("expect_uid") => ANOTHER,
        _ if words.contains("certificate") => NOT_TRUSTED,
        _ => NOT_REACHED,
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    fn summary(error: &ApiError) -> String {
        refusal(error).iter().next().unwrap().what.clone()
    }

    fn no_answer(cause: &str) -> ApiError {
        ApiError::Unreachable {
            operation: "GET /".to_owned(),
            cause: cause.to_owned(),
        }
    }

    #[test]
    fn tells_the_causes_apart() {
        let status = |code| ApiError::Status {
            operation: "GET /".to_owned(),
            status: Box::new(Status {
                code,
                message: "no".to_owned(),
                ..Status::default()
            }),
        };
        assert_eq!(summary(&status(401)), NOT_KNOWN.0);
        assert_eq!(summary(&status(403)), NOT_ALLOWED.0);
        assert_eq!(
            summary(&no_answer("tcp connect error: Connection refused")),
            NOT_REACHED.0
        );
        assert_eq!(
            summary(&no_answer("invalid peer certificate: UnknownIssuer")),
            NOT_TRUSTED.0
        );
        assert_eq!(
            summary(&no_answer("the cluster has uid a, but `expect_uid` is b")),
            ANOTHER.0
        );
    }

    #[test]
    fn only_silence_is_unreachable() {
        assert!(is_unreachable(&no_answer("tcp connect error: Connection refused")));
        assert!(!is_unreachable(&no_answer("invalid peer certificate: UnknownIssuer")));
        assert!(!is_unreachable(&no_answer(
            "the cluster has uid a, but `expect_uid` is b"
        )));
    }

    #[test]
    fn keeps_the_remotes_words() {
        let detail = refusal(&no_answer("Connection refused"))
            .iter()
            .next()
            .unwrap()
            .detail()
            .clone();
        assert!(
            detail.contains("Connection refused") && detail.ends_with("Nothing was changed."),
            "{detail}"
        );
    }
}
