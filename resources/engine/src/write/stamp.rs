//! What a write carries beside the content: the marks, and what it may overwrite.

use super::Run;
use crate::kind::{Consent, Identity, Kind, Observed, Remotes};
use crate::ledger::Entry;
use crate::marks::Marks;
use crate::ownership::Ownership;
use crate::part::{Part, Role};
use crate::table::Action;

impl<R: Remotes> Run<'_, R> {
    /// The marks that the object shall bear now.
    pub(super) fn marks(&self, index: usize, over: Option<&Observed>, whose: Ownership) -> Marks {
        let part = &self.desired.parts[index];
        let before = over.and_then(|object| object.marks.as_ref());
        let entry = self.desired.entry(part);
        let existed =
            |object: &Observed| entry.is_some_and(|entry| entry.known_uid() == Some(&object.uid) && !entry.is_made());
        let adopted = part.role == Role::Keep
            || whose == Ownership::Imported
            || before.is_some_and(|marks| marks.adopted)
            || over.is_some_and(existed);
        let taken_from = before.and_then(|marks| marks.taken_from.clone());
        Marks {
            owner: Some(self.op.owner.to_string()),
            instance: Some(self.desired.instance.to_owned()),
            address: Some(part.address.clone()),
            creating: self.mark.clone().filter(|_| self.holder == Some(index)),
            taken_from: taken_from.filter(|instance| instance != self.desired.instance),
            adopted,
            configuration: part.configuration.clone(),
        }
    }

    /// What the plan allows this write to overwrite.
    pub(super) fn consent(
        &self,
        part: &Part<R>,
        kind: &dyn Kind<R>,
        over: Option<&Observed>,
        (whose, action): (Ownership, Action),
    ) -> Consent {
        let everything = action == Action::TakeOver || matches!(whose, Ownership::Marked | Ownership::Imported);
        let mut paths = drifted_paths(self.desired.drift, &part.address);
        if let Some(old) = self.desired.before.iter().find(|old| old.address == part.address) {
            paths.extend(kind.differences(&part.content, &old.content).into_keys());
            paths.extend(kind.differences(&old.content, &part.content).into_keys());
        }
        // What this very create has written it may write again, and what a killed update has made no plan has shown.
        let is_own = match over {
            Some(object) => {
                let entry = self.desired.ledger.get(&part.address);
                let shown = entry.and_then(Entry::known_uid) == Some(&object.uid);
                self.desired.creates || (whose == Ownership::Mine && !shown)
            }
            None => kind.identity() == Identity::Given,
        };
        if everything || is_own {
            paths.push(String::new());
        }
        Consent {
            paths,
            force: self.desired.force,
        }
    }
}

/// Paths of one part in the list `drift`; a part that is drifted as a whole has the empty path.
fn drifted_paths(drift: &[String], address: &str) -> Vec<String> {
    let of_part = drift.iter().filter_map(|line| line.strip_prefix(address));
    of_part
        .filter_map(|rest| {
            if rest.is_empty() {
                Some("")
            } else {
                rest.strip_prefix(' ')
            }
        })
        .map(str::to_owned)
        .collect()
}
