//! The rules that hosts apply to a provider's answers.
//!
//! Hosts refuse a plan or a result that breaks one of them ("Provider produced invalid plan", "Provider produced
//! inconsistent result after apply"). The server checks its own answers with these functions, so that a mistake is a
//! message that names the bug, and the test kit holds random plans against them. They follow the documented
//! contract of the protocol and know nothing about how the plan engine works.

mod apply;
mod plan;
mod proposed;

pub use apply::{check_apply, check_final_plan};
pub use plan::{check_plan, check_replace, replaces};
pub use proposed::proposed_new;

use crate::AttributePath;

/// A rule of the host that an answer breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Where; empty for the whole object.
    pub path: AttributePath,
    /// Which rule. It never contains values, which may be secret.
    pub message: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.0.is_empty() {
            out.write_str(&self.message)
        } else {
            write!(out, "{}: {}", self.path, self.message)
        }
    }
}

/// Collects violations.
#[derive(Default)]
struct Findings(Vec<Violation>);

impl Findings {
    fn add(&mut self, path: &AttributePath, message: impl Into<String>) {
        self.0.push(Violation {
            path: path.clone(),
            message: message.into(),
        });
    }
}

#[cfg(test)]
mod tests;
