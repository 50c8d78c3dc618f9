//! Public certificates of ACM.
//!
//! ```text
//! request ──▶ PENDING_VALIDATION ──its records are in DNS──▶ ISSUED ──▶ EXPIRED, REVOKED, INACTIVE
//!                    └──▶ VALIDATION_TIMED_OUT, FAILED
//! ```
//!
//! AWS names them, so several with the same content may exist. A state at the end of the second line is final: such a
//! certificate can't be used any more, matches nothing that is wanted, and is replaced.
//!
//! Content: `domain`, `sans` and `key_algorithm` never change; `dns` (how its names are validated, for an import) and
//! `tags` are tags.

mod issued;
mod see;
#[cfg(test)]
mod tests;
mod write;

use async_trait::async_trait;
use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm::Certificate;
use e2etls_clients::present;
use e2etls_engine::kind::{Observed, Put, Reading};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::Refusal;
use jiff::Timestamp;
use serde_json::{Value, json};

pub use issued::{Issued, Requested};
pub use see::{RECORDS, output};

use super::super::Clients;
use super::content::is_here;
use super::given::{Given, OfAws};

/// The kind.
pub static ACM_CERTIFICATE: Given<AcmCertificate> = Given(AcmCertificate);

/// Public certificates of ACM.
pub struct AcmCertificate;

/// Tag: how the names are validated.
const DNS_TAG: &str = "e2etls:dns";

/// True for a certificate that can't be issued or used any more.
#[must_use]
pub fn is_over(status: &str) -> bool {
    matches!(
        status,
        "VALIDATION_TIMED_OUT" | "FAILED" | "REVOKED" | "EXPIRED" | "INACTIVE"
    )
}

/// The name that a name shares its record with: a wildcard and its parent have the same.
#[must_use]
pub fn base(domain: &str) -> &str {
    domain.strip_prefix("*.").unwrap_or(domain)
}

#[async_trait]
impl OfAws for AcmCertificate {
    const NAME: &'static str = "ACM certificate";
    const FIXED: &'static [&'static str] = &["domain", "sans", "key_algorithm"];

    const IS_RARE: bool = true;

    type Found = Certificate;

    fn is_over(content: &Value) -> bool {
        content["status"].as_str().is_some_and(is_over)
    }

    async fn list(op: &Operation<Clients>) -> Result<Vec<Certificate>, Refusal> {
        let all = op.remotes.acm().await?.list(&[]).await?.into_iter();
        let public = all.filter(|summary| summary.certificate_type == "AMAZON_ISSUED");
        Ok(public.map(see::listed).collect())
    }

    fn facts(found: &Certificate) -> (&str, Option<Timestamp>) {
        (&found.arn, found.created_at)
    }

    fn may_be(found: &Certificate, like: Option<&Part<Clients>>) -> bool {
        let is_like = |content: &Value| {
            content["domain"] == found.domain.as_str() && content["key_algorithm"] == found.key_algorithm.as_str()
        };
        like.is_some_and(|part| is_like(&part.content))
    }

    async fn describe(op: &Operation<Clients>, arn: &str, _reading: Reading) -> Result<Option<Certificate>, Refusal> {
        let acm = op.remotes.acm().await?;
        let found = acm.describe(arn).await?;
        if found.is_none() {
            is_here(&*acm, "acm:DescribeCertificate", arn).await?;
        }
        Ok(found)
    }

    async fn tags(op: &Operation<Clients>, arn: &str) -> Result<Option<Tags>, Refusal> {
        present(op.remotes.acm().await?.tags(arn).await)
    }

    async fn tag(op: &Operation<Clients>, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        op.remotes.acm().await?.add_tags(arn, tags).await
    }

    async fn untag(op: &Operation<Clients>, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        op.remotes.acm().await?.remove_tags(arn, keys).await
    }

    fn told(tags: &Tags) -> (&'static str, Value) {
        ("dns", json!(tags.get(DNS_TAG)))
    }

    async fn see(op: &Operation<Clients>, found: Certificate, look: Option<Reading>) -> Result<Observed, Refusal> {
        see::see(op, found, look.is_none()).await
    }

    async fn make(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Result<Observed, Refusal> {
        write::make(op, put).await
    }

    async fn change(op: &Operation<Clients>, put: &Put<'_, Clients>, over: &Observed) -> Result<Observed, Refusal> {
        write::change(op, put, over).await
    }

    async fn delete(op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        op.remotes.acm().await?.delete(&object.uid).await.map(|()| true)
    }
}
