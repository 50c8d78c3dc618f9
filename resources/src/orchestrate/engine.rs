//! The engine of parts: what it works with, and how it speaks to the API server on behalf of one resource.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tfplugin_framework::{Diagnostics, Private};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::owner::Owner;
use super::part::{Part, Parts};
use crate::session::wording;
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::compact::Compact;
use e2etls_clients::kube::objects::Objects;
use e2etls_engine::refusal::Refusal;

/// How many requests of one resource are under way at once.
pub const CONCURRENCY: usize = 8;

const PRIVATE_KEY: &str = "parts";

/// The engine, for one operation on one resource.
#[derive(Clone)]
pub struct Engine {
    /// The cluster that the resource lives in.
    pub cluster: Arc<Cluster>,
    /// Who owns the parts.
    pub owner: Owner,
    /// Fires when the host asks to stop.
    pub cancel: CancellationToken,
    /// When the operation's timeout ends.
    pub deadline: Instant,
    /// Take over fields of other managers.
    pub force_conflicts: bool,
    /// Full type name, for messages: `e2etls_proxy`.
    pub type_name: &'static str,
    /// What `terraform import` takes for this resource.
    pub import_id: String,
}

/// What one operation leaves.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The parts that exist.
    pub parts: Parts,
    /// What to remember of them.
    pub notes: Notes,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// What is remembered of each part beside the state: the fields that the API server writes in another way than we do.
///
/// A quantity `1000m` comes back as `1`: without this note that would be drift for ever.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes(pub BTreeMap<String, BTreeMap<String, Value>>);

impl Notes {
    /// The notes in a private state; empty if there are none.
    #[must_use]
    pub fn load(private: &Private) -> Self {
        private.get(PRIVATE_KEY).unwrap_or_default()
    }

    /// Keeps the notes in a private state.
    pub fn store(&self, private: &mut Private) {
        private.set(PRIVATE_KEY, self);
    }
}

/// Why a wait ended without what was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// The host asked to stop.
    Stopped,
    /// The timeout of the operation ran out.
    TimedOut,
}

impl Engine {
    /// Requests to the cluster.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        &self.cluster.objects
    }

    /// Runs `work` until it is done, the host asks to stop, or the time is over.
    ///
    /// # Errors
    /// Which of the latter two it was.
    pub async fn bounded<T>(&self, work: impl Future<Output = T>) -> Result<T, Interrupted> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Interrupted::Stopped),
            done = tokio::time::timeout_at(self.deadline, work) => done.map_err(|_| Interrupted::TimedOut),
        }
    }

    /// Waits until `check` answers for an object of a shared watch; it is asked again at every change, and says in its
    /// `Err` what it last saw. A progress line is logged every 10 s; `otherwise` says in the error what it is not.
    ///
    /// # Errors
    /// A message with what was last seen.
    pub async fn until<T>(
        &self,
        part: &Part,
        otherwise: &str,
        mut check: impl FnMut(Option<&Value>) -> Result<T, String>,
    ) -> Result<T, Diagnostics> {
        let watch = self.cluster.watches.of(part.kind, part.namespace());
        let mut seen = watch.seen();
        let mut last = "nothing yet".to_owned();
        let waiting = async {
            loop {
                let object = seen
                    .borrow_and_update()
                    .as_ref()
                    .map(|objects| objects.get(part.name()).map(Compact::open));
                if let Some(object) = object {
                    match check(object.as_ref()) {
                        Ok(value) => return value,
                        Err(state) => last = state,
                    }
                }
                match tokio::time::timeout(Duration::from_secs(10), seen.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => std::future::pending().await,
                    // A watch may be forbidden or broken: it must not be the only way to see the end.
                    Err(_) => {
                        if let Ok(object) = self.objects().get(part.kind, part.namespace(), part.name()).await {
                            match check(object.as_ref()) {
                                Ok(value) => return value,
                                Err(state) => last = state,
                            }
                        }
                        tracing::info!("waiting for {}: {last}", part.reference());
                    }
                }
            }
        };
        let interrupted = match self.bounded(waiting).await {
            Ok(value) => return Ok(value),
            Err(interrupted) => interrupted,
        };
        Err(self.interrupted(interrupted, &format!("{} {otherwise}", part.reference()), &last))
    }

    /// The message of a wait that was interrupted.
    #[must_use]
    pub fn interrupted(&self, interrupted: Interrupted, summary: &str, last_seen: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let (why, next) = match interrupted {
            Interrupted::Stopped => ("The operation was stopped.", "Run the same command again to go on."),
            Interrupted::TimedOut => (
                "The time of the operation is over.",
                "Mend what it says, or give it more time with the `timeouts` argument, and apply again.",
            ),
        };
        diagnostics.remote(summary, format!("{why} Last seen: {last_seen}\n\n{next}"));
        diagnostics
    }

    /// The message of a request that failed.
    #[must_use]
    pub fn refused(&self, part: &Part, refusal: &Refusal) -> Diagnostics {
        wording::api_server(&part.reference(), part.kind, refusal)
    }

    /// The import block that makes an existing resource this one.
    #[must_use]
    pub fn import_block(&self) -> String {
        format!(
            "import {{\n  to = {}.NAME\n  id = {:?}\n}}",
            self.type_name, self.import_id
        )
    }
}
