//! Read: what is seen of the parts, from shared answers.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};

use crate::failure::{Failure, Notice};
use crate::kind::{Identity, Kind, Observed, Reading, Remotes};
use crate::ledger::{ABSENT, DRIFTED, Entry, FOLLOWS, Ledger, Memory, STRAY, UNPROVEN, UNWANTED};
use crate::marks::Creating;
use crate::operation::{CONCURRENCY, Operation};
use crate::order::holder;
use crate::ownership::{Ownership, Who, ownership};
use crate::part::{Part, Role, digest, reference};
use crate::table::{Action, Asked, Facts, decide};
use crate::value::{Outputs, resolve};

/// In the list `drift`: the marks of ownership differ.
pub const MARKS: &str = "marks";

/// What a read has seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// The parts as they are; a part that is gone has an empty uid.
    pub ledger: Ledger,
    /// What to remember: a part that was seen to work is proven.
    pub memory: Memory,
    /// `address path` of every field of ours that differs, `address` alone for a part that is gone or does not work.
    pub drift: Vec<String>,
    /// True if any object of the resource is there.
    pub found: bool,
    /// What the user is told.
    pub notices: Vec<Notice>,
    /// The objects, by address.
    pub objects: BTreeMap<String, Observed>,
}

/// Sees what is there of `parts`, as they were last written; `prior` is what the state says of them.
///
/// # Errors
/// Any doubt: it is never "gone".
pub fn observe<'a, R: Remotes>(
    op: &'a Operation<R>,
    parts: &'a [Part<R>],
    prior: &'a Ledger,
    memory: &'a Memory,
    instance: &'a str,
) -> BoxFuture<'a, Result<Seen, Failure>> {
    see(op, parts, prior, memory, instance).boxed()
}

async fn see<R: Remotes>(
    op: &Operation<R>,
    parts: &[Part<R>],
    prior: &Ledger,
    memory: &Memory,
    instance: &str,
) -> Result<Seen, Failure> {
    let looks: Vec<_> = parts
        .iter()
        .filter(|part| part.is_written())
        .map(|part| async move { (part, look(op, part, prior).await) }.boxed())
        .collect();
    let looked: Vec<_> = stream::iter(looks).buffered(CONCURRENCY).collect().await;
    let mut objects = BTreeMap::new();
    for (part, answer) in looked {
        objects.extend(
            answer
                .map_err(|failure| failure.of(part))?
                .map(|object| (part.address.clone(), object)),
        );
    }
    let mut others = Vec::new();
    for kind in op.kinds {
        let found = op.search(*kind, Reading::Shared).await?;
        others.extend(found.into_iter().map(|object| (*kind, object)));
    }
    let owner = op.owner.to_string();
    let marked = mark_of(&owner, objects.values().chain(others.iter().map(|(_, object)| object)));
    let mut reader = Reader {
        op,
        parts,
        prior,
        instance,
        owner,
        marked,
        seen: Seen {
            memory: memory.clone(),
            ..Seen::default()
        },
    };
    reader.seen.objects = objects;
    for part in parts.iter().filter(|part| part.is_written()) {
        let object = reader.seen.objects.get(&part.address).cloned();
        reader.written(part, object.as_ref());
    }
    reader.rest().await?;
    reader.strays(others);
    reader.prove().await?;
    Ok(reader.seen)
}

async fn look<R: Remotes>(op: &Operation<R>, part: &Part<R>, prior: &Ledger) -> Result<Option<Observed>, Failure> {
    let Some(kind) = part.kind else { return Ok(None) };
    let uid = prior.get(&part.address).and_then(Entry::known_uid);
    // What the remote names can't be found without its uid, but by a search for strays.
    if kind.identity() == Identity::Given && uid.is_none() {
        return Ok(None);
    }
    op.look(kind, part.target(uid), Reading::Shared).await
}

fn mark_of<'a>(owner: &str, objects: impl Iterator<Item = &'a Observed>) -> Option<Creating> {
    let ours = objects.filter_map(|object| object.marks.as_ref());
    ours.filter(|marks| marks.owner.as_deref() == Some(owner))
        .find_map(|marks| marks.creating.clone())
}

struct Reader<'a, R: Remotes> {
    op: &'a Operation<R>,
    parts: &'a [Part<R>],
    prior: &'a Ledger,
    instance: &'a str,
    owner: String,
    marked: Option<Creating>,
    seen: Seen,
}

impl<R: Remotes> Reader<'_, R> {
    fn written(&mut self, part: &Part<R>, object: Option<&Observed>) {
        let Some(kind) = part.kind else { return };
        let entry = self.prior.get(&part.address).cloned().unwrap_or_default();
        let made = entry.is_made();
        let who = Who {
            owner: &self.owner,
            instance: self.instance,
            uid: entry.known_uid(),
            made,
            marked: self.marked.as_ref(),
            given: kind.identity() == Identity::Given,
        };
        let whose = ownership(object, &who);
        let facts = Facts {
            identity: kind.identity(),
            alike: true,
            replacing: false,
            made,
        };
        let reference = Some(part.reference());
        let (uid, digest) = match (decide(Asked::Observe, whose, facts), object) {
            (Action::Judge, Some(object)) => {
                // What is kept when the resource goes does not make a resource by itself.
                self.seen.found |= part.role != Role::Keep || self.parts.iter().all(|part| part.role != Role::Own);
                (object.uid.clone(), self.judge(part, kind, object, whose))
            }
            (Action::Keep, Some(_)) => {
                self.seen.found = true;
                self.seen.notices.push(Notice::AdoptedElsewhere(part.reference()));
                (entry.uid.unwrap_or_default(), entry.digest.or_else(|| part.digest()))
            }
            (_, object) => {
                if whose == Ownership::Foreign && object.is_some() {
                    self.seen.notices.push(Notice::NotOurs(part.reference()));
                }
                self.seen.drift.push(part.address.clone());
                (String::new(), Some(ABSENT.to_owned()))
            }
        };
        let made = Some(made && part.role == Role::Own);
        self.seen.ledger.insert(
            part.address.clone(),
            Entry {
                reference,
                uid: Some(uid),
                digest,
                made,
            },
        );
    }

    /// The digest of an object that is there: the desired one, or a hash of what differs.
    fn judge(&mut self, part: &Part<R>, kind: &dyn Kind<R>, object: &Observed, whose: Ownership) -> Option<String> {
        let outputs: Outputs = self.outputs();
        let desired = resolve(&part.content, &outputs).unwrap_or_else(|_| part.content.clone());
        let spellings = self.seen.memory.spellings.get(&part.address);
        let mut differences = kind.differences(&desired, &object.content);
        differences.retain(|path, live| spellings.and_then(|known| known.get(path)) != Some(live));
        if self.has_other_marks(part, object, whose) {
            differences.insert(MARKS.to_owned(), Value::Null);
        }
        self.seen
            .drift
            .extend(differences.keys().map(|path| format!("{} {path}", part.address)));
        if differences.is_empty() {
            return part.digest();
        }
        Some(format!("{DRIFTED}{}", digest(&json!(differences))))
    }

    /// True if what we wrote into the marks is not there any more, or the create has not finished.
    fn has_other_marks(&self, part: &Part<R>, object: &Observed, whose: Ownership) -> bool {
        let Some(marks) = &object.marks else {
            let holder = holder(self.parts).map(|index| &self.parts[index].address);
            return self.seen.memory.unfinished && holder == Some(&part.address);
        };
        // An import is taken over by the first update that there is for another reason.
        whose != Ownership::Imported
            && part.role == Role::Own
            && (marks.owner.as_deref() != Some(&self.owner)
                || marks.instance.as_deref() != Some(self.instance)
                || marks.creating.is_some())
    }

    fn outputs(&self) -> Outputs {
        self.seen
            .objects
            .iter()
            .map(|(address, object)| (address.clone(), object.outputs.clone()))
            .collect()
    }

    /// Parts without an object of their own, and entries that nothing renders.
    async fn rest(&mut self) -> Result<(), Failure> {
        for part in self.parts.iter().filter(|part| !part.is_written()) {
            let Some(entry) = self.prior.get(&part.address).cloned() else {
                continue;
            };
            let Role::Follow(maker) = &part.role else {
                let entry = Entry {
                    digest: part.digest(),
                    ..entry
                };
                self.seen.ledger.insert(part.address.clone(), entry);
                continue;
            };
            // While its maker is there nobody asks; without it, it is ours to delete.
            let orphan = self
                .seen
                .ledger
                .get(maker)
                .is_none_or(|maker| maker.known_uid().is_none());
            self.seen.found |= orphan && self.is_there(&entry).await?;
            self.seen.ledger.insert(part.address.clone(), entry);
        }
        let unrendered = self
            .prior
            .iter()
            .filter(|(address, _)| !self.parts.iter().any(|part| part.address == **address));
        for (address, entry) in unrendered {
            if self.is_there(entry).await? {
                let digest = if entry.digest.as_deref() == Some(FOLLOWS) {
                    FOLLOWS
                } else {
                    UNWANTED
                };
                let entry = Entry {
                    digest: Some(digest.to_owned()),
                    ..entry.clone()
                };
                self.seen.found = true;
                self.seen.drift.push(address.clone());
                self.seen.ledger.insert(address.clone(), entry);
            }
        }
        Ok(())
    }

    async fn is_there(&self, entry: &Entry) -> Result<bool, Failure> {
        let named = entry.reference.as_deref().and_then(|reference| {
            let kind = self.op.kinds.iter().find(|kind| {
                reference
                    .strip_prefix(kind.name())
                    .is_some_and(|rest| rest.starts_with(' '))
            })?;
            Some((*kind, reference[kind.name().len() + 1..].to_owned()))
        });
        let (Some((kind, name)), Some(uid)) = (named, entry.known_uid()) else {
            return Ok(false);
        };
        let target = crate::kind::Target {
            name: &name,
            uid: Some(uid),
        };
        let seen = if entry.digest.as_deref() == Some(FOLLOWS) {
            self.op.look_follower(kind, target).await?
        } else {
            self.op.look(kind, target, Reading::Shared).await?
        };
        Ok(seen.is_some_and(|object| object.uid == uid))
    }

    /// Objects of this owner and instance, or of an unfinished create, that no argument asks for.
    fn strays(&mut self, others: Vec<(&'static dyn Kind<R>, Observed)>) {
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
                given: kind.identity() == Identity::Given,
                uid: None,
            };
            match ownership(Some(&object), &who) {
                Ownership::Mine | Ownership::Marked => {
                    let label = match kind.identity() {
                        Identity::Named => reference.clone(),
                        Identity::Given => object.uid.clone(),
                    };
                    let address = format!("{STRAY}{label}");
                    self.seen.drift.push(address.clone());
                    let adopted = object.marks.as_ref().is_some_and(|marks| marks.adopted);
                    let entry = Entry {
                        reference: Some(reference),
                        uid: Some(object.uid),
                        digest: Some(UNWANTED.to_owned()),
                        made: Some(!adopted),
                    };
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

    /// What was never seen to work is judged now; if it does not work, or a look can't tell, that stays in the plan.
    async fn prove(&mut self) -> Result<(), Failure> {
        for part in self.parts {
            let Some(ready) = &part.ready else { continue };
            let digest = part.digest();
            let entry = self.seen.ledger.get(&part.address);
            let as_desired = entry.is_some_and(|entry| entry.digest == digest);
            if !as_desired || self.seen.memory.is_proven(&part.address, digest.as_deref()) {
                continue;
            }
            let nothing = Observed::default();
            let object = self.seen.objects.get(&part.address).unwrap_or(&nothing);
            let resolved = resolve(&part.content, &self.outputs()).map(|content| part.with_content(content));
            let works = match resolved {
                Ok(resolved) => self
                    .op
                    .works(ready.as_ref(), &resolved, object)
                    .await
                    .map_err(|failure| failure.of(part))?,
                Err(_) => None,
            };
            if let (Some(true), Some(digest)) = (works, digest) {
                self.seen.memory.proven.insert(part.address.clone(), digest);
            } else if let Some(entry) = self.seen.ledger.get_mut(&part.address) {
                entry.digest = Some(UNPROVEN.to_owned());
                self.seen.drift.push(part.address.clone());
            }
        }
        Ok(())
    }
}

/// Learns how the remotes would write the parts, without writing: the memory of an imported resource.
///
/// # Errors
/// Any refusal.
pub async fn spellings<R: Remotes>(op: &Operation<R>, parts: &[Part<R>]) -> Result<Memory, Failure> {
    let mut memory = Memory::default();
    for part in parts.iter().filter(|part| part.is_written()) {
        let Some(kind) = part.kind else { continue };
        let spelled = op.bounded(kind.spelling(op, part)).await;
        let spelled = spelled.map_err(|refusal| Failure::refused(part, refusal))?;
        if !spelled.is_empty() {
            memory.spellings.insert(part.address.clone(), spelled);
        }
    }
    Ok(memory)
}
