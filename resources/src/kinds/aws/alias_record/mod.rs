//! Alias records that lead a DNS name to a load balancer.
//!
//! Records bear no marks, so a TXT record of ours beside each does: it is made, changed and deleted in the same batch, which
//! Route 53 carries out as a whole or not at all. A record without it is somebody else's, also if it already leads where ours
//! would: kept, it would lead to a load balancer that is gone.
//!
//! Content: `zone` and `name`; `target` and `target_zone`, where it leads; `allow_overwrite` lets a create replace another
//! record of the name.

mod held;
mod whose;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::aws::route53::{Action, Alias, Change, RecordSet, Route53Api, canonical};
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Cause, Refusal};
use serde_json::Value;

use super::super::Clients;
use super::marks::new_number;
use super::wait;
use held::{Held, spelled};
use whose::{marker, number, txt};

/// The kind.
pub static ALIAS_RECORD: AliasRecord = AliasRecord;

/// Alias records in Route 53, of type A.
pub struct AliasRecord;

const WRITE: &str = "route53:ChangeResourceRecordSets";

/// The name of a record as parts call it: `ZONE/NAME`.
#[must_use]
pub fn name(zone: &str, host: &str) -> String {
    format!("{zone}/{host}")
}

fn place(name: &str) -> (&str, String) {
    let (zone, host) = name.split_once('/').unwrap_or(("", name));
    (zone, canonical(host))
}

fn wanted(host: &str, content: &Value) -> RecordSet {
    let text = |member: &str| content[member].as_str().unwrap_or_default();
    RecordSet {
        name: host.to_owned(),
        record_type: "A".to_owned(),
        alias: Some(Alias {
            zone_id: text("target_zone").to_owned(),
            dns_name: canonical(text("target")),
            evaluate_target_health: true,
        }),
        ..RecordSet::default()
    }
}

#[async_trait]
impl Kind<Clients> for AliasRecord {
    fn name(&self) -> &'static str {
        "Alias record"
    }

    fn identity(&self) -> Identity {
        Identity::Named
    }

    /// Before the load balancer that it leads to: nobody is sent to what is gone.
    fn order(&self) -> u8 {
        7
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        let differs = |member: &&str| {
            let text = |content: &Value| spelled(content[*member].as_str().unwrap_or_default());
            !e2etls_engine::value::is_open(&desired[*member]) && text(desired) != text(live)
        };
        let differing = ["target", "target_zone"].into_iter().filter(differs);
        differing
            .map(|member| (member.to_owned(), live[member].clone()))
            .collect()
    }

    async fn look(
        &self,
        op: &Operation<Clients>,
        target: Target<'_>,
        _reading: Reading,
    ) -> Result<Option<Observed>, Refusal> {
        let (zone, host) = place(target.name);
        let dns = op.remotes.dns().await?;
        let held = Held::look(dns.as_ref(), zone, &host).await?;
        // Of a record without our marks, only the state says that it is used.
        let seen = held.observed(zone, &host, target.name);
        Ok(seen.filter(|_| held.marker.is_some() || target.uid.is_some()))
    }

    /// None: a zone is not searched.
    async fn of_owner(
        &self,
        _: &Operation<Clients>,
        _: Option<&str>,
        _: Option<&Part<Clients>>,
        _: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        Ok(Vec::new())
    }

    async fn put(&self, op: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        let (zone, host) = place(&put.part.name);
        let dns = op.remotes.dns().await?;
        let held = Held::look(dns.as_ref(), zone, &host).await?;
        if held.foreign_marker {
            let words = format!(
                "{} has another TXT record, where this provider keeps whose {host} is",
                marker(&host)
            );
            return Err(Refusal::new(Answer::Invalid, WRITE, host, words));
        }
        let record = wanted(&host, &put.part.content);
        let same = held.alias().is_some_and(|(_, alias)| leads_alike(alias, &record));
        let mut changes = Vec::new();
        // What leads there already is not ours either, unless it bears our mark.
        if !same || (put.over.is_none() && held.marker.is_none()) {
            changes.push(change(may(&put, &held)?, record.clone()));
        }
        let action = match held.marker {
            Some(_) => Action::Upsert,
            None => Action::Create,
        };
        let number = held.marker.as_ref().and_then(number).unwrap_or_else(new_number);
        let marker = txt(&host, put.marks, &number);
        changes.push(change(action, marker.clone()));
        send(op, &dns, zone, &host, &changes).await?;
        // A batch is carried out as a whole: this is there now.
        let now = Held {
            answers: vec![record],
            marker: Some(marker),
            foreign_marker: false,
        };
        Ok(now.observed(zone, &host, &put.part.name).unwrap_or_default())
    }

    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        let (zone, host) = place(&object.name);
        let dns = op.remotes.dns().await?;
        let held = Held::look(dns.as_ref(), zone, &host).await?;
        let Some(marker) = held.marker.clone() else {
            return Ok(true);
        };
        if held.uid(zone, &host) != object.uid {
            let words = "Another record has this name now.";
            return Err(Refusal::new(Answer::Conflict(Vec::new()), WRITE, host, words));
        }
        let mut changes = vec![change(Action::Delete, marker)];
        changes.extend(held.alias().map(|(set, _)| change(Action::Delete, set.clone())));
        send(op, &dns, zone, &host, &changes).await?;
        Ok(true)
    }

    async fn release(&self, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
        let (zone, host) = place(&object.name);
        let dns = op.remotes.dns().await?;
        match Held::look(dns.as_ref(), zone, &host).await?.marker {
            Some(marker) => dns.change(zone, &[change(Action::Delete, marker)]).await.map(drop),
            None => Ok(()),
        }
    }
}

fn change(action: Action, record: RecordSet) -> Change {
    Change { action, record }
}

fn leads_alike(alias: &Alias, record: &RecordSet) -> bool {
    let wanted = record.alias.as_ref();
    wanted
        .is_some_and(|wanted| alias.zone_id == wanted.zone_id && spelled(&alias.dns_name) == spelled(&wanted.dns_name))
}

/// How a record may be written that is not there, or leads elsewhere.
fn may(put: &Put<'_, Clients>, held: &Held) -> Result<Action, Refusal> {
    let (_, host) = place(&put.part.name);
    if held.answers.is_empty() {
        return match put.over {
            None => Ok(Action::Create),
            Some(_) => Err(Refusal::new(
                Answer::Absent,
                WRITE,
                host,
                "The record was deleted after the plan.",
            )),
        };
    }
    let shown = put.over.is_some()
        && (put.consent.force
            || put
                .consent
                .paths
                .iter()
                .any(|path| matches!(path.as_str(), "" | "target" | "target_zone")));
    // Only a record set that is alone can be replaced: a CNAME, and a routing policy, exclude it.
    let replaceable =
        matches!(held.answers.as_slice(), [set] if set.record_type == "A" && set.set_identifier.is_none());
    if replaceable && (shown || put.part.content["allow_overwrite"] == true) {
        return Ok(Action::Upsert);
    }
    if put.over.is_some() && replaceable {
        let cause = Cause {
            field: "target".to_owned(),
            manager: "somebody else".to_owned(),
        };
        return Err(Refusal::new(
            Answer::Conflict(vec![cause]),
            WRITE,
            host,
            "The record was changed after the plan.",
        ));
    }
    let is: Vec<String> = held.answers.iter().map(described).collect();
    let words = format!(
        "The zone already has another record with this name: {}. It was not changed. Remove it, or set \
         `dns.allow_overwrite = true` to replace a record of type A.",
        is.join("; ")
    );
    Err(Refusal::new(Answer::Invalid, WRITE, host, words))
}

fn described(set: &RecordSet) -> String {
    let value = match &set.alias {
        Some(alias) => format!("alias of {}", alias.dns_name),
        None => set.values.join(", "),
    };
    format!("{} {value}", set.record_type)
}

/// Makes the changes, and waits until all name servers know of them.
async fn send(
    op: &Operation<Clients>,
    dns: &Arc<dyn Route53Api>,
    zone: &str,
    host: &str,
    changes: &[Change],
) -> Result<(), Refusal> {
    let id = dns.change(zone, changes).await?;
    let what = format!("all name servers know of {host}");
    wait::until(op, host, &what, || {
        let (dns, id) = (Arc::clone(dns), id.clone());
        async move {
            let in_sync = dns.is_in_sync(&id).await?;
            Ok(in_sync.then_some(()).ok_or_else(|| "PENDING".to_owned()))
        }
    })
    .await
}

#[cfg(test)]
mod tests;
