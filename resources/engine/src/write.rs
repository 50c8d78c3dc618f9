//! Create and update: the parts are brought to what is desired, level by level.
//!
//! Both are one algorithm. A create starts from an empty ledger, marks its first object until it has finished, and adopts
//! what an unfinished create of the same owner left; an update writes only what differs from its ledger.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};

use crate::failure::{Failure, Notice, Trouble};
use crate::kind::{Consent, Kind, Made, Observed, Put, Reading, Remotes};
use crate::ledger::{Entry, FOLLOWS, Ledger, Memory, STRAY, UNPROVEN};
use crate::marks::{Creating, Marks};
use crate::operation::{CONCURRENCY, Operation, Refused};
use crate::order::{holder, levels};
use crate::ownership::{Ownership, ownership};
use crate::part::{Part, Role};
use crate::plan::plan;
use crate::refusal::Answer;
use crate::remove::{self, Doomed};
use crate::survey::{Survey, facts, survey};
use crate::table::{Action, Facts, Request, decide};
use crate::value::{Outputs, links, resolve};

/// What a create or an update shall reach, and where it starts.
pub struct Desired<'a, R: Remotes> {
    /// The parts.
    pub parts: &'a [Part<R>],
    /// The instance: newly minted for a create, the state's for an update.
    pub instance: &'a str,
    /// The state's ledger; `None` for a create.
    pub ledger: &'a Ledger,
    /// The parts as the prior state renders them.
    pub before: &'a [Part<R>],
    /// The drift that the plan showed: `address path`, or `address` alone.
    pub drift: &'a [String],
    /// The memory of the last operation.
    pub memory: Memory,
    /// A create that replaces a finished resource of the same owner.
    pub create_before_destroy: bool,
    /// Take over fields of other managers.
    pub force: bool,
    /// True for a create.
    pub creates: bool,
}

/// What an operation leaves.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What exists.
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

impl<R: Remotes> Desired<'_, R> {
    pub(crate) fn is_create(&self) -> bool {
        self.creates
    }

    /// True if the part has to be written whatever its links say.
    fn changes(&self, part: &Part<R>) -> bool {
        let entry = self.ledger.get(&part.address);
        let same = entry.is_some_and(|entry| {
            let digest = match part.role {
                Role::Follow(_) => Some(FOLLOWS.to_owned()),
                _ => part.digest(),
            };
            let there = !part.is_written() || entry.known_uid().is_some();
            there && entry.digest == digest && entry.reference.as_deref() == Some(&part.reference())
        });
        !same || part.configuration.is_some()
    }

    /// Indices of the parts that are looked at: those that change, what links to them or to those, and what all of these link
    /// to, follow or are followed by.
    fn touched(&self) -> Vec<usize> {
        let count = self.parts.len();
        let mut touched: Vec<bool> = self
            .parts
            .iter()
            .map(|part| self.creates || self.changes(part))
            .collect();
        let follows =
            |index: usize, maker: usize| self.parts[index].role == Role::Follow(self.parts[maker].address.clone());
        let links_to = |index: usize, target: usize| {
            let links = links(&self.parts[index].content);
            links.iter().any(|(address, _)| *address == self.parts[target].address)
        };
        close(count, &mut touched, |from, to| {
            links_to(to, from) || follows(from, to) || follows(to, from)
        });
        close(count, &mut touched, |from, to| links_to(from, to) || follows(from, to));
        (0..count).filter(|index| touched[*index]).collect()
    }
}

/// Adds to `set` whatever `leads` from a member of it.
fn close(count: usize, set: &mut [bool], leads: impl Fn(usize, usize) -> bool) {
    while let Some(next) = (0..count).find(|to| !set[*to] && (0..count).any(|from| set[from] && leads(from, *to))) {
        set[next] = true;
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
    let survey = match survey(op, desired, desired.touched()).await {
        Ok(survey) => survey,
        Err(failures) => return Outcome { failures, ..outcome },
    };
    for (address, object) in &survey.seen {
        outcome.outputs.insert(address.clone(), object.outputs.clone());
    }
    outcome.objects.clone_from(&survey.seen);
    let planned = plan(Some(desired.ledger), desired.before, desired.parts);
    let mark = mark(op, desired, &survey);
    let run = Run {
        op,
        desired,
        planned: &planned,
        survey: &survey,
        mark,
        holder: holder(desired.parts),
    };
    let mut retired = Vec::new();
    for level in levels(desired.parts) {
        let level: Vec<usize> = level
            .into_iter()
            .filter(|index| survey.touched.contains(index))
            .collect();
        if !run.level(&level, &mut outcome, &mut retired).await {
            outcome.memory.unfinished |= desired.creates;
            return outcome;
        }
    }
    run.finish(&mut outcome, retired).await;
    outcome.memory.unfinished = !outcome.failures.is_empty() && (desired.creates || desired.memory.unfinished);
    outcome
}

/// The mark that the holder bears until the create has finished.
fn mark<R: Remotes>(op: &Operation<R>, desired: &Desired<'_, R>, survey: &Survey) -> Option<Creating> {
    let replaced = || {
        let finished = survey.seen.values().filter_map(|object| object.marks.as_ref());
        let mut finished = finished.filter(|marks| marks.owner.as_deref() == Some(&op.owner.to_string()));
        finished
            .find_map(|marks| marks.instance.clone())
            .filter(|_| desired.create_before_destroy)
    };
    match &survey.marked {
        Some(mark) => Some(mark.clone()),
        None if desired.creates => Some(Creating {
            since: op.now.clone(),
            over: replaced(),
        }),
        None => None,
    }
}

struct Run<'a, R: Remotes> {
    op: &'a Operation<R>,
    desired: &'a Desired<'a, R>,
    /// What the plan of an update said: a uid that it knew must not change.
    planned: &'a Ledger,
    survey: &'a Survey,
    mark: Option<Creating>,
    holder: Option<usize>,
}

/// How a part is written.
struct How<'a> {
    /// Over what was seen there.
    over: Option<&'a Observed>,
    whose: Ownership,
    action: Action,
    /// What earlier attempts have made.
    made: &'a Made,
}

/// What became of a part.
enum Done<R: Remotes> {
    /// It exists as `object`; what it replaces goes last.
    Written {
        object: Observed,
        whose: Ownership,
        retired: Vec<Doomed<R>>,
    },
    /// It exists as `object`, but is not finished.
    Unfinished { object: Observed, failure: Failure },
    /// Nothing had to be written.
    Same { object: Option<Observed> },
    /// Another instance has it.
    Left,
}

impl<R: Remotes> Run<'_, R> {
    /// Writes the parts of a level, then waits until they work. False ends the operation.
    async fn level(&self, level: &[usize], outcome: &mut Outcome, retired: &mut Vec<Doomed<R>>) -> bool {
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
                    whose,
                    retired: old,
                }) => {
                    self.record(part, &object, &outputs, outcome);
                    if whose == Ownership::Imported {
                        outcome
                            .notices
                            .push(Notice::TakenOver(part.reference(), object.managers.clone()));
                    }
                    retired.extend(old);
                    waiting.push((index, object));
                }
                Ok(Done::Unfinished { object, failure }) => {
                    self.record(part, &object, &outputs, outcome);
                    outcome.unproven(part);
                    outcome.failures.push(failure);
                }
                Ok(Done::Same { object }) => waiting.extend(object.map(|object| (index, object))),
                Ok(Done::Left) => {
                    outcome.notices.push(Notice::AdoptedElsewhere(part.reference()));
                    let entry = outcome.ledger.entry(part.address.clone()).or_default();
                    entry.digest = part.digest();
                    entry.reference = Some(part.reference());
                    entry.uid.get_or_insert_default();
                    entry.made.get_or_insert(false);
                }
                Err(failure) => outcome.failures.push(failure),
            }
        }
        outcome.failures.is_empty() && self.wait(waiting, outcome).await
    }

    async fn part(&self, index: usize, outputs: &Outputs) -> Result<Done<R>, Failure> {
        let part = &self.desired.parts[index];
        match (&part.role, part.kind) {
            (Role::WaitOnly, _) | (_, None) => {
                let object = Observed {
                    name: part.name.clone(),
                    ..Observed::default()
                };
                Ok(Done::Written {
                    object,
                    whose: Ownership::Mine,
                    retired: Vec::new(),
                })
            }
            // Its maker is the one of the plan: so is it.
            (Role::Follow(_), _) if self.planned_uid(part).is_some() => Ok(Done::Same { object: None }),
            (Role::Follow(_), Some(kind)) => {
                let object = self.op.look_follower(kind, part.target(None)).await;
                let object = object.map_err(|failure| failure.of(part))?.unwrap_or_default();
                Ok(Done::Written {
                    object,
                    whose: Ownership::Mine,
                    retired: Vec::new(),
                })
            }
            (Role::Own | Role::Keep, Some(kind)) => self.put(index, kind, outputs).await,
        }
    }

    /// Decides, writes, and decides again where an answer says that something else is there now.
    async fn put(&self, index: usize, kind: &'static dyn Kind<R>, outputs: &Outputs) -> Result<Done<R>, Failure> {
        let part = self.resolved(&self.desired.parts[index], outputs)?;
        let mut seen = self.survey.seen.get(&part.address).cloned();
        let mut retired = Vec::new();
        let made = Made::default();
        for _ in 0..ATTEMPTS {
            let whose = ownership(seen.as_ref(), &self.who(&part, seen.as_ref()));
            let facts = seen
                .as_ref()
                .map_or(NOTHING, |object| facts(self.desired, kind, &part, object));
            let action = decide(self.op.asked, whose, facts);
            let over = match action {
                Action::AwaitGone => {
                    self.op
                        .await_gone(kind, part.target(None), seen.as_ref())
                        .await
                        .map_err(|failure| failure.of(&part))?;
                    seen = None;
                    continue;
                }
                Action::Remake => {
                    let doomed = seen.take().unwrap_or_default();
                    remove::delete(self.op, kind, &doomed, whose)
                        .await
                        .map_err(|failure| failure.of(&part))?;
                    continue;
                }
                Action::Refuse(_) => return Err(self.appeared(&part)),
                Action::Make | Action::Replace if self.planned_uid(&part).is_some_and(|uid| !uid.is_empty()) => {
                    return Err(failure(&part, Trouble::Vanished));
                }
                Action::Replace => {
                    retired.extend(seen.take().map(|old| Doomed::seen(kind, old)));
                    None
                }
                Action::Make => None,
                Action::Write | Action::TakeOver => seen.as_ref(),
                _ => return Ok(Done::Left),
            };
            if let Some(object) = over.filter(|object| self.is_untouched(index, &part, kind, object, whose)) {
                return Ok(Done::Same {
                    object: Some(object.clone()),
                });
            }
            if let Some(object) = over {
                retired.extend(self.superseded(&part, object).await?);
            }
            let how = How {
                over,
                whose,
                action,
                made: &made,
            };
            match self.send(index, &part, kind, how).await {
                Ok(object) => {
                    let object = self.settled(&part, kind, object).await?;
                    return Ok(Done::Written { object, whose, retired });
                }
                Err(refused) if refused.look_again => {
                    seen = self.look_again(&part, kind, &refused, &made).await?;
                }
                Err(refused) => {
                    let failure = self.refused(&part, refused);
                    return match made.object() {
                        Some(object) => Ok(Done::Unfinished { object, failure }),
                        None => Err(failure),
                    };
                }
            }
        }
        Err(self.appeared(&part))
    }

    /// What a controller made for an object that is about to ask for something else, where no ledger tells of it.
    async fn superseded(&self, part: &Part<R>, object: &Observed) -> Result<Vec<Doomed<R>>, Failure> {
        let wanted = |made: &String| self.desired.parts.iter().any(|part| part.reference() == *made);
        let known = |made: &String| {
            let mut references = self
                .desired
                .ledger
                .values()
                .filter_map(|entry| entry.reference.as_ref());
            references.any(|reference| reference == made)
        };
        let adopted = object
            .marks
            .as_ref()
            .is_none_or(|marks| marks.adopted || marks.owner.is_none());
        let mut old = object.clone();
        old.makes.retain(|made| !adopted && !wanted(made) && !known(made));
        remove::followers_of(self.op, &old)
            .await
            .map_err(|failure| failure.of(part))
    }

    /// The uid that the plan of an update showed.
    fn planned_uid(&self, part: &Part<R>) -> Option<&str> {
        let planned = self.planned.get(&part.address).filter(|_| !self.desired.creates);
        planned.and_then(|entry| entry.uid.as_deref())
    }

    /// What is there after an answer that was lost, or that said that something else is there.
    async fn look_again(
        &self,
        part: &Part<R>,
        kind: &'static dyn Kind<R>,
        refused: &Refused,
        made: &Made,
    ) -> Result<Option<Observed>, Failure> {
        let owner = self.op.owner.to_string();
        let made = made.object();
        let uid = made.as_ref().map(|object| object.uid.as_str());
        let found = if kind.identity() == crate::kind::Identity::Named || uid.is_some() {
            self.op
                .look(kind, part.target(uid), Reading::Fresh)
                .await
                .map_err(|failure| failure.of(part))?
        } else {
            let search = || kind.of_owner(self.op, Some(&owner), Some(part), Reading::Fresh);
            let found = self.op.send(Request::Search, Ownership::Absent, search).await;
            let found = found
                .map_err(|refused| self.refused(part, refused))?
                .unwrap_or_default();
            found.into_iter().find(|object| {
                let marks = object.marks.as_ref();
                marks.is_some_and(|marks| {
                    marks.instance.as_deref() == Some(self.desired.instance)
                        && marks.address.as_deref().is_none_or(|address| address == part.address)
                })
            })
        };
        let mine = ownership(found.as_ref(), &self.who(part, found.as_ref()));
        if refused.refusal.answer == Answer::Exists && mine == Ownership::Foreign {
            return Err(self.appeared(part));
        }
        Ok(found)
    }

    async fn send(
        &self,
        index: usize,
        part: &Part<R>,
        kind: &'static dyn Kind<R>,
        how: How<'_>,
    ) -> Result<Observed, Refused> {
        let How {
            over,
            whose,
            action,
            made,
        } = how;
        let mut marks = self.marks(index, over, whose);
        if action == Action::TakeOver {
            marks.taken_from = over.and_then(|object| object.marks.as_ref()?.instance.clone());
        }
        let consent = self.consent(part, kind, over, whose, action);
        let request = if over.is_some() { Request::Write } else { Request::Make };
        tracing::debug!("writing {}", part.reference());
        let send = || {
            kind.put(
                self.op,
                Put {
                    part,
                    marks: &marks,
                    over,
                    consent: &consent,
                    unfinished: self.survey.marked.as_ref(),
                    made,
                },
            )
        };
        let written = self.op.send(request, whose, send).await?;
        Ok(written.unwrap_or_default())
    }

    /// The marks that the object shall bear now.
    fn marks(&self, index: usize, over: Option<&Observed>, whose: Ownership) -> Marks {
        let before = over.and_then(|object| object.marks.as_ref());
        let adopted = before.is_some_and(|marks| marks.adopted) || whose == Ownership::Imported;
        Marks {
            owner: Some(self.op.owner.to_string()),
            instance: Some(self.desired.instance.to_owned()),
            address: Some(self.desired.parts[index].address.clone()),
            creating: self.mark.clone().filter(|_| self.holder == Some(index)),
            taken_from: before.and_then(|marks| marks.taken_from.clone()),
            adopted,
            configuration: self.desired.parts[index].configuration.clone(),
        }
    }

    fn consent(
        &self,
        part: &Part<R>,
        kind: &dyn Kind<R>,
        over: Option<&Observed>,
        whose: Ownership,
        action: Action,
    ) -> Consent {
        let everything = action == Action::TakeOver || matches!(whose, Ownership::Marked | Ownership::Imported);
        let mut paths = drifted_paths(self.desired.drift, &part.address);
        if let Some(old) = self.desired.before.iter().find(|old| old.address == part.address) {
            paths.extend(kind.differences(&part.content, &old.content).into_keys());
            paths.extend(kind.differences(&old.content, &part.content).into_keys());
        }
        // What this very create has written it may write again.
        if everything || (self.desired.creates && over.is_some()) {
            paths.push(String::new());
        }
        Consent {
            paths,
            force: self.desired.force,
        }
    }

    fn who<'a>(&'a self, part: &Part<R>, _seen: Option<&Observed>) -> crate::ownership::Who<'a> {
        self.survey.who(self.desired, self.survey.owner(), part)
    }

    /// True if nothing needs to be written: the part did not change, and its links resolve to what is there.
    fn is_untouched(
        &self,
        index: usize,
        part: &Part<R>,
        kind: &dyn Kind<R>,
        object: &Observed,
        whose: Ownership,
    ) -> bool {
        let marked = object.marks.as_ref().is_some_and(|marks| marks.creating.is_some());
        !self.desired.creates
            && whose == Ownership::Mine
            && (!marked || self.holder == Some(index))
            && !self.desired.changes(&self.desired.parts[index])
            && kind.differences(&part.content, &object.content).is_empty()
    }

    fn resolved(&self, part: &Part<R>, outputs: &Outputs) -> Result<Part<R>, Failure> {
        match resolve(&part.content, outputs) {
            Ok(content) => Ok(part.with_content(content)),
            Err((address, output)) => Err(failure(part, Trouble::Unresolved { address, output })),
        }
    }

    /// The object once it has every output that other parts link to.
    async fn settled(&self, part: &Part<R>, kind: &'static dyn Kind<R>, object: Observed) -> Result<Observed, Failure> {
        let wanted: Vec<String> = self
            .desired
            .parts
            .iter()
            .flat_map(|other| links(&other.content))
            .filter(|(address, _)| *address == part.address)
            .map(|(_, output)| output)
            .collect();
        let missing = |object: &Observed| {
            wanted
                .iter()
                .find(|output| !object.outputs.contains_key(*output))
                .cloned()
        };
        if missing(&object).is_none() {
            return Ok(object);
        }
        let uid = object.uid.clone();
        let has_all = |seen: Option<&Observed>| match seen {
            Some(object) => {
                missing(object).map_or_else(|| Ok(object.clone()), |output| Err(format!("no {output} yet")))
            }
            None => Err("not visible yet".to_owned()),
        };
        self.op
            .until(kind, part.target(Some(&uid)), "is not complete", has_all)
            .await
            .map_err(|failure| failure.of(part))
    }

    /// Enters a part that exists.
    fn record(&self, part: &Part<R>, object: &Observed, outputs: &Outputs, outcome: &mut Outcome) {
        let adopted = object.marks.as_ref().is_some_and(|marks| marks.adopted);
        let digest = match part.role {
            Role::Follow(_) => Some(FOLLOWS.to_owned()),
            _ => part.digest(),
        };
        if let (Some(kind), true) = (part.kind, part.is_written()) {
            let resolved = resolve(&part.content, outputs).unwrap_or_default();
            let spelled = kind.differences(&resolved, &object.content);
            outcome.memory.spellings.insert(part.address.clone(), spelled);
            outcome.memory.spellings.retain(|_, paths| !paths.is_empty());
        }
        let entry = Entry {
            reference: Some(part.reference()),
            uid: Some(object.uid.clone()),
            digest,
            made: Some(match part.role {
                Role::Own => !adopted,
                Role::Follow(_) => true,
                Role::Keep | Role::WaitOnly => false,
            }),
        };
        outcome.ledger.insert(part.address.clone(), entry);
        outcome.outputs.insert(part.address.clone(), object.outputs.clone());
        outcome.objects.insert(part.address.clone(), object.clone());
    }

    /// Waits until the parts work. What was not seen to work has to be tried again: the next plan must not be empty.
    async fn wait(&self, waiting: Vec<(usize, Observed)>, outcome: &mut Outcome) -> bool {
        let unproven = waiting.iter().filter(|(index, _)| {
            let part = &self.desired.parts[*index];
            part.ready.is_some()
                && !(self.is_same(part, outcome) && outcome.memory.is_proven(&part.address, part.digest().as_deref()))
        });
        let outputs = &outcome.outputs;
        let waits = unproven.map(|(index, object)| {
            async move {
                let part = &self.desired.parts[*index];
                let Some(ready) = &part.ready else {
                    return (part, Ok(()));
                };
                let waited = match self.resolved(part, outputs) {
                    Ok(resolved) => ready.wait(self.op, &resolved, object).await,
                    Err(failure) => Err(failure),
                };
                (part, waited)
            }
            .boxed()
        });
        let waited: Vec<_> = futures::future::join_all(waits).await;
        for (part, waited) in waited {
            match waited {
                Ok(()) => {
                    if let Some(digest) = part.digest() {
                        outcome.memory.proven.insert(part.address.clone(), digest);
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

    /// Removes what is no longer wanted, then the mark: its holder is stamped last.
    async fn finish(&self, outcome: &mut Outcome, retired: Vec<Doomed<R>>) {
        let doomed = self.doomed(outcome, retired);
        let kept = self.desired.parts.iter().map(Part::reference).collect();
        let marked = self.survey.marked.as_ref();
        let removed = remove::remove(
            self.op,
            self.survey.owner(),
            doomed,
            self.desired.instance,
            marked,
            kept,
        )
        .await;
        outcome.notices.extend(removed.notices);
        let is_rendered = |address: &str| self.desired.parts.iter().any(|part| part.address == address);
        for address in self.desired.ledger.keys().filter(|address| !is_rendered(address)) {
            outcome.ledger.remove(address);
            outcome.memory.forget(address);
        }
        for (address, entry) in removed.left {
            let label = entry.reference.as_deref().unwrap_or_default();
            let address = if is_rendered(&address) {
                format!("{STRAY}{label}")
            } else {
                address
            };
            outcome.ledger.insert(address, entry);
        }
        outcome.failures.extend(removed.failures);
        if outcome.failures.is_empty() {
            self.unmark(outcome).await;
        }
    }

    /// What this owner has and no part wants.
    fn doomed(&self, outcome: &Outcome, retired: Vec<Doomed<R>>) -> Vec<Doomed<R>> {
        let kept: Vec<&Entry> = self
            .desired
            .parts
            .iter()
            .filter_map(|part| outcome.ledger.get(&part.address))
            .collect();
        let mut doomed = retired;
        for (address, entry) in self.desired.ledger {
            doomed.extend(Doomed::of_entry(self.op, address, entry));
        }
        let being_replaced = |object: &Observed| {
            let over = self.mark.as_ref().and_then(|mark| mark.over.as_ref());
            // The delete leg of its replacement sees to it.
            self.desired.creates
                && over.is_some()
                && object.marks.as_ref().and_then(|marks| marks.instance.as_ref()) == over
        };
        for (kind, object) in self.survey.others.iter().filter(|(_, object)| !being_replaced(object)) {
            doomed.extend(self.op.kind(kind).map(|kind| Doomed::seen(kind, object.clone())));
        }
        doomed.retain(|one| !kept.iter().any(|entry| one.is(entry)));
        remove::once(doomed)
    }

    async fn unmark(&self, outcome: &mut Outcome) {
        let Some(index) = self
            .holder
            .filter(|_| self.mark.is_some() || self.desired.memory.unfinished)
        else {
            return;
        };
        let part = &self.desired.parts[index];
        let Some(kind) = part.kind else { return };
        let object = match outcome.objects.get(&part.address) {
            Some(object) => Some(object.clone()),
            None => {
                let uid = outcome.ledger.get(&part.address).and_then(|entry| entry.known_uid());
                match self.op.look(kind, part.target(uid), Reading::Fresh).await {
                    Ok(seen) => seen,
                    Err(failure) => return outcome.failures.push(failure.of(part)),
                }
            }
        };
        let Some(object) = object else { return };
        let finished = Run { mark: None, ..*self };
        let how = How {
            over: Some(&object),
            whose: Ownership::Mine,
            action: Action::Write,
            made: &Made::default(),
        };
        let written = match self.resolved(part, &outcome.outputs) {
            Ok(resolved) => finished.send(index, &resolved, kind, how).await,
            Err(failure) => return outcome.failures.push(failure),
        };
        match written {
            Ok(object) => self.record(part, &object, &outcome.outputs.clone(), outcome),
            Err(refused) => outcome.failures.push(self.refused(part, refused)),
        }
    }

    fn appeared(&self, part: &Part<R>) -> Failure {
        failure(part, Trouble::Appeared)
    }

    fn refused(&self, part: &Part<R>, refused: Refused) -> Failure {
        if let Answer::Conflict(causes) = &refused.refusal.answer {
            let ours = self
                .desired
                .ledger
                .get(&part.address)
                .is_some_and(|entry| entry.known_uid().is_some());
            return failure(
                part,
                Trouble::Managed {
                    causes: causes.clone(),
                    ours,
                },
            );
        }
        refused
            .failure(part.kind.map_or("", |kind| kind.name()), &part.name)
            .of(part)
    }
}

/// How often a part is decided about anew, because something else is there each time.
const ATTEMPTS: usize = 5;

const NOTHING: Facts = Facts {
    identity: crate::kind::Identity::Named,
    alike: true,
    replacing: false,
    made: true,
};

fn failure<R: Remotes>(part: &Part<R>, trouble: Trouble) -> Failure {
    Failure {
        address: part.address.clone(),
        reference: part.reference(),
        trouble,
    }
}

/// Paths of one part in the list `drift`; a part that is drifted as a whole has the empty path.
fn drifted_paths(drift: &[String], address: &str) -> Vec<String> {
    drift
        .iter()
        .filter_map(|line| line.strip_prefix(address))
        .filter_map(|rest| {
            if rest.is_empty() {
                Some("")
            } else {
                rest.strip_prefix(' ')
            }
        })
        .map(str::to_owned)
        .collect()
}
