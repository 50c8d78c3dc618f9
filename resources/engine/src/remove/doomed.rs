//! What may have to go, each object once.

use crate::kind::{Identity, Kind, Observed, Remotes, Target};
use crate::ledger::{Entry, FOLLOWS, STRAY, UNWANTED};
use crate::operation::Operation;
use crate::part::{Part, Role, reference};

/// Something that may have to go.
pub struct Doomed<R: Remotes> {
    pub(super) kind: &'static dyn Kind<R>,
    pub(super) name: String,
    pub(super) uid: String,
    /// Address in the ledger, where it has one.
    pub(super) address: Option<String>,
    /// The ledger knows its uid, and what was made for it.
    pub(super) known: bool,
    /// The resource made it.
    pub(super) made: bool,
    /// A controller made it: it goes by the uid that was recorded.
    pub(super) follows: bool,
    /// Its uid counts more than that of the ledger, which knows another object that it was made for.
    pub(super) supersedes: bool,
    /// Seen already.
    pub(super) seen: Option<Observed>,
}

impl<R: Remotes> Doomed<R> {
    /// An object that was found.
    pub(crate) fn seen(kind: &'static dyn Kind<R>, object: Observed) -> Self {
        Self {
            kind,
            name: object.name.clone(),
            uid: object.uid.clone(),
            address: None,
            known: false,
            made: !object.marks.as_ref().is_some_and(|marks| marks.adopted),
            follows: false,
            supersedes: false,
            seen: Some(object),
        }
    }

    /// An entry of the ledger, if there is an object behind it.
    pub(crate) fn of_entry(op: &Operation<R>, address: &str, entry: &Entry) -> Option<Self> {
        let (kind, name) = op.named(entry.reference.as_deref()?)?;
        if kind.identity() == Identity::Given && entry.known_uid().is_none() {
            return None;
        }
        Some(Self {
            kind,
            name: name.to_owned(),
            uid: entry.known_uid().unwrap_or_default().to_owned(),
            address: Some(address.to_owned()),
            known: entry.known_uid().is_some() && !address.starts_with(STRAY),
            made: entry.is_made(),
            follows: entry.digest.as_deref() == Some(FOLLOWS),
            supersedes: false,
            seen: None,
        })
    }

    /// A part that is rendered; the state may not know it.
    pub(super) fn of_part(part: &Part<R>) -> Option<Self> {
        let kind = part.kind.filter(|kind| kind.identity() == Identity::Named)?;
        (part.role == Role::Own).then(|| Self {
            kind,
            name: part.name.clone(),
            uid: String::new(),
            address: Some(part.address.clone()),
            known: false,
            made: true,
            follows: false,
            supersedes: false,
            seen: None,
        })
    }

    /// True if this is the object of `entry`.
    pub(crate) fn is(&self, entry: &Entry) -> bool {
        match self.kind.identity() {
            Identity::Named => entry.reference.as_deref() == Some(&self.reference()),
            Identity::Given => entry.known_uid() == Some(&self.uid),
        }
    }

    /// True if a create of `part` would adopt this object.
    pub(super) fn may_become(&self, part: &Part<R>) -> bool {
        let same_kind = part.kind.is_some_and(|kind| kind.name() == self.kind.name());
        let seen = self.seen.as_ref();
        let alike = seen.is_none_or(|object| self.kind.is_alike(&part.content, &object.content));
        let same_name = self.kind.identity() == Identity::Given || part.name == self.name;
        same_kind && same_name && alike
    }

    /// True if it bears the mark of a create that has not finished.
    pub(super) fn is_marked(&self) -> bool {
        let marks = self.seen.as_ref().and_then(|object| object.marks.as_ref());
        marks.is_some_and(|marks| marks.creating.is_some())
    }

    pub(super) fn reference(&self) -> String {
        reference(self.kind.name(), &self.name)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let same = match self.kind.identity() {
            Identity::Named => self.name == other.name,
            Identity::Given => self.uid == other.uid,
        };
        same && self.kind.name() == other.kind.name()
    }

    pub(super) fn target(&self) -> Target<'_> {
        Target {
            name: &self.name,
            uid: Some(self.uid.as_str()).filter(|uid| !uid.is_empty()),
        }
    }

    /// Its entry in a ledger, as something that is not wanted.
    pub(crate) fn entry(&self) -> (String, Entry) {
        let label = match self.kind.identity() {
            Identity::Named => self.reference(),
            Identity::Given => self.uid.clone(),
        };
        let entry = Entry {
            reference: Some(self.reference()),
            uid: Some(self.uid.clone()),
            digest: Some(if self.follows { FOLLOWS } else { UNWANTED }.to_owned()),
            made: Some(self.made),
        };
        (self.address.clone().unwrap_or_else(|| format!("{STRAY}{label}")), entry)
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
