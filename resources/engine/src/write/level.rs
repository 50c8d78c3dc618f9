//! One level: its parts are written at once, then waited for.

use futures::{FutureExt, StreamExt, stream};

use super::{Outcome, Run};
use crate::failure::{Failure, Notice};
use crate::kind::{Kind, Observed, Remotes};
use crate::operation::CONCURRENCY;
use crate::part::{Part, Role};
use crate::remove::Doomed;
use crate::value::Outputs;

/// What became of a part.
pub(super) enum Done<R: Remotes> {
    /// It exists as `object`; what it replaces goes last.
    Written {
        object: Observed,
        /// It was imported, and is managed from now on.
        taken_over: bool,
        retired: Vec<Doomed<R>>,
    },
    /// It exists as `object`, but is not finished.
    Unfinished {
        object: Observed,
        failure: Failure,
        retired: Vec<Doomed<R>>,
    },
    /// Nothing had to be written.
    Same { object: Option<Observed> },
    /// Another instance has it.
    Left,
}

/// What the end of the write has to see to.
pub(super) struct Ending<R: Remotes> {
    /// What was replaced, and goes.
    pub(super) retired: Vec<Doomed<R>>,
    /// References of what controllers make for objects that others have now: it stays.
    pub(super) spoken_for: Vec<String>,
}

impl<R: Remotes> Done<R> {
    /// There is an object, and nothing else to tell.
    pub(super) fn exists(object: Observed) -> Self {
        Self::Written {
            object,
            taken_over: false,
            retired: Vec::new(),
        }
    }
}

impl<R: Remotes> Run<'_, R> {
    /// Writes the parts of a level, then waits until they work. False ends the operation.
    pub(super) async fn level(&self, level: &[usize], outcome: &mut Outcome, ending: &mut Ending<R>) -> bool {
        let outputs = outcome.outputs.clone();
        let writes: Vec<_> = level
            .iter()
            .copied()
            .map(|index| {
                let outputs = &outputs;
                async move { (index, self.part(index, outputs).await) }.boxed()
            })
            .collect();
        let done: Vec<_> = stream::iter(writes).buffer_unordered(CONCURRENCY).collect().await;
        let mut waiting = Vec::new();
        for (index, done) in done {
            let part = &self.desired.parts[index];
            match done {
                Ok(Done::Written {
                    object,
                    taken_over,
                    retired: old,
                }) => {
                    self.record(part, &object, &outputs, outcome);
                    if taken_over {
                        let taken = Notice::TakenOver(part.reference(), object.managers.clone());
                        outcome.notices.push(taken);
                    }
                    // Until they are gone the ledger names them, or a failure would forget them.
                    outcome.ledger.extend(old.iter().map(Doomed::entry));
                    ending.retired.extend(old);
                    waiting.push((index, object, true));
                }
                Ok(Done::Unfinished {
                    object,
                    failure,
                    retired: old,
                }) => {
                    self.record(part, &object, &outputs, outcome);
                    outcome.ledger.extend(old.iter().map(Doomed::entry));
                    // What differs is not another spelling: it was not written yet.
                    outcome.memory.forget(&part.address);
                    outcome.unproven(part);
                    outcome.failures.push(failure);
                }
                Ok(Done::Same { object }) => waiting.extend(object.map(|object| (index, object, false))),
                Ok(Done::Left) => {
                    let seen = self.survey.seen.get(&part.address);
                    ending
                        .spoken_for
                        .extend(seen.iter().flat_map(|object| object.makes.clone()));
                    self.leave(part, outcome);
                }
                Err(failure) => outcome.failures.push(failure),
            }
        }
        outcome.failures.is_empty() && self.wait(waiting, outcome).await
    }

    async fn part(&self, index: usize, outputs: &Outputs) -> Result<Done<R>, Failure> {
        let part = &self.desired.parts[index];
        match (&part.role, part.kind) {
            (Role::WaitOnly, _) | (_, None) => Ok(Done::exists(Observed {
                name: part.name.clone(),
                ..Observed::default()
            })),
            // Its maker is the one of the plan: so is it.
            (Role::Follow(_), _) if self.planned_uid(part).is_some() => Ok(Done::Same { object: None }),
            (Role::Follow(_), Some(kind)) => {
                let object = self.made(part, kind).await;
                Ok(Done::exists(
                    object.map_err(|failure| failure.of(part))?.unwrap_or_default(),
                ))
            }
            (Role::Own | Role::Keep, Some(kind)) => self.put(index, kind, outputs).await,
        }
    }

    /// What a controller has made; one that is being deleted is of an earlier maker.
    async fn made(&self, part: &Part<R>, kind: &'static dyn Kind<R>) -> Result<Option<Observed>, Failure> {
        let object = self.op.look_follower(kind, part.target(None)).await?;
        if object.as_ref().is_none_or(|object| object.deleting.is_none()) {
            return Ok(object);
        }
        self.op.await_gone(kind, part.target(None), object.as_ref()).await?;
        self.op.look_follower(kind, part.target(None)).await
    }

    /// Waits until the parts work that were written, or never seen to work. What was not seen to work has to be tried again: the
    /// next plan must not be empty.
    async fn wait(&self, waiting: Vec<(usize, Observed, bool)>, outcome: &mut Outcome) -> bool {
        let outputs = &outcome.outputs;
        // Other outputs, behind its links, are other content.
        let proof = |part: &Part<R>| self.resolved(part, outputs).ok().and_then(|resolved| resolved.digest());
        let unproven = waiting.iter().filter(|(index, object, written)| {
            let part = &self.desired.parts[*index];
            let is_proven = outcome
                .memory
                .is_proven(&part.address, proof(part).as_deref(), &object.uid);
            part.ready.is_some() && (*written || !(self.is_same(part, outcome) && is_proven))
        });
        let waits = unproven.map(|(index, object, _)| {
            async move {
                let part = &self.desired.parts[*index];
                let Some(ready) = &part.ready else {
                    return (part, object, Ok(()));
                };
                let waited = match self.resolved(part, outputs) {
                    Ok(resolved) => ready.wait(self.op, &resolved, object).await,
                    Err(trouble) => Err(Failure::about(part, trouble)),
                };
                (part, object, waited)
            }
            .boxed()
        });
        for (part, object, waited) in futures::future::join_all(waits).await {
            match waited {
                Ok(()) => {
                    let resolved = self.resolved(part, &outcome.outputs).ok();
                    let digest = resolved.and_then(|resolved| resolved.digest());
                    if let Some(digest) = digest {
                        outcome.memory.prove(&part.address, &digest, &object.uid);
                    }
                }
                Err(failure) => {
                    outcome.unproven(part);
                    outcome.failures.push(failure.of(part));
                }
            }
        }
        outcome.failures.is_empty()
    }

    /// True if the update leaves the part as it was.
    fn is_same(&self, part: &Part<R>, outcome: &Outcome) -> bool {
        !self.desired.creates && self.desired.ledger.get(&part.address) == outcome.ledger.get(&part.address)
    }
}
