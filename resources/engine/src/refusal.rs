//! What a remote answers when it does not do what was asked.
//!
//! The engine decides by the variant alone. Clients classify; nobody sorts by words afterwards.

use std::fmt;

/// A field that somebody else manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Path of the field, in the notation of Kubernetes' field conflicts (`.spec.replicas`).
    pub field: String,
    /// Field manager, or whoever else holds it.
    pub manager: String,
}

/// Why a request is not allowed. Kubernetes answers 403 for all but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The identity lacks a permission.
    Permission,
    /// A quota is used up.
    Quota,
    /// An admission policy or webhook said no.
    Policy,
    /// The namespace is being deleted.
    Terminating,
    /// The object lives in another account or Region than the one that is reached.
    Elsewhere,
}

/// The class of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is no such object.
    Absent,
    /// An object of this name exists already.
    Exists,
    /// Others manage fields that were to be written, or the object changed under the request.
    Conflict(Vec<Cause>),
    /// It can't be deleted yet: who uses it, in the remote's words.
    InUse(Vec<String>),
    /// The content is not acceptable. Sending it again changes nothing.
    Invalid,
    /// Not allowed.
    Forbidden(Denial),
    /// The credentials were not accepted, or have expired.
    Unauthenticated,
    /// Not now: throttled, a server error, a webhook that does not answer. Nothing was written.
    Throttled,
    /// No connection. Nothing was written.
    Unreachable,
    /// The remote does not know the kind at all (a missing CRD).
    KindMissing,
    /// The host asked to stop, or the operation's time ran out, before there was an answer. Nothing is known of a write.
    Interrupted,
    /// A write whose answer was lost: it may or may not have taken effect.
    OutcomeUnknown,
}

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its class.
    pub answer: Answer,
    /// What was asked, in the remote's terms: `PATCH /apis/apps/v1/…`, `acm-pca:CreateCertificateAuthority`.
    pub operation: String,
    /// The object or endpoint that was asked about.
    pub target: String,
    /// Code and words of the remote, and its request id where it gives one.
    pub words: String,
    /// The argument at fault, where a kind knows it: what it is does not fit what the remote shows.
    pub argument: Option<&'static str>,
}

impl Refusal {
    /// A refusal.
    #[must_use]
    pub fn new(
        answer: Answer,
        operation: impl Into<String>,
        target: impl Into<String>,
        words: impl Into<String>,
    ) -> Self {
        Self {
            answer,
            operation: operation.into(),
            target: target.into(),
            words: words.into(),
            argument: None,
        }
    }

    /// The same, with the argument at fault.
    #[must_use]
    pub fn of_argument(self, argument: &'static str) -> Self {
        Self {
            argument: Some(argument),
            ..self
        }
    }

    /// The same; where it was interrupted, with what was answered before.
    #[must_use]
    pub(crate) fn after(mut self, last: Option<Refusal>) -> Self {
        if let (Answer::Interrupted, Some(last)) = (&self.answer, last) {
            self.words = format!("{}. The last answer to {last}", self.words);
        }
        self
    }

    /// True if the same request may succeed a little later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self.answer, Answer::Throttled | Answer::Unreachable)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} on {}: {}", self.operation, self.target, self.words)
    }
}

impl std::error::Error for Refusal {}
