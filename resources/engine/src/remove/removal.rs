//! The removal of several objects: in which order, and what a failure leaves.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use futures::FutureExt;

use super::Doomed;
use crate::failure::{Failure, Notice, Trouble};
use crate::kind::{Observed, Remotes};
use crate::ledger::Ledger;
use crate::marks::Creating;
use crate::operation::Operation;
use crate::table::Action;

/// What a removal leaves.
#[derive(Debug, Default)]
pub struct Removed {
    /// What is gone.
    pub gone: Vec<GoneObject>,
    /// Entries of what is still there and should not be.
    pub left: Ledger,
    /// What went wrong.
    pub failures: Vec<Failure>,
    /// What the user is told.
    pub notices: Vec<Notice>,
}

/// An object that was there, and is gone.
#[derive(Debug, PartialEq, Eq)]
pub struct GoneObject {
    /// Kind and name.
    pub reference: String,
    /// Its uid.
    pub uid: String,
}

impl Removed {
    /// Nothing was removed.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self {
            failures: vec![failure],
            ..Self::default()
        }
    }
}

/// Adds what was made for an object that went. Its uid was seen just now; the ledger's counts where the ledger knows the
/// object it was made for.
fn join<R: Remotes>(group: &mut Vec<Doomed<R>>, follower: Doomed<R>) {
    match group.iter_mut().find(|one| one.is_same(&follower)) {
        Some(one) if one.uid.is_empty() || follower.supersedes => one.uid = follower.uid,
        Some(_) => {}
        None => group.push(follower),
    }
}

/// Whether what a search saw is as good as a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The operation itself has searched, after it began.
    Search,
    /// Each object is looked at.
    Look,
}

/// Whose objects are removed.
pub(crate) struct Removal<'a, R: Remotes> {
    pub(super) op: &'a Operation<R>,
    pub(super) owner: &'a str,
    pub(super) instance: &'a str,
    pub(super) marked: Option<&'a Creating>,
    pub(crate) trust: Trust,
    /// Whether what can go does, though something else has to stay.
    pub(crate) scope: Scope,
    /// References of what controllers make for objects that stay.
    pub(crate) spoken_for: Vec<String>,
}

/// What happens to the others if an object has to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// They stay too: something works as a whole, or waits for another try.
    Whole,
    /// They go, but for what bears a mark: without it, nothing would tell of what stays.
    Each,
}

type Groups<R> = BTreeMap<(bool, Reverse<u8>), Vec<Doomed<R>>>;

impl<'a, R: Remotes> Removal<'a, R> {
    /// A removal of what is of `owner` and `instance`, or of the unfinished creates that are `marked`.
    pub(crate) fn new(op: &'a Operation<R>, owner: &'a str, instance: &'a str, marked: Option<&'a Creating>) -> Self {
        let trust = if op.asked == crate::table::Asked::Delete {
            Trust::Search
        } else {
            Trust::Look
        };
        Self {
            op,
            owner,
            instance,
            marked,
            trust,
            scope: Scope::Whole,
            spoken_for: Vec::new(),
        }
    }

    /// Deletes what is this resource's, in descending order of kinds, a marked object last. Of a whole, nothing is deleted if
    /// something of others would go with a part of it.
    pub(crate) async fn run(mut self, doomed: Vec<Doomed<R>>) -> Removed {
        let mut removed = Removed::default();
        if self.scope == Scope::Whole
            && let Err(failure) = self.held(&doomed).await
        {
            removed.left = doomed.iter().filter_map(|one| self.left(one)).collect();
            removed.failures.push(failure);
            return removed;
        }
        // What a controller made goes after the object that asks for it, or it would be made again.
        let marked = doomed.iter().filter(|one| one.is_marked());
        let seen = marked.filter_map(|one| one.seen.as_ref());
        let made_for_marked: Vec<String> = seen.flat_map(|object| object.makes.clone()).collect();
        let mut groups = Groups::new();
        for one in doomed {
            let last = one.is_marked() || made_for_marked.contains(&one.reference());
            let group = (last, Reverse(one.kind.order()));
            groups.entry(group).or_default().push(one);
        }
        // What a controller made for an object goes after it, if no entry says which uid that has.
        let mut followers: Vec<Doomed<R>> = Vec::new();
        for ((last, _), mut group) in groups {
            let made = std::mem::take(&mut followers);
            if group.iter().any(|one| one.kind.is_space()) {
                // It may live in that space.
                self.group(made, last, &mut removed).await;
            } else {
                made.into_iter().for_each(|follower| join(&mut group, follower));
            }
            followers.extend(self.group(group, last, &mut removed).await);
        }
        self.group(followers, false, &mut removed).await;
        removed
    }

    /// Removes a group at once; what was made for it goes next. `last` if it bears a mark.
    async fn group(&mut self, mut group: Vec<Doomed<R>>, last: bool, removed: &mut Removed) -> Vec<Doomed<R>> {
        group.retain(|one| !one.follows || !self.spoken_for.contains(&one.reference()));
        if !removed.failures.is_empty() && (last || self.scope == Scope::Whole) {
            removed.left.extend(group.iter().filter_map(|one| self.left(one)));
            return Vec::new();
        }
        let gone = futures::future::join_all(group.iter().map(|one| self.one(one).boxed())).await;
        let mut followers = Vec::new();
        for (one, gone) in group.iter().zip(gone) {
            match gone {
                Ok(gone) => {
                    removed.gone.extend(gone.object);
                    removed.notices.extend(gone.notice);
                    followers.extend(gone.makes);
                    self.spoken_for.extend(gone.spoken_for);
                }
                Err(failure) => {
                    removed.left.extend(self.left(one));
                    removed.failures.push(failure);
                }
            }
        }
        followers
    }

    /// Looks into what would be deleted, before the first deletion.
    async fn held(&self, doomed: &[Doomed<R>]) -> Result<(), Failure> {
        for one in doomed.iter().filter(|one| one.kind.is_space()) {
            if let Some(object) = self.would_delete(one).await? {
                let mut held = super::one::held(self.op, one.kind, &object).await?;
                // What controllers made for our objects bears no marks; it goes before, and the space is asked again.
                held.retain(|held| !doomed.iter().any(|one| self.takes(one, held)));
                if !held.is_empty() {
                    return Err(Failure {
                        address: one.address.clone().unwrap_or_default(),
                        reference: one.reference(),
                        trouble: Trouble::Holds { held },
                    });
                }
            }
        }
        Ok(())
    }

    /// True if `reference` is what a controller made, and goes with `one`, whether or not a state knows it.
    fn takes(&self, one: &Doomed<R>, reference: &str) -> bool {
        let made_for = |object: &Observed| {
            let is_made = object.makes.iter().any(|made| made == reference);
            is_made && self.decide(one, object).1 == Action::Delete
        };
        (one.follows && one.reference() == reference) || one.seen.as_ref().is_some_and(made_for)
    }
}
