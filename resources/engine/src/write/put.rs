//! One part: decided about, written, and decided about again where an answer says that something else is there.

use super::Run;
use super::level::Done;
use crate::failure::{Failure, Trouble};
use crate::kind::{Identity, Kind, Made, Observed, Put, Reading, Remotes};
use crate::operation::Refused;
use crate::ownership::{Ownership, ownership};
use crate::part::{Part, Role};
use crate::refusal::Answer;
use crate::remove::{self, Doomed};
use crate::survey::{facts, in_the_way};
use crate::table::{Action, Request, decide};
use crate::value::{Outputs, resolve};

/// How often a part is decided about, because something else is there each time.
pub(super) const ATTEMPTS: usize = 5;

/// How an object is written.
pub(super) struct How<'a> {
    /// Over what was seen there.
    pub(super) over: Option<&'a Observed>,
    pub(super) whose: Ownership,
    pub(super) action: Action,
    /// What earlier attempts have made.
    pub(super) made: &'a Made,
}

/// What the attempts at a part have come to so far.
struct Attempts<R: Remotes> {
    /// What is replaced: it goes last.
    retired: Vec<Doomed<R>>,
    /// What a write has made that was not answered, or refused half-way.
    made: Made,
    /// A write was sent: what is there may be of it, and is not recorded yet.
    begun: bool,
    /// Why the last write has to be looked for.
    refused: Option<Refused>,
}

/// What one attempt came to.
enum Step<R: Remotes> {
    Done(Done<R>),
    /// This is there now.
    Again(Option<Observed>),
}

impl<R: Remotes> Run<'_, R> {
    /// Writes the part where its survey saw it, or makes it.
    pub(super) async fn put(
        &self,
        index: usize,
        kind: &'static dyn Kind<R>,
        outputs: &Outputs,
    ) -> Result<Done<R>, Failure> {
        let rendered = &self.desired.parts[index];
        let part = self
            .resolved(rendered, outputs)
            .map_err(|trouble| Failure::about(rendered, trouble))?;
        let mut seen = self.survey.seen.get(&part.address).cloned();
        let mut attempts = Attempts {
            retired: Vec::new(),
            made: Made::default(),
            begun: false,
            refused: None,
        };
        for tries in 0..ATTEMPTS {
            if !self.op.rest(tries, attempts.refused.as_ref()).await {
                break;
            }
            let step = self.attempt(index, &part, kind, seen, &mut attempts).await;
            match step.map_err(|failure| failure.of(&part))? {
                Step::Done(done) => return Ok(done),
                Step::Again(now) => seen = now,
            }
        }
        Err(self.in_vain(&part, attempts.refused))
    }

    async fn attempt(
        &self,
        index: usize,
        part: &Part<R>,
        kind: &'static dyn Kind<R>,
        seen: Option<Observed>,
        attempts: &mut Attempts<R>,
    ) -> Result<Step<R>, Failure> {
        let whose = ownership(seen.as_ref(), &self.survey.who(self.desired, part));
        let action = decide(self.op.asked, whose, facts(self.desired, kind, part, seen.as_ref()));
        let planned = self.planned_uid(part).filter(|uid| !uid.is_empty());
        match (action, seen) {
            (Action::AwaitGone, seen) => {
                self.op.await_gone(kind, part.target(None), seen.as_ref()).await?;
                Ok(Step::Again(None))
            }
            (Action::Remake, Some(old)) => {
                drop(remove::delete(self.op, kind, &old, whose).await?);
                Ok(Step::Again(None))
            }
            // What a kept part finds can be judged only once its links are resolved.
            (Action::Refuse(why), Some(object)) if part.role == Role::Keep => {
                Err(Failure::about(part, in_the_way(why, &object)))
            }
            (Action::Refuse(_), _) => Err(Failure::about(part, Trouble::Appeared)),
            (Action::Make | Action::Replace, _) if planned.is_some() => Err(Failure::about(part, Trouble::Vanished)),
            (_, Some(object)) if planned.is_some_and(|uid| uid != object.uid) => {
                Err(Failure::about(part, Trouble::Vanished))
            }
            (Action::Replace, Some(old)) => {
                attempts.retired.push(Doomed::seen(kind, old));
                self.write(index, part, kind, None, (whose, action), attempts).await
            }
            (Action::Make, _) => self.write(index, part, kind, None, (whose, action), attempts).await,
            (Action::Use, Some(object)) => Ok(Step::Done(Done::exists(object))),
            (Action::Write | Action::TakeOver, Some(object)) => {
                if !attempts.begun && self.is_untouched(index, part, kind, &object, whose) {
                    return Ok(Step::Done(Done::Same { object: Some(object) }));
                }
                attempts.retired.extend(self.superseded(&object, whose).await?);
                self.write(index, part, kind, Some(&object), (whose, action), attempts)
                    .await
            }
            _ => Ok(Step::Done(Done::Left)),
        }
    }

    async fn write(
        &self,
        index: usize,
        part: &Part<R>,
        kind: &'static dyn Kind<R>,
        over: Option<&Observed>,
        (whose, action): (Ownership, Action),
        attempts: &mut Attempts<R>,
    ) -> Result<Step<R>, Failure> {
        attempts.begun = true;
        let how = How {
            over,
            whose,
            action,
            made: &attempts.made,
        };
        match self.send(index, part, kind, how).await {
            Ok(object) => Ok(Step::Done(Done::Written {
                object: self.settled(part, kind, object).await?,
                taken_over: whose == Ownership::Imported,
                retired: std::mem::take(&mut attempts.retired),
            })),
            Err(refused) if refused.look_again => {
                let made = attempts.made.object();
                let there = over.or(made.as_ref());
                let found = self.look_again(part, kind, there, &refused).await?;
                attempts.refused = Some(refused);
                Ok(Step::Again(found))
            }
            Err(refused) => {
                let failure = self.refused(part, refused);
                match attempts.made.object() {
                    Some(object) => Ok(Step::Done(Done::Unfinished {
                        object,
                        failure,
                        retired: std::mem::take(&mut attempts.retired),
                    })),
                    None => Err(failure),
                }
            }
        }
    }

    pub(super) async fn send(
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
        let consent = self.consent(part, kind, over, (whose, action));
        let request = if over.is_some() { Request::Write } else { Request::Make };
        tracing::debug!("writing {}", part.reference());
        let send = || {
            let put = Put {
                part,
                marks: &marks,
                over,
                consent: &consent,
                unfinished: self.survey.marked.as_ref(),
                made,
            };
            kind.put(self.op, put)
        };
        let written = self.op.send(request, whose, send).await?;
        Ok(written.unwrap_or_default())
    }

    /// What a controller made for an object that is about to ask for something else, where no ledger tells of it.
    async fn superseded(&self, object: &Observed, whose: Ownership) -> Result<Vec<Doomed<R>>, Failure> {
        let wanted = |made: &String| self.desired.parts.iter().any(|part| part.reference() == *made);
        let known = |made: &String| {
            let mut entries = self.desired.ledger.values();
            entries.any(|entry| entry.reference.as_ref() == Some(made) && entry.known_uid().is_some())
        };
        let marks = object.marks.as_ref();
        let adopted = whose == Ownership::Imported || marks.is_none_or(|marks| marks.adopted);
        let mut old = object.clone();
        old.makes.retain(|made| !adopted && !wanted(made) && !known(made));
        remove::followers_of(self.op, &old, false).await
    }

    /// What is there after an answer that was lost, or that said that something else is there.
    async fn look_again(
        &self,
        part: &Part<R>,
        kind: &'static dyn Kind<R>,
        there: Option<&Observed>,
        refused: &Refused,
    ) -> Result<Option<Observed>, Failure> {
        let uid = there.map(|object| object.uid.as_str());
        let found = match (kind.identity(), uid) {
            (Identity::Given, None) => self.made_now(part, kind).await?,
            (Identity::Named, _) | (_, Some(_)) => self.op.look(kind, part.target(uid), Reading::Fresh).await?,
        };
        let whose = ownership(found.as_ref(), &self.survey.who(self.desired, part));
        if refused.refusal.answer == Answer::Exists && whose == Ownership::Foreign {
            return Err(Failure::about(part, Trouble::Appeared));
        }
        Ok(found)
    }

    /// What this very operation made of a kind that the remote names.
    async fn made_now(&self, part: &Part<R>, kind: &'static dyn Kind<R>) -> Result<Option<Observed>, Failure> {
        let is_it = |object: &Observed| {
            let marks = object.marks.as_ref();
            marks.is_some_and(|marks| {
                marks.instance.as_deref() == Some(self.desired.instance)
                    && marks.address.as_deref().is_none_or(|address| address == part.address)
            })
        };
        let found = self.op.search_like(kind, part).await?;
        Ok(found.into_iter().find(is_it))
    }

    /// The object once it has every output that other parts link to.
    async fn settled(&self, part: &Part<R>, kind: &'static dyn Kind<R>, object: Observed) -> Result<Observed, Failure> {
        let links = self
            .desired
            .parts
            .iter()
            .flat_map(|other| crate::value::links(&other.content));
        let wanted: Vec<String> = links
            .filter(|(address, _)| *address == part.address)
            .map(|(_, output)| output)
            .collect();
        let missing = |object: &Observed| {
            let mut missing = wanted.iter().filter(|output| !object.outputs.contains_key(*output));
            missing.next().cloned()
        };
        if missing(&object).is_none() {
            return Ok(object);
        }
        let uid = object.uid.clone();
        let has_all = |seen: Option<&Observed>| match seen.map(|object| (object, missing(object))) {
            Some((object, None)) => Ok(object.clone()),
            Some((_, Some(output))) => Err(format!("no {output} yet")),
            None => Err("not visible yet".to_owned()),
        };
        let target = part.target(Some(&uid));
        self.op.until(kind, target, "is not complete", has_all).await
    }

    /// The uid that the plan of an update showed.
    pub(super) fn planned_uid(&self, part: &Part<R>) -> Option<&str> {
        let planned = self.planned.get(&part.address).filter(|_| !self.desired.creates);
        planned.and_then(|entry| entry.uid.as_deref())
    }

    pub(super) fn resolved(&self, part: &Part<R>, outputs: &Outputs) -> Result<Part<R>, Trouble> {
        match resolve(&part.content, outputs) {
            Ok(content) => Ok(part.with_content(content)),
            Err((address, output)) => Err(Trouble::Unresolved { address, output }),
        }
    }
}
