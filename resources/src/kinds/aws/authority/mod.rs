//! CAs of AWS Private CA.
//!
//! ```text
//! make ──▶ CREATING ──▶ PENDING_CERTIFICATE ──issue, import──▶ ACTIVE ◀──▶ DISABLED ──▶ DELETED
//!                             ▲                                   │                       │
//!                             └───────────── restore ◀────────────┴── (EXPIRED) ──────────┘
//! ```
//!
//! AWS names them, so two with the same content may exist. A read of a CA gives `None` once it is DELETED; its ARN
//! (`restore_arn`) brings it back.

mod certify;
mod content;
mod end;
mod make;
mod see;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm_pca::Authority;
use e2etls_engine::kind::{Observed, Put, Reading};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::Refusal;
use jiff::Timestamp;
use serde_json::Value;

pub use content::{CERTIFICATE, WINDOW, days_of};

use super::given::{Given, OfAws};
use super::marks;
use super::wait::until;
use crate::kinds::Clients;
use content::Seen;
use write::Write;

/// The kind.
pub static PRIVATE_CA: Given<PrivateCa> = Given(PrivateCa);

/// CAs of AWS Private CA.
pub struct PrivateCa;

/// Longest idempotency token of AWS Private CA.
const TOKEN: usize = 36;

#[async_trait]
impl OfAws for PrivateCa {
    const NAME: &'static str = "CA";
    const FIXED: &'static [&'static str] = &["type", "usage_mode", "key_algorithm", "subject"];
    const MOVED_BY: &'static [&'static str] = &["certified", "validity_days", "signed", "enabled"];

    type Found = Authority;

    fn differences(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        content::differences(desired, live)
    }

    fn is_over(content: &Value) -> bool {
        content["status"] == "FAILED"
    }

    async fn list(op: &Operation<Clients>) -> Result<Vec<Authority>, Refusal> {
        let mut all = op.remotes.acm_pca().list().await?;
        all.retain(|found| found.status != "DELETED");
        Ok(all)
    }

    fn facts(found: &Authority) -> (&str, Option<Timestamp>) {
        (&found.arn, found.created_at)
    }

    fn may_be(found: &Authority, like: Option<&Part<Clients>>) -> bool {
        matches!(found.status.as_str(), "CREATING" | "PENDING_CERTIFICATE")
            || like.is_some_and(|part| see::is_alike(&part.content, found))
    }

    /// A restore that was killed before it wrote the mark: the argument says that this create may have it.
    fn is_free(found: &Authority, like: &Part<Clients>, tags: &Tags) -> bool {
        like.content["restore_arn"] == found.arn.as_str() && !tags.contains_key(marks::CREATING)
    }

    /// For a refresh, one that AWS failed to create does not exist.
    async fn describe(op: &Operation<Clients>, arn: &str, reading: Reading) -> Result<Option<Authority>, Refusal> {
        let found = see::describe(op, arn).await?;
        Ok(found.filter(|found| found.status != "FAILED" || reading != Reading::Shared))
    }

    fn reads_tags(reading: Reading) -> bool {
        reading == Reading::Fresh
    }

    async fn tags(op: &Operation<Clients>, arn: &str) -> Result<Option<Tags>, Refusal> {
        op.remotes.acm_pca().living_tags(arn).await
    }

    async fn tag(op: &Operation<Clients>, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        op.remotes.acm_pca().tag(arn, tags).await
    }

    async fn untag(op: &Operation<Clients>, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        op.remotes.acm_pca().untag(arn, keys).await
    }

    fn told(tags: &Tags) -> (&'static str, Value) {
        ("deletion_window_days", content::window(tags).into())
    }

    async fn see(op: &Operation<Clients>, found: Authority, look: Option<Reading>) -> Result<Observed, Refusal> {
        let known = op.remotes.known.get(&found.arn);
        let seen = match look {
            Some(reading) => see::complete(op, found, Self::reads_tags(reading), known).await?,
            None => Seen::from(found),
        };
        Ok(seen.observed())
    }

    async fn make(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Result<Observed, Refusal> {
        Write::new(op, put)?.make().await
    }

    async fn change(op: &Operation<Clients>, put: &Put<'_, Clients>, over: &Observed) -> Result<Observed, Refusal> {
        Write::new(op, put)?.change(over).await
    }

    async fn delete(op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        end::delete(op, object).await
    }
}

/// The CA once its status is one that `is_it` takes; one that was just made may not be visible yet.
async fn becomes(
    op: &Operation<Clients>,
    arn: &str,
    is_it: impl Fn(&str) -> bool + Send + Sync,
) -> Result<Authority, Refusal> {
    until(op, arn, "the status of the CA has changed", || async {
        Ok(match op.remotes.acm_pca().describe(arn).await? {
            Some(found) if is_it(&found.status) => Ok(found),
            found => Err(found.map_or_else(|| "not visible yet".to_owned(), |found| found.status)),
        })
    })
    .await
}
