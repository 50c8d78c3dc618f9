//! What goes wrong with the calls of the fakes, for tests.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use e2etls_engine::refusal::{Answer, Refusal};

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is answered.
    Answered,
    /// It is refused and has no effect.
    Refused(Answer),
    /// It takes effect, and its answer is lost: `OutcomeUnknown` for a write, `Unreachable` for a read.
    AnswerLost,
    /// The process is killed before the call: it has no effect, and every later call fails.
    KilledBefore,
    /// The process is killed after the call took effect: its answer is lost, and every later call fails.
    KilledAfter,
}

/// A call, as a rule sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Number of the call, from 1 since the last [`Faults::reset`].
    pub number: usize,
    /// `acm:RequestCertificate`, `PATCH /apis/apps/v1/…`.
    pub operation: String,
    /// What it is about.
    pub target: String,
    /// True if it changes something.
    pub writes: bool,
}

type Rule = Box<dyn FnMut(&Called) -> Fate + Send>;

#[derive(Default)]
struct Inside {
    calls: Vec<Called>,
    fates: BTreeMap<usize, Fate>,
    rule: Option<Rule>,
    dead: bool,
}

/// Counts the calls of the fakes that share it, and decides what happens to each.
#[derive(Default)]
pub struct Faults(Mutex<Inside>);

impl fmt::Debug for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Faults").field("calls", &self.calls().len()).finish()
    }
}

impl Faults {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all calls, fates and rules; a killed process lives again.
    pub fn reset(&self) {
        *self.inside() = Inside::default();
    }

    /// The fate of one call, counted from 1 since the last reset.
    pub fn at(&self, call: usize, fate: Fate) {
        self.inside().fates.insert(call, fate);
    }

    /// Decides about every call that has no fate of its own.
    pub fn rule(&self, rule: impl FnMut(&Called) -> Fate + Send + 'static) {
        self.inside().rule = Some(Box::new(rule));
    }

    /// All calls since the last reset, those after a kill included.
    #[must_use]
    pub fn calls(&self) -> Vec<Called> {
        self.inside().calls.clone()
    }

    /// Makes a call: counts it, and lets it take effect if it is to.
    pub(crate) fn call<T>(
        &self,
        operation: &str,
        target: &str,
        writes: bool,
        effect: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let refused = |answer, words| Err(Refusal::new(answer, operation, target, words));
        match self.fate(operation, target, writes) {
            Fate::Answered => effect(),
            Fate::Refused(answer) => refused(answer, "refused by the test"),
            Fate::AnswerLost => {
                effect()?;
                let answer = if writes {
                    Answer::OutcomeUnknown
                } else {
                    Answer::Unreachable
                };
                refused(answer, "the answer was lost")
            }
            Fate::KilledBefore => refused(Answer::Interrupted, "killed"),
            Fate::KilledAfter => {
                effect()?;
                refused(Answer::Interrupted, "killed")
            }
        }
    }

    fn fate(&self, operation: &str, target: &str, writes: bool) -> Fate {
        let mut inside = self.inside();
        let called = Called {
            number: inside.calls.len() + 1,
            operation: operation.to_owned(),
            target: target.to_owned(),
            writes,
        };
        inside.calls.push(called.clone());
        if inside.dead {
            return Fate::KilledBefore;
        }
        let fate = match inside.fates.remove(&called.number) {
            Some(fate) => fate,
            None => inside.rule.as_mut().map_or(Fate::Answered, |rule| rule(&called)),
        };
        inside.dead = matches!(fate, Fate::KilledBefore | Fate::KilledAfter);
        fate
    }
}
