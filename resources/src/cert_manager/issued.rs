//! Readiness of a Certificate: it was issued by the requested CA, and has the requested content.
//!
//! cert-manager's `Ready` alone does not say that: a Certificate whose issuer got another CA stays `Ready` with the old
//! leaf, and one that finds a Secret of its name takes that without any request. So the request of the current revision
//! must prove it; if it does not, the condition `Issuing` is set, as `cmctl renew` does.

use async_trait::async_trait;
use e2etls_clients::kube::kinds::{CERTIFICATE, CERTIFICATE_REQUEST};
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::Refusal;
use jiff::Timestamp;
use tfplugin_framework::AttributePath;

use super::certificate::CertificateSpec;
use super::issuance::Run;
use super::pending::Silence;
use super::proof::{Evidence, Progress, judge};
use super::{authority, explained, worded};
use crate::kinds::Clients;
use crate::pki::Certificate;

/// Ready when the certificate was issued by the requested CA.
#[derive(Clone, Debug)]
pub struct IssuedBy {
    /// What was requested. Without a CA, the one that the issuer reports is trusted.
    pub spec: CertificateSpec,
}

#[async_trait]
impl Ready<Clients> for IssuedBy {
    async fn wait(&self, op: &Operation<Clients>, _part: &Part<Clients>, object: &Observed) -> Result<(), Failure> {
        let old_failure = object.content["status"]["lastFailureTime"].as_str().map(str::to_owned);
        let mut run = Run {
            authority: self.authority(op).await?,
            by: self,
            op,
            old_failure,
            generation: object.content["metadata"]["generation"].as_i64().unwrap_or(1),
            attempts: 0,
            last: "nothing yet".to_owned(),
            failure: None,
            resting: None,
            silence: Silence::default(),
        };
        let issued = async {
            match run.issue().await {
                Ok(()) => Ok(()),
                Err(failure) => {
                    run.failure = Some(failure);
                    Ok(())
                }
            }
        };
        if op.bounded(issued).await.is_ok() {
            return run.failure.map_or(Ok(()), Err);
        }
        let waiting = Failure {
            address: String::new(),
            reference: run.reference(),
            trouble: Trouble::Waiting {
                otherwise: "is not ready".to_owned(),
                last_seen: run.last.clone(),
                stopped: op.cancel.is_cancelled(),
            },
        };
        Err(explained(waiting, &run.events().await))
    }

    async fn works(
        &self,
        op: &Operation<Clients>,
        _part: &Part<Clients>,
        object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        let Ok(authority) = self.authority(op).await else {
            return Ok(None);
        };
        let namespace = Some(self.spec.namespace.as_str());
        let requests = op
            .remotes
            .cluster()
            .objects
            .list(CERTIFICATE_REQUEST, namespace, "")
            .await?;
        let evidence = Evidence {
            certificate: &object.content,
            generation: object.content["metadata"]["generation"].as_i64().unwrap_or(1),
            requests: &requests,
            old_failure: None,
            now: Timestamp::now(),
        };
        Ok(Some(
            judge(&self.spec, authority.as_ref(), evidence) == Progress::Proven,
        ))
    }
}

impl IssuedBy {
    /// The certificate of the CA that must have issued.
    async fn authority(&self, op: &Operation<Clients>) -> Result<Option<Certificate>, Failure> {
        let Some(arn) = &self.spec.issuer.ca_arn else {
            return Ok(None);
        };
        let path = AttributePath::root("issuer").attribute("ca_arn");
        let found = authority::look(op.remotes.session(), arn, path).await;
        let found = found.map_err(|diagnostics| worded(CERTIFICATE.kind, &self.name(), &diagnostics))?;
        Ok(Some(found.certificate))
    }

    /// Name of the Certificate as a part has it.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.spec.namespace, self.spec.name)
    }
}
