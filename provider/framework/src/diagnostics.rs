//! What is told to the user: input, remote and bug.

use crate::AttributePath;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on.
    Warning,
}

/// The summary of every message about an error of this program.
const BUG: &str = "Internal error of the provider";

/// One message to the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Verb and object, under 60 characters.
    pub summary: String,
    /// What happened, why in the remote's words, what to do next.
    pub detail: String,
    /// The attribute at fault; mandatory for input errors.
    pub path: Option<AttributePath>,
}

impl Diagnostic {
    /// True if it reports an error of this program, and not of the user or a remote.
    #[must_use]
    pub fn is_bug(&self) -> bool {
        self.summary == BUG
    }
}

/// Messages in the order in which they arose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An error that the user mends in HCL, at `path`.
    pub fn input(&mut self, path: AttributePath, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Severity::Error, summary.into(), detail.into(), Some(path));
    }

    /// An error that a remote reported: say the operation, the target, its code and words, and what to do.
    pub fn remote(&mut self, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Severity::Error, summary.into(), detail.into(), None);
    }

    /// An error of this program.
    pub fn bug(&mut self, what: impl std::fmt::Display) {
        let detail =
            format!("{what}\n\nThis is a bug in the provider: please report it with the trace log (TF_LOG=trace).");
        self.push(Severity::Error, BUG.to_owned(), detail, None);
    }

    /// A warning, at `path` if it belongs to an attribute.
    pub fn warn(&mut self, path: Option<AttributePath>, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Severity::Warning, summary.into(), detail.into(), path);
    }

    /// Adds a finished message.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// True if any message is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The messages.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// True if there is no message.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, severity: Severity, summary: String, detail: String, path: Option<AttributePath>) {
        self.0.push(Diagnostic {
            severity,
            summary,
            detail,
            path,
        });
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}
