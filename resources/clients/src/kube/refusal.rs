//! What an API server's answers mean: the one table of its status codes and words.
//!
//! Sources: the reasons of `metav1.Status`
//! (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>), and answers of real API servers,
//! one of which stands in the tests for each row.

#[cfg(test)]
mod samples;

use std::error::Error;

use e2etls_engine::refusal::{Answer, Cause, Denial, Refusal};
use kube::core::Status;

use crate::chain::chain;

/// What a request does if it takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing, as dry runs.
    Read,
    /// It changes something: an answer that is lost leaves the outcome unknown.
    Write,
}

/// A request, as refusals describe it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) operation: String,
    /// Kind, namespace and name.
    pub(crate) target: String,
    /// What it does.
    pub(crate) effect: Effect,
}

/// What an answer means.
enum Meaning {
    /// This, whatever was asked.
    Always(Answer),
    /// The server did not learn, or did not say, how the request ended.
    Lost,
    /// A conflict, with the causes that the status lists.
    Conflict,
    /// A 404 of an object, or of a kind that is not served.
    NotFound,
}

/// A row: an answer of this code whose message contains these words. The first that fits counts.
struct Row {
    code: u16,
    words: &'static str,
    meaning: Meaning,
}

const fn row(code: u16, words: &'static str, meaning: Meaning) -> Row {
    Row { code, words, meaning }
}

const fn always(code: u16, words: &'static str, answer: Answer) -> Row {
    row(code, words, Meaning::Always(answer))
}

const fn forbidden(words: &'static str, why: Denial) -> Row {
    always(403, words, Answer::Forbidden(why))
}

const TABLE: &[Row] = &[
    always(400, "", Answer::Invalid),
    always(401, "", Answer::Unauthenticated),
    forbidden("exceeded quota", Denial::Quota),
    forbidden("failed quota", Denial::Quota),
    forbidden("because it is being terminated", Denial::Terminating),
    // Before the admission plugins' own words: a webhook may say anything after these.
    forbidden("denied the request", Denial::Policy),
    forbidden("violates PodSecurity", Denial::Policy),
    // RBAC and every other authorizer: `User "…" cannot patch resource "…"`.
    forbidden("cannot ", Denial::Permission),
    forbidden("attempting to grant RBAC permissions", Denial::Permission),
    // What is left of `… is forbidden: …` was said by an admission plugin (LimitRange, ServiceAccount, …).
    forbidden("is forbidden: ", Denial::Policy),
    forbidden("", Denial::Permission),
    row(404, "", Meaning::NotFound),
    // A request that the server gave up waiting for.
    row(408, "", Meaning::Lost),
    row(409, "already exists", Meaning::Always(Answer::Exists)),
    row(409, "", Meaning::Conflict),
    // A page of a list that has expired: the list is restarted.
    always(410, "", Answer::Throttled),
    always(429, "", Answer::Throttled),
    // The webhook comes before the storage, so nothing was written, also where its deadline was exceeded.
    always(500, "failed calling webhook", Answer::Throttled),
    // An apply whose object is none of its kind: no other attempt changes that (kubernetes/kubernetes#122480).
    always(500, "failed to create typed patch object", Answer::Invalid),
    always(500, "failed to convert new object", Answer::Invalid),
    row(500, "etcdserver: request timed out", Meaning::Lost),
    row(500, "etcdserver: leader changed", Meaning::Lost),
    row(500, "context deadline exceeded", Meaning::Lost),
    row(502, "", Meaning::Lost),
    always(503, "", Answer::Throttled),
    row(504, "", Meaning::Lost),
];

/// The refusal that a status is.
pub(crate) fn of_status(asked: &Asked, status: &Status) -> Refusal {
    let row = TABLE
        .iter()
        .find(|row| row.code == status.code && status.message.contains(row.words));
    let answer = match row.map(|row| &row.meaning) {
        Some(Meaning::Always(answer)) => answer.clone(),
        Some(Meaning::Lost) => lost(asked.effect, Answer::Throttled),
        Some(Meaning::Conflict) => Answer::Conflict(conflicts(status)),
        Some(Meaning::NotFound) => not_found(status),
        None if status.code >= 500 => Answer::Throttled,
        None => Answer::Invalid,
    };
    let reason = if status.reason.is_empty() {
        status.code.to_string()
    } else {
        format!("{} {}", status.code, status.reason)
    };
    asked.refused(answer, format!("{} ({reason})", status.message))
}

/// The fields that other managers hold. Empty where another version, or another object, is there.
fn conflicts(status: &Status) -> Vec<Cause> {
    let details = status.details.as_ref();
    let causes = details.map(|details| details.causes.as_slice()).unwrap_or_default();
    causes
        .iter()
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| Cause {
            field: cause.field.clone(),
            manager: manager_of(&cause.message),
        })
        .collect()
}

/// `conflict with "kubectl-edit" using apps/v1` → `kubectl-edit`.
fn manager_of(message: &str) -> String {
    message.split('"').nth(1).unwrap_or(message).to_owned()
}

/// The answer for a path without an API is not about an object: it names none. Text of anybody else (a proxy's page)
/// says nothing about the kind.
fn not_found(status: &Status) -> Answer {
    match &status.details {
        Some(details) if !details.name.is_empty() => Answer::Absent,
        Some(_) => Answer::KindMissing,
        None if status.reason == "NotFound" || status.message.starts_with("404 page not found") => Answer::KindMissing,
        None => Answer::Invalid,
    }
}

/// The answer to a request whose end is not known.
fn lost(effect: Effect, read: Answer) -> Answer {
    match effect {
        Effect::Write => Answer::OutcomeUnknown,
        Effect::Read => read,
    }
}

/// An answer that a test ordered.
#[cfg(feature = "fake")]
#[derive(Debug, thiserror::Error)]
#[error("as the test ordered")]
pub(crate) struct Injected(pub(crate) Answer);

#[cfg(feature = "fake")]
fn injected(error: &(dyn Error + 'static)) -> Option<Answer> {
    let found = error.downcast_ref::<Injected>().map(|injected| injected.0.clone());
    found.or_else(|| injected(error.source()?))
}

/// The refusal that no answer is.
pub(crate) fn of_transport(asked: &Asked, error: &(dyn Error + 'static)) -> Refusal {
    #[cfg(feature = "fake")]
    if let Some(answer) = injected(error) {
        return asked.refused(answer, "as the test ordered");
    }
    let answer = match Broken::of(error) {
        Broken::NotTrusted | Broken::NoCredentials => Answer::Unauthenticated,
        Broken::NotConnected => Answer::Unreachable,
        Broken::Later => lost(asked.effect, Answer::Unreachable),
    };
    asked.refused(answer, format!("the API server did not answer: {}", chain(error)))
}

/// Where a request broke, by the types of the errors.
enum Broken {
    /// The server's certificate is not trusted.
    NotTrusted,
    /// There are no credentials to send.
    NoCredentials,
    /// There was no connection.
    NotConnected,
    /// After it was sent, or while it was.
    Later,
}

/// Credentials can't be made, so nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("no credentials for the cluster: {0}")]
pub(crate) struct NoCredentials(pub(crate) String);

impl Broken {
    fn of(error: &(dyn Error + 'static)) -> Self {
        let mut next = Some(error);
        let mut broken = Self::Later;
        while let Some(error) = next {
            if is_certificate(error) {
                return Self::NotTrusted;
            }
            if error.is::<NoCredentials>() || error.is::<kube::client::AuthError>() {
                return Self::NoCredentials;
            }
            let connection = error.downcast_ref::<hyper_util::client::legacy::Error>();
            if connection.is_some_and(hyper_util::client::legacy::Error::is_connect) {
                broken = Self::NotConnected;
            }
            next = cause(error);
        }
        broken
    }
}

/// True for a failure to verify the server's certificate.
fn is_certificate(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

/// The cause of an error. One that `std::io` wraps is not its source.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

impl Asked {
    /// A refusal of this request.
    pub(crate) fn refused(&self, answer: Answer, words: impl Into<String>) -> Refusal {
        Refusal::new(answer, &self.operation, &self.target, words)
    }

    /// The refusal of a request that was given up after a time.
    pub(crate) fn timed_out(&self, limit: std::time::Duration) -> Refusal {
        let words = format!("the API server did not answer within {} s", limit.as_secs());
        self.refused(lost(self.effect, Answer::Unreachable), words)
    }
}
