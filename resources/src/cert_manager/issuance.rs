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
use e2etls_engine::refusal::{Answer, Refusal};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::events::warnings;
use super::issued::IssuedBy;
use super::proof::{Evidence, Progress, judge};
use super::reissue::{issuing, renumbered};
use super::{explained, failed, may_pass, report};
use crate::kinds::Clients;
use crate::kinds::kube::CERTIFICATE as CERTIFICATES;
use crate::pki::Certificate;

/// How often, at most, an issuance is requested again.
const ATTEMPTS: u32 = 3;
/// Between two progress lines, each after a read of its own.
const PERIOD: Duration = Duration::from_secs(10);
/// How long after a failure an issuance is requested again.
const PAUSE: Duration = Duration::from_secs(5);
/// How far the watch of the requests may lag behind that of the Certificate.
const MOMENT: Duration = Duration::from_millis(500);

/// How long AWS Private CA answers a repeated token with the old certificate.
const TOKEN_LIFE: Duration = Duration::from_secs(305);

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
            if tokio::time::timeout_at(next_look, certificates.changed())
                .await
                .is_err()
            {
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
        let Some((certificate, requests)) = self.seen().await? else {
            return Ok(false);
        };
        match self.judge(&certificate, &requests) {
            Progress::Proven => return Ok(true),
            Progress::Waiting(state) => self.last = state,
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

    /// Requests an issuance through the condition `Issuing`, as `cmctl renew` does.
    async fn again(&mut self, certificate: &Value, why: &str) -> Result<(), Failure> {
        if self.attempts >= ATTEMPTS {
            return Err(self.failed(why).await);
        }
        self.attempts += 1;
        self.last = format!("a new certificate was requested, because {why}");
        self.old_failure = certificate["status"]["lastFailureTime"].as_str().map(str::to_owned);
        let patch = issuing(certificate, Timestamp::now());
        let patched = self
            .objects()
            .patch_status(CERTIFICATE, self.namespace(), self.name(), &patch)
            .await;
        match patched {
            Ok(_) => Ok(()),
            // Somebody else wrote in between: read again first.
            Err(error) if matches!(error.answer, Answer::Conflict(_)) => {
                self.attempts -= 1;
                Ok(())
            }
            Err(error) if matches!(error.answer, Answer::Forbidden(_)) => Err(failed(
                CERTIFICATE.kind,
                &self.by.name(),
                "Can't request a new certificate",
                format!(
                    "{} does not match the configuration: {why}. Requesting a new certificate requires the verb \
                     `patch` on `certificates/status` (cert-manager.io).\n\n{error}",
                    self.reference()
                ),
                format!(
                    "Grant the verb, or run `cmctl renew -n {} {}`. Then apply again.",
                    self.by.spec.namespace, self.by.spec.name
                ),
            )),
            Err(error) => Err(self.refused(error)),
        }
    }

    /// AWS Private CA repeats its answer to a repeated token for five minutes, and the token is derived from the request's
    /// name, which repeats for a recreated Certificate. Under another revision, the next request has another name.
    async fn replayed(&mut self, certificate: &Value, request: &Value) -> Result<(), Failure> {
        let name = request["metadata"]["name"].as_str().unwrap_or_default();
        self.last =
            format!("AWS Private CA answered CertificateRequest {name} with the certificate of an earlier request");
        if self.attempts >= ATTEMPTS {
            let why = self.last.clone();
            return Err(self.failed(&why).await);
        }
        if report::holds(certificate, "Issuing") {
            return Ok(());
        }
        self.attempts += 1;
        let (reference, why) = (self.reference(), &self.last);
        tracing::info!("requesting a new certificate for {reference} under another revision: {why}");
        let patch = renumbered(certificate, Timestamp::now());
        let patched = self
            .objects()
            .patch_status(CERTIFICATE, self.namespace(), self.name(), &patch)
            .await;
        match patched {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.answer, Answer::Conflict(_)) => {
                self.attempts -= 1;
                Ok(())
            }
            Err(error) if matches!(error.answer, Answer::Forbidden(_)) => self.outwait(request).await,
            Err(error) => Err(self.refused(error)),
        }
    }

    /// Without the permission to change the revision: waits until the token has expired.
    async fn outwait(&mut self, request: &Value) -> Result<(), Failure> {
        let text = |field: &str| request["metadata"][field].as_str().unwrap_or_default();
        let created: Option<Timestamp> = text("creationTimestamp").parse().ok();
        let age = created.map(|created| Timestamp::now().duration_since(created).unsigned_abs());
        let pause = TOKEN_LIFE.saturating_sub(age.unwrap_or_default());
        let (seconds, reference) = (pause.as_secs(), self.reference());
        tracing::info!("waiting {seconds} s before requesting {reference} again: {}", self.last);
        tokio::time::sleep(pause).await;
        let deleted = self
            .objects()
            .delete(CERTIFICATE_REQUEST, self.namespace(), text("name"), text("uid"));
        deleted.await.map(drop).map_err(|error| self.refused(error))
    }

    async fn failed(&self, why: &str) -> Failure {
        let failure = failed(
            CERTIFICATE.kind,
            &self.by.name(),
            "The certificate was not issued",
            format!("{}: {why}", self.reference()),
            "Fix the cause above and apply again: this requests the certificate immediately, whereas cert-manager on \
             its own waits up to 32 hours.",
        );
        explained(failure, &self.events().await)
    }

    /// What the events of the Certificate and its requests say.
    pub(super) async fn events(&self) -> String {
        warnings(self.objects(), self.namespace(), self.name()).await
    }

    fn objects(&self) -> &Objects {
        &self.op.remotes.cluster().objects
    }

    fn namespace(&self) -> Option<&str> {
        Some(&self.by.spec.namespace)
    }

    fn name(&self) -> &str {
        &self.by.spec.name
    }

    pub(super) fn reference(&self) -> String {
        format!("{} {}", CERTIFICATES.name(), self.by.name())
    }

    fn refused(&self, refusal: Refusal) -> Failure {
        Failure {
            address: String::new(),
            reference: self.reference(),
            trouble: Trouble::Refused { refusal, lasting: 0 },
        }
    }
}
