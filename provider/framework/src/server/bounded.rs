//! Ends hooks that only read.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use tokio::time::{sleep, timeout_at};

use super::guard::guarded_async;
use crate::{Context, Diagnostic, Diagnostics};

/// How long a read may go on after its deadline or a stop, so that it can say in its own words what it was waiting for.
const GRACE: Duration = Duration::from_secs(2);

/// Awaits a hook that only reads, and drops it soon after the deadline of `context` or a stop: a remote that accepts
/// connections and never answers must not hang a refresh. Hooks that write are never dropped, since what they have made
/// would be lost with them.
///
/// # Errors
/// The hook panicked, ran out of time or was stopped.
pub(super) async fn bounded<S, T>(
    context: &Context<S>,
    hook: &str,
    call: impl Future<Output = T>,
) -> Result<T, Diagnostics> {
    let end = async {
        let stopped = timeout_at(context.deadline, context.cancel.cancelled()).await.is_ok();
        sleep(GRACE).await;
        stopped
    };
    match select(pin!(guarded_async(hook, call)), pin!(end)).await {
        Either::Left((answer, _)) => answer,
        Either::Right((true, _)) => Err(stopped(hook).into()),
        Either::Right((false, _)) => Err(timed_out(hook, context.timeout).into()),
    }
}

fn stopped(hook: &str) -> Diagnostic {
    Diagnostic::error("The operation was interrupted")
        .because(format!(
            "The host asked the provider to stop before the {hook} had finished. It changed nothing."
        ))
        .advice("Run the operation again.")
}

fn timed_out(hook: &str, allowed: Duration) -> Diagnostic {
    Diagnostic::error("The operation timed out")
        .because(format!(
            "The {hook} did not finish within {}. It changed nothing.",
            written(allowed)
        ))
        .advice("Check that the remote can be reached and answers. If it needs more time, increase `timeouts.read`.")
}

/// A duration as `timeouts` are written, such as `1h30m`.
fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String = units
        .iter()
        .filter(|(amount, _)| *amount > 0)
        .map(|(amount, unit)| format!("{amount}{unit}"))
        .collect();
    if text.is_empty() {
        format!("{}ms", duration.as_millis())
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::written;

    #[test]
    fn durations_are_written_as_users_write_them() {
        let table = [
            (0.25, "250ms"),
            (1.0, "1s"),
            (1200.0, "20m"),
            (5400.0, "1h30m"),
            (3661.0, "1h1m1s"),
        ];
        for (seconds, expected) in table {
            assert_eq!(written(Duration::from_secs_f64(seconds)), expected);
        }
    }
}
