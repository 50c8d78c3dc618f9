//! The canary: a certificate that is issued to nobody, to see that an issuer works.
//!
//! ```text
//! sweep ─▶ request (key made, used, wiped) ─▶ approved ─▶ issued ─▶ chain verified to the CA ─▶ request deleted
//!            ▲                                    │          │               │
//!            └── another try, while time is left ─┴──────────┴───────────────┘
//! ```

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use tfplugin_framework::Diagnostics;
use tokio::time::Instant;

use super::model::Verify;
use super::reference::Reference;
use crate::certificate::report::{self, Issued};
use crate::orchestrate::engine::Engine;
use crate::orchestrate::owner::{CANARY_LABEL, OWNER_LABEL};
use crate::orchestrate::part::{Part, Ready};
use crate::pki::{self, Certificate, Purpose, SigningRequest};
use e2etls_clients::kube::kinds::CERTIFICATE_REQUEST;

/// The name that canaries are for; `.invalid` never exists (RFC 2606).
pub const CANARY_NAME: &str = "canary.e2etls.invalid";

/// How long a failure may be one that passes: new permissions spread, the issuer's controller forgets its old client.
const SETTLING: Duration = Duration::from_secs(90);
/// How long AWS Private CA answers a repeated token with the old certificate.
pub(crate) const TOKEN_LIFE: Duration = Duration::from_secs(305);
/// Leftovers of runs that were killed are older than this.
const LEFTOVER: Duration = Duration::from_secs(3600);

/// An issuer is ready when it issues.
#[derive(Clone, Debug)]
pub struct IssuerReady {
    /// How it is checked.
    pub verify: Verify,
    /// Namespace of the canary.
    pub namespace: String,
    /// Usages of the canary: the leaf's.
    pub usages: Vec<String>,
    /// Who issues.
    pub reference: Reference,
    /// Template of the issuer, where it names one.
    pub template: Option<String>,
    /// The CA that the canary must verify to.
    pub authority: Certificate,
}

/// Why a canary did not come to what was wanted.
enum Trouble {
    /// It may pass: try again after a pause.
    Passing(Diagnostics),
    /// The CA answered with the certificate of an older request.
    Replayed(Diagnostics),
    /// It will not pass.
    Lasting(Diagnostics),
}

#[async_trait]
impl Ready for IssuerReady {
    async fn wait(&self, engine: &Engine, part: &Part, _object: &Value) -> Result<(), Diagnostics> {
        if self.verify == Verify::Nothing {
            return Ok(());
        }
        engine
            .until(part, "is not ready", |seen| {
                report::is_ready(seen).ok_or_else(|| report::conditions(seen))
            })
            .await?;
        if self.verify == Verify::Issue {
            self.canaries(engine).await
        } else {
            Ok(())
        }
    }
}

impl IssuerReady {
    async fn canaries(&self, engine: &Engine) -> Result<(), Diagnostics> {
        self.sweep(engine).await;
        let mut began = Instant::now();
        let mut pause = Duration::from_secs(3);
        let mut replayed = false;
        loop {
            let why = match self.canary(engine).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Passing(why)) if began.elapsed() < SETTLING => {
                    pause = (pause * 2).min(Duration::from_secs(30));
                    why
                }
                Err(Trouble::Replayed(why)) if !replayed => {
                    tracing::info!("AWS Private CA answered with an older certificate: waiting five minutes");
                    (replayed, pause, began) = (true, TOKEN_LIFE, Instant::now() + TOKEN_LIFE);
                    why
                }
                Err(Trouble::Passing(why) | Trouble::Replayed(why) | Trouble::Lasting(why)) => return Err(why),
            };
            if engine.bounded(tokio::time::sleep(pause)).await.is_err() {
                return Err(why);
            }
        }
    }

    /// Deletes what crashed runs left: canaries of this owner, and any that are old.
    async fn sweep(&self, engine: &Engine) {
        let selector = format!("{CANARY_LABEL}=true");
        let found = engine
            .objects()
            .list(CERTIFICATE_REQUEST, Some(&self.namespace), &selector)
            .await
            .unwrap_or_default();
        for request in found
            .iter()
            .filter(|request| is_leftover(request, &engine.owner.label(), Timestamp::now()))
        {
            delete(engine, request).await;
        }
    }

    async fn canary(&self, engine: &Engine) -> Result<(), Trouble> {
        let request = pki::signing_request(CANARY_NAME).map_err(|error| {
            let mut diagnostics = Diagnostics::new();
            diagnostics.bug(format!("no signing request for the canary: {error}"));
            Trouble::Lasting(diagnostics)
        })?;
        let manifest = self.manifest(&request, &engine.owner.label());
        let created = engine
            .objects()
            .create(CERTIFICATE_REQUEST, Some(&self.namespace), &manifest)
            .await;
        let part = Part {
            address: "canary".to_owned(),
            kind: CERTIFICATE_REQUEST,
            manifest,
            after: Vec::new(),
            ready: None,
        };
        let created = created.map_err(|error| {
            let refused = engine.refused(&part, &error);
            if error.may_pass() {
                Trouble::Passing(refused)
            } else {
                Trouble::Lasting(refused)
            }
        })?;
        let outcome = self
            .outcome(
                engine,
                &Part {
                    manifest: created.clone(),
                    ..part
                },
                &request,
            )
            .await;
        delete(engine, &created).await;
        outcome
    }

    fn manifest(&self, request: &SigningRequest, owner: &str) -> Value {
        json!({
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
        })
    }

    async fn outcome(&self, engine: &Engine, part: &Part, request: &SigningRequest) -> Result<(), Trouble> {
        let decide = |seen: Option<&Value>| match report::issued(seen) {
            Issued::Pending => Err(report::conditions(seen)),
            decided => Ok((decided, report::conditions(seen))),
        };
        match engine
            .until(part, "is not ready", decide)
            .await
            .map_err(|why| Trouble::Lasting(self.explained(why)))?
        {
            (Issued::Certificate(pem), _) => self.judge(&pem, request, Timestamp::now()),
            (_, conditions) => {
                let mut diagnostics = Diagnostics::new();
                diagnostics.remote(
                    "The issuer does not issue",
                    format!("The test request was refused: {conditions}\n\n{}", self.advice()),
                );
                Err(if may_pass(&conditions) {
                    Trouble::Passing(diagnostics)
                } else {
                    Trouble::Lasting(diagnostics)
                })
            }
        }
    }

    /// Judges what was issued.
    fn judge(&self, pem: &str, request: &SigningRequest, now: Timestamp) -> Result<(), Trouble> {
        let failed = |why: String| {
            let mut diagnostics = Diagnostics::new();
            diagnostics.remote(
                "The issued certificate is not the CA's",
                format!("{why}.\n\n{}", self.advice()),
            );
            diagnostics
        };
        let chain = Certificate::chain(pem).map_err(|error| Trouble::Lasting(failed(error.to_string())))?;
        if chain[0].public_key != request.public_key {
            let why = "the certificate holds another key than the request: AWS Private CA answered a repeated token with the \
                       certificate of an older request";
            return Err(Trouble::Replayed(failed(why.to_owned())));
        }
        pki::verify(&chain, &self.authority, Purpose::of(&self.usages), now)
            .map_err(|error| Trouble::Passing(failed(error.to_string())))
    }

    fn explained(&self, mut why: Diagnostics) -> Diagnostics {
        why.remote("The issuer did not answer the test request", self.advice());
        why
    }

    fn advice(&self) -> String {
        let Reference { kind, name, .. } = &self.reference;
        let template = self
            .template
            .as_deref()
            .unwrap_or_else(|| crate::usage::template_of(&self.usages));
        format!(
            "{kind} `{name}` asked with the usages {} for the template `{template}`. Check that aws-privateca-issuer runs, that \
             cert-manager may approve its requests, and that its identity may `acm-pca:IssueCertificate`, \
             `acm-pca:GetCertificate` and `acm-pca:DescribeCertificateAuthority` on {} with that template (a share of another \
             account allows `EndEntityCertificate/V1` by default: set `template`). Then apply again.",
            self.usages.join(", "),
            self.reference.ca_arn.as_deref().unwrap_or("the CA"),
        )
    }
}

/// Words of failures that pass by themselves.
pub(crate) fn may_pass(conditions: &str) -> bool {
    const PASSING: [&str; 9] = [
        "AccessDenied",
        "no EC2 IMDS role",
        "Throttl",
        "timeout",
        "connection",
        "failed to retrieve provisioner",
        "ExpiredToken",
        "get credentials",
        "StatusCode: 5",
    ];
    PASSING.iter().any(|word| conditions.contains(word))
}

fn is_leftover(request: &Value, owner: &str, now: Timestamp) -> bool {
    let metadata = &request["metadata"];
    let created = metadata["creationTimestamp"]
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok());
    let old = created.is_some_and(|created| now.duration_since(created).unsigned_abs() > LEFTOVER && created < now);
    old || metadata["labels"][OWNER_LABEL] == owner
}

async fn delete(engine: &Engine, request: &Value) {
    let metadata = &request["metadata"];
    let text = |field: &str| metadata[field].as_str().unwrap_or_default();
    let deleted = engine
        .objects()
        .delete(
            CERTIFICATE_REQUEST,
            metadata["namespace"].as_str(),
            text("name"),
            text("uid"),
        )
        .await;
    if let Err(error) = deleted {
        tracing::warn!("a canary was left: {error}");
    }
}
