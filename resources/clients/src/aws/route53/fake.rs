//! Route 53 in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::{Action, Change, RecordSet, Route53Api, Zone, canonical};
use crate::aws::Effect;
use crate::aws::fake::{Said, Service, digits, identity};

#[derive(Clone, Debug)]
struct Kept {
    zone: Zone,
    records: Vec<RecordSet>,
}

#[derive(Debug, Default)]
struct Inside {
    zones: BTreeMap<String, Kept>,
    /// Batches, and whether they have been asked for: a batch is in sync from the second time on.
    changes: BTreeMap<String, bool>,
}

/// Route 53 in memory. A batch is in sync when it is asked for the second time.
#[derive(Debug)]
pub struct FakeRoute53 {
    service: Service,
    inside: Mutex<Inside>,
}

identity!(FakeRoute53);

impl FakeRoute53 {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            inside: Mutex::default(),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a zone and returns its id.
    pub fn add_zone(&self, name: &str, private: bool) -> String {
        let mut inside = self.inside();
        let id = format!(
            "Z{}",
            digits(&[name, &inside.zones.len().to_string()])[..12].to_uppercase()
        );
        let zone = Zone {
            id: id.clone(),
            name: canonical(name),
            private,
        };
        inside.zones.insert(
            id.clone(),
            Kept {
                zone,
                records: Vec::new(),
            },
        );
        id
    }

    /// All records of a zone, in the order in which they were made. Not a call.
    #[must_use]
    pub fn all(&self, zone: &str) -> Vec<RecordSet> {
        let inside = self.inside();
        inside
            .zones
            .get(zone)
            .map(|kept| kept.records.clone())
            .unwrap_or_default()
    }

    /// Edits the records of a zone by hand. Not a call.
    pub fn edit(&self, zone: &str, edit: impl FnOnce(&mut Vec<RecordSet>)) {
        if let Some(kept) = self.inside().zones.get_mut(zone) {
            edit(&mut kept.records);
        }
    }

    /// True if public DNS answers with this value.
    pub(crate) fn resolves(&self, name: &str, record_type: &str, value: &str) -> bool {
        let name = canonical(name);
        let inside = self.inside();
        let public = inside.zones.values().filter(|kept| !kept.zone.private);
        public.flat_map(|kept| &kept.records).any(|set| {
            let same = canonical(&set.name) == name && set.record_type == record_type;
            same && set.values.iter().any(|found| canonical(found) == canonical(value))
        })
    }
}

fn no_zone(id: &str) -> Said {
    (404, "NoSuchHostedZone", format!("No hosted zone found with ID: {id}"))
}

fn bad(words: String) -> Said {
    (400, "InvalidChangeBatch", format!("[{words}]"))
}

/// Applies a change, with the words of the service where it refuses.
fn apply(kept: &mut Kept, change: &Change) -> Result<(), Said> {
    let mut wanted = change.record.clone();
    wanted.name = canonical(&wanted.name);
    let (name, record_type, zone) = (&wanted.name, &wanted.record_type, &kept.zone.name);
    let what = format!("[name='{name}', type='{record_type}']");
    if name != zone && !name.ends_with(&format!(".{zone}")) {
        return Err(bad(format!(
            "RRSet with DNS name {name} is not permitted in zone {zone}"
        )));
    }
    let at = kept.records.iter().position(|set| {
        set.name == *name && set.record_type == *record_type && set.set_identifier == wanted.set_identifier
    });
    match (change.action, at) {
        (Action::Delete, None) => Err(bad(format!(
            "Tried to delete resource record set {what} but it was not found"
        ))),
        (Action::Delete, Some(at)) if kept.records[at] != wanted => Err(bad(format!(
            "Tried to delete resource record set {what} but the values provided do not match the current values"
        ))),
        (Action::Delete, Some(at)) => {
            kept.records.remove(at);
            Ok(())
        }
        (Action::Create, Some(_)) => Err(bad(format!(
            "Tried to create resource record set {what} but it already exists"
        ))),
        (Action::Upsert, Some(at)) => {
            kept.records[at] = wanted;
            Ok(())
        }
        (_, None) => {
            let alone = |set: &RecordSet| (set.record_type == "CNAME") != (record_type == "CNAME");
            let shadowed = kept.records.iter().any(|set| set.name == *name && alone(set));
            if shadowed || (record_type == "CNAME" && name == zone) {
                return Err(bad(format!(
                    "RRSet of type {record_type} with DNS name {name} is not permitted as it conflicts with other records with the \
                     same DNS name in zone {zone}"
                )));
            }
            kept.records.push(wanted);
            Ok(())
        }
    }
}

#[async_trait]
impl Route53Api for FakeRoute53 {
    async fn zone(&self, id: &str) -> Result<Option<Zone>, Refusal> {
        self.service.call("route53:GetHostedZone", id, Effect::Read, || {
            Ok(self.inside().zones.get(id).map(|kept| kept.zone.clone()))
        })
    }

    async fn records(&self, zone: &str, name: &str, record_type: Option<&str>) -> Result<Vec<RecordSet>, Refusal> {
        let name = canonical(name);
        self.service
            .call("route53:ListResourceRecordSets", zone, Effect::Read, || {
                let inside = self.inside();
                let kept = inside.zones.get(zone).ok_or_else(|| no_zone(zone))?;
                let wanted =
                    |set: &&RecordSet| set.name == name && record_type.is_none_or(|wanted| set.record_type == wanted);
                Ok(kept.records.iter().filter(wanted).cloned().collect())
            })
    }

    async fn change(&self, zone: &str, changes: &[Change]) -> Result<String, Refusal> {
        self.service
            .call("route53:ChangeResourceRecordSets", zone, Effect::Write, || {
                let mut inside = self.inside();
                let mut kept = inside.zones.get(zone).ok_or_else(|| no_zone(zone))?.clone();
                changes.iter().try_for_each(|change| apply(&mut kept, change))?;
                let id = format!("C{}", inside.changes.len());
                inside.zones.insert(zone.to_owned(), kept);
                inside.changes.insert(id.clone(), false);
                Ok(id)
            })
    }

    async fn is_in_sync(&self, change: &str) -> Result<bool, Refusal> {
        self.service.call("route53:GetChange", change, Effect::Read, || {
            let mut inside = self.inside();
            let unknown = || (404, "NoSuchChange", format!("A change with id {change} was not found"));
            Ok(std::mem::replace(
                inside.changes.get_mut(change).ok_or_else(unknown)?,
                true,
            ))
        })
    }
}
