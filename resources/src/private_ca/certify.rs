//! The certificate of a CA: signed by itself, by its parent, or outside of AWS.

use jiff::{SignedDuration, Timestamp};
use tfplugin_framework::{AttributePath, Diagnostics};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::convert::token;
use super::model::{CaType, PrivateCa, UsageMode};
use super::run::Run;
use crate::pki::Certificate;
use crate::provider::wording::Worded as _;
use e2etls_clients::aws::acm_pca::{Authority, IssueRequest, Issued};

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
    },
    /// Somebody outside; the certificate, once there is one.
    Outside(Option<Issued>),
}

impl Signer {
    /// True if the CA can get a certificate now.
    pub(super) fn is_ready(&self) -> bool {
        !matches!(self, Self::Outside(None))
    }
}

/// Finds the signer. Called before the first write, so that a parent that can't sign costs nothing.
pub(super) async fn signer(run: &Run<'_>, model: &PrivateCa) -> Result<Signer, Diagnostics> {
    if model.r#type.known() == Some(&CaType::Root) {
        return Ok(Signer::Own);
    }
    let Some(arn) = model.parent_arn.as_str() else {
        let issued = model.signed_certificate_pem.as_str().map(|pem| Issued {
            certificate_pem: pem.to_owned(),
            chain_pem: model.signed_chain_pem.as_str().unwrap_or_default().to_owned(),
        });
        return Ok(Signer::Outside(issued));
    };
    let parent = run
        .api
        .describe(arn)
        .await
        .worded()?
        .filter(|parent| parent.status == "ACTIVE");
    let parent = parent.ok_or_else(|| {
        refused(
            "parent_arn",
            "The parent can't sign",
            format!("{arn} does not exist or is not ACTIVE.\n\nActivate it, or name another CA."),
        )
    })?;
    outlives(&parent, model.validity_days.known().copied().unwrap_or_default())?;
    let certificate = run.api.certificate(arn).await.worded()?.certificate_pem;
    let path_length = match path_limit(&certificate) {
        Some(0) => {
            let detail = format!("{arn} has path length 0: it may sign no CA.\n\nName a CA that may.");
            return Err(refused("parent_arn", "The parent may not sign a CA", detail));
        }
        // What issues for at most a week signs no CA worth having.
        _ if model.usage_mode.known() == Some(&UsageMode::ShortLived) => 0,
        Some(limit) => (limit - 1).min(LONGEST_PATH),
        None => LONGEST_PATH,
    };
    Ok(Signer::Parent {
        arn: arn.to_owned(),
        signing_algorithm: parent.signing_algorithm,
        path_length,
    })
}

/// How many CAs may stand below a CA, if its certificate limits that.
fn path_limit(pem: &str) -> Option<u32> {
    let certificate = Certificate::first(pem).ok()?;
    let (_, parsed) = X509Certificate::from_der(&certificate.der).ok()?;
    parsed
        .basic_constraints()
        .ok()
        .flatten()
        .and_then(|found| found.value.path_len_constraint)
}

/// Gets the CA a certificate and installs it. `signer` must be ready.
pub(super) async fn certify(
    run: &Run<'_>,
    model: &PrivateCa,
    authority: &Authority,
    signer: &Signer,
) -> Result<Authority, Diagnostics> {
    let arn = authority.arn.as_str();
    let issued = match signer {
        Signer::Own => {
            let signed = sign(
                run,
                model,
                authority,
                (arn, &authority.signing_algorithm),
                "RootCACertificate/V1",
            )
            .await?;
            Issued {
                chain_pem: String::new(),
                ..signed
            }
        }
        Signer::Parent {
            arn,
            signing_algorithm,
            path_length,
        } => {
            let template = format!("SubordinateCACertificate_PathLen{path_length}/V1");
            sign(run, model, authority, (arn, signing_algorithm), &template).await?
        }
        Signer::Outside(Some(issued)) => issued.clone(),
        Signer::Outside(None) => return Ok(authority.clone()),
    };
    run.api.import(arn, &issued).await.worded()?;
    run.until("the CA to be ACTIVE", || async {
        Ok(match run.api.describe(arn).await.worded()? {
            Some(found) if found.status == "ACTIVE" => Ok(found),
            Some(found) => Err(found.status),
            None => Err("not visible".to_owned()),
        })
    })
    .await
}

async fn sign(
    run: &Run<'_>,
    model: &PrivateCa,
    authority: &Authority,
    (signer, signing_algorithm): (&str, &str),
    template: &str,
) -> Result<Issued, Diagnostics> {
    let days = model.validity_days.known().copied().unwrap_or_default();
    let csr_pem = run.csr(&authority.arn).await?;
    let before = authority.not_after.map(|end| end.to_string()).unwrap_or_default();
    let request = IssueRequest {
        ca_arn: signer,
        csr_pem: &csr_pem,
        template,
        signing_algorithm,
        validity_days: days,
        // A crash between issuing and installing asks again with the same token, and is given the same certificate.
        token: &token(&[&authority.arn, &days.to_string(), &before]),
    };
    let certificate_arn = run.api.issue(&request).await.worded()?;
    run.until("the CA's certificate", || async {
        Ok(run
            .api
            .issued(signer, &certificate_arn)
            .await
            .worded()?
            .ok_or("being issued".to_owned()))
    })
    .await
}

/// A renewal must not make certificates invalid that were issued under the old end.
pub(super) fn ends_no_earlier(authority: &Authority, days: i64) -> Result<(), Diagnostics> {
    let Some(before) = authority.not_after else {
        return Ok(());
    };
    let end = end_of(days);
    if end >= before {
        return Ok(());
    }
    let detail = format!(
        "The CA's certificate is valid until {before}; `{days}` days from now would end at {end}, before that. Certificates that \
         were issued under the old end would break.\n\nGive more days."
    );
    Err(refused("validity_days", "The CA would end earlier", detail))
}

/// A certificate can't outlive who signed it.
fn outlives(parent: &Authority, days: i64) -> Result<(), Diagnostics> {
    let end = end_of(days);
    match parent.not_after {
        Some(parent_end) if end > parent_end => {
            let detail = format!(
                "`{days}` days from now end at {end}, but the parent {} ends at {parent_end}.\n\nGive fewer days, or renew the \
                 parent first.",
                parent.arn
            );
            Err(refused("validity_days", "The CA would outlive its parent", detail))
        }
        _ => Ok(()),
    }
}

fn end_of(days: i64) -> Timestamp {
    Timestamp::now()
        .checked_add(SignedDuration::from_hours(days.saturating_mul(24)))
        .unwrap_or(Timestamp::MAX)
}

/// Days of a certificate as they were asked for: AWS dates the beginning back by an hour.
pub(super) fn days_of(pem: &str) -> Option<i64> {
    let certificate = Certificate::first(pem).ok()?;
    Some((certificate.not_after.duration_since(certificate.not_before).as_hours() + 12) / 24)
}

fn refused(argument: &str, summary: &str, detail: String) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.input(AttributePath::root(argument), summary, detail);
    diagnostics
}
