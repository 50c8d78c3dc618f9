//! The wait for an issuance: evaluated from shared watches, and requested again if the result is a different one.

use std::collections::BTreeMap;
use std::time::Duration;

use e2etls_clients::kube::compact::Compact;
use e2etls_clients::kube::kinds::{CERTIFICATE, CERTIFICATE_REQUEST};
use e2etls_clients::kube::objects::Objects;
use e2etls_clients::kube::watches::Seen;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::Kind as _;
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::Refusal;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::events::warnings;
use super::issued::IssuedBy;
use super::pending::Silence;
use super::proof::{Evidence, Progress, judge};
use super::{explained, failed, may_pass, report};
use crate::kinds::Clients;
use crate::kinds::kube::CERTIFICATE as CERTIFICATES;
use crate::pki::Certificate;

/// How often, at most, an issuance is requested again.
pub(super) const ATTEMPTS: u32 = 3;
/// Between two progress lines, each after a read of its own.
const PERIOD: Duration = Duration::from_secs(10);
/// How long after a failure an issuance is requested again.
const PAUSE: Duration = Duration::from_secs(5);
/// How far the watch of the requests may lag behind that of the Certificate.
const MOMENT: Duration = Duration::from_millis(500);

/// How long a Certificate must be at rest before an issuance is requested: what cert-manager sees by itself comes first. It
/// repeats a step that was in conflict after a second or two.
const REST: Duration = Duration::from_secs(4);

/// True if there is something to evaluate: it is ready, or an issuance has failed.
fn is_settled(certificate: &Value) -> bool {
    report::is_ready(Some(certificate)).is_some() || certificate["status"]["lastFailureTime"].is_string()
}

/// The wait for one Certificate.
pub(super) struct Run<'a> {
    pub(super) by: &'a IssuedBy,
    pub(super) authority: Option<Certificate>,
    pub(super) op: &'a Operation<Clients>,
    pub(super) old_failure: Option<String>,
    pub(super) generation: i64,
    pub(super) attempts: u32,
    pub(super) last: String,
    pub(super) failure: Option<Failure>,
    /// The version of the Certificate that has to be requested again, and since when it is known.
    pub(super) resting: Option<(Value, Instant)>,
    pub(super) silence: Silence,
}

impl Run<'_> {
    pub(super) async fn issue(&mut self) -> Result<(), Failure> {
        let (watches, namespace) = (&self.op.remotes.cluster().watches, self.namespace());
        let watched = [CERTIFICATE, CERTIFICATE_REQUEST].map(|kind| watches.of(kind, namespace));
        let [mut certificates, mut requests] = [watched[0].seen(), watched[1].seen()];
        let mut next_look = Instant::now() + PERIOD;
        let mut looked_at = Value::Null;
        loop {
            let mine = certificates
                .borrow_and_update()
                .as_ref()
                .and_then(|seen| seen.get(self.name()).map(Compact::open));
            let mine = mine.filter(is_settled).unwrap_or_default();
            let version = mine["metadata"]["resourceVersion"].clone();
            if version != looked_at && !mine.is_null() {
                looked_at = version;
                if self.watched(&mine, &mut requests).await? {
                    return Ok(());
                }
            }
            let rested = self.resting.as_ref().map(|(_, since)| *since + REST);
            let until = rested.map_or(next_look, |rested| rested.min(next_look));
            if tokio::time::timeout_at(until, certificates.changed()).await.is_err() {
                // A watch may be forbidden or broken: it must not be the only way to see the end.
                if self.look().await? {
                    return Ok(());
                }
                tracing::info!("waiting for {}: {}", self.reference(), self.last);
                next_look = Instant::now() + PERIOD;
            }
        }
    }

    /// Evaluates what the shared watches hold: neither a proof nor a wait needs a request. The CertificateRequest may
    /// be seen a moment after its Certificate, so only what is still in doubt then is read. True once it is proven.
    async fn watched(&mut self, certificate: &Value, requests: &mut watch::Receiver<Seen>) -> Result<bool, Failure> {
        let end = Instant::now() + MOMENT;
        loop {
            let mine: Vec<Value> = requests
                .borrow_and_update()
                .iter()
                .flat_map(BTreeMap::values)
                .filter(|request| request.may_mention(self.name()))
                .map(Compact::open)
                .filter(|request| report::is_request_of(request, self.name()))
                .collect();
            match self.judge(certificate, &mine) {
                Progress::Proven => return Ok(true),
                Progress::Waiting(state) => {
                    self.last = state;
                    return Ok(false);
                }
                _ => {}
            }
            if !matches!(tokio::time::timeout_at(end, requests.changed()).await, Ok(Ok(()))) {
                return self.look().await;
            }
        }
    }

    fn judge(&self, certificate: &Value, requests: &[Value]) -> Progress {
        let evidence = Evidence {
            certificate,
            generation: self.generation,
            requests,
            old_failure: self.old_failure.as_deref(),
            now: Timestamp::now(),
        };
        judge(&self.by.spec, self.authority.as_ref(), evidence)
    }

    /// Reads once, and acts on the result. True once it is proven.
    async fn look(&mut self) -> Result<bool, Failure> {
        let resting = self.resting.take();
        let Some((certificate, requests)) = self.seen().await? else {
            return Ok(false);
        };
        match self.judge(&certificate, &requests) {
            Progress::Proven => return Ok(true),
            Progress::Waiting(state) => {
                self.last = state;
                if let Some(cause) = self
                    .silence
                    .lasting(&certificate, &requests, self.by.spec.name.as_str())
                {
                    return Err(self.unanswered(&cause).await);
                }
            }
            Progress::Stale(why) if !self.is_at_rest(resting, &certificate) => {
                self.last = format!("cert-manager may still act, because {why}");
            }
            Progress::Stale(why) => {
                tracing::info!("requesting a new certificate for {}: {why}", self.reference());
                self.again(&certificate, &why).await?;
            }
            Progress::Failed(why) if may_pass(&why) && self.attempts < ATTEMPTS => {
                // In seconds, the failed request must be older than the new condition, or it counts as the answer.
                tokio::time::sleep(PAUSE).await;
                self.again(&certificate, &why).await?;
            }
            Progress::Failed(why) => return Err(self.failed(&why).await),
            Progress::Replayed(request) => self.replayed(&certificate, &request).await?,
        }
        Ok(false)
    }

    /// True if the Certificate has not changed for a while.
    fn is_at_rest(&mut self, resting: Option<(Value, Instant)>, certificate: &Value) -> bool {
        let version = &certificate["metadata"]["resourceVersion"];
        let resting = resting.filter(|(seen, _)| seen == version);
        let (version, since) = resting.unwrap_or_else(|| (version.clone(), Instant::now()));
        let rests = since.elapsed() >= REST;
        self.resting = (!rests).then_some((version, since));
        rests
    }

    async fn seen(&mut self) -> Result<Option<(Value, Vec<Value>)>, Failure> {
        let (objects, namespace) = (self.objects(), self.namespace());
        let certificate = objects.get(CERTIFICATE, namespace, self.name()).await;
        let both = match certificate {
            Ok(None) => return Err(self.failed("the Certificate was deleted in the meantime").await),
            Ok(Some(certificate)) => objects
                .list(CERTIFICATE_REQUEST, namespace, "")
                .await
                .map(|requests| (certificate, requests)),
            Err(error) => Err(error),
        };
        match both {
            Ok(both) => Ok(Some(both)),
            Err(error) if error.may_pass() => {
                self.last = error.to_string();
                Ok(None)
            }
            Err(error) => Err(self.refused(error)),
        }
    }

    pub(super) async fn failed(&self, why: &str) -> Failure {
        let failure = failed(
            CERTIFICATE.kind,
            &self.by.name(),
            "The certificate was not issued",
            format!("{}: {why}", self.reference()),
            "Fix the cause above and apply again. The apply requests the certificate immediately; on its own, \
             cert-manager waits for up to 32 hours.",
        );
        explained(failure, &self.events().await)
    }

    async fn unanswered(&self, cause: &str) -> Failure {
        let failure = failed(
            CERTIFICATE.kind,
            &self.by.name(),
            "The certificate request is not answered",
            format!("{}: {cause}", self.reference()),
            "Fix the cause above and apply again. Everything created so far is kept.",
        );
        explained(failure, &self.events().await)
    }

    /// What the events of the Certificate and its requests say.
    pub(super) async fn events(&self) -> String {
        warnings(self.objects(), self.namespace(), self.name()).await
    }

    pub(super) fn objects(&self) -> &Objects {
        &self.op.remotes.cluster().objects
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        Some(&self.by.spec.namespace)
    }

    pub(super) fn name(&self) -> &str {
        &self.by.spec.name
    }

    pub(super) fn reference(&self) -> String {
        format!("{} {}", CERTIFICATES.name(), self.by.name())
    }

    pub(super) fn refused(&self, refusal: Refusal) -> Failure {
        Failure {
            address: String::new(),
            reference: self.reference(),
            trouble: Trouble::Refused { refusal, lasting: 0 },
        }
    }
}

#[cfg(test)]
#[path = "issuance_tests.rs"]
mod tests;
