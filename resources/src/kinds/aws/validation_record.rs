//! CNAME records by which ACM verifies that we control a domain.
//!
//! ACM reveals their names only after the request, so they count as named by the remote: the uid is `ZONE/NAME/TYPE`.
//! Every certificate of an account shares the record of a domain, in all Regions, and renewals need it permanently: an
//! existing record is as good as ours, and none is ever deleted. So they bear no marks, and look adopted.
//!
//! Content: `zone`, `name` and `type` never change, `value`; `allow_overwrite` lets a create replace another CNAME.
//!
//! Nothing waits until Route 53 has updated all of its name servers: ACM keeps asking, and ISSUED proves it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_clients::aws::route53::{Action, Change, RecordSet, canonical};
use e2etls_clients::present;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Cause, Refusal};
use serde_json::{Value, json};

use super::super::Clients;

/// The kind.
pub static VALIDATION_RECORD: ValidationRecord = ValidationRecord;

/// Validation records in Route 53.
pub struct ValidationRecord;

const CNAME: &str = "CNAME";
const WRITE: &str = "route53:ChangeResourceRecordSets";
/// Seconds.
const TTL: i64 = 300;

/// The uid of a record.
#[must_use]
pub fn uid(zone: &str, name: &str) -> String {
    format!("{zone}/{}/{CNAME}", canonical(name))
}

#[async_trait]
impl Kind<Clients> for ValidationRecord {
    fn name(&self) -> &'static str {
        "Validation record"
    }

    fn identity(&self) -> Identity {
        Identity::Given
    }

    fn order(&self) -> u8 {
        1
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["zone", "name"]
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        let differs = ["zone", "name", "value"].into_iter().filter(|member| {
            let spelled = |content: &Value| canonical(content[*member].as_str().unwrap_or_default());
            spelled(desired) != spelled(live)
        });
        differs
            .map(|member| (member.to_owned(), live[member].clone()))
            .collect()
    }

    fn is_alike(&self, desired: &Value, live: &Value) -> bool {
        let differ = self.differences(desired, live);
        self.fixed().iter().all(|member| !differ.contains_key(*member))
    }

    async fn look(
        &self,
        op: &Operation<Clients>,
        target: Target<'_>,
        _reading: Reading,
    ) -> Result<Option<Observed>, Refusal> {
        let mut fields = target.uid.unwrap_or_default().split('/');
        let (Some(zone), Some(name)) = (fields.next(), fields.next()) else {
            return Ok(None);
        };
        let found = present(op.remotes.dns().await?.records(zone, name, Some(CNAME)).await)?;
        let first = found.and_then(|found| found.into_iter().next());
        Ok(first.map(|set| observed(zone, &set, target.name)))
    }

    async fn of_owner(
        &self,
        _op: &Operation<Clients>,
        _owner: Option<&str>,
        _like: Option<&Part<Clients>>,
        _reading: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        Ok(Vec::new())
    }

    async fn put(&self, op: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        let content = &put.part.content;
        let text = |member: &str| content[member].as_str().unwrap_or_default();
        let zone = text("zone");
        let record = RecordSet {
            name: canonical(text("name")),
            record_type: CNAME.to_owned(),
            ttl: Some(TTL),
            values: vec![text("value").to_owned()],
            ..RecordSet::default()
        };
        let dns = op.remotes.dns().await?;
        let found = dns.records(zone, &record.name, None).await?;
        let action = match found.as_slice() {
            [] if put.over.is_some() => return Err(gone(&put)),
            [] => Action::Create,
            [set] if is_same(set, &record) => return Ok(observed(zone, set, &put.part.name)),
            [set] if may_overwrite(&put, set) => Action::Upsert,
            _ => return Err(taken(&put, &found)),
        };
        let change = Change {
            action,
            record: record.clone(),
        };
        dns.change(zone, &[change]).await?;
        Ok(observed(zone, &record, &put.part.name))
    }

    async fn delete(&self, _op: &Operation<Clients>, _object: &Observed) -> Result<bool, Refusal> {
        Ok(true)
    }

    async fn release(&self, _op: &Operation<Clients>, _object: &Observed) -> Result<(), Refusal> {
        Ok(())
    }
}

fn observed(zone: &str, set: &RecordSet, name: &str) -> Observed {
    let value = set.values.first().cloned().unwrap_or_default();
    Observed {
        name: name.to_owned(),
        uid: uid(zone, &set.name),
        content: json!({"zone": zone, "name": set.name, "value": value}),
        marks: Some(Marks {
            adopted: true,
            ..Marks::default()
        }),
        ..Observed::default()
    }
}

fn is_same(set: &RecordSet, wanted: &RecordSet) -> bool {
    let spelled = |set: &RecordSet| set.values.iter().map(|value| canonical(value)).collect::<Vec<_>>();
    set.record_type == wanted.record_type && spelled(set) == spelled(wanted)
}

/// A plain CNAME may be replaced if an argument says so, or the plan showed the change of what was right before.
fn may_overwrite(put: &Put<'_, Clients>, set: &RecordSet) -> bool {
    let shown = put.over.is_some()
        && (put.consent.force || put.consent.paths.iter().any(|path| path.is_empty() || path == "value"));
    let is_plain = set.record_type == CNAME && set.alias.is_none() && set.set_identifier.is_none();
    is_plain && (shown || put.part.content["allow_overwrite"] == true)
}

fn gone(put: &Put<'_, Clients>) -> Refusal {
    let target = &put.part.name;
    Refusal::new(Answer::Absent, WRITE, target, "The record was deleted after the plan.")
}

/// Another record has that name.
fn taken(put: &Put<'_, Clients>, found: &[RecordSet]) -> Refusal {
    let name = put.part.content["name"].as_str().unwrap_or_default();
    if put.over.is_some() {
        let cause = Cause {
            field: "value".to_owned(),
            manager: "somebody else".to_owned(),
        };
        let words = "The record was changed after the plan.";
        return Refusal::new(Answer::Conflict(vec![cause]), WRITE, name, words);
    }
    let is: Vec<String> = found
        .iter()
        .map(|set| format!("{} {}", set.record_type, set.values.join(", ")))
        .collect();
    let words = format!(
        "The zone already has another record with this name: {}. It was not changed. Remove it, or set \
         `dns.allow_overwrite = true` to replace a CNAME.",
        is.join("; ")
    );
    Refusal::new(Answer::Invalid, WRITE, name, words)
}
