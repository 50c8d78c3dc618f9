//! How often each ownership met each operation and each answer.

use std::collections::BTreeMap;

use e2etls_engine::ownership::Ownership;
use e2etls_engine::refusal::Answer;
use e2etls_engine::table::Asked;

/// Counts by cell.
#[derive(Clone, Debug, Default)]
pub struct Cells(BTreeMap<(Asked, Ownership, &'static str), u64>);

impl Cells {
    pub fn count(&mut self, asked: Asked, whose: Ownership, answer: Option<&Answer>) {
        *self.0.entry((asked, whose, word(answer))).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (cell, count) in &other.0 {
            *self.0.entry(*cell).or_default() += count;
        }
    }
}

/// The name of an answer.
fn word(answer: Option<&Answer>) -> &'static str {
    match answer {
        None => "ok",
        Some(Answer::Absent) => "Absent",
        Some(Answer::Exists) => "Exists",
        Some(Answer::Conflict(_)) => "Conflict",
        Some(Answer::InUse(_)) => "InUse",
        Some(Answer::Invalid) => "Invalid",
        Some(Answer::Forbidden(_)) => "Forbidden",
        Some(Answer::Unauthenticated) => "Unauthenticated",
        Some(Answer::Throttled) => "Throttled",
        Some(Answer::Unreachable) => "Unreachable",
        Some(Answer::KindMissing) => "KindMissing",
        Some(Answer::Interrupted) => "Interrupted",
        Some(Answer::OutcomeUnknown) => "OutcomeUnknown",
    }
}
