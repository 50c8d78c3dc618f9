//! Requests certificates, and changes their tags.
//!
//! Everything here goes by what is there now, so that it converges wherever it was killed.

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm::{Certificate, NewCertificate};
use e2etls_engine::kind::{Observed, Put, pause};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;

use super::see::see;
use super::{AcmCertificate, DNS_TAG, is_over, issued};
use crate::kinds::Clients;
use crate::kinds::aws::content::{consented, differences};
use crate::kinds::aws::given::{OfAws, named, retag};
use crate::kinds::aws::marks;
use crate::kinds::aws::token;

/// Longest idempotency token of ACM.
const TOKEN: usize = 32;
/// How often a certificate that ACM has just named is looked up until it is considered deleted: for an hour, its token
/// returns a deleted one.
const LOOKS: u32 = 4;

/// All tags that the certificate is to have.
fn wanted(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Tags {
    let mut tags = marks::wanted(op, put);
    if let Some(dns) = put.part.content["dns"].as_str().filter(|dns| !dns.is_empty()) {
        tags.insert(DNS_TAG.to_owned(), dns.to_owned());
    }
    tags
}

/// Requests the certificate, or continues with the one that an unfinished create has requested.
pub(super) async fn make(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Result<Observed, Refusal> {
    let (certificate, found) = request(op, put).await?;
    if is_over(&certificate.status) {
        let words = issued::over(&certificate.status, certificate.failure_reason.as_deref());
        let words = format!("{words} Apply again to request another certificate.");
        return Err(Refusal::new(
            Answer::Invalid,
            "acm:RequestCertificate",
            certificate.arn,
            words,
        ));
    }
    let seen = see(op, certificate, false).await?;
    retag::<AcmCertificate>(op, put, &seen, (&found, &wanted(op, put))).await
}

async fn request(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Result<(Certificate, Tags), Refusal> {
    let content = &put.part.content;
    let text = |member: &str| content[member].as_str().unwrap_or_default().to_owned();
    let sans = content["sans"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let new = NewCertificate {
        domain: text("domain"),
        sans: sans.map(str::to_owned).collect(),
        key_algorithm: text("key_algorithm"),
        token: String::new(),
        tags: wanted(op, put),
    };
    let ask = |token| {
        let new = NewCertificate { token, ..new.clone() };
        async move { op.remotes.acm().await?.request_certificate(&new).await }
    };
    let take = |arn: String| async move { taken(op, put, &arn).await };
    token::make(op, put, (TOKEN, AcmCertificate::FIXED), ask, take).await
}

/// The certificate that a request was answered with, and its tags, if it may be taken for the one that is being made.
async fn taken(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    arn: &str,
) -> Result<Option<(Certificate, Tags)>, Refusal> {
    let Some(certificate) = visible(op, arn).await? else {
        return Ok(None);
    };
    let Some(tags) = AcmCertificate::tags(op, arn).await? else {
        return Ok(None);
    };
    let of = marks::marks(&tags);
    let own = of.instance == put.marks.instance;
    let may = put.may_adopt(&of) && (own || !is_over(&certificate.status));
    Ok(may.then_some((certificate, tags)))
}

/// The certificate, which may not be visible in the first moment.
async fn visible(op: &Operation<Clients>, arn: &str) -> Result<Option<Certificate>, Refusal> {
    for tries in 0..LOOKS {
        if let Some(found) = op.remotes.acm().await?.describe(arn).await? {
            return Ok(Some(found));
        }
        tokio::time::sleep(pause(tries)).await;
    }
    Ok(None)
}

/// Changes the tags of the certificate that was seen as `over`: nothing else of it can change.
pub(super) async fn change(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    over: &Observed,
) -> Result<Observed, Refusal> {
    let found = op.remotes.acm().await?.tags(&over.uid).await?;
    let seen = named::<AcmCertificate>(over.clone(), &over.name, Some(&found));
    consented(put, &differences(&put.part.content, &seen.content), &[""])?;
    retag::<AcmCertificate>(op, put, &seen, (&found, &wanted(op, put))).await
}
