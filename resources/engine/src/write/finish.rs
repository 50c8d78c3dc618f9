//! The end of a write: what is not wanted goes, then the mark.

use super::level::Ending;
use super::put::{ATTEMPTS, How};
use super::{Outcome, Run};
use crate::failure::{Failure, Trouble};
use crate::kind::{Kind, Made, Observed, Reading, Remotes};
use crate::ledger::{Entry, STRAY};
use crate::operation::Refused;
use crate::ownership::{Ownership, Who, ownership};
use crate::part::Part;
use crate::refusal::Answer;
use crate::remove::{Doomed, Removal, once};
use crate::table::Action;
use crate::value::Outputs;

impl<R: Remotes> Run<'_, R> {
    /// Removes what is no longer wanted, then the mark: its holder is stamped last.
    pub(super) async fn finish(&self, outcome: &mut Outcome, ending: Ending<R>) {
        let doomed = self.doomed(outcome, ending.retired);
        let owner = self.op.owner.to_string();
        let mut removal = Removal::new(self.op, &owner, self.desired.instance, self.survey.marked.as_ref());
        removal.spoken_for = ending.spoken_for;
        let removed = removal.run(doomed).await;
        outcome.notices.extend(removed.notices);
        let is_rendered = |address: &str| self.desired.parts.iter().any(|part| part.address == address);
        for address in self.desired.ledger.keys().filter(|address| !is_rendered(address)) {
            outcome.memory.forget(address);
        }
        outcome.ledger.retain(|address, _| is_rendered(address));
        for (address, entry) in removed.left {
            let label = entry.reference.as_deref().unwrap_or_default();
            let address = if is_rendered(&address) {
                format!("{STRAY}{label}")
            } else {
                address
            };
            outcome.ledger.insert(address, entry);
        }
        outcome.failures.extend(removed.failures);
        if outcome.failures.is_empty() {
            self.unmark(outcome).await;
        }
    }

    /// What this owner has and no part wants.
    fn doomed(&self, outcome: &Outcome, retired: Vec<Doomed<R>>) -> Vec<Doomed<R>> {
        let parts = self.desired.parts.iter();
        let kept: Vec<&Entry> = parts.filter_map(|part| outcome.ledger.get(&part.address)).collect();
        let mut doomed = Vec::new();
        for (address, entry) in self.desired.ledger {
            doomed.extend(Doomed::of_entry(self.op, address, entry));
        }
        doomed.extend(retired);
        for (kind, object) in &self.survey.others {
            doomed.extend(self.op.kind(kind).map(|kind| Doomed::seen(kind, object.clone())));
        }
        doomed.retain(|one| !kept.iter().any(|entry| one.is(entry)));
        once(doomed)
    }

    /// Takes the mark from its holder.
    async fn unmark(&self, outcome: &mut Outcome) {
        let unfinished = self.mark.is_some() || self.desired.memory.unfinished;
        let Some(index) = self.holder.filter(|_| unfinished) else {
            return;
        };
        let part = &self.desired.parts[index];
        let Some(kind) = part.kind else { return };
        let seen = match outcome.objects.get(&part.address) {
            Some(object) => Ok(Some(object.clone())),
            None => {
                let uid = outcome.ledger.get(&part.address).and_then(Entry::known_uid);
                self.op.look(kind, part.target(uid), Reading::Fresh).await
            }
        };
        // What this run has made is ours, also where a wait has not read its marks.
        let who = Who {
            uid: outcome.ledger.get(&part.address).and_then(Entry::known_uid),
            ..self.survey.who(self.desired, part)
        };
        // Another state has finished it, or it is used as it is: it bears no mark of ours.
        if let Ok(Some(object)) = &seen
            && !matches!(
                ownership(Some(object), &who),
                Ownership::Mine | Ownership::Marked | Ownership::Imported
            )
        {
            return;
        }
        let finished = Run { mark: None, ..*self };
        let outputs = outcome.outputs.clone();
        let unmarked = match seen {
            Ok(seen) => finished.stamp(index, kind, &outputs, seen).await,
            Err(failure) => Err(failure),
        };
        match unmarked {
            Ok(object) => self.record(part, &object, &outputs, outcome),
            Err(failure) => outcome.failures.push(failure.of(part)),
        }
    }

    /// Writes the marks of a part whose object is `seen`; the content is as it is wanted already.
    async fn stamp(
        &self,
        index: usize,
        kind: &'static dyn Kind<R>,
        outputs: &Outputs,
        mut seen: Option<Observed>,
    ) -> Result<Observed, Failure> {
        let rendered = &self.desired.parts[index];
        let part = self
            .resolved(rendered, outputs)
            .map_err(|trouble| Failure::about(rendered, trouble))?;
        let mut uid = None;
        let mut lost = None;
        for tries in 0..ATTEMPTS {
            if !self.op.rest(tries, lost.as_ref()).await {
                break;
            }
            // Another object, or none: what was made a moment ago is not there any more.
            let same = |object: &Observed| uid.get_or_insert_with(|| object.uid.clone()) == &object.uid;
            let Some(object) = seen.filter(same) else {
                return Err(Failure::about(&part, Trouble::Vanished));
            };
            let how = How {
                over: Some(&object),
                whose: Ownership::Mine,
                action: Action::Write,
                made: &Made::default(),
            };
            match self.send(index, &part, kind, how).await {
                Ok(object) => return Ok(object),
                Err(refused) if refused.look_again => {
                    let target = part.target(Some(&object.uid));
                    seen = self.op.look(kind, target, Reading::Fresh).await?;
                    lost = Some(refused);
                }
                Err(refused) => return Err(self.refused(&part, refused)),
            }
        }
        Err(self.in_vain(&part, lost))
    }

    /// After the last attempt: its answer was lost, or something else was there each time.
    pub(super) fn in_vain(&self, part: &Part<R>, last: Option<Refused>) -> Failure {
        match last.filter(Refused::is_lost) {
            Some(refused) => self.refused(part, refused),
            None => Failure::about(part, Trouble::Appeared),
        }
    }

    pub(super) fn refused(&self, part: &Part<R>, refused: Refused) -> Failure {
        if let Answer::Conflict(causes) = &refused.refusal.answer {
            let entry = self.desired.ledger.get(&part.address);
            let ours = entry.is_some_and(|entry| entry.known_uid().is_some());
            let causes = causes.clone();
            return Failure::about(part, Trouble::Managed { causes, ours });
        }
        refused.failure(part.kind.map_or("", Kind::name), &part.name)
    }
}
