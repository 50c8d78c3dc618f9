//! What was never seen to work.

use super::Reader;
use crate::failure::Failure;
use crate::kind::{Observed, Remotes};
use crate::ledger::{Entry, Ledger, UNPROVEN};
use crate::part::Part;
use crate::value::resolve;

impl<R: Remotes> Reader<'_, R> {
    /// What was never seen to work is judged now; if it does not work, or a look can't tell, that stays in the plan.
    pub(super) async fn prove(&mut self) -> Result<(), Failure> {
        self.forget_others();
        for part in self.parts {
            let Some(ready) = &part.ready else { continue };
            let digest = part.digest();
            let entry = self.seen.ledger.get(&part.address);
            let as_desired = entry.is_some_and(|entry| entry.digest == digest);
            let resolved = resolve(&part.content, &self.outputs()).map(|content| part.with_content(content));
            let digest = resolved.as_ref().ok().and_then(Part::digest);
            let nothing = Observed::default();
            let object = self.seen.objects.get(&part.address).unwrap_or(&nothing);
            let uid = object.uid.clone();
            if !as_desired || self.seen.memory.is_proven(&part.address, digest.as_deref(), &uid) {
                continue;
            }
            let works = match resolved {
                Ok(resolved) => self
                    .op
                    .works(ready.as_ref(), &resolved, object)
                    .await
                    .map_err(|failure| failure.of(part))?,
                Err(_) => None,
            };
            if let (Some(true), Some(digest)) = (works, digest) {
                self.seen.memory.prove(&part.address, &digest, &uid);
            } else if let Some(entry) = self.seen.ledger.get_mut(&part.address) {
                entry.digest = Some(UNPROVEN.to_owned());
                self.seen.drift.push(part.address.clone());
            }
        }
        Ok(())
    }

    /// A proof is of the object that the state knows. Another one of its name, such as a backup brings back, has none.
    fn forget_others(&mut self) {
        let uid =
            |ledger: &Ledger, part: &Part<R>| ledger.get(&part.address).and_then(Entry::known_uid).map(str::to_owned);
        for part in self.parts {
            let (before, now) = (uid(self.prior, part), uid(&self.seen.ledger, part));
            if before.is_some() && now.is_some() && before != now {
                self.seen.memory.proven.remove(&part.address);
            }
        }
    }
}
