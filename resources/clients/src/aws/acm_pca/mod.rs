//! AWS Private CA.
//!
//! Source: <https://docs.aws.amazon.com/privateca/latest/APIReference/>. Closed sets are in the API's spelling.

mod convert;
#[cfg(feature = "fake")]
pub mod fake;
mod sdk;
pub(super) mod shared;

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Identity;

pub use sdk::AcmPca;
pub use shared::Issuer;

/// A CA as `DescribeCertificateAuthority` and `ListCertificateAuthorities` show it; closed sets in the API's
/// spelling.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct Authority {
    pub arn: String,
    pub owner_account: String,
    pub status: String,
    pub ca_type: String,
    pub usage_mode: String,
    pub key_algorithm: String,
    pub signing_algorithm: String,
    pub subject: Subject,
    pub created_at: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
    pub failure_reason: Option<String>,
    pub restorable_until: Option<Timestamp>,
    pub revocation: Revocation,
}

/// A distinguished name (RFC 5280 §4.1.2.4); absent parts are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the attributes of X.520, named as there")]
pub struct Subject {
    pub common_name: Option<String>,
    pub organization: Option<String>,
    pub organizational_unit: Option<String>,
    pub country: Option<String>,
    pub state: Option<String>,
    pub locality: Option<String>,
}

/// How a CA publishes revocations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// A list in S3.
    pub crl: Option<Crl>,
    /// Answers of OCSP; the text is a custom CNAME, empty for AWS's own.
    pub ocsp: Option<String>,
}

/// A certificate revocation list in S3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct Crl {
    pub s3_bucket_name: String,
    pub expiration_in_days: i32,
    pub custom_cname: Option<String>,
    pub s3_object_acl: String,
    #[serde(flatten)]
    pub others: OthersOfCrl,
}

/// What else the API knows of a list. An update of a CA replaces the whole configuration: what was read is written
/// back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct OthersOfCrl {
    pub custom_path: Option<String>,
    pub crl_type: Option<String>,
    pub omit_extension: Option<bool>,
}

/// What a CA is created from.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct NewAuthority {
    pub ca_type: String,
    pub usage_mode: String,
    pub key_algorithm: String,
    pub signing_algorithm: String,
    pub subject: Subject,
    pub revocation: Revocation,
    pub token: String,
    pub tags: BTreeMap<String, String>,
}

/// A certificate to be issued.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct IssueRequest<'a> {
    pub ca_arn: &'a str,
    pub csr_pem: &'a str,
    pub template: &'a str,
    pub signing_algorithm: &'a str,
    pub validity_days: i64,
    pub token: &'a str,
}

/// A certificate and the chain above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The certificate.
    pub certificate_pem: String,
    /// The certificates above it, up to the root; empty for a root.
    pub chain_pem: String,
}

/// AWS Private CA in one account and region.
#[async_trait]
pub trait AcmPcaApi: Identity {
    /// All CAs of the account in the region, deleted ones included.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn list(&self) -> Result<Vec<Authority>, Refusal>;

    /// The CA, or `None` if there is none of this ARN.
    ///
    /// # Errors
    /// Any other refusal.
    async fn describe(&self, arn: &str) -> Result<Option<Authority>, Refusal>;

    /// The tags of a CA.
    ///
    /// # Errors
    /// If the call is refused or not answered; AWS may refuse the tags of deleted CAs.
    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, Refusal>;

    /// The tags of a CA that a list has shown; `None` if it was deleted since, as somebody else's may be at any time.
    ///
    /// # Errors
    /// Any other refusal.
    async fn living_tags(&self, arn: &str) -> Result<Option<BTreeMap<String, String>>, Refusal> {
        match self.tags(arn).await {
            Ok(tags) => Ok(Some(tags)),
            Err(refusal) => match self.describe(arn).await? {
                Some(authority) if authority.status != "DELETED" => Err(refusal),
                _ => Ok(None),
            },
        }
    }

    /// Sets tags.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), Refusal>;

    /// Removes tags.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn untag(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal>;

    /// Creates a CA and returns its ARN. Within five minutes the same token gives the same CA.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn create(&self, new: &NewAuthority) -> Result<String, Refusal>;

    /// The CA's signing request; `None` while it is still being made.
    ///
    /// # Errors
    /// Any other refusal.
    async fn csr(&self, arn: &str) -> Result<Option<String>, Refusal>;

    /// The CA's own certificate and chain.
    ///
    /// # Errors
    /// If the call is refused or not answered, also if the CA has none yet.
    async fn certificate(&self, arn: &str) -> Result<Issued, Refusal>;

    /// Asks for a certificate and returns its ARN.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn issue(&self, request: &IssueRequest<'_>) -> Result<String, Refusal>;

    /// A requested certificate; `None` while it is being issued.
    ///
    /// # Errors
    /// Any other refusal.
    async fn issued(&self, ca_arn: &str, certificate_arn: &str) -> Result<Option<Issued>, Refusal>;

    /// Installs the CA's certificate.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn import(&self, arn: &str, certificate: &Issued) -> Result<(), Refusal>;

    /// Enables or disables a CA.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn set_enabled(&self, arn: &str, enabled: bool) -> Result<(), Refusal>;

    /// Changes how the CA publishes revocations.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn set_revocation(&self, arn: &str, revocation: &Revocation) -> Result<(), Refusal>;

    /// Deletes a CA; it can be restored for `days` (7 to 30).
    ///
    /// # Errors
    /// If the call is refused, for example because the CA is ACTIVE, or not answered.
    async fn delete(&self, arn: &str, days: i32) -> Result<(), Refusal>;

    /// Takes a deletion back; the CA is then as it was before it.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn restore(&self, arn: &str) -> Result<(), Refusal>;

    /// Whether ACM may renew what it manages from this CA.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn acm_may_renew(&self, arn: &str) -> Result<bool, Refusal>;

    /// Lets ACM renew what it manages from this CA, or forbids it.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn let_acm_renew(&self, arn: &str, allowed: bool) -> Result<(), Refusal>;
}
