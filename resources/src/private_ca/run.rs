//! The surroundings of one operation on a CA: the service, who owns, and how long to wait.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use tfplugin_framework::{Context, Diagnostics};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::NAME;
use crate::session::Session;
use crate::session::wording::Worded as _;
use e2etls_clients::aws::acm_pca::{AcmPcaApi, Authority};
use e2etls_engine::owner::Owner;

/// One line of progress per this time.
const TELL_EVERY: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Tags by key.
pub(super) type Tags = BTreeMap<String, String>;

/// One operation.
pub(super) struct Run<'a> {
    pub(super) api: &'a dyn AcmPcaApi,
    pub(super) owner_id: Option<&'a str>,
    pub(super) default_tags: &'a Tags,
    pub(super) ignore_tags: &'a [String],
    pub(super) cancel: &'a CancellationToken,
    pub(super) deadline: Instant,
}

impl<'a> Run<'a> {
    pub(super) fn new(context: &'a Context<Session>, api: &'a dyn AcmPcaApi) -> Self {
        let session = &context.session;
        Self {
            api,
            owner_id: session.owner_id.as_deref(),
            default_tags: &session.default_tags,
            ignore_tags: &session.ignore_tags,
            cancel: &context.cancel,
            deadline: Instant::now() + context.timeout,
        }
    }

    /// The owner of the CA `name`.
    pub(super) async fn owner(&self, name: &str) -> Result<Owner, Diagnostics> {
        Ok(Owner {
            owner_id: self.owner_id.map(str::to_owned),
            resource: NAME,
            place: format!("{}/{}", self.api.account().await.worded()?, self.api.region()),
            namespace: None,
            name: name.to_owned(),
        })
    }

    /// Waits until `ask` has an answer. What it last saw stands in the error.
    pub(super) async fn until<T, F>(&self, what: &str, mut ask: impl FnMut() -> F) -> Result<T, Diagnostics>
    where
        F: Future<Output = Result<Result<T, String>, Diagnostics>>,
    {
        let mut told = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let last = match ask().await? {
                Ok(answer) => return Ok(answer),
                Err(last) => last,
            };
            if told.elapsed() >= TELL_EVERY {
                tracing::info!("waiting for {what}: {last}");
                told = Instant::now();
            }
            let over = Instant::now() + pause > self.deadline;
            if over || self.cancel.is_cancelled() {
                return Err(ended(what, over, &last));
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.cancel.cancelled() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The CA once it has left CREATING.
    pub(super) async fn settled(&self, arn: &str) -> Result<Authority, Diagnostics> {
        self.until("the CA to be created", || async {
            Ok(match self.api.describe(arn).await.worded()? {
                Some(found) if found.status != "CREATING" => Ok(found),
                Some(found) => Err(found.status),
                // A CA that was just created may not be visible yet: it is never taken for gone here.
                None => Err("not visible yet".to_owned()),
            })
        })
        .await
    }

    /// The CA's signing request.
    pub(super) async fn csr(&self, arn: &str) -> Result<String, Diagnostics> {
        self.until("the CA's signing request", || async {
            Ok(self.api.csr(arn).await.worded()?.ok_or("being made".to_owned()))
        })
        .await
    }
}

fn ended(what: &str, over: bool, last: &str) -> Diagnostics {
    let why = if over {
        "The time of the operation is over."
    } else {
        "The operation was stopped."
    };
    let mut diagnostics = Diagnostics::new();
    let detail = format!("{why} Last seen: {last}\n\nApply again to go on, with a longer `timeouts` if it needs one.");
    diagnostics.remote(format!("Waiting for {what} ended"), detail);
    diagnostics
}
