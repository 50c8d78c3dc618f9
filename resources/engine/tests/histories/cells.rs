//! How often each ownership met each operation and each answer.

use std::collections::BTreeMap;

use e2etls_engine::ownership::Ownership;
use e2etls_engine::refusal::Answer;
use e2etls_engine::table::Asked;

/// Operation, whose the object was before the request, and the answer.
type Cell = (Asked, Ownership, &'static str);

const ASKED: [Asked; 4] = [Asked::Create, Asked::Observe, Asked::Update, Asked::Delete];

const ANSWERS: [&str; 13] = [
    "ok",
    "Absent",
    "Exists",
    "Conflict",
    "InUse",
    "Invalid",
    "Forbidden",
    "Unauthenticated",
    "Throttled",
    "Unreachable",
    "KindMissing",
    "Interrupted",
    "OutcomeUnknown",
];

/// Counts by cell.
#[derive(Clone, Debug, Default)]
pub struct Cells(BTreeMap<Cell, u64>);

impl Cells {
    pub fn count(&mut self, asked: Asked, whose: Ownership, answer: Option<&Answer>) {
        *self.0.entry((asked, whose, word(answer))).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (cell, count) in &other.0 {
            *self.0.entry(*cell).or_default() += count;
        }
    }

    fn of(&self, cell: Cell) -> u64 {
        self.0.get(&cell).copied().unwrap_or_default()
    }

    /// The table; a cell that can't be met shows `-`.
    pub fn print(&self) {
        println!(
            "{:8} {:12} {}",
            "",
            "",
            ANSWERS.map(|answer| format!("{answer:>15}")).concat()
        );
        for asked in ASKED {
            for whose in Ownership::ALL {
                let row = ANSWERS.map(|answer| {
                    let cell = (asked, whose, answer);
                    match (self.of(cell), unreachable(cell)) {
                        (0, Some(_)) => format!("{:>15}", "-"),
                        (count, _) => format!("{count:>15}"),
                    }
                });
                println!(
                    "{:8} {:12} {}",
                    format!("{asked:?}"),
                    format!("{whose:?}"),
                    row.concat()
                );
            }
        }
        println!("cells that can't be met (-):");
        for reason in REASONS {
            println!("  {reason}");
        }
    }

    /// Cells that no history met, though some could, and cells that were met, though none could.
    pub fn wrong(&self) -> Vec<String> {
        let all = ASKED
            .into_iter()
            .flat_map(|asked| Ownership::ALL.map(|whose| (asked, whose)))
            .flat_map(|(asked, whose)| ANSWERS.map(|answer| (asked, whose, answer)));
        all.filter_map(|cell| match (self.of(cell), unreachable(cell)) {
            (0, None) => Some(format!("never met: {cell:?}")),
            (count, Some(reason)) if count > 0 => Some(format!("met {count} times: {cell:?}, though {reason}")),
            _ => None,
        })
        .collect()
    }
}

const REASONS: [&str; 0] = [];

/// Why no history can meet the cell.
fn unreachable(_: Cell) -> Option<&'static str> {
    None
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
