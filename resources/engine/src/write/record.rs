//! What a write leaves in ledger and memory.

use super::{Outcome, Run};
use crate::failure::Notice;
use crate::kind::{Observed, Remotes};
use crate::ledger::{Entry, FOLLOWS, Ledger};
use crate::part::{Part, Role};
use crate::value::{Outputs, resolve};

impl<R: Remotes> Run<'_, R> {
    /// Enters a part that exists. An object that it takes the address of stays in the ledger until it is gone.
    pub(super) fn record(&self, part: &Part<R>, object: &Observed, outputs: &Outputs, outcome: &mut Outcome) {
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
        if let Some(old) = outcome.ledger.insert(part.address.clone(), entry.clone())
            && let Some((address, old)) = part.superseded(old, &entry)
        {
            outcome.ledger.insert(address, old);
        }
        outcome.outputs.insert(part.address.clone(), object.outputs.clone());
        outcome.objects.insert(part.address.clone(), object.clone());
    }

    /// After a failure: enters what controllers have made so far, or a destroy could not tell it from what others made.
    pub(super) async fn record_followers(&self, outcome: &mut Outcome) {
        for part in self.desired.parts {
            let (Role::Follow(maker), Some(kind)) = (&part.role, part.kind) else {
                continue;
            };
            let reference = part.reference();
            let is_made = outcome
                .objects
                .get(maker)
                .is_some_and(|maker| maker.makes.contains(&reference));
            let maker_of = |ledger: &Ledger| ledger.get(maker).and_then(Entry::known_uid).map(str::to_owned);
            let same_maker = maker_of(self.desired.ledger) == maker_of(&outcome.ledger);
            // This very run may have seen it.
            let is_recorded = outcome.ledger.get(&part.address) != self.desired.ledger.get(&part.address);
            let entry = outcome.ledger.get_mut(&part.address);
            let entry = entry.filter(|entry| entry.reference.as_ref() == Some(&reference));
            if !is_made || is_recorded || (entry.is_some() && same_maker) {
                continue;
            }
            // Another maker makes another one.
            if let Some(entry) = entry {
                entry.uid = Some(String::new());
            }
            // What can't be seen now may be seen by the next refresh.
            if let Ok(Some(object)) = self.op.look_follower(kind, part.target(None)).await
                && object.deleting.is_none()
            {
                self.record(part, &object, &outcome.outputs.clone(), outcome);
            }
        }
    }

    /// A part that another instance has adopted: nothing of it is looked at any more.
    pub(super) fn leave(&self, part: &Part<R>, outcome: &mut Outcome) {
        outcome.notices.push(Notice::AdoptedElsewhere(part.reference()));
        if let Some(entry) = outcome.ledger.get_mut(&part.address) {
            entry.digest = part.digest();
            entry.reference = Some(part.reference());
            let seen = self.survey.seen.get(&part.address);
            entry.uid = seen.map(|object| object.uid.clone()).or(entry.uid.take());
        }
    }
}
