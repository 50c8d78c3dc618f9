//! What the API server answers when it does not do what was asked.

use kube::core::Status;

/// Why a request to the API server failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ApiError {
    /// The server answered with a status.
    #[error("{operation}: {} ({})", status.message, status.reason)]
    Status {
        /// Verb, kind and name.
        operation: String,
        /// The server's words.
        status: Box<Status>,
    },
    /// No answer: the server can't be reached, or the connection broke.
    #[error("{operation}: the API server did not answer: {cause}")]
    Unreachable {
        /// Verb, kind and name.
        operation: String,
        /// The chain of causes.
        cause: String,
    },
}

impl ApiError {
    /// The HTTP status; 0 when there was no answer.
    #[must_use]
    pub fn code(&self) -> u16 {
        match self {
            Self::Status { status, .. } => status.code,
            Self::Unreachable { .. } => 0,
        }
    }

    /// True for 404 of whatever cause.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.code() == 404
    }

    /// True if the server does not know the kind at all: its CRD is not installed.
    ///
    /// The answer for a path without an API is no `Status` of an object: it names no kind
    /// (`the server could not find the requested resource`, or plain text).
    #[must_use]
    pub fn is_kind_missing(&self) -> bool {
        match self {
            Self::Status { status, .. } => {
                status.code == 404 && status.details.as_ref().is_none_or(|details| details.name.is_empty())
            }
            Self::Unreachable { .. } => false,
        }
    }

    /// True if credentials were accepted and the permission is missing.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.code() == 403
    }

    /// True for 409 of any kind: field conflict, precondition, already exists.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.code() == 409
    }

    /// True if the same request may succeed later: no answer, throttled, or a server error.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.code(), 0 | 429 | 500 | 502 | 503 | 504)
    }

    /// The fields that other managers own, as (field path, manager), of an apply's conflict.
    #[must_use]
    pub fn field_conflicts(&self) -> Vec<(String, String)> {
        let Self::Status { status, .. } = self else {
            return Vec::new();
        };
        let causes = status
            .details
            .as_ref()
            .map(|details| details.causes.as_slice())
            .unwrap_or_default();
        causes
            .iter()
            .filter(|cause| cause.reason == "FieldManagerConflict")
            .map(|cause| (cause.field.clone(), manager_of(&cause.message)))
            .collect()
    }
}

/// `conflict with "kubectl-edit" using apps/v1` → `kubectl-edit`.
fn manager_of(message: &str) -> String {
    message.split('"').nth(1).unwrap_or(message).to_owned()
}

pub(super) fn unreachable(operation: String, error: &kube::Error) -> ApiError {
    let mut cause = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let text = inner.to_string();
        if !cause.contains(&text) {
            cause = format!("{cause}: {text}");
        }
        source = inner.source();
    }
    ApiError::Unreachable { operation, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_manager_of_a_conflict() {
        assert_eq!(
            manager_of(r#"conflict with "kubectl-edit" using apps/v1"#),
            "kubectl-edit"
        );
    }
}
