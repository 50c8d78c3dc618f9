//! What a zone holds about one name.

use e2etls_clients::aws::route53::{Alias, RecordSet, Route53Api, canonical};
use e2etls_clients::present;
use e2etls_engine::kind::Observed;
use e2etls_engine::refusal::Refusal;
use serde_json::json;

use super::whose::{marker, number, read};

/// Types of records that answer for the name, or hide all others.
const ANSWERS: [&str; 3] = ["A", "AAAA", "CNAME"];

/// What a zone holds about one name.
pub(super) struct Held {
    /// Records that answer for the name.
    pub(super) answers: Vec<RecordSet>,
    /// The TXT record, if it is ours.
    pub(super) marker: Option<RecordSet>,
    /// Where ours would stand, a TXT record of somebody else does.
    pub(super) foreign_marker: bool,
}

impl Held {
    pub(super) async fn look(dns: &dyn Route53Api, zone: &str, host: &str) -> Result<Self, Refusal> {
        let mut answers = present(dns.records(zone, host, None).await)?.unwrap_or_default();
        answers.retain(|set| ANSWERS.contains(&set.record_type.as_str()));
        let txt = present(dns.records(zone, &marker(host), Some("TXT")).await)?.unwrap_or_default();
        let (ours, others): (Vec<_>, Vec<_>) = txt.into_iter().partition(|set| read(set).owner.is_some());
        Ok(Self {
            answers,
            marker: ours.into_iter().next(),
            foreign_marker: !others.is_empty(),
        })
    }

    /// The one record that answers, if it is an alias of type A without a routing policy.
    pub(super) fn alias(&self) -> Option<(&RecordSet, &Alias)> {
        let [set] = self.answers.as_slice() else { return None };
        let plain = set.record_type == "A" && set.set_identifier.is_none();
        set.alias.as_ref().filter(|_| plain).map(|alias| (set, alias))
    }

    /// A name is used again: what was made apart bears a number of its own.
    pub(super) fn uid(&self, zone: &str, host: &str) -> String {
        let number = self.marker.as_ref().and_then(number);
        number.map_or_else(|| format!("{zone}/{host}"), |number| format!("{zone}/{host}/{number}"))
    }

    pub(super) fn observed(&self, zone: &str, host: &str, part: &str) -> Option<Observed> {
        let set = self.answers.iter().find(|set| set.record_type == "A")?;
        let alias = set.alias.clone().unwrap_or_default();
        Some(Observed {
            name: part.to_owned(),
            uid: self.uid(zone, host),
            content: json!({"zone": zone, "target": spelled(&alias.dns_name), "target_zone": alias.zone_id}),
            marks: Some(self.marker.as_ref().map(read).unwrap_or_default()),
            ..Observed::default()
        })
    }
}

/// A target as we compare it: the console writes `dualstack.` before the names of load balancers.
pub(super) fn spelled(target: &str) -> String {
    let name = canonical(target);
    name.strip_prefix("dualstack.").unwrap_or(&name).to_owned()
}
