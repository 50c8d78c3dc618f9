//! Delete: only what this resource made, by uid, until it is gone.

use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::failure::{Failure, Notice, Trouble};
use crate::kind::{Identity, Kind, Observed, Reading, Remotes, Target};
use crate::ledger::{Entry, FOLLOWS, Ledger, STRAY, UNWANTED};
use crate::marks::Creating;
use crate::operation::Operation;
use crate::ownership::{Ownership, Who, ownership};
use crate::part::{Part, Role, reference};
use crate::table::{Action, Asked, Facts, Request, decide};

/// Something that may have to go.
pub struct Doomed<R: Remotes> {
    kind: &'static dyn Kind<R>,
    name: String,
    uid: String,
    /// Address in the ledger, where it has one.
    address: Option<String>,
    /// The resource made it.
    made: bool,
    /// A controller made it: it goes by the uid that was recorded.
    follows: bool,
    /// Seen already.
    seen: Option<Observed>,
}

/// What a removal leaves.
#[derive(Debug, Default)]
pub struct Removed {
    /// Entries of what is still there and should not be.
    pub left: Ledger,
    /// What went wrong.
    pub failures: Vec<Failure>,
    /// What the user is told.
    pub notices: Vec<Notice>,
}

impl<R: Remotes> Doomed<R> {
    /// An object that was found.
    pub(crate) fn seen(kind: &'static dyn Kind<R>, object: Observed) -> Self {
        Self {
            kind,
            name: object.name.clone(),
            uid: object.uid.clone(),
            address: None,
            made: !object.marks.as_ref().is_some_and(|marks| marks.adopted),
            follows: false,
            seen: Some(object),
        }
    }

    /// An entry of the ledger, if there is an object behind it.
    pub(crate) fn of_entry(op: &Operation<R>, address: &str, entry: &Entry) -> Option<Self> {
        let reference = entry.reference.as_deref()?;
        let (kind, name) = op.kinds.iter().find_map(|kind| {
            let name = reference.strip_prefix(kind.name())?.strip_prefix(' ')?;
            Some((*kind, name))
        })?;
        if kind.identity() == Identity::Given && entry.known_uid().is_none() {
            return None;
        }
        Some(Self {
            kind,
            name: name.to_owned(),
            uid: entry.known_uid().unwrap_or_default().to_owned(),
            address: Some(address.to_owned()),
            made: entry.is_made(),
            follows: entry.digest.as_deref() == Some(FOLLOWS),
            seen: None,
        })
    }

    /// A part that is rendered; the state may not know it.
    fn of_part(part: &Part<R>) -> Option<Self> {
        let kind = part.kind.filter(|kind| kind.identity() == Identity::Named)?;
        (part.role == Role::Own).then(|| Self {
            kind,
            name: part.name.clone(),
            uid: String::new(),
            address: Some(part.address.clone()),
            made: true,
            follows: false,
            seen: None,
        })
    }

    /// True if this is the object of `entry`.
    pub(crate) fn is(&self, entry: &Entry) -> bool {
        let same_name = entry.reference.as_deref() == Some(&self.reference());
        let same_uid = entry.known_uid().is_some_and(|uid| uid == self.uid);
        match self.kind.identity() {
            Identity::Named => same_name,
            Identity::Given => same_uid,
        }
    }

    /// True if a create of `part` would adopt this object.
    fn may_become(&self, part: &Part<R>) -> bool {
        let same_kind = part.kind.is_some_and(|kind| kind.name() == self.kind.name());
        let alike = self
            .seen
            .as_ref()
            .is_none_or(|object| self.kind.is_alike(&part.content, &object.content));
        let same_name = self.kind.identity() == Identity::Given || part.name == self.name;
        same_kind && same_name && alike
    }

    fn reference(&self) -> String {
        reference(self.kind.name(), &self.name)
    }

    fn is_same(&self, other: &Self) -> bool {
        let same = match self.kind.identity() {
            Identity::Named => self.name == other.name,
            Identity::Given => self.uid == other.uid,
        };
        same && self.kind.name() == other.kind.name()
    }

    fn target(&self) -> Target<'_> {
        Target {
            name: &self.name,
            uid: Some(self.uid.as_str()).filter(|uid| !uid.is_empty()),
        }
    }
}

/// Each object once; what the ledger says of it wins.
pub(crate) fn once<R: Remotes>(doomed: Vec<Doomed<R>>) -> Vec<Doomed<R>> {
    let mut once: Vec<Doomed<R>> = Vec::new();
    for one in doomed {
        match once.iter_mut().find(|other| other.is_same(&one)) {
            Some(other) => {
                if other.uid.is_empty() {
                    other.uid = one.uid;
                }
                other.seen = other.seen.take().or(one.seen);
            }
            None => once.push(one),
        }
    }
    once
}

/// Deletes a resource: what is rendered, what the ledger names and what bears its owner and instance.
///
/// While the mark of an unfinished create stands, what the create leg of its replacement will adopt (`spared`) is left to
/// it. The result's `left` is what remains and should not.
pub fn delete_resource<'a, R: Remotes>(
    op: &'a Operation<R>,
    parts: &'a [Part<R>],
    ledger: &'a Ledger,
    instance: &'a str,
    spared: &'a [Part<R>],
) -> BoxFuture<'a, Removed> {
    destroy(op, parts, ledger, instance, spared).boxed()
}

async fn destroy<R: Remotes>(
    op: &Operation<R>,
    parts: &[Part<R>],
    ledger: &Ledger,
    instance: &str,
    spared: &[Part<R>],
) -> Removed {
    let mut doomed: Vec<Doomed<R>> = Vec::new();
    let keeps = |address: &str| {
        parts
            .iter()
            .any(|part| part.address == address && part.role == Role::Keep)
    };
    for (address, entry) in ledger.iter().filter(|(address, _)| !keeps(address)) {
        doomed.extend(Doomed::of_entry(op, address, entry));
    }
    doomed.extend(parts.iter().filter_map(Doomed::of_part));
    let mut marked = None;
    for kind in op.kinds {
        match op.search(*kind, Reading::After(op.began)).await {
            Ok(found) => {
                let mark = |object: &Observed| object.marks.as_ref()?.creating.clone();
                marked = marked.or(found.iter().find_map(mark));
                doomed.extend(found.into_iter().map(|object| Doomed::seen(*kind, object)));
            }
            Err(failure) => {
                return Removed {
                    left: ledger.clone(),
                    failures: vec![failure],
                    ..Removed::default()
                };
            }
        }
    }
    let is_spared = |one: &Doomed<R>| marked.is_some() && spared.iter().any(|part| one.may_become(part));
    let doomed = once(doomed).into_iter().filter(|one| !is_spared(one)).collect();
    remove(op, &op.owner.to_string(), doomed, instance, marked.as_ref(), Vec::new()).await
}

/// Deletes what is this resource's, in descending order of kinds, a marked object last. References in `spoken_for` are
/// what controllers make for objects that stay.
pub(crate) async fn remove<R: Remotes>(
    op: &Operation<R>,
    owner: &str,
    doomed: Vec<Doomed<R>>,
    instance: &str,
    marked: Option<&Creating>,
    mut spoken_for: Vec<String>,
) -> Removed {
    let is_holder = |one: &Doomed<R>| {
        let marks = one.seen.as_ref().and_then(|object| object.marks.as_ref());
        marks.is_some_and(|marks| marks.creating.is_some())
    };
    let mut groups: BTreeMap<(bool, std::cmp::Reverse<u8>), Vec<Doomed<R>>> = BTreeMap::new();
    for one in doomed {
        groups
            .entry((is_holder(&one), std::cmp::Reverse(one.kind.order())))
            .or_default()
            .push(one);
    }
    let mut removed = Removed::default();
    // What a controller made for an object goes after it, if no entry says which uid that has.
    let mut followers: Vec<Doomed<R>> = Vec::new();
    for (_, mut group) in groups {
        for follower in std::mem::take(&mut followers) {
            if !group.iter().any(|one| one.is_same(&follower)) {
                group.push(follower);
            }
        }
        group.retain(|one| !one.follows || !spoken_for.contains(&one.reference()));
        if !removed.failures.is_empty() {
            removed.left.extend(group.iter().map(Doomed::entry));
            continue;
        }
        let gone = group
            .iter()
            .map(|one| remove_one(op, owner, one, instance, marked).boxed());
        for (one, gone) in group.iter().zip(futures::future::join_all(gone).await) {
            match gone {
                Ok(gone) => {
                    removed.notices.extend(gone.notice);
                    followers.extend(gone.makes);
                    spoken_for.extend(gone.spoken_for);
                }
                Err(failure) => {
                    removed.left.extend([one.entry()]);
                    removed.failures.push(failure);
                }
            }
        }
    }
    followers.retain(|one| removed.failures.is_empty() && !spoken_for.contains(&one.reference()));
    for follower in followers {
        match remove_one(op, owner, &follower, instance, marked).await {
            Ok(gone) => removed.notices.extend(gone.notice),
            Err(failure) => removed.failures.push(failure),
        }
    }
    removed
}

impl<R: Remotes> Doomed<R> {
    fn entry(&self) -> (String, Entry) {
        let address = self
            .address
            .clone()
            .unwrap_or_else(|| format!("{STRAY}{}", self.reference()));
        let entry = Entry {
            reference: Some(self.reference()),
            uid: Some(self.uid.clone()),
            digest: Some(if self.follows { FOLLOWS } else { UNWANTED }.to_owned()),
            made: Some(self.made),
        };
        (address, entry)
    }
}

/// What the removal of one object came to.
struct Gone<R: Remotes> {
    notice: Option<Notice>,
    /// What its controller made for it: it goes next.
    makes: Vec<Doomed<R>>,
    /// What its controller makes for it, now that it stays.
    spoken_for: Vec<String>,
}

impl<R: Remotes> Gone<R> {
    fn with(notice: Option<Notice>) -> Self {
        Self {
            notice,
            makes: Vec::new(),
            spoken_for: Vec::new(),
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

async fn remove_one<R: Remotes>(
    op: &Operation<R>,
    owner: &str,
    one: &Doomed<R>,
    instance: &str,
    marked: Option<&Creating>,
) -> Result<Gone<R>, Failure> {
    if one.follows {
        return remove_follower(op, one).await.map(Gone::with);
    }
    for attempt in 0..ATTEMPTS {
        // A destroy has searched after it began: what that saw is as good as a look.
        let seen = match &one.seen {
            Some(object) if attempt == 0 && op.asked == Asked::Delete => Some(object.clone()),
            _ => op.look(one.kind, one.target(), Reading::Fresh).await?,
        };
        let who = Who {
            owner,
            instance,
            uid: Some(&one.uid),
            made: one.made,
            marked,
            given: one.kind.identity() == Identity::Given,
        };
        let whose = ownership(seen.as_ref(), &who);
        let Some(object) = seen else {
            return Ok(Gone::with(None));
        };
        let adopted = object.marks.as_ref().is_some_and(|marks| marks.adopted);
        let facts = Facts {
            identity: one.kind.identity(),
            alike: true,
            replacing: false,
            made: one.made && !adopted,
        };
        match decide(Asked::Delete, whose, facts) {
            Action::Delete => {
                let makes = followers_of(op, &object).await?;
                if delete(op, one.kind, &object, whose).await? {
                    return Ok(Gone {
                        notice: None,
                        makes,
                        spoken_for: Vec::new(),
                    });
                }
            }
            Action::Release => {
                let release = || one.kind.release(op, &object);
                match op.send(Request::Release, whose, release).await {
                    Ok(_) => return Ok(Gone::kept(Some(Notice::Released(one.reference())), &object)),
                    Err(refused) if refused.look_again => {}
                    Err(refused) => return Err(refused.failure(one.kind.name(), &one.name)),
                }
            }
            Action::AwaitGone => {
                op.await_gone(one.kind, one.target(), Some(&object)).await?;
                return Ok(Gone::with(None));
            }
            _ => {
                let elsewhere = whose == Ownership::Elsewhere && one.address.is_some();
                return Ok(Gone::kept(
                    elsewhere.then(|| Notice::AdoptedElsewhere(one.reference())),
                    &object,
                ));
            }
        }
    }
    let trouble = Trouble::Appeared;
    Err(Failure {
        address: String::new(),
        reference: one.reference(),
        trouble,
    })
}

/// What controllers made for an object that is about to go, with the uids that they have now.
pub(crate) async fn followers_of<R: Remotes>(op: &Operation<R>, object: &Observed) -> Result<Vec<Doomed<R>>, Failure> {
    let mut followers = Vec::new();
    for made in &object.makes {
        let entry = Entry {
            reference: Some(made.clone()),
            digest: Some(FOLLOWS.to_owned()),
            ..Entry::default()
        };
        let Some(mut follower) = Doomed::of_entry(op, "", &entry) else {
            continue;
        };
        follower.address = None;
        if let Some(seen) = op.look_follower(follower.kind, follower.target()).await? {
            follower.uid = seen.uid;
            followers.push(follower);
        }
    }
    Ok(followers)
}

async fn remove_follower<R: Remotes>(op: &Operation<R>, one: &Doomed<R>) -> Result<Option<Notice>, Failure> {
    let left = |why: String| Ok(Some(Notice::Left(one.reference(), why)));
    if one.uid.is_empty() {
        return left("its uid is not known: it was not seen made, or may not be looked at".to_owned());
    }
    let object = Observed {
        name: one.name.clone(),
        uid: one.uid.clone(),
        ..Observed::default()
    };
    let send = || one.kind.delete(op, &object);
    match op.send(Request::Delete, Ownership::Mine, send).await {
        Ok(Some(false)) => op
            .await_gone(one.kind, one.target(), Some(&object))
            .await
            .map(|()| None),
        Ok(_) => Ok(None),
        Err(refused) if refused.may_stay() => left(refused.refusal.to_string()),
        Err(refused) if refused.look_again => {
            // Whether it went is seen by its uid.
            match op.look_follower(one.kind, one.target()).await? {
                Some(seen) if seen.uid == one.uid => Err(refused.failure(one.kind.name(), &one.name)),
                _ => Ok(None),
            }
        }
        Err(refused) => Err(refused.failure(one.kind.name(), &one.name)),
    }
}

/// Deletes an object and waits until it is gone; false if it has to be looked at again.
pub(crate) async fn delete<R: Remotes>(
    op: &Operation<R>,
    kind: &'static dyn Kind<R>,
    object: &Observed,
    whose: Ownership,
) -> Result<bool, Failure> {
    let held = op.send(Request::Look, whose, || kind.holds(op, object)).await;
    let held = held
        .map_err(|refused| refused.failure(kind.name(), &object.name))?
        .unwrap_or_default();
    if !held.is_empty() {
        let reference = reference(kind.name(), &object.name);
        return Err(Failure {
            address: String::new(),
            reference,
            trouble: Trouble::Holds { held },
        });
    }
    tracing::debug!("deleting {} {}", kind.name(), object.name);
    match op.send(Request::Delete, whose, || kind.delete(op, object)).await {
        Ok(Some(true) | None) => Ok(true),
        Ok(Some(false)) => {
            let target = Target {
                name: &object.name,
                uid: Some(&object.uid),
            };
            op.await_gone(kind, target, Some(object)).await?;
            Ok(true)
        }
        Err(refused) if refused.look_again => Ok(false),
        Err(refused) => Err(refused.failure(kind.name(), &object.name)),
    }
}

const ATTEMPTS: usize = 5;
