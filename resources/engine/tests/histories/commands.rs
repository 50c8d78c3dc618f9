//! Imports, and the command `leftovers`.

use std::collections::BTreeMap;

use e2etls_engine::import::import;
use e2etls_engine::leftovers::{self, Leftover};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::table::Asked;
use jiff::SignedDuration;

use crate::args::{Spec, render};
use crate::host::{End, Host, Saved};
use crate::world::Remote;

impl Host {
    /// Imports what is there under the names of `args`.
    pub async fn import(&mut self, args: &[Spec]) -> End {
        self.start().await;
        self.instances += 1;
        let fresh = format!("h{}i{}", self.number, self.instances);
        let op = self.operation(Asked::Observe, None, &fresh, None);
        let parts = render(args);
        let Some(found) = self.run(import(&op, &parts, &BTreeMap::new())).await else {
            return End::Killed;
        };
        let found = match found {
            Ok(found) => found,
            Err(failure) => return End::Failed(vec![failure]),
        };
        let uids: Vec<String> = found.objects.values().map(|object| object.uid.clone()).collect();
        let instance = found.instance.unwrap_or(fresh);
        let life = self
            .remote
            .lock()
            .imported(self.number, &self.owner().to_string(), &instance, &uids);
        self.saved = Some(Saved {
            args: args.to_vec(),
            ledger: found.ledger,
            memory: found.memory,
            instance,
            drift: Vec::new(),
            tainted: false,
            life,
        });
        self.refresh().await
    }

    /// The command `leftovers`, which speaks for no resource.
    fn command(&self) -> Operation<Remote> {
        let op = self.operation(Asked::Delete, None, "", None);
        let owner = Owner {
            owner_id: None,
            name: "leftovers".to_owned(),
            ..self.owner()
        };
        Operation { owner, ..op }
    }

    /// What `leftovers` finds, with no minimum age.
    ///
    /// # Errors
    /// How it ended otherwise.
    pub async fn find_leftovers(&mut self) -> Result<Vec<Leftover<Remote>>, End> {
        let op = self.command();
        let now = self.remote.lock().now();
        match self.run(leftovers::find(&op, SignedDuration::ZERO, now)).await {
            None => Err(End::Killed),
            Some(found) => found.map_err(|failure| End::Failed(vec![failure])),
        }
    }

    /// `leftovers --delete`, after its user has said yes.
    pub async fn delete_leftovers(&mut self, found: Vec<Leftover<Remote>>) -> End {
        let op = self.command();
        let mut failures = Vec::new();
        for leftover in found {
            let Some(removed) = self.run(leftovers::delete(&op, leftover)).await else {
                return End::Killed;
            };
            failures.extend(removed.failures);
        }
        End::from(failures)
    }
}
