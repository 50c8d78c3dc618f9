//! Which faults are met in one life, and which lives a run lives.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use e2etls_lab::lab::Call;

use super::faults::{Bundle, Kind, Planned, Silences, bundles};
use super::life::{STEPS, Step};

/// What is lived once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Created, read, updated and deleted, under these faults.
    Life(BTreeMap<Step, Bundle>),
    /// Killed in its create, and given up.
    Abandoned(Planned),
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Abandoned(fault) => write!(formatter, "abandoned after {fault}"),
            Self::Life(steps) => {
                let step = |(step, bundle): (&Step, &Bundle)| {
                    let faults: Vec<String> = bundle.iter().map(ToString::to_string).collect();
                    format!("{step:?} {}", faults.join(", "))
                };
                let steps: Vec<String> = steps.iter().map(step).collect();
                write!(formatter, "{}", steps.join("; "))
            }
        }
    }
}

/// A life of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) subject: &'static str,
    pub(super) number: usize,
    pub(super) plan: Plan,
}

/// Every how many kills of a create are also given up.
const GIVEN_UP: usize = 3;

/// The rounds of a subject whose steps consist of these calls.
pub(super) fn of(subject: &'static str, calls: &BTreeMap<Step, Vec<Call>>, silences: &mut Silences) -> Vec<Round> {
    let mut lives: Vec<BTreeMap<Step, Bundle>> = Vec::new();
    let mut plans = Vec::new();
    for step in STEPS {
        let calls = calls.get(&step).map(Vec::as_slice).unwrap_or_default();
        let bundles = bundles(calls, silences);
        lives.resize_with(lives.len().max(bundles.len()), BTreeMap::new);
        if step == Step::Create {
            // The last call that changes something removes the mark: what is finished is no leftover.
            let kills = bundles
                .iter()
                .flatten()
                .filter(|one| one.kind == Kind::KillAfter && !one.last);
            plans.extend(kills.step_by(GIVEN_UP).cloned().map(Plan::Abandoned));
        }
        for (life, bundle) in lives.iter_mut().zip(bundles) {
            life.insert(step, bundle);
        }
    }
    let plans = lives.into_iter().map(Plan::Life).chain(plans);
    let numbered = plans.enumerate().map(|(number, plan)| Round { subject, number, plan });
    numbered.collect()
}

/// The rounds of all subjects, so that those of one are far from each other: they share a ground.
pub(super) fn mixed(of_subjects: Vec<Vec<Round>>) -> Vec<Round> {
    let longest = of_subjects.iter().map(Vec::len).max().unwrap_or_default();
    let mut mixed = Vec::new();
    for at in 0..longest {
        mixed.extend(of_subjects.iter().filter_map(|rounds| rounds.get(at)).cloned());
    }
    mixed
}

/// A part of the rounds: each nth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    from: usize,
    each: usize,
}

impl fmt::Display for Slice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.from, self.each)
    }
}

impl Slice {
    /// What the environment asks for, or a tenth that the clock chooses.
    pub(super) fn of_environment() -> Self {
        match std::env::var("E2ETLS_WALK") {
            Ok(text) => Self::parse(&text).unwrap_or_else(|| panic!("E2ETLS_WALK={text} is neither `all` nor `k/n`")),
            Err(_) => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let from = usize::try_from(since.as_secs() % 10).unwrap_or_default();
                Self { from, each: 10 }
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "all" {
            return Some(Self { from: 0, each: 1 });
        }
        let (from, each) = text.split_once('/')?;
        let (from, each) = (from.parse().ok()?, each.parse().ok()?);
        (each > 0 && from < each).then_some(Self { from, each })
    }

    pub(super) fn of(self, rounds: Vec<Round>) -> Vec<Round> {
        let chosen = rounds.into_iter().enumerate();
        let chosen = chosen.filter(|(at, _)| at % self.each == self.from);
        chosen.map(|(_, round)| round).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Plan, Round, Slice, mixed, of};
    use crate::crash_walk::faults::Silences;
    use crate::crash_walk::life::Step;
    use crate::crash_walk::tests::kube;

    fn rounds() -> Vec<Round> {
        let write = || kube("PATCH", "/api/v1/namespaces/shop/services/a");
        let read = || kube("GET", "/api/v1/namespaces/shop/services/a");
        let calls = BTreeMap::from([
            (Step::Create, vec![read(), write(), write()]),
            (Step::Read, vec![read()]),
            (Step::Update, vec![write()]),
            (Step::Delete, vec![]),
        ]);
        of("it", &calls, &mut Silences::new())
    }

    #[test]
    fn a_round_has_a_fault_in_each_step_that_has_one_left() {
        let rounds = rounds();
        let Plan::Life(first) = &rounds[0].plan else {
            panic!("a life comes first")
        };
        let told: Vec<String> = first
            .iter()
            .map(|(step, bundle)| format!("{step:?} {}", bundle[0]))
            .collect();
        assert_eq!(
            told,
            [
                "Create KillBefore patch services #1",
                "Read Throttled get services #1",
                "Update KillBefore patch services #1",
            ]
        );
    }

    #[test]
    fn what_is_given_up_was_not_finished() {
        let rounds = rounds();
        let abandoned: Vec<String> = rounds
            .iter()
            .filter_map(|round| match &round.plan {
                Plan::Abandoned(fault) => Some(fault.to_string()),
                Plan::Life(_) => None,
            })
            .collect();
        assert_eq!(abandoned, ["KillAfter patch services #1"]);
    }

    #[test]
    fn the_slices_together_are_everything_once() {
        let all = mixed(vec![rounds(), rounds()]);
        let slice = |text: &str| Slice::parse(text).expect("a slice").of(all.clone());
        assert_eq!(slice("all"), all);
        let parts: usize = (0..3).map(|from| slice(&format!("{from}/3")).len()).sum();
        assert_eq!(parts, all.len());
        assert_eq!(slice("1/3")[0], all[1]);
        for wrong in ["", "3/3", "1/0", "x"] {
            assert_eq!(Slice::parse(wrong), None, "{wrong}");
        }
    }
}
