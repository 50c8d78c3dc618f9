//! Looks at certificates.

use std::collections::BTreeMap;

use e2etls_clients::aws::acm::{Certificate, Summary};
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::Refusal;
use serde_json::json;

use super::base;
use crate::kinds::Clients;

/// Output: all validation records as JSON, by base name: `{"example.com": {"name", "type", "value"}}`.
pub const RECORDS: &str = "validation_records";
/// How many names a list shows.
const LISTED: usize = 100;

/// Output: `name`, `type` or `value` of the validation record of a base name.
#[must_use]
pub fn output(base: &str, member: &str) -> String {
    format!("validation/{base}/{member}")
}

/// What a list shows of a certificate.
pub(super) fn listed(summary: Summary) -> Certificate {
    Certificate {
        arn: summary.arn,
        status: summary.status,
        domain: summary.domain,
        sans: summary.sans,
        key_algorithm: summary.key_algorithm,
        created_at: summary.created_at,
        ..Certificate::default()
    }
}

/// The certificate as the engine sees it. One from a list may have more names than the list shows.
pub(super) async fn see(op: &Operation<Clients>, mut found: Certificate, listed: bool) -> Result<Observed, Refusal> {
    if listed && found.sans.len() >= LISTED {
        let acm = op.remotes.acm().await?;
        found = acm.describe(&found.arn).await?.unwrap_or(found);
    }
    let mut sans: Vec<&String> = found.sans.iter().filter(|san| **san != found.domain).collect();
    sans.sort();
    sans.dedup();
    let content = json!({
        "domain": found.domain, "sans": sans, "key_algorithm": found.key_algorithm,
        "status": found.status, "failure_reason": found.failure_reason,
    });
    Ok(Observed {
        uid: found.arn.clone(),
        content,
        outputs: outputs(&found),
        ..Observed::default()
    })
}

/// ARN, status, and the records once ACM shows all of them.
fn outputs(found: &Certificate) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::from([
        ("arn".to_owned(), found.arn.clone()),
        ("status".to_owned(), found.status.clone()),
    ]);
    let mut records = BTreeMap::new();
    for one in &found.validation {
        let Some(record) = &one.record else { return outputs };
        let base = base(&one.domain);
        let members = [
            ("name", &record.name),
            ("type", &record.record_type),
            ("value", &record.value),
        ];
        outputs.extend(members.map(|(member, value)| (output(base, member), value.clone())));
        records.insert(base, BTreeMap::from(members));
    }
    if !records.is_empty() {
        outputs.insert(RECORDS.to_owned(), json!(records).to_string());
    }
    outputs
}
