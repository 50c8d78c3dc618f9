//! Requesting an issuance from cert-manager.

use std::time::Duration;

use e2etls_clients::kube::kinds::{CERTIFICATE, CERTIFICATE_REQUEST};
use e2etls_engine::failure::Failure;
use e2etls_engine::refusal::{Answer, Refusal};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::issuance::{ATTEMPTS, Run};
use super::{failed, report};

/// How long AWS Private CA answers a repeated token with the old certificate.
const TOKEN_LIFE: Duration = Duration::from_secs(305);

/// The patch that sets `Issuing`, valid only for the version that was read.
fn issuing(certificate: &Value, now: Timestamp) -> Value {
    let now = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let old = certificate["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut conditions: Vec<Value> = old
        .into_iter()
        .filter(|condition| condition["type"] != "Issuing")
        .collect();
    conditions.push(json!({
        "type": "Issuing",
        "status": "True",
        "reason": "ManuallyTriggered",
        "message": "Certificate re-issuance requested by e2etls",
        "lastTransitionTime": now,
        "observedGeneration": certificate["metadata"]["generation"],
    }));
    json!({
        "metadata": {"resourceVersion": certificate["metadata"]["resourceVersion"]},
        "status": {"conditions": conditions},
    })
}

/// The same under another revision, the seconds of the clock: the next request has a name that no older one had.
fn renumbered(certificate: &Value, now: Timestamp) -> Value {
    let mut patch = issuing(certificate, now);
    patch["status"]["revision"] = json!(now.as_second());
    patch
}

impl Run<'_> {
    /// Requests an issuance through the condition `Issuing`, as `cmctl renew` does.
    pub(super) async fn again(&mut self, certificate: &Value, why: &str) -> Result<(), Failure> {
        if self.attempts >= ATTEMPTS {
            return Err(self.failed(why).await);
        }
        self.last = format!("a new certificate was requested, because {why}");
        self.old_failure = certificate["status"]["lastFailureTime"].as_str().map(str::to_owned);
        match self.patch(&issuing(certificate, Timestamp::now())).await {
            Ok(()) => Ok(()),
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
    pub(super) async fn replayed(&mut self, certificate: &Value, request: &Value) -> Result<(), Failure> {
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
        let (reference, why) = (self.reference(), &self.last);
        tracing::info!("requesting a new certificate for {reference} under another revision: {why}");
        match self.patch(&renumbered(certificate, Timestamp::now())).await {
            Ok(()) => Ok(()),
            Err(error) if matches!(error.answer, Answer::Forbidden(_)) => self.outwait(request).await,
            Err(error) => Err(self.refused(error)),
        }
    }

    /// Changes the status, which is an attempt. Where somebody else wrote in between it is none: it is read again first.
    async fn patch(&mut self, patch: &Value) -> Result<(), Refusal> {
        let patched = self
            .objects()
            .patch_status(CERTIFICATE, self.namespace(), self.name(), patch)
            .await;
        match patched {
            Err(error) if matches!(error.answer, Answer::Conflict(_)) => Ok(()),
            patched => {
                self.attempts += 1;
                patched.map(drop)
            }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patch_keeps_other_conditions_and_names_the_version() {
        let certificate = json!({"metadata": {"resourceVersion": "7", "generation": 3}, "status": {"conditions": [
            {"type": "Ready", "status": "True"}, {"type": "Issuing", "status": "False"}]}});
        let patch = issuing(&certificate, "2026-11-21T00:00:00Z".parse().expect("a time"));
        assert_eq!(patch["metadata"]["resourceVersion"], "7");
        let conditions = patch["status"]["conditions"].as_array().expect("a list");
        assert_eq!(conditions.len(), 2);
        assert_eq!(
            (&conditions[1]["status"], &conditions[1]["lastTransitionTime"]),
            (&json!("True"), &json!("2026-11-21T00:00:00Z"))
        );
    }
}
