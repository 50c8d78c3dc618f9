//! Readiness of a Certificate: it was issued by the CA that was asked for, and is what was asked for.
//!
//! cert-manager's `Ready` alone does not say that: a Certificate whose issuer got another CA stays `Ready` with the old
//! leaf, and one that finds a Secret of its name takes that without any request. So the request of the current revision
//! must prove it; if it does not, the condition `Issuing` is set, as `cmctl renew` does.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use tfplugin_framework::Diagnostics;
use tokio::sync::watch;
use tokio::time::Instant;

use super::proof::{Evidence, Progress, judge};
use super::reissue::issuing;
use super::render::CertificateSpec;
use super::report;
use crate::issuer::canary::{TOKEN_LIFE, may_pass};
use crate::orchestrate::engine::Engine;
use crate::orchestrate::part::{Part, Ready};
use crate::pki::Certificate;
use e2etls_clients::kube::compact::Compact;
use e2etls_clients::kube::kinds::{CERTIFICATE, CERTIFICATE_REQUEST, EVENT};
use e2etls_clients::kube::watches::Seen;
use e2etls_engine::refusal::Answer;

/// How often an issuance is asked for again, at most.
const ATTEMPTS: u32 = 3;
/// Between two lines of progress, each after a look of its own.
const PERIOD: Duration = Duration::from_secs(10);
/// How long after a failure an issuance is asked for again.
const PAUSE: Duration = Duration::from_secs(5);
/// How much later than a Certificate the watch of its requests may be.
const MOMENT: Duration = Duration::from_millis(500);

/// Ready when the certificate is issued by the CA that was asked for.
#[derive(Clone, Debug)]
pub struct IssuedBy {
    /// What was asked for.
    pub spec: CertificateSpec,
    /// The CA; `None` believes the CA that the issuer reports.
    pub authority: Option<Certificate>,
}

#[async_trait]
impl Ready for IssuedBy {
    async fn wait(&self, engine: &Engine, part: &Part, object: &Value) -> Result<(), Diagnostics> {
        let old_failure = object["status"]["lastFailureTime"].as_str().map(str::to_owned);
        let generation = object["metadata"]["generation"].as_i64().unwrap_or(1);
        let last = "nothing yet".to_owned();
        let mut run = Run {
            by: self,
            engine,
            part,
            old_failure,
            generation,
            attempts: 0,
            last,
        };
        let waited = engine.bounded(run.issue()).await;
        match waited {
            Ok(Ok(())) => Ok(()),
            Ok(Err(diagnostics)) => Err(diagnostics),
            Err(interrupted) => {
                let mut diagnostics =
                    engine.interrupted(interrupted, &format!("{} is not ready", part.reference()), &run.last);
                run.add_events(&mut diagnostics).await;
                Err(diagnostics)
            }
        }
    }
}

/// True if there is something to judge: it is ready, or an issuance has failed.
fn is_settled(certificate: &Value) -> bool {
    report::is_ready(Some(certificate)).is_some() || certificate["status"]["lastFailureTime"].is_string()
}

struct Run<'a> {
    by: &'a IssuedBy,
    engine: &'a Engine,
    part: &'a Part,
    old_failure: Option<String>,
    generation: i64,
    attempts: u32,
    last: String,
}

impl Run<'_> {
    async fn issue(&mut self) -> Result<(), Diagnostics> {
        let (watches, namespace) = (&self.engine.cluster.watches, self.part.namespace());
        let watched = [CERTIFICATE, CERTIFICATE_REQUEST].map(|kind| watches.of(kind, namespace));
        let [mut certificates, mut requests] = [watched[0].seen(), watched[1].seen()];
        let mut next_look = Instant::now() + PERIOD;
        let mut looked_at = Value::Null;
        loop {
            let mine = certificates
                .borrow_and_update()
                .as_ref()
                .and_then(|seen| seen.get(self.part.name()).map(Compact::open));
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
                tracing::info!("waiting for {}: {}", self.part.reference(), self.last);
                next_look = Instant::now() + PERIOD;
            }
        }
    }

    /// Judges what the shared watches hold: neither a proof nor a wait needs a request. The CertificateRequest may be seen a
    /// moment after its Certificate, so only what is still in doubt then is looked at. True once it is proven.
    async fn watched(
        &mut self,
        certificate: &Value,
        requests: &mut watch::Receiver<Seen>,
    ) -> Result<bool, Diagnostics> {
        let end = Instant::now() + MOMENT;
        loop {
            let mine: Vec<Value> = requests
                .borrow_and_update()
                .iter()
                .flat_map(BTreeMap::values)
                .filter(|request| request.may_mention(self.part.name()))
                .map(Compact::open)
                .filter(|request| report::is_request_of(request, self.part.name()))
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
        judge(&self.by.spec, self.by.authority.as_ref(), evidence)
    }

    /// Looks once, and acts on what it sees. True once it is proven.
    async fn look(&mut self) -> Result<bool, Diagnostics> {
        let Some((certificate, requests)) = self.seen().await? else {
            return Ok(false);
        };
        match self.judge(&certificate, &requests) {
            Progress::Proven => return Ok(true),
            Progress::Waiting(state) => self.last = state,
            Progress::Stale(why) => {
                tracing::info!("{} is issued again: {why}", self.part.reference());
                self.again(&certificate, &why).await?;
            }
            Progress::Failed(why) if may_pass(&why) && self.attempts < ATTEMPTS => {
                // The failed request must be older than the new condition, in seconds, or cert-manager takes it as the answer.
                tokio::time::sleep(PAUSE).await;
                self.again(&certificate, &why).await?;
            }
            Progress::Failed(why) => return Err(self.failed(&why).await),
            Progress::Replayed(request) => self.replayed(&certificate, &request).await?,
        }
        Ok(false)
    }

    async fn seen(&mut self) -> Result<Option<(Value, Vec<Value>)>, Diagnostics> {
        let (objects, namespace) = (self.engine.objects(), self.part.namespace());
        let certificate = objects.get(CERTIFICATE, namespace, self.part.name()).await;
        let both = match certificate {
            Ok(None) => return Err(self.failed("the Certificate was deleted meanwhile").await),
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
            Err(error) => Err(self.engine.refused(self.part, &error)),
        }
    }

    /// Asks for an issuance by the condition `Issuing`, as `cmctl renew` does.
    async fn again(&mut self, certificate: &Value, why: &str) -> Result<(), Diagnostics> {
        if self.attempts >= ATTEMPTS {
            return Err(self.failed(why).await);
        }
        self.attempts += 1;
        self.last = format!("it is issued again, because {why}");
        self.old_failure = certificate["status"]["lastFailureTime"].as_str().map(str::to_owned);
        let patch = issuing(certificate, Timestamp::now());
        let patched = self
            .engine
            .objects()
            .patch_status(CERTIFICATE, self.part.namespace(), self.part.name(), &patch)
            .await;
        match patched {
            Ok(_) => Ok(()),
            // Somebody wrote in between: look again first.
            Err(error) if matches!(error.answer, Answer::Conflict(_)) => {
                self.attempts -= 1;
                Ok(())
            }
            Err(error) if matches!(error.answer, Answer::Forbidden(_)) => {
                let mut diagnostics = Diagnostics::new();
                let detail = format!(
                    "{} is not what was asked for: {why}. Having it issued again needs the verb `patch` on \
                     `certificates/status` (cert-manager.io).\n\n{error}\n\nGrant it, or run `cmctl renew -n {} {}`, and apply \
                     again.",
                    self.part.reference(),
                    self.part.namespace().unwrap_or_default(),
                    self.part.name()
                );
                diagnostics.remote("The certificate can't be issued again", detail);
                Err(diagnostics)
            }
            Err(error) => Err(self.engine.refused(self.part, &error)),
        }
    }

    /// AWS Private CA repeats its answer to a repeated token for five minutes, and the names of requests, from which the
    /// token is made, repeat: the request goes, and it is asked again when the token is forgotten.
    async fn replayed(&mut self, certificate: &Value, request: &Value) -> Result<(), Diagnostics> {
        let text = |field: &str| request["metadata"][field].as_str().unwrap_or_default();
        self.last = format!(
            "CertificateRequest {} was answered with the certificate of an older request",
            text("name")
        );
        if self.attempts >= ATTEMPTS {
            let why = self.last.clone();
            return Err(self.failed(&why).await);
        }
        let created: Option<Timestamp> = text("creationTimestamp").parse().ok();
        let age = created
            .map(|created| Timestamp::now().duration_since(created).unsigned_abs())
            .unwrap_or_default();
        let pause = TOKEN_LIFE.saturating_sub(age);
        tracing::info!(
            "waiting {} s for {}: {}",
            pause.as_secs(),
            self.part.reference(),
            self.last
        );
        tokio::time::sleep(pause).await;
        let (objects, namespace) = (self.engine.objects(), self.part.namespace());
        let deleted = objects
            .delete(CERTIFICATE_REQUEST, namespace, text("name"), text("uid"))
            .await;
        deleted.map_err(|error| self.engine.refused(self.part, &error))?;
        let fresh = objects
            .get(CERTIFICATE, namespace, self.part.name())
            .await
            .ok()
            .flatten();
        let why = self.last.clone();
        self.again(fresh.as_ref().unwrap_or(certificate), &why).await
    }

    async fn failed(&self, why: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let detail = format!(
            "{}: {why}\n\nMend what it says and apply again: it is then asked for at once, while cert-manager alone would wait \
             for up to 32 hours.",
            self.part.reference()
        );
        diagnostics.remote("The certificate was not issued", detail);
        self.add_events(&mut diagnostics).await;
        diagnostics
    }

    /// What the events of the Certificate and its requests say.
    async fn add_events(&self, diagnostics: &mut Diagnostics) {
        let (objects, namespace, name) = (self.engine.objects(), self.part.namespace(), self.part.name());
        let requests = objects
            .list(CERTIFICATE_REQUEST, namespace, "")
            .await
            .unwrap_or_default();
        let requests = report::requests_of(&requests, name);
        let named = requests
            .iter()
            .filter_map(|request| request["metadata"]["name"].as_str())
            .chain([name]);
        let mut words = Vec::new();
        for involved in named {
            let selector = format!("involvedObject.name={involved},type=Warning");
            let events = objects
                .list_by_field(EVENT, namespace, &selector)
                .await
                .unwrap_or_default();
            words.extend(
                events
                    .iter()
                    .filter_map(|event| Some(format!("{involved}: {}", event["message"].as_str()?))),
            );
        }
        words.dedup();
        if !words.is_empty() {
            let last = words.split_off(words.len().saturating_sub(5)).join("\n");
            diagnostics.remote("Events of the certificate", last);
        }
    }
}
