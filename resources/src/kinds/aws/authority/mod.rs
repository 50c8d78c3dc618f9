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
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::Refusal;
use serde_json::Value;

pub use content::{CERTIFICATE, WINDOW, days_of};

use super::wait::until;
use crate::kinds::Clients;
use content::{FIXED, differences};
use e2etls_clients::aws::acm_pca::Authority;
use write::Write;

/// The kind.
pub static PRIVATE_CA: PrivateCa = PrivateCa;

/// CAs of AWS Private CA.
pub struct PrivateCa;

/// Longest idempotency token of AWS Private CA.
const TOKEN: usize = 36;

#[async_trait]
impl Kind<Clients> for PrivateCa {
    fn name(&self) -> &'static str {
        "CA"
    }

    fn identity(&self) -> Identity {
        Identity::Given
    }

    fn order(&self) -> u8 {
        0
    }

    fn fixed(&self) -> &'static [&'static str] {
        FIXED
    }

    fn moved_by(&self) -> &'static [&'static str] {
        &["certified", "validity_days", "signed", "enabled"]
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        differences(desired, live)
    }

    fn is_alike(&self, desired: &Value, live: &Value) -> bool {
        live["status"] != "FAILED" && FIXED.iter().all(|member| desired[*member] == live[*member])
    }

    async fn look(
        &self,
        op: &Operation<Clients>,
        target: Target<'_>,
        reading: Reading,
    ) -> Result<Option<Observed>, Refusal> {
        see::look(op, target, reading).await
    }

    async fn of_owner(
        &self,
        op: &Operation<Clients>,
        owner: Option<&str>,
        like: Option<&Part<Clients>>,
        reading: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        see::of_owner(op, owner, like, reading).await
    }

    async fn put(&self, op: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        let write = Write::new(op, &put)?;
        match put.over {
            None => write.make().await,
            Some(over) => write.change(over).await,
        }
    }

    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        end::delete(op, object).await
    }

    async fn release(&self, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
        end::release(op, object).await
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
