//! Looks at certificates.

use std::collections::BTreeMap;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm::{Certificate, Summary};
use e2etls_engine::kind::{Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Denial, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{DNS_TAG, base};
use crate::kinds::Clients;
use crate::kinds::aws::marks;

/// Maximum age of a certificate whose tags are read although nothing else suggests that it is ours: a create that was
/// killed is soon run again.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Output: all validation records as JSON, by base name: `{"example.com": {"name", "type", "value"}}`.
pub const RECORDS: &str = "validation_records";

/// Output: `name`, `type` or `value` of the validation record of a base name.
#[must_use]
pub fn output(base: &str, member: &str) -> String {
    format!("validation/{base}/{member}")
}

/// The certificate of this ARN. A watched one is seen without its tags.
pub(super) async fn look(
    op: &Operation<Clients>,
    target: Target<'_>,
    reading: Reading,
) -> Result<Option<Observed>, Refusal> {
    let Some(arn) = target.uid else { return Ok(None) };
    let Some(found) = op.remotes.acm().describe(arn).await? else {
        is_here(op, arn).await?;
        return Ok(None);
    };
    let tags = match reading {
        Reading::Watched => None,
        _ => match op.remotes.acm().tags(arn).await {
            Ok(tags) => Some(tags),
            // Deleted between the two.
            Err(refusal) if refusal.answer == Answer::Absent => return Ok(None),
            Err(refusal) => return Err(refusal),
        },
    };
    Ok(Some(observed(&found, tags.as_ref(), target.name)))
}

/// An object that can't be seen is considered deleted only in its own account and Region.
async fn is_here(op: &Operation<Clients>, arn: &str) -> Result<(), Refusal> {
    let acm = op.remotes.acm();
    let (account, region) = (acm.account().await?, acm.region());
    let mut fields = arn.split(':').skip(3);
    if fields.next() == Some(region) && fields.next() == Some(account) {
        return Ok(());
    }
    let words = format!(
        "The credentials and the configuration lead to {account}/{region}, but the certificate is elsewhere, so it is \
         not considered deleted. Use credentials for its account."
    );
    let denied = Answer::Forbidden(Denial::Permission);
    Err(Refusal::new(denied, "acm:DescribeCertificate", arn, words))
}

/// Certificates of an owner, or of any; tags are read only of those that may be meant. A refresh finds none: what an
/// operation has made is in the state, and what a killed create left behind, the next create finds.
pub(super) async fn of_owner(
    op: &Operation<Clients>,
    owner: Option<&str>,
    like: Option<&Part<Clients>>,
    reading: Reading,
) -> Result<Vec<Observed>, Refusal> {
    if reading == Reading::Shared {
        return Ok(Vec::new());
    }
    let since = Timestamp::now().checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
    let mut found = Vec::new();
    for summary in op.remotes.acm().list(&[]).await? {
        let is_public = summary.certificate_type == "AMAZON_ISSUED";
        let is_meant = owner.is_none()
            || summary.created_at.is_some_and(|at| at >= since)
            || like.is_some_and(|part| may_be(&part.content, &summary));
        if !is_public || !is_meant {
            continue;
        }
        let tags = match op.remotes.acm().tags(&summary.arn).await {
            Err(refusal) if refusal.answer == Answer::Absent => continue,
            tags => tags?,
        };
        let is_of = tags
            .get(marks::OWNER)
            .is_some_and(|found| owner.is_none_or(|owner| found == owner));
        if !is_of {
            continue;
        }
        let name = like.map_or_else(|| name(&tags), |part| part.name.clone());
        // More names than the list shows.
        let certificate = if summary.has_more_sans {
            op.remotes.acm().describe(&summary.arn).await?
        } else {
            Some(listed(summary))
        };
        found.extend(certificate.map(|certificate| observed(&certificate, Some(&tags), &name)));
    }
    Ok(found)
}

fn may_be(content: &Value, summary: &Summary) -> bool {
    content["domain"] == summary.domain.as_str() && content["key_algorithm"] == summary.key_algorithm.as_str()
}

fn listed(summary: Summary) -> Certificate {
    Certificate {
        arn: summary.arn,
        status: summary.status,
        domain: summary.domain,
        sans: summary.sans,
        key_algorithm: summary.key_algorithm,
        ..Certificate::default()
    }
}

/// The resource's name, which its owner ends with.
pub(super) fn name(tags: &Tags) -> String {
    let owner = tags.get(marks::OWNER).map(String::as_str).unwrap_or_default();
    owner.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The certificate as the engine sees it; without tags, they were not read.
#[must_use]
pub fn observed(found: &Certificate, tags: Option<&Tags>, name: &str) -> Observed {
    let mut sans: Vec<&String> = found.sans.iter().filter(|san| **san != found.domain).collect();
    sans.sort();
    sans.dedup();
    let mut content = json!({
        "domain": found.domain, "sans": sans, "key_algorithm": found.key_algorithm,
        "status": found.status, "failure_reason": found.failure_reason,
    });
    if let Some(tags) = tags {
        let users = tags.iter().filter(|(key, _)| !marks::is_ours(key));
        content["tags"] = json!(users.collect::<BTreeMap<_, _>>());
        content["dns"] = json!(tags.get(DNS_TAG));
    }
    Observed {
        name: name.to_owned(),
        uid: found.arn.clone(),
        content,
        marks: tags.map(marks::marks),
        outputs: outputs(found),
        ..Observed::default()
    }
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
