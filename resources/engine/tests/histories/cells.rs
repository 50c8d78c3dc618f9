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
    pub fn lines(&self) -> Vec<String> {
        let line = |asked: &str, whose: &str, row: [String; 13]| {
            let row = row.map(|cell| format!("{cell:>15}"));
            format!("{asked:8} {whose:12} {}", row.concat())
        };
        let mut lines = vec![line("", "", ANSWERS.map(str::to_owned))];
        for asked in ASKED {
            for whose in Ownership::ALL {
                let row = ANSWERS.map(|answer| {
                    match (self.of((asked, whose, answer)), unreachable((asked, whose, answer))) {
                        (0, Some(_)) => "-".to_owned(),
                        (count, _) => count.to_string(),
                    }
                });
                lines.push(line(&format!("{asked:?}"), &format!("{whose:?}"), row));
            }
        }
        lines.extend(REASONS.map(|reason| format!("- {reason}")));
        lines
    }

    /// Cells that no history met, though some could.
    pub fn empty(&self) -> Vec<Cell> {
        let all = ASKED
            .into_iter()
            .flat_map(|asked| Ownership::ALL.map(|whose| (asked, whose)))
            .flat_map(|(asked, whose)| ANSWERS.map(|answer| (asked, whose, answer)));
        all.filter(|cell| self.of(*cell) == 0 && unreachable(*cell).is_none())
            .collect()
    }
}

const NO_STATE: &str = "Create, Imported: a create has no state that could have imported something";
const NO_WRITE: &str = "Observe; Absent, Exists, Conflict, InUse: answers to writes, and a refresh writes nothing";
const GONE: &str = "KindMissing, but Absent: with its kind an object is gone";
const NEW: &str = "Exists, but Absent: a create is sent for what a look showed absent";
const DESTROY: &str = "Delete; Exists: a destroy makes nothing";
const LIES: &str = "Absent; InUse, and Conflict in a destroy: nothing is not in use, and is no other object";
const LEFT: &str = "Elsewhere, Foreign, Dying, ForeignDying; Absent, Conflict, InUse: answers to writes over an object, and these are \
    looked at only (what controllers make bears no marks, and may be met as Foreign)";
const SEARCHED: &str =
    "Delete, Elsewhere: a destroy sees it by its search, and looks only after an answer that was lost";
const NEVER_FINISHED: &str = "Create, Mine; InUse: a create deletes only what never finished";
const NOT_WRITTEN: &str =
    "Delete, Imported; Absent, Conflict: what was never written to bears nothing of ours, and no request releases it";
const GIVEN_UP: &str = "Imported; InUse: it is released, not deleted";
const REASONS: [&str; 11] = [
    NO_STATE,
    NO_WRITE,
    GONE,
    NEW,
    DESTROY,
    LIES,
    LEFT,
    SEARCHED,
    NEVER_FINISHED,
    NOT_WRITTEN,
    GIVEN_UP,
];

/// Why no history can meet the cell.
fn unreachable((asked, whose, answer): Cell) -> Option<&'static str> {
    let to_write = matches!(answer, "Absent" | "Exists" | "Conflict" | "InUse");
    let reasons = [
        (asked == Asked::Create && whose == Ownership::Imported, NO_STATE),
        (asked == Asked::Observe && to_write, NO_WRITE),
        (answer == "KindMissing" && whose != Ownership::Absent, GONE),
        (answer == "Exists" && whose != Ownership::Absent, NEW),
        (answer == "Exists" && asked == Asked::Delete, DESTROY),
        (answer == "InUse" && whose == Ownership::Absent, LIES),
        (
            answer == "Conflict" && whose == Ownership::Absent && asked == Asked::Delete,
            LIES,
        ),
        (
            answer == "InUse" && whose == Ownership::Mine && asked == Asked::Create,
            NEVER_FINISHED,
        ),
        (to_write && is_left(whose), LEFT),
        (asked == Asked::Delete && whose == Ownership::Elsewhere, SEARCHED),
        (
            matches!(answer, "Absent" | "Conflict") && whose == Ownership::Imported && asked == Asked::Delete,
            NOT_WRITTEN,
        ),
        (answer == "InUse" && whose == Ownership::Imported, GIVEN_UP),
    ];
    reasons.into_iter().find_map(|(holds, reason)| holds.then_some(reason))
}

fn is_left(whose: Ownership) -> bool {
    matches!(
        whose,
        Ownership::Elsewhere | Ownership::Foreign | Ownership::Dying | Ownership::ForeignDying
    )
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
