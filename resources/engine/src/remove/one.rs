//! The removal of one object.

use super::followers::{followers_of, written_late};
use super::removal::{GoneObject, Trust};
use super::{Doomed, Removal};
use crate::failure::{Failure, Notice, Trouble};
use crate::kind::{Kind, Observed, Reading, Remotes, Target};
use crate::ledger::Entry;
use crate::operation::{Operation, Refused};
use crate::ownership::{Ownership, Who, ownership};
use crate::part::reference;
use crate::table::{Action, Asked, Facts, Kept, Request, decide};

/// How often an object is looked at, because something else is there each time.
const ATTEMPTS: usize = 5;

/// What the removal of one object came to.
pub(super) struct Gone<R: Remotes> {
    /// The object, if it went.
    pub(super) object: Option<GoneObject>,
    pub(super) notice: Option<Notice>,
    /// What its controller made for it: it goes next.
    pub(super) makes: Vec<Doomed<R>>,
    /// What its controller makes for it, now that it stays.
    pub(super) spoken_for: Vec<String>,
}

impl<R: Remotes> Gone<R> {
    fn with(notice: Option<Notice>) -> Self {
        Self {
            object: None,
            notice,
            makes: Vec::new(),
            spoken_for: Vec::new(),
        }
    }

    /// The object went, and these were made for it.
    fn went(one: &Doomed<R>, uid: &str, makes: Vec<Doomed<R>>) -> Self {
        let object = GoneObject {
            reference: one.reference(),
            uid: uid.to_owned(),
        };
        Self {
            object: Some(object),
            makes,
            ..Self::with(None)
        }
    }

    /// The object stays.
    fn kept(notice: Option<Notice>, object: &Observed) -> Self {
        Self {
            spoken_for: object.makes.clone(),
            ..Self::with(notice)
        }
    }
}

impl<R: Remotes> Removal<'_, R> {
    pub(super) async fn one(&self, one: &Doomed<R>) -> Result<Gone<R>, Failure> {
        if one.follows {
            return remove_follower(self.op, one).await;
        }
        let mut makes = Vec::new();
        let mut refused = None;
        for attempt in 0..ATTEMPTS {
            if !self.op.rest(attempt, refused.as_ref()).await {
                break;
            }
            let Some(object) = self.see(one, attempt).await? else {
                return Ok(Gone::went(one, &one.uid, makes));
            };
            let (whose, action) = self.decide(one, &object);
            // Where the state knows another object, its uids are of another one's.
            let supersedes = !one.known || one.uid != object.uid;
            match action {
                Action::Delete => {
                    makes = followers_of(self.op, &object, supersedes).await?;
                    refused = delete(self.op, one.kind, &object, whose).await?;
                    if refused.is_none() {
                        makes.extend(written_late(self.op, &object, supersedes, &makes).await?);
                        return Ok(Gone::went(one, &object.uid, makes));
                    }
                }
                Action::Release => {
                    if self.release(one, &object, whose).await? {
                        return Ok(Gone::kept(Some(Notice::Released(one.reference())), &object));
                    }
                }
                Action::AwaitGone => {
                    makes = followers_of(self.op, &object, supersedes).await?;
                    self.op.await_gone(one.kind, one.target(), Some(&object)).await?;
                    makes.extend(written_late(self.op, &object, supersedes, &makes).await?);
                    return Ok(Gone::went(one, &object.uid, makes));
                }
                // What dies asks its controller for nothing any more.
                _ if object.deleting.is_some() => return Ok(Gone::with(elsewhere(one, &object, whose))),
                _ => return Ok(Gone::kept(elsewhere(one, &object, whose), &object)),
            }
        }
        Err(match refused.filter(Refused::is_lost) {
            Some(refused) => refused.failure(one.kind.name(), &one.name),
            None => Failure {
                address: String::new(),
                reference: one.reference(),
                trouble: Trouble::Appeared,
            },
        })
    }

    async fn see(&self, one: &Doomed<R>, attempt: usize) -> Result<Option<Observed>, Failure> {
        match &one.seen {
            Some(object) if attempt == 0 && self.trust == Trust::Search => Ok(Some(object.clone())),
            _ => match self.op.look(one.kind, one.target(), Reading::Fresh).await {
                // Without its kind it can't exist.
                Err(failure) if failure.is_kind_missing() => Ok(None),
                seen => seen,
            },
        }
    }

    pub(super) fn decide(&self, one: &Doomed<R>, object: &Observed) -> (Ownership, Action) {
        let who = Who {
            owner: self.owner,
            instance: self.instance,
            // Only a state knows uids; what a search found is told by its marks.
            uid: one.address.as_ref().map(|_| one.uid.as_str()),
            made: one.made,
            marked: self.marked,
        };
        let whose = ownership(Some(object), &who);
        let adopted = object.marks.as_ref().is_some_and(|marks| marks.adopted);
        // Other parts of the resource may live in a space that an update no longer wants.
        let lived_in = one.kind.is_space() && self.op.asked != Asked::Delete;
        let facts = Facts {
            identity: one.kind.identity(),
            alike: true,
            replacing: false,
            made: one.made && !adopted && !lived_in,
            known: one.uid == object.uid,
            kept: Kept::No,
        };
        (whose, decide(Asked::Delete, whose, facts))
    }

    /// The entry of what was not removed: what a state knows, and what was seen to be ours.
    pub(super) fn left(&self, one: &Doomed<R>) -> Option<(String, Entry)> {
        let is_ours = |object: &Observed| {
            let (_, action) = self.decide(one, object);
            matches!(action, Action::Delete | Action::Release | Action::AwaitGone)
        };
        let left = match &one.seen {
            Some(object) => is_ours(object),
            None => one.follows || !one.uid.is_empty(),
        };
        left.then(|| one.entry())
    }

    /// The object, if it would be deleted.
    pub(super) async fn would_delete(&self, one: &Doomed<R>) -> Result<Option<Observed>, Failure> {
        let seen = self.see(one, 0).await?;
        Ok(seen.filter(|object| self.decide(one, object).1 == Action::Delete))
    }

    /// Gives the object up; false if it has to be looked at again.
    async fn release(&self, one: &Doomed<R>, object: &Observed, whose: Ownership) -> Result<bool, Failure> {
        // What was never written to bears nothing of ours.
        if whose == Ownership::Imported && object.marks.as_ref().is_none_or(|marks| marks.owner.is_none()) {
            return Ok(true);
        }
        let release = || one.kind.release(self.op, object);
        match self.op.send(Request::Release, whose, release).await {
            Ok(_) => Ok(true),
            Err(refused) if refused.look_again => Ok(false),
            Err(refused) => Err(refused.failure(one.kind.name(), &one.name)),
        }
    }
}

/// What is told of an object that the state knows and that somebody else has now.
fn elsewhere<R: Remotes>(one: &Doomed<R>, object: &Observed, whose: Ownership) -> Option<Notice> {
    let is_known = one.address.is_some() && one.uid == object.uid;
    let taken = matches!(whose, Ownership::Elsewhere | Ownership::Foreign);
    (is_known && taken).then(|| Notice::AdoptedElsewhere(one.reference()))
}

async fn remove_follower<R: Remotes>(op: &Operation<R>, one: &Doomed<R>) -> Result<Gone<R>, Failure> {
    let left = |why: String| Gone::with(Some(Notice::Left(one.reference(), why)));
    let went = || Gone::went(one, &one.uid, Vec::new());
    if one.uid.is_empty() {
        return Ok(left(
            "its uid is not known: it was not seen made, or may not be looked at".to_owned(),
        ));
    }
    let object = Observed {
        name: one.name.clone(),
        uid: one.uid.clone(),
        ..Observed::default()
    };
    let mut tries = 0..ATTEMPTS;
    loop {
        let send = || one.kind.delete(op, &object);
        match op.send(Request::Delete, Ownership::Mine, send).await {
            Ok(Some(false)) => {
                op.await_gone(one.kind, one.target(), Some(&object)).await?;
                return Ok(went());
            }
            Ok(_) => return Ok(went()),
            // Whether it went is seen by its uid.
            Err(refused) if refused.look_again && tries.next().is_some() => {
                match op.look_follower(one.kind, one.target()).await? {
                    Some(seen) if seen.uid == one.uid => {}
                    Some(_) => return Ok(left("another object has its name".to_owned())),
                    None => return Ok(went()),
                }
            }
            Err(refused) if refused.is_forbidden() => return Ok(left(refused.refusal.to_string())),
            Err(refused) => return Err(refused.failure(one.kind.name(), &one.name)),
        }
    }
}

/// What of others would go with the object.
pub(super) async fn held<R: Remotes>(
    op: &Operation<R>,
    kind: &'static dyn Kind<R>,
    object: &Observed,
) -> Result<Vec<String>, Failure> {
    let held = op.send(Request::Look, Ownership::Mine, || kind.holds(op, object)).await;
    let held = held.map_err(|refused| refused.failure(kind.name(), &object.name))?;
    // Nobody could tell: then it is not known to be empty.
    Ok(held.unwrap_or_else(|| vec!["objects that could not be listed".to_owned()]))
}

/// Deletes an object and waits until it is gone; or why it has to be looked at again.
pub(crate) async fn delete<R: Remotes>(
    op: &Operation<R>,
    kind: &'static dyn Kind<R>,
    object: &Observed,
    whose: Ownership,
) -> Result<Option<Refused>, Failure> {
    let held = held(op, kind, object).await?;
    if !held.is_empty() {
        return Err(Failure {
            address: String::new(),
            reference: reference(kind.name(), &object.name),
            trouble: Trouble::Holds { held },
        });
    }
    tracing::debug!("deleting {} {}", kind.name(), object.name);
    match op.send(Request::Delete, whose, || kind.delete(op, object)).await {
        Ok(Some(true) | None) => Ok(None),
        Ok(Some(false)) => {
            let target = Target {
                name: &object.name,
                uid: Some(&object.uid),
            };
            op.await_gone(kind, target, Some(object)).await?;
            Ok(None)
        }
        Err(refused) if refused.look_again => Ok(Some(refused)),
        Err(refused) => Err(refused.failure(kind.name(), &object.name)),
    }
}
