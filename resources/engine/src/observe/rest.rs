//! What no part writes: followers, waits, entries and objects that nothing asks for.

use super::Reader;
use crate::failure::{Failure, Notice};
use crate::kind::{Identity, Kind, Observed, Reading, Remotes, Target};
use crate::ledger::{DRIFTED, Entry, FOLLOWS, Ledger, UNWANTED};
use crate::ownership::{Ownership, Who, ownership};
use crate::part::{Part, Role, reference};
use crate::remove::Doomed;

impl<R: Remotes> Reader<'_, R> {
    /// Parts without an object of their own, and entries that nothing renders.
    pub(super) async fn rest(&mut self) -> Result<(), Failure> {
        let parts = self.parts;
        for part in parts {
            let entry = self.prior.get(&part.address).cloned();
            let (role, entry) = match (&part.role, entry) {
                // A create that failed may not have come to see it.
                (Role::Follow(maker), None) => {
                    self.unseen_follower(part, maker).await?;
                    continue;
                }
                (_, None) => continue,
                (role, Some(entry)) => (role, entry),
            };
            match role {
                Role::Own | Role::Keep => {
                    let now = self.seen.ledger.get(&part.address);
                    if let Some((address, old)) = now.and_then(|now| part.superseded(entry, now)) {
                        self.unwanted(address, &old).await?;
                    }
                }
                Role::Follow(maker) => self.follower(part, maker, entry).await?,
                Role::WaitOnly => {
                    let digest = part.digest();
                    self.seen.ledger.insert(part.address.clone(), Entry { digest, ..entry });
                }
            }
        }
        let prior = self.prior;
        for (address, entry) in prior {
            if !parts.iter().any(|part| part.address == *address) {
                self.unwanted(address.clone(), entry).await?;
            }
        }
        Ok(())
    }

    /// What a controller makes is asked for only where its maker is not the one that the state knows: without a maker it is
    /// ours to delete, and another maker has another one.
    async fn follower(&mut self, part: &Part<R>, maker: &str, mut entry: Entry) -> Result<(), Failure> {
        let uid = |ledger: &Ledger| ledger.get(maker).and_then(Entry::known_uid).map(str::to_owned);
        let (before, now) = (uid(self.prior), uid(&self.seen.ledger));
        if now.is_none() {
            self.seen.found |= self.is_there(&entry).await?;
        } else if before != now
            && let Some(kind) = part.kind
        {
            let seen = self.op.look_follower(kind, part.target(None)).await?;
            let now = Entry {
                uid: Some(seen.map(|object| object.uid).unwrap_or_default()),
                reference: Some(part.reference()),
                ..entry.clone()
            };
            if let Some((address, old)) = part.superseded(entry, &now) {
                self.unwanted(address, &old).await?;
            }
            entry = now;
        } else if self.asks_for_another(maker, entry.reference.as_deref()) && !self.lives(&entry).await? {
            // Somebody has changed the maker, or a killed update has: if it changes back, another one is made.
            return Ok(());
        }
        self.seen.ledger.insert(part.address.clone(), entry);
        Ok(())
    }

    /// True if the maker is ours, and not as desired, so that it asks for something else.
    fn asks_for_another(&self, maker: &str, reference: Option<&str>) -> bool {
        let entry = self.seen.ledger.get(maker);
        let drifted = entry.and_then(|entry| entry.digest.as_deref()?.strip_prefix(DRIFTED));
        let asks = |object: &Observed| object.makes.iter().any(|made| Some(made.as_str()) == reference);
        drifted.is_some() && self.seen.objects.get(maker).is_some_and(|object| !asks(object))
    }

    async fn unseen_follower(&mut self, part: &Part<R>, maker: &str) -> Result<(), Failure> {
        let reference = part.reference();
        let makes = |maker: &Observed| maker.makes.contains(&reference);
        let (Some(kind), true) = (part.kind, self.seen.objects.get(maker).is_some_and(makes)) else {
            return Ok(());
        };
        if let Some(object) = self.op.look_follower(kind, part.target(None)).await? {
            let entry = Entry {
                reference: Some(reference),
                uid: Some(object.uid),
                digest: Some(FOLLOWS.to_owned()),
                made: Some(true),
            };
            self.seen.ledger.insert(part.address.clone(), entry);
        }
        Ok(())
    }

    /// Keeps the entry of an object that no argument asks for, while it is there.
    async fn unwanted(&mut self, address: String, entry: &Entry) -> Result<(), Failure> {
        if self.is_there(entry).await? {
            let digest = match entry.digest.as_deref() {
                Some(FOLLOWS) => FOLLOWS,
                _ => UNWANTED,
            };
            self.seen.found = true;
            self.seen.drift.push(address.clone());
            let digest = Some(digest.to_owned());
            self.seen.ledger.insert(
                address,
                Entry {
                    digest,
                    ..entry.clone()
                },
            );
        }
        Ok(())
    }

    async fn is_there(&self, entry: &Entry) -> Result<bool, Failure> {
        self.is(entry, |_| true).await
    }

    /// True if the object is there and not being deleted.
    async fn lives(&self, entry: &Entry) -> Result<bool, Failure> {
        self.is(entry, |object| object.deleting.is_none()).await
    }

    async fn is(&self, entry: &Entry, test: impl Fn(&Observed) -> bool) -> Result<bool, Failure> {
        let reference = entry.reference.as_deref();
        let named = reference.and_then(|reference| self.op.named(reference));
        let (Some((kind, name)), Some(uid)) = (named, entry.known_uid()) else {
            return Ok(false);
        };
        let target = Target { name, uid: Some(uid) };
        match self.op.look(kind, target, Reading::Shared).await {
            Ok(seen) => Ok(seen.is_some_and(|object| object.uid == uid && test(&object))),
            // Nobody may look: that is not "gone".
            Err(failure) if entry.digest.as_deref() == Some(FOLLOWS) && failure.is_forbidden() => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    /// Enters an object that a part had, and that can't become what the part wants.
    pub(super) fn superseded(&mut self, part: &Part<R>, old: Entry) {
        if let Some((address, old)) = part.superseded(old, &Entry::default()) {
            self.seen.drift.push(address.clone());
            self.seen.ledger.insert(address, old);
        }
    }

    /// Objects of this owner and instance, or of an unfinished create, that no argument asks for.
    pub(super) fn strays(&mut self, others: Vec<(&'static dyn Kind<R>, Observed)>) {
        let mut elsewhere = Vec::new();
        for (kind, object) in others {
            let reference = reference(kind.name(), &object.name);
            let known = self.seen.ledger.values().any(|entry| match kind.identity() {
                Identity::Named => entry.reference.as_deref() == Some(&reference),
                Identity::Given => entry.known_uid() == Some(&object.uid),
            });
            if known {
                continue;
            }
            let who = Who {
                owner: &self.owner,
                instance: self.instance,
                made: true,
                marked: self.marked.as_ref(),
                uid: None,
            };
            match ownership(Some(&object), &who) {
                Ownership::Mine | Ownership::Marked => {
                    let (address, entry) = Doomed::seen(kind, object).entry();
                    self.seen.drift.push(address.clone());
                    self.seen.ledger.insert(address, entry);
                    self.seen.found = true;
                }
                Ownership::Elsewhere => elsewhere.push(reference),
                _ => {}
            }
        }
        if !elsewhere.is_empty() {
            self.seen.notices.push(Notice::AdoptedElsewhere(elsewhere.join(", ")));
        }
    }
}
