//! What is seen to work: cert-manager admits a Certificate, and aws-privateca-issuer's kinds are served.

use async_trait::async_trait;
use e2etls_clients::kube::kinds::{AWS_PCA_CLUSTER_ISSUER, CERTIFICATE};
use e2etls_clients::kube::objects::ApplyOptions;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::{Value, json};

use super::model::{EXISTING, NAMESPACE};
use crate::kinds::Clients;
use crate::kinds::aws::wait;

/// Field manager of what is never stored.
const MANAGER: &str = "e2etls-check";

/// cert-manager admits a Certificate in a dry run: its kinds are served, and its webhook answers.
pub(super) struct CertManager;

/// aws-privateca-issuer's kinds are served.
pub(super) struct Connector;

fn certificate() -> Value {
    json!({
        "apiVersion": CERTIFICATE.api_version(),
        "kind": CERTIFICATE.kind,
        "metadata": {"name": "e2etls-check", "namespace": NAMESPACE},
        "spec": {
            "secretName": "e2etls-check",
            "dnsNames": ["check.invalid"],
            "issuerRef": {"name": "check", "kind": "Issuer"},
        },
    })
}

async fn admits(op: &Operation<Clients>) -> Result<(), Refusal> {
    let options = ApplyOptions {
        dry_run: true,
        ..ApplyOptions::default()
    };
    let objects = &op.remotes.cluster().objects;
    let answer = op
        .bounded(objects.apply(CERTIFICATE, &certificate(), MANAGER, options))
        .await;
    answer.map(drop)
}

async fn serves(op: &Operation<Clients>) -> Result<(), Refusal> {
    let objects = &op.remotes.cluster().objects;
    op.bounded(objects.any(AWS_PCA_CLUSTER_ISSUER, None, ""))
        .await
        .map(drop)
}

/// Waits until `ask` is granted. What others have installed is there, or it is not.
async fn until<F>(
    op: &Operation<Clients>,
    part: &Part<Clients>,
    what: &str,
    ask: impl Fn() -> F + Send + Sync,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Refusal>> + Send,
{
    let existing = part.content["installed"] == EXISTING;
    let look = || {
        let asked = ask();
        async move {
            match asked.await {
                Err(refusal) if refusal.answer == Answer::KindMissing && !existing => Ok(Err(refusal.to_string())),
                Err(refusal) => Err(refusal),
                Ok(()) => Ok(Ok(())),
            }
        }
    };
    match wait::until(op, &part.name, what, look).await {
        Err(refusal) if refusal.answer == Answer::KindMissing => Err(Failure::about(
            part,
            Trouble::Domain {
                what: format!("{} is not installed", part.name),
                cause: format!("`addons` says that it exists, but {refusal}."),
                advice: "Set a version in `addons` to install the EKS add-on, or install it by other means first."
                    .to_owned(),
            },
        )),
        waited => waited.map_err(|refusal| Failure::refused(part, refusal)),
    }
}

fn works(answer: Result<(), Refusal>) -> Result<Option<bool>, Refusal> {
    match answer {
        Ok(()) => Ok(Some(true)),
        Err(refusal) if refusal.answer == Answer::KindMissing => Ok(Some(false)),
        Err(refusal) => Err(refusal),
    }
}

#[async_trait]
impl Ready<Clients> for CertManager {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, _: &Observed) -> Result<(), Failure> {
        until(op, part, "cert-manager admits certificates", || admits(op)).await
    }

    async fn works(&self, op: &Operation<Clients>, _: &Part<Clients>, _: &Observed) -> Result<Option<bool>, Refusal> {
        works(admits(op).await)
    }
}

#[async_trait]
impl Ready<Clients> for Connector {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, _: &Observed) -> Result<(), Failure> {
        until(op, part, "aws-privateca-issuer's kinds are served", || serves(op)).await
    }

    async fn works(&self, op: &Operation<Clients>, _: &Part<Clients>, _: &Observed) -> Result<Option<bool>, Refusal> {
        works(serves(op).await)
    }
}
