//! The content of a CA: what a resource wants, and what AWS reports.
//!
//! ```text
//! type, usage_mode, key_algorithm, subject   never change
//! certified                                  it has a certificate that has not expired
//! validity_days, parent_arn                  AWS signs the certificate: the CA itself, or its parent
//! signed                                     certificate and chain, as somebody outside of AWS has signed them
//! revocation, enabled, allow_acm_renewal     settings
//! deletion_window_days                       how long it can be restored; kept in a tag, for whoever deletes it
//! restore_arn                                the CA that a create restores
//! tags                                       of the live CA all, of a wanted one the user's
//! ```

use std::collections::BTreeMap;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm_pca::{Authority, Issued, Revocation, Subject};
use e2etls_engine::kind::Observed;
use e2etls_engine::refusal::{Answer, Refusal};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::kinds::aws::content;
use crate::pki;

/// Members that a refresh reads: what changed in them after the plan is not overwritten.
pub(super) const GUARDED: &[&str] = &["certified", "validity_days", "signed", "revocation", "enabled"];
/// Members that ask for another certificate.
pub const CERTIFICATE: &[&str] = &["certified", "validity_days", "signed"];
const SIGNED: &str = "signed";
/// Tag: `deletion_window_days`, unless it is [`WINDOW`].
pub(super) const WINDOW_TAG: &str = "e2etls:deletion-window-days";
/// Days in which a deleted CA can be restored, if nothing else is wanted: AWS's own default, and the longest.
pub const WINDOW: i32 = 30;

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
    pub(super) allow_acm_renewal: bool,
    pub(super) deletion_window_days: Option<i32>,
    pub(super) restore_arn: Option<String>,
}

impl Wish {
    /// Reads the content of a part.
    pub(super) fn of(content: &Value) -> Result<Self, Refusal> {
        let wish = serde_json::from_value(content.clone());
        wish.map_err(|error| Refusal::new(Answer::Invalid, "content of a CA", "part", error.to_string()))
    }
}

/// A CA as it was seen. What was not asked for is `None`.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) authority: Authority,
    pub(super) own: Option<Issued>,
    pub(super) csr: Option<String>,
    pub(super) allow_acm_renewal: Option<bool>,
}

impl From<Authority> for Seen {
    /// What a list shows.
    fn from(authority: Authority) -> Self {
        Self {
            authority,
            own: None,
            csr: None,
            allow_acm_renewal: None,
        }
    }
}

impl Seen {
    pub(super) fn content(&self) -> Value {
        let found = &self.authority;
        let certified = is_certified(&found.status);
        let days = self.own.as_ref().and_then(|own| days_of(&own.certificate_pem));
        let mut content = json!({
            "type": found.ca_type, "usage_mode": found.usage_mode, "key_algorithm": found.key_algorithm,
            "subject": found.subject, "revocation": found.revocation, "status": found.status, "certified": certified,
            "enabled": found.status == "ACTIVE", "validity_days": days, "signed": self.own,
            "allow_acm_renewal": self.allow_acm_renewal,
        });
        if let Some(members) = content.as_object_mut() {
            // What was not read, or has no meaning yet, is no difference.
            members.retain(|member, value| !value.is_null() && (certified || member != "enabled"));
        }
        content
    }

    /// The CA as the engine sees it.
    pub(super) fn observed(&self) -> Observed {
        let found = &self.authority;
        let own = self.own.as_ref();
        let chain = own.map(|own| own.chain_pem.clone());
        let outputs = [
            ("arn", Some(found.arn.clone())),
            ("status", Some(found.status.clone())),
            ("owner_account", Some(found.owner_account.clone())),
            ("not_after", found.not_after.map(|end| end.to_string())),
            ("certificate_pem", own.map(|own| own.certificate_pem.clone())),
            ("chain_pem", chain.filter(|chain| !chain.is_empty())),
            ("csr_pem", self.csr.clone()),
        ];
        let outputs = outputs
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Observed {
            uid: found.arn.clone(),
            content: self.content(),
            outputs: outputs.collect(),
            ..Observed::default()
        }
    }
}

/// Days in which a CA with these tags can be restored.
pub(super) fn window(tags: &Tags) -> i32 {
    let days = tags.get(WINDOW_TAG).and_then(|days| days.parse().ok());
    days.unwrap_or(WINDOW)
}

/// True for a CA with a certificate that has not expired.
pub(super) fn is_certified(status: &str) -> bool {
    matches!(status, "ACTIVE" | "DISABLED")
}

/// Days of a certificate as they were asked for: AWS dates the beginning back by an hour.
#[must_use]
pub fn days_of(pem: &str) -> Option<i64> {
    let certificate = pki::Certificate::first(pem).ok()?;
    Some((certificate.not_after.duration_since(certificate.not_before).as_hours() + 12) / 24)
}

/// Members that differ, and inside of members the innermost; certificate and chain are one.
pub(super) fn differences(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
    let mut found = content::differences(desired, live);
    let all = found.len();
    found.retain(|path, _| !path.starts_with(SIGNED));
    let issued = |content: &Value| serde_json::from_value::<Issued>(content[SIGNED].clone()).ok();
    let same = issued(live).is_some_and(|live| is_same(issued(desired).as_ref(), &live));
    if found.len() < all && !same {
        found.insert(SIGNED.to_owned(), live[SIGNED].clone());
    }
    found
}

/// True if both are the same certificates, however they are written.
pub(super) fn is_same(signed: Option<&Issued>, own: &Issued) -> bool {
    let text = |issued: &Issued| format!("{}\n{}", issued.certificate_pem, issued.chain_pem);
    let chain = |issued: &Issued| pki::Certificate::chain(&text(issued)).ok();
    signed.is_some_and(|signed| signed == own || (chain(own).is_some() && chain(signed) == chain(own)))
}
