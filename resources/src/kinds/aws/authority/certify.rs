//! The certificate of a CA: signed by itself, by its parent, or outside of AWS.

use e2etls_clients::aws::acm_pca::{Authority, IssueRequest, Issued};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};
use jiff::{SignedDuration, Timestamp};

use super::content::{Seen, Wish, days_of, is_same};
use super::{TOKEN, becomes};
use crate::kinds::Clients;
use crate::kinds::aws::token::token;
use crate::kinds::aws::wait::until;
use crate::pki::Certificate;

/// The longest path that a template gives.
const LONGEST_PATH: u32 = 3;

/// Who signs the CA's certificate, checked to be able to.
pub(super) enum Signer {
    /// The CA itself.
    Own,
    /// A CA in AWS Private CA.
    Parent {
        arn: String,
        signing_algorithm: String,
        path_length: u32,
        public_key: Vec<u8>,
        not_after: Option<Timestamp>,
    },
    /// Somebody outside; the certificate, once there is one.
    Outside(Option<Issued>),
}

/// Finds the signer. Called before the first write, so that a parent that can't sign costs nothing.
pub(super) async fn signer(op: &Operation<Clients>, wish: &Wish) -> Result<Signer, Refusal> {
    if wish.r#type == "ROOT" {
        return Ok(Signer::Own);
    }
    let Some(arn) = &wish.parent_arn else {
        return Ok(Signer::Outside(wish.signed.clone()));
    };
    let parent = op.remotes.acm_pca().describe(arn).await?;
    let Some(parent) = parent.filter(|parent| parent.status == "ACTIVE") else {
        let words = "It does not exist or is not ACTIVE. Activate it, or use another CA as `parent_arn`.";
        return Err(unfit("parent_arn", "The parent CA can't sign", arn, words));
    };
    let certificate = op.remotes.acm_pca().certificate(arn).await?.certificate_pem;
    let certificate = Certificate::first(&certificate)
        .map_err(|error| unfit("parent_arn", "The parent CA can't sign", arn, error.to_string()))?;
    let path_length = match certificate.path_length() {
        Some(0) => {
            let words =
                "Its certificate has a path length of 0, so it can't sign other CAs. Use another CA as `parent_arn`.";
            return Err(unfit("parent_arn", "The parent can't sign CAs", arn, words));
        }
        // A CA that issues for at most a week can't usefully sign another CA.
        _ if wish.usage_mode == "SHORT_LIVED_CERTIFICATE" => 0,
        Some(limit) => (limit - 1).min(LONGEST_PATH),
        None => LONGEST_PATH,
    };
    Ok(Signer::Parent {
        arn: arn.clone(),
        signing_algorithm: parent.signing_algorithm,
        path_length,
        public_key: certificate.public_key,
        not_after: parent.not_after,
    })
}

impl Signer {
    /// True if the CA can get a certificate now.
    pub(super) fn is_ready(&self) -> bool {
        !matches!(self, Self::Outside(None))
    }

    /// True if a certificate is of this signer, for these days.
    pub(super) fn has_signed(&self, wish: &Wish, own: &Issued) -> bool {
        let above = || Certificate::first(&own.chain_pem).map(|above| above.public_key);
        match self {
            Self::Parent { public_key, .. } if above().as_ref() != Ok(public_key) => false,
            Self::Own | Self::Parent { .. } => days_of(&own.certificate_pem) == wish.validity_days,
            Self::Outside(signed) => is_same(signed.as_ref(), own),
        }
    }

    /// Refuses a certificate that would outlive its signer, or expire before `before`, when the existing one expires:
    /// what was issued under that would break.
    pub(super) fn check(&self, wish: &Wish, arn: &str, before: Option<Timestamp>) -> Result<(), Refusal> {
        let end = end_of(wish);
        let limit = match self {
            Self::Own => None,
            Self::Parent { not_after, .. } => *not_after,
            Self::Outside(_) => return Ok(()),
        };
        if let Some(limit) = limit.filter(|limit| end > *limit) {
            let words = format!(
                "It would expire at {end}, but the parent expires at {limit}. Use a smaller `validity_days`, or renew \
                 the parent first."
            );
            return Err(unfit("validity_days", "The CA would outlive its parent", arn, words));
        }
        if let Some(before) = before.filter(|before| end < *before) {
            let words = format!(
                "Its certificate is valid until {before}, but a new one would expire at {end}. Certificates that rely \
                 on the current end of validity would become invalid before they expire. Use a larger \
                 `validity_days`."
            );
            return Err(unfit("validity_days", "The CA would expire earlier", arn, words));
        }
        Ok(())
    }

    /// Obtains a certificate for the CA and installs it.
    pub(super) async fn certify(
        &self,
        op: &Operation<Clients>,
        wish: &Wish,
        seen: &Seen,
    ) -> Result<Authority, Refusal> {
        let authority = &seen.authority;
        let arn = authority.arn.as_str();
        let issued = match self {
            Self::Own => {
                let by = (arn, authority.signing_algorithm.as_str());
                let signed = sign(op, wish, seen, by, "RootCACertificate/V1").await?;
                Issued {
                    chain_pem: String::new(),
                    ..signed
                }
            }
            Self::Parent {
                arn: parent,
                signing_algorithm,
                path_length,
                ..
            } => {
                let template = format!("SubordinateCACertificate_PathLen{path_length}/V1");
                sign(op, wish, seen, (parent, signing_algorithm), &template).await?
            }
            Self::Outside(Some(issued)) => issued.clone(),
            Self::Outside(None) => return Ok(authority.clone()),
        };
        op.remotes.acm_pca().import(arn, &issued).await?;
        becomes(op, arn, |status| status == "ACTIVE").await
    }
}

async fn sign(
    op: &Operation<Clients>,
    wish: &Wish,
    Seen { authority, csr, .. }: &Seen,
    (signer, signing_algorithm): (&str, &str),
    template: &str,
) -> Result<Issued, Refusal> {
    let api = op.remotes.acm_pca();
    let days = wish.validity_days.unwrap_or_default();
    let csr_pem = match csr {
        Some(csr) => csr.clone(),
        None => {
            until(op, &authority.arn, "the CA has a signing request", || async {
                Ok(api.csr(&authority.arn).await?.ok_or("still being created".to_owned()))
            })
            .await?
        }
    };
    let before = authority.not_after.map(|end| end.to_string()).unwrap_or_default();
    let request = IssueRequest {
        ca_arn: signer,
        csr_pem: &csr_pem,
        template,
        signing_algorithm,
        validity_days: days,
        // A kill between issuing and installing asks again with the same token, and is given the same certificate.
        token: &token(&[&authority.arn, template, &days.to_string(), &before], TOKEN),
    };
    let certificate_arn = api.issue(&request).await?;
    until(op, &authority.arn, "the CA's certificate is issued", || async {
        Ok(api
            .issued(signer, &certificate_arn)
            .await?
            .ok_or("still being issued".to_owned()))
    })
    .await
}

fn end_of(wish: &Wish) -> Timestamp {
    let days = wish.validity_days.unwrap_or_default();
    Timestamp::now()
        .checked_add(SignedDuration::from_hours(days.saturating_mul(24)))
        .unwrap_or(Timestamp::MAX)
}

/// An argument does not fit what exists; nothing was written.
pub(super) fn unfit(argument: &'static str, what: &str, arn: &str, words: impl Into<String>) -> Refusal {
    Refusal::new(Answer::Invalid, what, arn, words).of_argument(argument)
}
