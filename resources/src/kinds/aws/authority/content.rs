//! The content of a CA: what a resource wants, and what AWS tells.
//!
//! ```text
//! type, usage_mode, key_algorithm, subject     never change
//! certified                                    it has a certificate that has not expired
//! validity_days, parent_arn                    AWS signs the certificate: itself, or the parent
//! signed                                       its certificate and chain, as somebody outside AWS has signed it
//! revocation, enabled, acm_may_renew           settings
//! deletion_window_days                         how long it can be restored; kept in a tag, for whoever deletes it
//! restore_arn                                  the CA that a create restores
//! tags                                         all tags but ours
//! ```
//!
//! A member that is null is not wanted one way or the other. One that the live content does not have was not read.

use std::collections::BTreeMap;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm_pca::{Authority, Issued, Revocation, Subject};
use e2etls_engine::kind::Observed;
use e2etls_engine::refusal::{Answer, Refusal};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::kinds::aws::marks;
use crate::pki::Certificate;

/// Members that never change.
pub(super) const FIXED: &[&str] = &["type", "usage_mode", "key_algorithm", "subject"];
/// Members that are not among the tags and permissions, which a refresh does not read: a change of them since the plan is
/// not overwritten.
pub(super) const GUARDED: &[&str] = &["certified", "validity_days", "signed", "revocation", "enabled"];
/// Tag: `deletion_window_days`, unless it is [`WINDOW`].
pub(super) const WINDOW_TAG: &str = "e2etls:deletion-window-days";
/// Days in which a deleted CA can be restored, if nothing else is wanted: AWS's own default, and the longest.
pub(super) const WINDOW: i32 = 30;

/// What a resource wants of a CA.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Wish {
    pub(super) r#type: String,
    pub(super) usage_mode: String,
    pub(super) key_algorithm: String,
    pub(super) subject: Subject,
    pub(super) validity_days: Option<i64>,
    pub(super) parent_arn: Option<String>,
    pub(super) signed: Option<Issued>,
    pub(super) revocation: Revocation,
    pub(super) enabled: bool,
    pub(super) acm_may_renew: bool,
    pub(super) deletion_window_days: Option<i32>,
    pub(super) restore_arn: Option<String>,
    #[serde(default)]
    pub(super) tags: Tags,
}

impl Wish {
    /// Reads the content of a part.
    pub(super) fn of(content: &Value) -> Result<Self, Refusal> {
        serde_json::from_value(content.clone())
            .map_err(|error| Refusal::new(Answer::Invalid, "content of a CA", "part", error.to_string()))
    }

    /// All tags that the CA shall have.
    pub(super) fn tags(&self, of_marks: Tags) -> Tags {
        let mut tags = self.tags.clone();
        tags.extend(of_marks);
        if let Some(days) = self.deletion_window_days.filter(|days| *days != WINDOW) {
            tags.insert(WINDOW_TAG.to_owned(), days.to_string());
        }
        tags
    }
}

/// A CA as it was seen. What was not asked for is `None`.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) authority: Authority,
    pub(super) own: Option<Issued>,
    pub(super) csr: Option<String>,
    pub(super) tags: Option<Tags>,
    pub(super) acm_may_renew: Option<bool>,
}

impl Seen {
    /// What a list tells.
    pub(super) fn listed(authority: Authority, tags: Tags) -> Self {
        Self {
            authority,
            own: None,
            csr: None,
            tags: Some(tags),
            acm_may_renew: None,
        }
    }

    fn content(&self) -> Value {
        let found = &self.authority;
        let mut content = json!({
            "type": found.ca_type, "usage_mode": found.usage_mode, "key_algorithm": found.key_algorithm,
            "subject": found.subject, "revocation": found.revocation, "status": found.status,
            "certified": is_certified(&found.status),
        });
        let days = self.own.as_ref().and_then(|own| days_of(&own.certificate_pem));
        let members = [
            (
                "enabled",
                is_certified(&found.status).then(|| json!(found.status == "ACTIVE")),
            ),
            ("validity_days", days.map(Value::from)),
            ("signed", self.own.as_ref().map(|own| json!(own))),
            ("acm_may_renew", self.acm_may_renew.map(Value::from)),
            (
                "deletion_window_days",
                self.tags.as_ref().map(|tags| window(tags).into()),
            ),
            ("tags", self.tags.as_ref().map(others)),
        ];
        for (member, value) in members {
            if let Some(value) = value {
                content[member] = value;
            }
        }
        content
    }

    /// The CA as the engine sees it.
    pub(super) fn observed(&self, name: &str) -> Observed {
        let found = &self.authority;
        let own = self.own.as_ref();
        let outputs = [
            ("arn", Some(found.arn.clone())),
            ("status", Some(found.status.clone())),
            ("owner_account", Some(found.owner_account.clone())),
            ("not_after", found.not_after.map(|end| end.to_string())),
            ("certificate_pem", own.map(|own| own.certificate_pem.clone())),
            (
                "chain_pem",
                own.map(|own| own.chain_pem.clone()).filter(|chain| !chain.is_empty()),
            ),
            ("csr_pem", self.csr.clone()),
        ];
        Observed {
            name: name.to_owned(),
            uid: found.arn.clone(),
            content: self.content(),
            marks: self.tags.as_ref().map(marks::marks),
            outputs: outputs
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
            ..Observed::default()
        }
    }
}

/// The same object with other tags.
pub(super) fn retagged(object: &Observed, tags: &Tags) -> Observed {
    let mut object = object.clone();
    object.marks = Some(marks::marks(tags));
    object.content["tags"] = others(tags);
    object.content["deletion_window_days"] = window(tags).into();
    object
}

/// The tags of a CA that was observed with them.
pub(super) fn tags_of(object: &Observed) -> Option<Tags> {
    let mut tags: Tags = serde_json::from_value(object.content.get("tags")?.clone()).ok()?;
    tags.extend(marks::tags(object.marks.as_ref()?));
    let days = object.content["deletion_window_days"].as_i64();
    if let Some(days) = days.filter(|days| *days != i64::from(WINDOW)) {
        tags.insert(WINDOW_TAG.to_owned(), days.to_string());
    }
    Some(tags)
}

fn others(tags: &Tags) -> Value {
    let others = tags.iter().filter(|(key, _)| !marks::is_ours(key));
    json!(others.collect::<BTreeMap<_, _>>())
}

fn window(tags: &Tags) -> i32 {
    tags.get(WINDOW_TAG)
        .and_then(|days| days.parse().ok())
        .unwrap_or(WINDOW)
}

/// True for a CA with a certificate that has not expired.
pub(super) fn is_certified(status: &str) -> bool {
    matches!(status, "ACTIVE" | "DISABLED")
}

/// True for a CA that nothing becomes of any more.
pub(super) fn is_over(status: &str) -> bool {
    matches!(status, "DELETED" | "FAILED")
}

/// Days of a certificate as they were asked for: AWS dates the beginning back by an hour.
#[must_use]
pub fn days_of(pem: &str) -> Option<i64> {
    let certificate = Certificate::first(pem).ok()?;
    Some((certificate.not_after.duration_since(certificate.not_before).as_hours() + 12) / 24)
}

/// Members that differ, and inside of members the innermost.
pub(super) fn differences(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (member, wanted) in desired.as_object().into_iter().flatten() {
        match live.get(member) {
            None => {}
            Some(_) if wanted.is_null() => {}
            Some(is) if member == "signed" => {
                let issued = |content: &Value| serde_json::from_value::<Issued>(content.clone()).ok();
                if !issued(is).is_some_and(|own| is_same_chain(issued(wanted).as_ref(), &own)) {
                    found.insert(member.clone(), is.clone());
                }
            }
            Some(is) => compare(member.clone(), wanted, is, &mut found),
        }
    }
    found
}

fn compare(path: String, wanted: &Value, is: &Value, found: &mut BTreeMap<String, Value>) {
    match (wanted, is) {
        (Value::Object(members), Value::Object(live)) => {
            for (member, wanted) in members {
                let is = live.get(member).unwrap_or(&Value::Null);
                compare(format!("{path}.{member}"), wanted, is, found);
            }
        }
        _ if wanted == is => {}
        _ => {
            found.insert(path, is.clone());
        }
    }
}

/// True if both are the same certificates, however they are written.
pub(super) fn is_same_chain(signed: Option<&Issued>, own: &Issued) -> bool {
    let ders = |issued: &Issued| {
        let chain = |pem: &str| Certificate::chain(pem).unwrap_or_default();
        let every = chain(&issued.certificate_pem)
            .into_iter()
            .chain(chain(&issued.chain_pem));
        every.map(|certificate| certificate.der).collect::<Vec<_>>()
    };
    signed.is_some_and(|signed| signed == own || (!ders(own).is_empty() && ders(signed) == ders(own)))
}
