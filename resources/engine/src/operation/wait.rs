//! Waits: an object is looked at until it is as it should be.

use tokio::time::Instant;

use super::{BRIEFLY, Operation, PROGRESS};
use crate::failure::{Failure, Trouble};
use crate::kind::Kind;
use crate::object::{Observed, Reading, Remotes, Target, reference};
use crate::refusal::Answer;

impl<R: Remotes> Operation<R> {
    /// Waits until `check` answers for the object; it is asked again whenever the object may have changed, and says in its
    /// `Err` what it saw. A line of progress is logged every ten seconds.
    ///
    /// A look that is refused is part of what is waited for: a refusal that lasts for half a minute and is none that
    /// passes by itself ends the wait.
    ///
    /// # Errors
    /// What was last seen.
    pub async fn until<T>(
        &self,
        kind: &dyn Kind<R>,
        target: Target<'_>,
        otherwise: &str,
        mut check: impl FnMut(Option<&Observed>) -> Result<T, String> + Send,
    ) -> Result<T, Failure> {
        let mut last_seen = "nothing yet".to_owned();
        let mut refused_since: Option<Instant> = None;
        let mut told = Instant::now();
        let failure = |trouble| Failure {
            address: String::new(),
            reference: reference(kind.name(), target.name),
            trouble,
        };
        for tries in 0.. {
            match self.bounded(kind.look(self, target, Reading::Watched)).await {
                Ok(seen) => match check(seen.as_ref()) {
                    Ok(value) => return Ok(value),
                    Err(state) => {
                        last_seen = state;
                        refused_since = None;
                    }
                },
                Err(refusal) if refusal.answer == Answer::Interrupted => break,
                Err(refusal) => {
                    let since = *refused_since.get_or_insert_with(Instant::now);
                    let lasting = since.elapsed();
                    if refusal.answer != Answer::Throttled && lasting >= BRIEFLY {
                        let lasting = lasting.as_secs();
                        return Err(failure(Trouble::Refused { refusal, lasting }));
                    }
                    last_seen = refusal.to_string();
                }
            }
            if told.elapsed() >= PROGRESS {
                tracing::info!("waiting for {} {}: {last_seen}", kind.name(), target.name);
                told = Instant::now();
            }
            let changed = async {
                kind.changed(self, target, tries).await;
                Ok(())
            };
            if self.bounded(changed).await.is_err() {
                break;
            }
        }
        Err(failure(Trouble::Waiting {
            otherwise: otherwise.to_owned(),
            last_seen,
            stopped: self.cancel.is_cancelled(),
        }))
    }

    /// Waits until the object is gone, or another one has its name.
    pub(crate) async fn await_gone(
        &self,
        kind: &'static dyn Kind<R>,
        target: Target<'_>,
        object: Option<&Observed>,
    ) -> Result<(), Failure> {
        let uid = object.map(|object| object.uid.clone()).unwrap_or_default();
        let target = Target {
            uid: Some(uid.as_str()).filter(|uid| !uid.is_empty()),
            ..target
        };
        let gone = |seen: Option<&Observed>| match seen {
            Some(object) if object.uid == uid => Err(object
                .deleting
                .clone()
                .unwrap_or_else(|| "it is not being deleted yet".to_owned())),
            _ => Ok(()),
        };
        self.until(kind, target, "is not gone yet", gone).await
    }
}
