//! Waiting within a write that takes several requests.

use std::future::Future;
use std::time::Duration;

use e2etls_engine::kind::pause;
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};
use tokio::time::Instant;

use crate::kinds::Clients;

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// Asks until there is an answer; `ask` says in its inner `Err` what it saw. Transient refusals are waited out.
///
/// # Errors
/// A lasting refusal; [`Answer::Interrupted`] with what was last seen, just before the operation's time runs out.
pub async fn until<T, F>(
    op: &Operation<Clients>,
    arn: &str,
    what: &str,
    ask: impl Fn() -> F + Send + Sync,
) -> Result<T, Refusal>
where
    F: Future<Output = Result<Result<T, String>, Refusal>> + Send,
{
    let mut told = Instant::now();
    for tries in 0.. {
        let last_seen = match ask().await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(last_seen)) => last_seen,
            Err(refusal) if refusal.may_pass() => refusal.to_string(),
            Err(refusal) => return Err(refusal),
        };
        if Instant::now() + pause(tries) >= op.deadline {
            let words = format!("The operation timed out. Last seen: {last_seen}");
            let waiting = format!("waiting until {what}");
            return Err(Refusal::new(Answer::Interrupted, waiting, arn, words));
        }
        if told.elapsed() >= PROGRESS {
            tracing::info!("waiting until {what}: {last_seen}");
            told = Instant::now();
        }
        tokio::time::sleep(pause(tries)).await;
    }
    unreachable!("the loop has no end")
}

/// Sends again for as long as it is refused with `answer`, but no longer than `limit`: some permissions take a moment
/// to take effect.
///
/// # Errors
/// Any other refusal, and this one once `limit` has passed.
pub async fn despite<T, F>(answer: &Answer, limit: Duration, send: impl Fn() -> F + Send + Sync) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, Refusal>> + Send,
{
    let began = Instant::now();
    for tries in 0.. {
        match send().await {
            Err(refusal) if refusal.answer == *answer && began.elapsed() < limit => {
                tracing::info!("trying again: {refusal}");
            }
            answered => return answered,
        }
        tokio::time::sleep(pause(tries)).await;
    }
    unreachable!("the loop has no end")
}
