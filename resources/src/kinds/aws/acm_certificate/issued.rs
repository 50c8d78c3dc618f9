//! What is waited for about a certificate.

use async_trait::async_trait;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::{Kind as _, Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::Refusal;

use super::{ACM_CERTIFICATE, is_over};
use crate::kinds::Clients;

/// The certificate whose ARN is the member `arn` of the content is ISSUED.
pub struct Issued;

fn target(part: &Part<Clients>) -> Target<'_> {
    Target {
        name: &part.name,
        uid: part.content["arn"].as_str(),
    }
}

#[async_trait]
impl Ready<Clients> for Issued {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, _object: &Observed) -> Result<(), Failure> {
        let is_issued = |seen: Option<&Observed>| {
            let status = seen.and_then(|object| object.content["status"].as_str());
            match status {
                None => Err("not visible yet".to_owned()),
                Some("ISSUED") => Ok(None),
                Some(status) if is_over(status) => {
                    let reason = seen.and_then(|object| object.content["failure_reason"].as_str());
                    Ok(Some(over(status, reason)))
                }
                Some(status) => Err(status.to_owned()),
            }
        };
        let target = target(part);
        match op
            .until(&ACM_CERTIFICATE, target, "is not ISSUED yet", is_issued)
            .await?
        {
            None => Ok(()),
            Some(cause) => Err(Failure {
                address: part.address.clone(),
                reference: part.reference(),
                trouble: Trouble::Domain {
                    what: "ACM did not issue the certificate".to_owned(),
                    cause,
                    advice: "Fix the cause and apply again. This replaces the certificate.".to_owned(),
                },
            }),
        }
    }

    async fn works(
        &self,
        op: &Operation<Clients>,
        part: &Part<Clients>,
        _object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        let seen = ACM_CERTIFICATE.look(op, target(part), Reading::Watched).await?;
        Ok(Some(seen.is_some_and(|object| object.content["status"] == "ISSUED")))
    }
}

/// Why a certificate can't be issued or used any more.
pub(super) fn over(status: &str, reason: Option<&str>) -> String {
    let why = match status {
        "VALIDATION_TIMED_OUT" => "its validation records were not found in public DNS within 72 hours",
        "FAILED" => "the request failed",
        "REVOKED" => "it was revoked",
        "EXPIRED" => "it has expired",
        _ => "it is no longer in use by ACM",
    };
    match reason {
        Some(reason) => format!("The certificate is {status}: {why} ({reason})."),
        None => format!("The certificate is {status}: {why}."),
    }
}

/// The content has its value, so its records are known: nothing else is waited for.
pub struct Requested;

#[async_trait]
impl Ready<Clients> for Requested {
    async fn wait(&self, _op: &Operation<Clients>, _part: &Part<Clients>, _object: &Observed) -> Result<(), Failure> {
        Ok(())
    }

    async fn works(
        &self,
        _op: &Operation<Clients>,
        _part: &Part<Clients>,
        _object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        Ok(Some(true))
    }
}
