//! Create and update: the parts are brought to what is desired, level by level.
//!
//! Both are one algorithm. A create starts from an empty ledger, marks its first object until it has finished, and adopts
//! what an unfinished create of the same owner left; an update writes only what differs from its ledger.

mod displace;
mod finish;
mod level;
mod put;
mod record;
mod stamp;
mod touched;

use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::BoxFuture;

use level::Ending;

pub use crate::desired::Desired;
use crate::failure::{Failure, Notice};
use crate::kind::{Observed, Remotes};
use crate::ledger::{Ledger, Memory, UNPROVEN};
use crate::marks::Creating;
use crate::operation::Operation;
use crate::order::{holder, levels};
use crate::part::Part;
use crate::plan::plan;
use crate::survey::{Survey, survey};
use crate::value::Outputs;

/// What an operation leaves.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What exists. Beside failures also what is no longer wanted, under addresses that start with
    /// [`crate::ledger::STRAY`].
    pub ledger: Ledger,
    /// What to remember.
    pub memory: Memory,
    /// What went wrong; empty after a success.
    pub failures: Vec<Failure>,
    /// What the user is told.
    pub notices: Vec<Notice>,
    /// Outputs of the parts that were looked at or written.
    pub outputs: Outputs,
    /// The objects that were looked at or written, by address.
    pub objects: BTreeMap<String, Observed>,
}

impl Outcome {
    /// The part has to be tried again: the next plan must not be empty.
    fn unproven<R: Remotes>(&mut self, part: &Part<R>) {
        self.memory.proven.remove(&part.address);
        if let Some(entry) = self.ledger.get_mut(&part.address) {
            entry.digest = Some(UNPROVEN.to_owned());
        }
    }
}

/// Brings the parts to what is desired. The outcome holds what exists, also beside failures.
pub fn write<'a, R: Remotes>(op: &'a Operation<R>, desired: &'a Desired<'a, R>) -> BoxFuture<'a, Outcome> {
    bring(op, desired).boxed()
}

async fn bring<R: Remotes>(op: &Operation<R>, desired: &Desired<'_, R>) -> Outcome {
    let mut outcome = Outcome {
        ledger: desired.ledger.clone(),
        memory: desired.memory.clone(),
        ..Outcome::default()
    };
    let survey = match survey(op, desired).await {
        Ok(survey) => survey,
        Err(failures) => return Outcome { failures, ..outcome },
    };
    for (address, object) in &survey.seen {
        outcome.outputs.insert(address.clone(), object.outputs.clone());
    }
    outcome.objects.clone_from(&survey.seen);
    let run = Run {
        op,
        desired,
        planned: &plan(Some(desired.ledger), desired.before, desired.parts),
        survey: &survey,
        mark: mark(op, desired, &survey),
        holder: holder(desired.parts),
    };
    if !run.displace(&mut outcome).await {
        return outcome;
    }
    let mut ending = Ending {
        retired: Vec::new(),
        spoken_for: desired.parts.iter().map(Part::reference).collect(),
    };
    for mut level in levels(desired.parts) {
        level.retain(|index| survey.touched.contains(index));
        if !run.level(&level, &mut outcome, &mut ending).await {
            outcome.memory.unfinished |= desired.creates;
            run.record_followers(&mut outcome).await;
            return outcome;
        }
    }
    run.finish(&mut outcome, ending).await;
    outcome.memory.unfinished = !outcome.failures.is_empty() && (desired.creates || desired.memory.unfinished);
    outcome
}

/// The mark that the holder bears until everything is done.
///
/// An update of a finished resource that clears away what an unfinished create left beside it bears that create's mark: its
/// own instance is not in it, so that nobody takes the resource for unfinished.
fn mark<R: Remotes>(op: &Operation<R>, desired: &Desired<'_, R>, survey: &Survey) -> Option<Creating> {
    let marked = survey.marked.as_ref();
    let covered = marked.is_some_and(|mark| mark.covers(Some(desired.instance)));
    if desired.creates || covered || (desired.memory.unfinished && marked.is_some()) {
        return Some(Creating::attempt(marked, &op.now, desired.instance));
    }
    marked.map(|mark| Creating {
        since: op.now.clone(),
        ..mark.clone()
    })
}

/// One create or update that has begun to write.
struct Run<'a, R: Remotes> {
    op: &'a Operation<R>,
    desired: &'a Desired<'a, R>,
    /// What the plan of an update said: a uid that it knew must not change.
    planned: &'a Ledger,
    survey: &'a Survey,
    mark: Option<Creating>,
    holder: Option<usize>,
}
