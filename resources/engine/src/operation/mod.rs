//! One operation on one resource: its clients, its owner, its time.

mod search;
mod wait;

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::failure::{Failure, Trouble};
use crate::kind::{Kind, pause};
pub use crate::kind::{Operation, Trace};
use crate::object::{Remotes, reference};
use crate::ownership::Ownership;
use crate::refusal::{Answer, Refusal};
use crate::table::{Reaction, Request, react};

/// How many requests of one resource are under way at once.
pub const CONCURRENCY: usize = 8;
/// How long a refusal that may pass is waited out, where it is not waited out to the end.
pub const BRIEFLY: Duration = Duration::from_secs(30);
/// How long a write that was sent is waited for after the host has asked to stop.
const GRACE: Duration = Duration::from_secs(5);
/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);

impl<R: Remotes> Operation<R> {
    /// The kind of this name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&'static dyn Kind<R>> {
        self.kinds.iter().copied().find(|kind| kind.name() == name)
    }

    /// Kind and name of the object that `reference` means.
    pub(crate) fn named<'a>(&self, reference: &'a str) -> Option<(&'static dyn Kind<R>, &'a str)> {
        let kinds = self.kinds.iter().copied();
        let named = kinds.filter_map(|kind| {
            let name = reference.strip_prefix(kind.name())?.strip_prefix(' ')?;
            Some((kind, name))
        });
        named.max_by_key(|(kind, _)| kind.name().len())
    }

    /// Runs one request until it is answered, the host asks to stop, or the time runs out.
    ///
    /// # Errors
    /// The remote's refusal, or [`Answer::Interrupted`].
    pub async fn bounded<T>(&self, request: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        self.within(Duration::ZERO, request).await
    }

    /// The same; `grace` is how long a request that has begun may take after the host has asked to stop.
    async fn within<T>(
        &self,
        grace: Duration,
        request: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let interrupted = |words: &str| Err(Refusal::new(Answer::Interrupted, "wait", self.owner.to_string(), words));
        let stopped = async {
            let is_too_late = self.cancel.is_cancelled();
            self.cancel.cancelled().await;
            if !is_too_late && !grace.is_zero() {
                tokio::time::sleep(grace).await;
            }
        };
        tokio::select! {
            biased;
            () = stopped => interrupted("the operation was stopped"),
            answered = tokio::time::timeout_at(self.deadline, request) => match answered {
                Ok(answer) => answer,
                Err(_) => interrupted("the operation timed out"),
            },
        }
    }

    /// Sends a request, and again where the table says so. `Ok(None)` is [`Reaction::Nothing`].
    ///
    /// # Errors
    /// The last refusal, with the seconds for which it was tried; [`Reaction::LookAgain`] is an error here too.
    pub(crate) async fn send<T, F>(
        &self,
        request: Request,
        whose: Ownership,
        mut send: impl FnMut() -> F,
    ) -> Result<Option<T>, Refused>
    where
        F: Future<Output = Result<T, Refusal>> + Send,
    {
        let began = Instant::now();
        let mut told = began;
        let mut last: Option<Refusal> = None;
        for tries in 0.. {
            // A write that is dropped may have taken effect: whether the last one of a create did decides what the resource is.
            let grace = match request {
                Request::Look | Request::Search => Duration::ZERO,
                Request::Make | Request::Write | Request::Delete | Request::Release => GRACE,
            };
            let answered = self.within(grace, send()).await;
            let answered = answered.map_err(|refusal| refusal.after(last.take()));
            if let Some(trace) = &self.trace {
                trace(
                    self.asked,
                    whose,
                    answered.as_ref().err().map(|refusal| &refusal.answer),
                );
            }
            let refusal = match answered {
                Ok(answer) => return Ok(Some(answer)),
                Err(refusal) => refusal,
            };
            let reaction = react(self.asked, request, &refusal.answer);
            let lasting = began.elapsed();
            let again = match reaction {
                Reaction::Nothing => return Ok(None),
                Reaction::Retry => Instant::now() + pause(tries) < self.deadline,
                Reaction::RetryBriefly => lasting < BRIEFLY,
                Reaction::LookAgain | Reaction::Fail => false,
            };
            if !again {
                return Err(Refused {
                    look_again: reaction == Reaction::LookAgain,
                    refusal,
                    lasting: lasting.as_secs(),
                });
            }
            if told.elapsed() >= PROGRESS {
                tracing::info!("still trying: {refusal}");
                told = Instant::now();
            }
            last = Some(refusal);
            let _ = self.sleep(pause(tries)).await;
        }
        unreachable!("the loop has no end")
    }

    /// Pauses before another attempt at a write whose answer was lost: a server that is changing its leader has none for
    /// seconds. False if there is no time left.
    pub(crate) async fn rest(&self, tries: usize, refused: Option<&Refused>) -> bool {
        if !refused.is_some_and(Refused::is_lost) {
            return true;
        }
        self.sleep(pause(u32::try_from(tries).unwrap_or(u32::MAX))).await
    }

    /// Waits; no longer than the operation has, or until the host asks to stop. False if there is no time left.
    pub(crate) async fn sleep(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        tokio::select! {
            () = self.cancel.cancelled() => {}
            () = tokio::time::sleep_until(until.min(self.deadline)) => {}
        }
        until < self.deadline
    }
}

/// A request that was refused to the end.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The object has to be looked at: what happened is not known.
    pub(crate) look_again: bool,
    pub(crate) refusal: Refusal,
    pub(crate) lasting: u64,
}

impl Refused {
    /// The failure, about the object `name`.
    pub(crate) fn failure(self, kind: &str, name: &str) -> Failure {
        let trouble = match self.refusal.answer.clone() {
            Answer::InUse(by) => Trouble::InUse { by },
            _ => Trouble::Refused {
                refusal: self.refusal,
                lasting: self.lasting,
            },
        };
        Failure {
            address: String::new(),
            reference: reference(kind, name),
            trouble,
        }
    }

    /// True if it is not known whether a write took effect.
    pub(crate) fn is_lost(&self) -> bool {
        self.refusal.answer == Answer::OutcomeUnknown
    }

    /// True if a permission is missing.
    pub(crate) fn is_forbidden(&self) -> bool {
        matches!(self.refusal.answer, Answer::Forbidden(_))
    }
}
