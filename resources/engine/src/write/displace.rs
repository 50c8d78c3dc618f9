//! A maker that gets another name goes first where what it makes keeps its name: two makers would fight over one object.

use super::{Outcome, Run};
use crate::kind::Remotes;
use crate::ledger::Entry;
use crate::part::{Part, Role};
use crate::remove::{Doomed, Removal};

impl<R: Remotes> Run<'_, R> {
    /// Removes the old objects of such makers; what they have made stays. False ends the operation.
    pub(super) async fn displace(&self, outcome: &mut Outcome) -> bool {
        let makers: Vec<&Part<R>> = self.desired.parts.iter().filter(|part| self.moves(part)).collect();
        if makers.is_empty() {
            return true;
        }
        let old = |part: &&Part<R>| Doomed::of_entry(self.op, &part.address, self.desired.ledger.get(&part.address)?);
        let doomed = makers.iter().filter_map(old).collect();
        let owner = self.op.owner.to_string();
        let mut removal = Removal::new(self.op, &owner, self.desired.instance, self.survey.marked.as_ref());
        removal.spoken_for = self.desired.parts.iter().map(Part::reference).collect();
        let removed = removal.run(doomed).await;
        outcome.notices.extend(removed.notices);
        outcome.failures.extend(removed.failures);
        if outcome.failures.is_empty() {
            for part in makers {
                outcome.ledger.remove(&part.address);
            }
        }
        outcome.failures.is_empty()
    }

    /// True if another object of `part` is to make what one of another name has made.
    fn moves(&self, part: &Part<R>) -> bool {
        let entry = |part: &Part<R>| self.desired.ledger.get(&part.address);
        let is_at = |part: &Part<R>, entry: &Entry| entry.reference.as_deref() == Some(&part.reference());
        let there = |part: &Part<R>| entry(part).filter(|entry| entry.known_uid().is_some());
        // A mark goes last, whatever it is on.
        let bears_mark = |entry: &Entry| {
            let others = self.survey.others.iter().map(|(_, object)| object);
            let mut same = others.filter(|object| entry.known_uid() == Some(&object.uid));
            same.any(|object| object.marks.as_ref().is_some_and(|marks| marks.creating.is_some()))
        };
        let makes = self.desired.parts.iter().any(|made| {
            made.role == Role::Follow(part.address.clone()) && there(made).is_some_and(|entry| is_at(made, entry))
        });
        makes && there(part).is_some_and(|entry| entry.is_made() && !is_at(part, entry) && !bears_mark(entry))
    }
}
