//! What is told to the user.

use crate::AttributePath;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on.
    Warning,
}

/// The headline of every message about an error of this program.
const BUG: &str = "Internal error in the provider";
const REPORT: &str =
    "This is a bug in the provider. Please report it together with a trace log (for example with `TF_LOG=trace`).";

/// One message to the user, in parts: what happened, why, and what to do next.
///
/// It stays a value until the wire protocol asks for text: whoever learns more on the way out (the path, the next
/// action) adds it. Words are the caller's. They should fit every host: name the action first, and the command of one host
/// only as an example.
///
/// ```
/// use tfplugin_framework::{AttributePath, Diagnostic};
///
/// let refused = Diagnostic::error("Can't create the bucket")
///     .at(AttributePath::root("name"))
///     .because("The service answered 409 BucketAlreadyExists: the name is taken.")
///     .advice("Choose another `name` and apply again.");
/// assert_eq!(
///     refused.detail(),
///     "The service answered 409 BucketAlreadyExists: the name is taken.\n\nChoose another `name` and apply again."
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The attribute at fault; every error that the user can fix in the configuration has one.
    pub path: Option<AttributePath>,
    /// The headline: verb and object, under 60 characters, no full stop.
    pub what: String,
    /// What happened, with values in backticks, and why, in the remote's own words. Paragraphs are separated by blank
    /// lines.
    pub cause: String,
    /// What to do next, as an action.
    pub advice: String,
    bug: bool,
}

impl Diagnostic {
    /// An error: the operation failed.
    pub fn error(what: impl Into<String>) -> Self {
        Self::new(Severity::Error, what.into())
    }

    /// A warning: the operation continues.
    pub fn warning(what: impl Into<String>) -> Self {
        Self::new(Severity::Warning, what.into())
    }

    /// An error of this program, and neither of the user nor of a remote. The headline and the advice (to report it) are
    /// the same for all of them.
    pub fn bug(cause: impl std::fmt::Display) -> Self {
        let diagnostic = Self::error(BUG).because(cause.to_string()).advice(REPORT);
        Self {
            bug: true,
            ..diagnostic
        }
    }

    fn new(severity: Severity, what: String) -> Self {
        Self {
            severity,
            path: None,
            what,
            cause: String::new(),
            advice: String::new(),
            bug: false,
        }
    }

    /// Says which attribute is at fault.
    #[must_use]
    pub fn at(mut self, path: AttributePath) -> Self {
        self.path = Some(path);
        self
    }

    /// Says what happened and why. A second call adds a paragraph.
    #[must_use]
    pub fn because(mut self, cause: impl AsRef<str>) -> Self {
        add_paragraph(&mut self.cause, cause.as_ref());
        self
    }

    /// Says what to do next. A second call adds a paragraph.
    #[must_use]
    pub fn advice(mut self, advice: impl AsRef<str>) -> Self {
        add_paragraph(&mut self.advice, advice.as_ref());
        self
    }

    /// True if it reports an error of this program.
    #[must_use]
    pub fn is_bug(&self) -> bool {
        self.bug
    }

    /// The text below the headline: the cause, a blank line, the advice.
    ///
    /// A path of more than one step is written out in front, unless the message names it anyway: hosts print the last
    /// step of a path at most, and find the line of a root attribute only.
    #[must_use]
    pub fn detail(&self) -> String {
        let mut text = self.cause.clone();
        add_paragraph(&mut text, &self.advice);
        let Some(path) = self.path.as_ref().filter(|path| path.0.len() > 1) else {
            return text;
        };
        let named = format!("`{path}`");
        if self.what.contains(&named) || text.contains(&named) {
            text
        } else if text.is_empty() {
            format!("At {named}.")
        } else {
            format!("At {named}: {text}")
        }
    }
}

fn add_paragraph(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
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

    /// Adds an error at `path`, which the user can fix in the configuration.
    pub fn input(&mut self, path: AttributePath, what: impl Into<String>, cause: impl AsRef<str>) {
        self.add(Diagnostic::error(what).at(path).because(cause));
    }

    /// Adds an error that a remote reported: the operation and its target as `what`, the remote's code and words as
    /// `cause`.
    pub fn remote(&mut self, what: impl Into<String>, cause: impl AsRef<str>) {
        self.add(Diagnostic::error(what).because(cause));
    }

    /// Adds an error of this program.
    pub fn bug(&mut self, cause: impl std::fmt::Display) {
        self.add(Diagnostic::bug(cause));
    }

    /// Adds a warning, at `path` if it belongs to an attribute.
    pub fn warn(&mut self, path: Option<AttributePath>, what: impl Into<String>, cause: impl AsRef<str>) {
        let warning = Diagnostic::warning(what).because(cause);
        self.add(Diagnostic { path, ..warning });
    }

    /// Adds a message.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
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
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        self.0.extend(more);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics};
    use crate::AttributePath;

    #[test]
    fn the_detail_is_the_cause_and_then_the_advice() {
        let message = || Diagnostic::error("Can't do it");
        let nested = || AttributePath::root("proxy").attribute("allow_from").index(0);
        let table = [
            (message(), ""),
            (message().because("It broke."), "It broke."),
            (message().advice("Fix it."), "Fix it."),
            (message().because("It broke.").advice("Fix it."), "It broke.\n\nFix it."),
            (message().because("One.").because("").because("Two."), "One.\n\nTwo."),
            (message().because("It broke.").at(AttributePath::root("a")), "It broke."),
            (
                message().because("It broke.").advice("Fix it.").at(nested()),
                "At `proxy.allow_from[0]`: It broke.\n\nFix it.",
            ),
            (message().at(nested()), "At `proxy.allow_from[0]`."),
            (
                message().because("`proxy.allow_from[0]` is empty.").at(nested()),
                "`proxy.allow_from[0]` is empty.",
            ),
            (
                Diagnostic::error("Invalid `proxy.allow_from[0]`")
                    .because("It is empty.")
                    .at(nested()),
                "It is empty.",
            ),
        ];
        for (message, expected) in table {
            assert_eq!(message.detail(), expected, "{message:?}");
        }
    }

    #[test]
    fn a_bug_is_told_from_other_errors() {
        let bug = Diagnostic::bug("the list is empty");
        assert!(bug.is_bug());
        assert!(
            bug.detail()
                .starts_with("the list is empty\n\nThis is a bug in the provider")
        );
        assert!(!Diagnostic::error(bug.what).is_bug(), "the headline alone says nothing");
    }

    #[test]
    fn messages_are_collected_in_their_order() {
        let mut all = Diagnostics::from(Diagnostic::warning("1"));
        all.extend(["2", "3"].map(Diagnostic::warning));
        assert!(!all.has_errors());
        all.extend(Diagnostics::from(Diagnostic::error("4")));
        let heads: Vec<_> = all.iter().map(|message| message.what.as_str()).collect();
        assert_eq!(heads, ["1", "2", "3", "4"]);
        assert!(all.has_errors());
        assert_eq!(all.clone().into_iter().collect::<Diagnostics>(), all);
    }
}
