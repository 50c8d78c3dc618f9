//! How parts in memory are seen to work: after a few looks.

use async_trait::async_trait;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::{BRIEFLY, Operation};
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::{Answer, Refusal};
use tokio::time::Instant;

use crate::gate::Call;
use crate::world::Remote;

pub struct Works;

#[async_trait]
impl Ready<Remote> for Works {
    async fn wait(&self, op: &Operation<Remote>, part: &Part<Remote>, object: &Observed) -> Result<(), Failure> {
        let Some(kind) = part.kind else {
            return ask(op, part).await;
        };
        let uid = object.uid.clone();
        let remote = op.remotes.clone();
        let works = |seen: Option<&Observed>| match seen {
            Some(seen) if is_idle(&remote, &seen.uid) => Err("idle".to_owned()),
            Some(_) => Ok(()),
            None => Err("absent".to_owned()),
        };
        op.until(kind, part.target(Some(&uid)), "does not work", works).await
    }

    async fn works(
        &self,
        op: &Operation<Remote>,
        part: &Part<Remote>,
        object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        op.remotes.gate(call(part, false)).await?;
        Ok(Some(part.kind.is_none() || !is_idle(&op.remotes, &object.uid)))
    }
}

fn call(part: &Part<Remote>, waits: bool) -> Call<'_> {
    Call {
        kind: "",
        verb: "works",
        name: &part.name,
        uid: None,
        waits,
    }
}

/// Without an object of its own: asked until it is answered.
async fn ask(op: &Operation<Remote>, part: &Part<Remote>) -> Result<(), Failure> {
    let since = Instant::now();
    loop {
        let refusal = match op.bounded(op.remotes.gate(call(part, true))).await {
            Ok(_) => return Ok(()),
            Err(refusal) => refusal,
        };
        if refusal.answer == Answer::Interrupted || since.elapsed() >= BRIEFLY {
            return Err(Failure::about(part, Trouble::Refused { refusal, lasting: 0 }));
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

fn is_idle(remote: &Remote, uid: &str) -> bool {
    remote.lock().by_uid(uid).is_some_and(|object| object.idle > 0)
}
