//! The certificate of a CA: signed by itself, by its parent, or outside of AWS.

use std::future::Future;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tfplugin_framework::{Attr, AttributePath, Context, Diagnostics};

use super::convert::token;
use super::model::{CaType, PrivateCa};
use crate::clients::aws::private_ca::{Authority, IssueRequest, Issued, PrivateCa as Service};
use crate::provider::Session;

/// Waits until `ask` has an answer. What it last saw stands in the error.
pub(super) async fn until<T, F>(
    context: &Context<Session>,
    what: &str,
    mut ask: impl FnMut() -> F,
) -> Result<T, Diagnostics>
where
    F: Future<Output = Result<Result<T, String>, Diagnostics>>,
{
    let started = tokio::time::Instant::now();
    let mut told = started;
    let mut pause = Duration::from_millis(200);
    loop {
        let last = match ask().await? {
            Ok(answer) => return Ok(answer),
            Err(last) => last,
        };
        if told.elapsed() > Duration::from_secs(10) {
            tracing::info!("waiting for {what}: {last}");
            told = tokio::time::Instant::now();
        }
        let over = started.elapsed() + pause > context.timeout;
        if over || context.cancel.is_cancelled() {
            let why = if over { "The time of the operation is over." } else { "The operation was stopped." };
            let mut diagnostics = Diagnostics::new();
            let detail = format!("{why} Last seen: {last}\n\nApply again to go on, with a longer `timeouts` if it needs one.");
            diagnostics.remote(format!("Waiting for {what} ended"), detail);
            return Err(diagnostics);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = context.cancel.cancelled() => {}
        }
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

/// The CA once it has left CREATING.
pub(super) async fn settled(context: &Context<Session>, service: &Service, arn: &str) -> Result<Authority, Diagnostics> {
    until(context, "the CA to be created", || async {
        Ok(match service.describe(arn).await? {
            Some(found) if found.status != "CREATING" => Ok(found),
            Some(found) => Err(found.status),
            // A CA that was just created may not be visible yet: it is never taken for gone here.
            None => Err("not visible yet".to_owned()),
        })
    })
    .await
}

/// The CA's signing request.
pub(super) async fn csr(context: &Context<Session>, service: &Service, arn: &str) -> Result<String, Diagnostics> {
    until(context, "the CA's signing request", || async { Ok(service.csr(arn).await?.ok_or("being made".to_owned())) }).await
}

/// Gets the CA a certificate and installs it. False if it has to be signed outside and is not yet.
pub(super) async fn certify(
    context: &Context<Session>,
    service: &Service,
    model: &PrivateCa,
    authority: &Authority,
) -> Result<bool, Diagnostics> {
    let arn = authority.arn.as_str();
    let issued = if model.r#type.known() == Some(&CaType::Root) {
        sign(context, service, model, authority, arn, "RootCACertificate/V1").await?
    } else if let Some(parent) = model.parent_arn.as_str() {
        sign(context, service, model, authority, parent, "SubordinateCACertificate_PathLen0/V1").await?
    } else if let Some(pem) = model.signed_certificate_pem.as_str() {
        let chain_pem = model.signed_chain_pem.as_str().unwrap_or_default().to_owned();
        Issued { certificate_pem: pem.to_owned(), chain_pem }
    } else {
        return Ok(false);
    };
    service.import(arn, &issued).await?;
    until(context, "the CA to be ACTIVE", || async {
        Ok(match service.describe(arn).await? {
            Some(found) if found.status == "ACTIVE" => Ok(true),
            Some(found) => Err(found.status),
            None => Err("not visible".to_owned()),
        })
    })
    .await
}

async fn sign(
    context: &Context<Session>,
    service: &Service,
    model: &PrivateCa,
    authority: &Authority,
    signer: &str,
    template: &str,
) -> Result<Issued, Diagnostics> {
    let days = model.validity_days.known().copied().unwrap_or_default();
    ends_no_earlier(authority, days)?;
    let signing_algorithm = if signer == authority.arn {
        authority.signing_algorithm.clone()
    } else {
        let parent = service.describe(signer).await?;
        let usable = parent.filter(|parent| parent.status == "ACTIVE");
        usable.ok_or_else(|| parent_not_active(signer))?.signing_algorithm
    };
    let csr_pem = csr(context, service, &authority.arn).await?;
    let before = authority.not_after.map(|end| end.to_string()).unwrap_or_default();
    let request = IssueRequest {
        ca_arn: signer,
        csr_pem: &csr_pem,
        template,
        signing_algorithm: &signing_algorithm,
        validity_days: days,
        token: &token(&[&authority.arn, &days.to_string(), &before]),
    };
    let certificate_arn = service.issue(&request).await?;
    let mut issued = until(context, "the CA's certificate", || async {
        Ok(service.issued(signer, &certificate_arn).await?.ok_or("being issued".to_owned()))
    })
    .await?;
    if signer == authority.arn {
        issued.chain_pem = String::new();
    }
    Ok(issued)
}

/// A renewal must not make certificates invalid that were issued under the old end.
fn ends_no_earlier(authority: &Authority, days: i64) -> Result<(), Diagnostics> {
    let Some(before) = authority.not_after else { return Ok(()) };
    let end = Timestamp::now() + SignedDuration::from_hours(days * 24);
    if end >= before {
        return Ok(());
    }
    let mut diagnostics = Diagnostics::new();
    let detail = format!(
        "The CA's certificate is valid until {before}; `{days}` days from now would end at {end}, before that. Certificates that \
         were issued under the old end would break.\n\nGive more days."
    );
    diagnostics.input(AttributePath::root("validity_days"), "The CA would end earlier", detail);
    Err(diagnostics)
}

fn parent_not_active(arn: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let detail = format!("{arn} does not exist or is not ACTIVE: it can't sign.\n\nActivate it, or name another CA.");
    diagnostics.input(AttributePath::root("parent_arn"), "The parent can't sign", detail);
    diagnostics
}

/// Sets what follows from the CA as it is.
pub(super) async fn observe(service: &Service, authority: &Authority, model: &mut PrivateCa) -> Result<(), Diagnostics> {
    let end = authority.not_after.map(|end| end.to_string());
    let certified = !matches!(authority.status.as_str(), "CREATING" | "PENDING_CERTIFICATE" | "FAILED");
    if !certified {
        model.certificate_pem = Attr::Null;
        model.chain_pem = Attr::Null;
    } else if model.not_after.as_str() != end.as_deref() || model.certificate_pem.known().is_none() {
        let own = service.certificate(&authority.arn).await?;
        model.certificate_pem = own.certificate_pem.into();
        model.chain_pem = (!own.chain_pem.is_empty()).then_some(own.chain_pem).into();
    }
    model.not_after = end.into();
    model.status = authority.status.clone().into();
    model.owner_account = authority.owner_account.clone().into();
    Ok(())
}
