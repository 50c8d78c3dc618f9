//! Amazon Route 53: zones and their records.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/>. Names are absolute, in lower case, with the dot at
//! their end and `*` as it is, whatever their form in the API.

#[cfg(feature = "fake")]
pub mod fake;
mod name;
mod sdk;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::Identity;

pub use name::canonical;
pub use sdk::Route53;

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Id, without `/hostedzone/`.
    pub id: String,
    /// Name, such as `example.com.`.
    pub name: String,
    /// True for a private zone, which only its VPCs can see.
    pub private: bool,
}

/// A record set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordSet {
    /// Name.
    pub name: String,
    /// `A`, `CNAME`, `TXT`, …
    pub record_type: String,
    /// Seconds; `None` for an alias.
    pub ttl: Option<i64>,
    /// Values as in zone files (text in quotes); empty for an alias.
    pub values: Vec<String>,
    /// The target of an alias.
    pub alias: Option<Alias>,
    /// What tells record sets of one name and type apart that have a routing policy. Such are read, never written.
    pub set_identifier: Option<String>,
}

/// The target of an alias record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alias {
    /// Zone of the target: that of the load balancer's Region, or the record's own.
    pub zone_id: String,
    /// Name of the target.
    pub dns_name: String,
    /// Answer only while the target is healthy.
    pub evaluate_target_health: bool,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make it: refused if there is any record set of this name and type.
    Create,
    /// Make it, or replace what is there.
    Upsert,
    /// Remove it: refused unless it is exactly this.
    Delete,
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What to do.
    pub action: Action,
    /// With this.
    pub record: RecordSet,
}

/// Route 53 in one account.
#[async_trait]
pub trait Route53Api: Identity {
    /// The zone, or `None` if there is none of this id (`GetHostedZone`).
    ///
    /// # Errors
    /// Any other refusal.
    async fn zone(&self, id: &str) -> Result<Option<Zone>, Refusal>;

    /// The record sets of exactly this name, and of this type where one is given (`ListResourceRecordSets`).
    ///
    /// # Errors
    /// If the call is refused or not answered; [`Absent`](e2etls_engine::refusal::Answer::Absent) if there is no such zone.
    async fn records(&self, zone: &str, name: &str, record_type: Option<&str>) -> Result<Vec<RecordSet>, Refusal>;

    /// Makes all of these changes or none, and returns the id of the batch (`ChangeResourceRecordSets`).
    ///
    /// # Errors
    /// If the call is refused or not answered: [`Exists`](e2etls_engine::refusal::Answer::Exists) of a create,
    /// [`Absent`](e2etls_engine::refusal::Answer::Absent) or [`Conflict`](e2etls_engine::refusal::Answer::Conflict) of a
    /// delete whose record is not there, or is another.
    async fn change(&self, zone: &str, changes: &[Change]) -> Result<String, Refusal>;

    /// True once all name servers know of a batch (`GetChange`: `INSYNC`), usually within a minute.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn is_in_sync(&self, change: &str) -> Result<bool, Refusal>;
}
