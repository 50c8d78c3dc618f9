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

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::Refusal;
use serde_json::Value;

pub use issued::{Issued, Requested};
pub use see::{RECORDS, observed, output};

use super::super::Clients;
use super::marks;

/// The kind.
pub static ACM_CERTIFICATE: AcmCertificate = AcmCertificate;

/// Public certificates of ACM.
pub struct AcmCertificate;

/// Members that never change.
const FIXED: &[&str] = &["domain", "sans", "key_algorithm"];
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
impl Kind<Clients> for AcmCertificate {
    fn name(&self) -> &'static str {
        "ACM certificate"
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

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        write::differences(desired, live)
    }

    fn is_alike(&self, desired: &Value, live: &Value) -> bool {
        let is_over = live["status"].as_str().is_some_and(is_over);
        !is_over && FIXED.iter().all(|member| desired[*member] == live[*member])
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
        match put.over {
            None => write::make(op, &put).await,
            Some(over) => write::change(op, &put, over).await,
        }
    }

    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        op.remotes.acm().delete(&object.uid).await.map(|()| true)
    }

    async fn release(&self, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
        let marks = object.marks.as_ref().map(marks::tags).unwrap_or_default();
        let keys: Vec<&str> = marks.keys().map(String::as_str).chain([DNS_TAG]).collect();
        op.remotes.acm().remove_tags(&object.uid, &keys).await
    }
}
