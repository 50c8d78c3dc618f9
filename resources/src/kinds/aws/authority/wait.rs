//! Waiting inside of a write that takes several requests.

use std::future::Future;
use std::time::Duration;

use e2etls_engine::kind::pause;
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Denial, Refusal};
use tokio::time::Instant;

use crate::kinds::Clients;

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);
/// How long the bucket of a revocation list may take to accept the service.
const BUCKET: Duration = Duration::from_secs(60);
/// The policy of the bucket does not let the service write.
const BY_BUCKET: Answer = Answer::Forbidden(Denial::Policy);

/// Asks until there is an answer; `ask` says in its inner `Err` what it saw. Refusals that pass are waited out.
///
/// # Errors
/// A lasting refusal; [`Answer::Interrupted`] with what was last seen, just before the operation's time runs out.
pub(super) async fn until<T, F>(
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
            return Err(Refusal::new(
                Answer::Interrupted,
                format!("waiting until {what}"),
                arn,
                words,
            ));
        }
        if told.elapsed() >= PROGRESS {
            tracing::info!("waiting until {what}: {last_seen}");
            told = Instant::now();
        }
        tokio::time::sleep(pause(tries)).await;
    }
    unreachable!("the loop has no end")
}

/// A bucket's policy takes a moment to be seen; until then the service says that it can't write there.
///
/// # Errors
/// Any refusal, and one by the bucket once it has lasted for a minute.
pub(super) async fn until_bucket_accepts<T, F>(send: impl Fn() -> F + Send + Sync) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, Refusal>> + Send,
{
    let began = Instant::now();
    for tries in 0.. {
        match send().await {
            Err(refusal) if refusal.answer == BY_BUCKET && began.elapsed() < BUCKET => {
                tracing::info!("waiting until the bucket of the revocation list accepts AWS Private CA: {refusal}");
            }
            answered => return answered,
        }
        tokio::time::sleep(pause(tries)).await;
    }
    unreachable!("the loop has no end")
}
