//! The canary: a certificate issued for a throwaway key, which shows that an issuer works.
//!
//! ```text
//! sweep ─▶ request (key made, used, wiped) ─▶ approved ─▶ issued ─▶ chain verified against the CA ─▶ request deleted
//!            ▲                                    │          │               │
//!            └── another try, while time is left ─┴──────────┴───────────────┘
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2etls_clients::kube::kinds::CERTIFICATE_REQUEST;
use e2etls_engine::failure::Failure;
use e2etls_engine::kind::{Kind, Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::Refusal;
use jiff::Timestamp;
use serde_json::{Value, json};
use tfplugin_framework::AttributePath;
use tokio::time::Instant;

use super::authority;
use super::issuer::Verify;
use super::pending::{self, Answer, decided};
use super::reference::Reference;
use super::report;
use super::sweep::{delete, sweep};
use super::{explained, failed, may_pass, worded};
use crate::kinds::Clients;
use crate::kinds::kube::marks::{CANARY_LABEL, OWNER_LABEL, label};
use crate::kinds::kube::{self, REQUEST};
use crate::pki::{self, Certificate, Purpose, SigningRequest};

/// The name that canaries are for; `.invalid` never exists (RFC 2606).
pub const CANARY_NAME: &str = "canary.e2etls.invalid";

/// How long a failure may be a transient one: new permissions propagate, the issuer's controller drops its old client.
const SETTLING: Duration = Duration::from_secs(90);
/// How long AWS Private CA answers a repeated token with the old certificate.
const TOKEN_LIFE: Duration = Duration::from_secs(305);

/// An issuer is ready when it issues.
#[derive(Clone, Debug)]
pub struct IssuerReady {
    /// How it is checked.
    pub verify: Verify,
    /// Namespace of the canary.
    pub namespace: String,
    /// Name of the issuer as a part has it.
    pub issuer: String,
    /// Usages of the canary: the leaf's.
    pub usages: Vec<String>,
    /// Who issues, and from which CA.
    pub reference: Reference,
    /// Template of the issuer, where it names one.
    pub template: Option<String>,
}

/// Why a canary failed.
enum Trouble {
    /// It may be transient: try again after a pause.
    Passing(Failure),
    /// The CA answered with the certificate of an earlier request.
    Replayed(Failure),
    /// It is permanent.
    Lasting(Failure),
}

impl Trouble {
    fn of(failure: Failure, passing: bool) -> Self {
        if passing {
            Self::Passing(failure)
        } else {
            Self::Lasting(failure)
        }
    }
}

#[async_trait]
impl Ready<Clients> for IssuerReady {
    async fn wait(&self, op: &Operation<Clients>, _part: &Part<Clients>, _object: &Observed) -> Result<(), Failure> {
        if self.verify == Verify::Nothing {
            return Ok(());
        }
        let ready = |seen: Option<&Observed>| {
            let seen = seen.map(|seen| &seen.content);
            report::is_ready(seen).ok_or_else(|| report::conditions(seen))
        };
        op.until(self.kind(), self.target(), "is not ready", ready).await?;
        if self.verify == Verify::Issue {
            self.canaries(op).await
        } else {
            Ok(())
        }
    }

    async fn works(
        &self,
        op: &Operation<Clients>,
        _part: &Part<Clients>,
        _object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        match self.verify {
            // Only a canary can tell.
            Verify::Issue => Ok(None),
            Verify::Nothing => Ok(Some(true)),
            Verify::Ready => {
                let seen = self.kind().look(op, self.target(), Reading::Fresh).await?;
                let seen = seen.as_ref().map(|seen| &seen.content);
                Ok(Some(report::is_ready(seen).is_some()))
            }
        }
    }
}

impl IssuerReady {
    async fn canaries(&self, op: &Operation<Clients>) -> Result<(), Failure> {
        sweep(op, &self.namespace).await;
        let mut began = Instant::now();
        let mut pause = Duration::from_secs(3);
        let mut replayed = false;
        loop {
            let why = match self.canary(op).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Passing(why)) if began.elapsed() < SETTLING => {
                    pause = (pause * 2).min(Duration::from_secs(30));
                    why
                }
                Err(Trouble::Replayed(why)) if !replayed => {
                    tracing::info!(
                        "AWS Private CA answered with the certificate of an earlier request: waiting five minutes"
                    );
                    (replayed, pause, began) = (true, TOKEN_LIFE, Instant::now() + TOKEN_LIFE);
                    why
                }
                Err(Trouble::Passing(why) | Trouble::Replayed(why) | Trouble::Lasting(why)) => return Err(why),
            };
            let slept = async {
                tokio::time::sleep(pause).await;
                Ok(())
            };
            if op.bounded(slept).await.is_err() {
                return Err(why);
            }
        }
    }

    async fn canary(&self, op: &Operation<Clients>) -> Result<(), Trouble> {
        let authority = self.authority(op).await.map_err(Trouble::Lasting)?;
        let request = pki::signing_request(CANARY_NAME)
            .map_err(|error| Trouble::Lasting(self.failed("Can't create the test request", error.to_string())))?;
        let manifest = self.manifest(&request, &label(&op.owner.to_string()), &op.remotes.labels);
        let objects = &op.remotes.cluster().objects;
        let created = objects.create(CERTIFICATE_REQUEST, Some(&self.namespace), &manifest);
        let created = op.bounded(created).await.map_err(|refusal| {
            let passing = refusal.may_pass();
            Trouble::of(self.refused(refusal), passing)
        })?;
        let outcome = self.outcome(op, &created, &request, &authority).await;
        delete(op, &created).await;
        outcome
    }

    /// The CA that the canary's certificate must verify against.
    async fn authority(&self, op: &Operation<Clients>) -> Result<Certificate, Failure> {
        let arn = self.reference.ca_arn.as_deref().unwrap_or_default();
        let session = op.remotes.session();
        let found = authority::look(session, arn, AttributePath::root("ca_arn")).await;
        found
            .map(|found| found.certificate)
            .map_err(|told| worded(&self.reference.kind, &self.issuer, &told))
    }

    fn kind(&self) -> &'static dyn Kind<Clients> {
        if self.reference.kind == kube::AWS_PCA_ISSUER.name() {
            &kube::AWS_PCA_ISSUER
        } else {
            &kube::AWS_PCA_CLUSTER_ISSUER
        }
    }

    fn target(&self) -> Target<'_> {
        Target {
            name: &self.issuer,
            uid: None,
        }
    }

    fn failed(&self, what: &str, cause: impl Into<String>) -> Failure {
        failed(
            &self.reference.kind,
            &self.issuer,
            what,
            cause,
            pending::advice(&self.reference, self.template.as_deref(), &self.usages),
        )
    }

    fn lasting(&self, what: &str, cause: String, advice: &str) -> Trouble {
        Trouble::Lasting(failed(&self.reference.kind, &self.issuer, what, cause, advice))
    }

    fn refused(&self, refusal: Refusal) -> Failure {
        let namespace = &self.namespace;
        Failure {
            address: String::new(),
            reference: format!("CertificateRequest of the check in namespace {namespace}"),
            trouble: e2etls_engine::failure::Trouble::Refused { refusal, lasting: 0 },
        }
    }

    fn manifest(&self, request: &SigningRequest, owner: &str, labels: &BTreeMap<String, String>) -> Value {
        let manifest = json!({
            "apiVersion": CERTIFICATE_REQUEST.api_version(),
            "kind": CERTIFICATE_REQUEST.kind,
            "metadata": {
                "generateName": "e2etls-canary-",
                "namespace": self.namespace,
                "labels": {CANARY_LABEL: "true", OWNER_LABEL: owner},
            },
            "spec": {
                "request": STANDARD.encode(&request.pem),
                "duration": "1h",
                "usages": self.usages,
                "issuerRef": {"name": self.reference.name, "kind": self.reference.kind, "group": self.reference.group},
            },
        });
        kube::labels::with(manifest, labels)
    }

    async fn outcome(
        &self,
        op: &Operation<Clients>,
        created: &Value,
        request: &SigningRequest,
        authority: &Certificate,
    ) -> Result<(), Trouble> {
        let began = Instant::now();
        let waited = || began.elapsed().as_secs();
        let decide = |seen: Option<&Observed>| decided(seen.map(|seen| &seen.content), began.elapsed());
        let name = format!(
            "{}/{}",
            self.namespace,
            created["metadata"]["name"].as_str().unwrap_or_default()
        );
        let target = Target { name: &name, uid: None };
        let answered = op.until(&REQUEST, target, "is not ready", decide).await;
        match answered.map_err(|failure| {
            Trouble::Lasting(explained(
                failure,
                &pending::advice(&self.reference, self.template.as_deref(), &self.usages),
            ))
        })? {
            Answer::Issued(pem) => self.judge(&pem, request, authority, Timestamp::now()),
            Answer::Nobody(cause) => Err(self.lasting(
                "Requests to the issuer are not answered",
                format!("The test request {name} has had no answer for {} s: {cause}", waited()),
                "Fix the cause above and apply again. To skip this check, set `verify` to `ready` or `none`.",
            )),
            Answer::Denied(conditions) => Err(self.lasting(
                "Requests to the issuer are denied",
                format!("The test request was denied: {conditions}"),
                &pending::denied(&self.reference.kind, &self.reference.name),
            )),
            Answer::Rejected(conditions) => {
                let cause = format!("The test request was rejected: {conditions}");
                let failure = self.failed("The issuer can't issue certificates", cause);
                Err(Trouble::of(failure, may_pass(&conditions)))
            }
        }
    }

    /// Checks what was issued.
    fn judge(
        &self,
        pem: &str,
        request: &SigningRequest,
        authority: &Certificate,
        now: Timestamp,
    ) -> Result<(), Trouble> {
        let failed = |why: String| self.failed("The issued certificate failed verification", format!("{why}."));
        let chain = Certificate::chain(pem).map_err(|error| Trouble::Lasting(failed(error.to_string())))?;
        if chain[0].public_key != request.public_key {
            let why = "the certificate's key is not the request's key: AWS Private CA answered a repeated token with \
                the certificate of an earlier request";
            return Err(Trouble::Replayed(failed(why.to_owned())));
        }
        pki::verify(&chain, authority, Purpose::of(&self.usages), now)
            .map_err(|error| Trouble::Passing(failed(error.to_string())))
    }
}

#[cfg(test)]
#[path = "canary_tests.rs"]
mod tests;
