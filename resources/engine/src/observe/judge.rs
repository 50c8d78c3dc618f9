//! The parts that are written: as desired, drifted, or not there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{MARKS, Reader};
use crate::failure::Notice;
use crate::kind::{Identity, Kind, Observed, Remotes};
use crate::ledger::{ABSENT, DRIFTED, Entry};
use crate::order::holder;
use crate::ownership::{Ownership, Who, ownership};
use crate::part::{Part, Role, digest};
use crate::table::{Action, Asked, Facts, Kept, decide};
use crate::value::{Outputs, resolve_known};

impl<R: Remotes> Reader<'_, R> {
    /// Enters one part that is written.
    pub(super) fn written(&mut self, part: &Part<R>) {
        let Some(kind) = part.kind.filter(|_| part.is_written()) else {
            return;
        };
        let object = self.seen.objects.get(&part.address).cloned();
        let entry = self.prior.get(&part.address).cloned().unwrap_or_default();
        let made = entry.is_made() && part.role == Role::Own;
        let (whose, action) = self.decide(part, kind, object.as_ref(), &entry);
        let (uid, digest) = match (action, &object) {
            // It can't become what is wanted: another one will be made.
            (Action::Judge, Some(object)) if self.is_other(part, kind, object) => {
                self.seen.found |= self.makes_a_resource(part, object);
                self.seen.drift.push(part.address.clone());
                let uid = Some(object.uid.clone());
                self.superseded(part, Entry { uid, ..entry });
                (Some(String::new()), Some(ABSENT.to_owned()))
            }
            (Action::Judge, Some(object)) => {
                self.seen.found |= self.makes_a_resource(part, object);
                (Some(object.uid.clone()), self.judge(part, kind, object, whose))
            }
            (Action::Keep, Some(_)) => {
                self.seen.found = true;
                self.seen.notices.push(Notice::AdoptedElsewhere(part.reference()));
                (entry.uid, entry.digest.or_else(|| part.digest()))
            }
            (_, object) => {
                if object.is_some() && matches!(whose, Ownership::Foreign | Ownership::Elsewhere) {
                    self.seen.notices.push(Notice::NotOurs(part.reference()));
                }
                // What is not ours gives nothing to what links to the part.
                self.seen.objects.remove(&part.address);
                self.seen.drift.push(part.address.clone());
                (Some(String::new()), Some(ABSENT.to_owned()))
            }
        };
        let entry = Entry {
            reference: Some(part.reference()),
            uid,
            digest,
            made: Some(made),
        };
        self.seen.ledger.insert(part.address.clone(), entry);
    }

    /// What is kept when the resource goes does not make a resource by itself, unless it bears our marks: then a create would
    /// find it finished, and whoever imports it has to see it.
    fn makes_a_resource(&self, part: &Part<R>, object: &Observed) -> bool {
        let bears = object.marks.as_ref().is_some_and(|marks| {
            marks.owner.as_deref() == Some(&self.owner) || marks.instance.as_deref() == Some(self.instance)
        });
        part.role != Role::Keep || bears || self.parts.iter().all(|part| part.role != Role::Own)
    }

    /// True if the remote names objects of the kind and this one has other content that can't change in place.
    fn is_other(&self, part: &Part<R>, kind: &dyn Kind<R>, object: &Observed) -> bool {
        let desired = self.desired(part);
        kind.identity() == Identity::Given && !kind.is_alike(&desired, &object.content)
    }

    fn decide(
        &self,
        part: &Part<R>,
        kind: &dyn Kind<R>,
        object: Option<&Observed>,
        entry: &Entry,
    ) -> (Ownership, Action) {
        let who = Who {
            owner: &self.owner,
            instance: self.instance,
            uid: entry.known_uid(),
            made: entry.is_made(),
            marked: self.marked.as_ref(),
        };
        let whose = ownership(object, &who);
        let kept = match object {
            Some(object) if part.role == Role::Keep => {
                if self.differences(part, kind, object).is_empty() {
                    Kept::Same
                } else {
                    Kept::Differs
                }
            }
            _ => Kept::No,
        };
        let facts = Facts {
            identity: kind.identity(),
            alike: true,
            replacing: false,
            made: entry.is_made(),
            known: object.is_some_and(|object| entry.known_uid() == Some(&object.uid)),
            kept,
        };
        (whose, decide(Asked::Observe, whose, facts))
    }

    /// The digest of an object that is there: the desired one, or a hash of what differs.
    fn judge(&mut self, part: &Part<R>, kind: &dyn Kind<R>, object: &Observed, whose: Ownership) -> Option<String> {
        let mut differences = self.differences(part, kind, object);
        if self.has_other_marks(part, object, whose) {
            differences.insert(MARKS.to_owned(), Value::Null);
        }
        let lines = differences.keys().map(|path| format!("{} {path}", part.address));
        self.seen.drift.extend(lines);
        if differences.is_empty() {
            return part.digest();
        }
        Some(format!("{DRIFTED}{}", digest(&json!(differences))))
    }

    fn desired(&self, part: &Part<R>) -> Value {
        resolve_known(&part.content, &self.outputs())
    }

    /// What differs from the desired content, but for what the remote only spells in another way.
    fn differences(&self, part: &Part<R>, kind: &dyn Kind<R>, object: &Observed) -> BTreeMap<String, Value> {
        let desired = self.desired(part);
        let spellings = self.seen.memory.spellings.get(&part.address);
        let mut differences = kind.differences(&desired, &object.content);
        differences.retain(|path, live| spellings.and_then(|known| known.get(path)) != Some(live));
        differences
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

    pub(super) fn outputs(&self) -> Outputs {
        self.seen
            .objects
            .iter()
            .map(|(address, object)| (address.clone(), object.outputs.clone()))
            .collect()
    }
}
