//! AWS Certificate Manager: public certificates that are validated by DNS.
//!
//! Source: <https://docs.aws.amazon.com/acm/latest/APIReference/>. Closed sets are in the API's spelling.

mod convert;
#[cfg(feature = "fake")]
pub mod fake;
mod sdk;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;
use jiff::Timestamp;

use super::{Identity, Tags};

pub use sdk::Acm;

/// What a certificate is requested from. It is validated by DNS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCertificate {
    /// The name that becomes the common name.
    pub domain: String,
    /// Further names; `domain` need not be among them.
    pub sans: Vec<String>,
    /// `RSA_2048`, `EC_prime256v1` or `EC_secp384r1`.
    pub key_algorithm: String,
    /// Idempotency token, 1 to 32 of `[A-Za-z0-9_]`. For an hour the same token gives the same ARN, deleted or not.
    pub token: String,
    /// Tags, written in the same call.
    pub tags: Tags,
}

/// A certificate as `DescribeCertificate` shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Certificate {
    /// ARN.
    pub arn: String,
    /// `PENDING_VALIDATION`, `ISSUED`, `INACTIVE`, `EXPIRED`, `VALIDATION_TIMED_OUT`, `REVOKED` or `FAILED`.
    pub status: String,
    /// The name that is the common name.
    pub domain: String,
    /// All names, `domain` among them.
    pub sans: Vec<String>,
    /// `RSA_2048`, `EC_prime256v1`, …
    pub key_algorithm: String,
    /// What proves the control of each name.
    pub validation: Vec<ValidationRecord>,
    /// ARNs of what uses it, such as load balancers. ACM learns of a change some minutes later.
    pub in_use_by: Vec<String>,
    /// When it was requested.
    pub created_at: Option<Timestamp>,
    /// When it ends; `None` until it was issued.
    pub not_after: Option<Timestamp>,
    /// Why it was not issued, such as `CAA_ERROR`.
    pub failure_reason: Option<String>,
    /// `AMAZON_ISSUED`, `IMPORTED` or `PRIVATE`.
    pub certificate_type: String,
}

/// How the control of one name is proven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidationRecord {
    /// The name of the certificate.
    pub domain: String,
    /// `PENDING_VALIDATION`, `SUCCESS` or `FAILED`.
    pub status: String,
    /// The record that has to be in DNS. It is the same for `example.com` and `*.example.com`, and for every
    /// certificate of one account; `None` for some seconds after the request.
    pub record: Option<Record>,
}

/// A DNS record.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// Absolute name, with the trailing dot.
    pub name: String,
    /// `CNAME`.
    pub record_type: String,
    /// Value.
    pub value: String,
}

/// A certificate as `ListCertificates` shows it: enough to tell candidates apart without a call for each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// ARN.
    pub arn: String,
    /// As in [`Certificate`].
    pub status: String,
    /// The name that is the common name.
    pub domain: String,
    /// All names, or the first 100.
    pub sans: Vec<String>,
    /// True if there are more names than [`Summary::sans`] holds.
    pub has_more_sans: bool,
    /// As in [`Certificate`].
    pub key_algorithm: String,
    /// As in [`Certificate`].
    pub certificate_type: String,
    /// True if something uses it.
    pub in_use: bool,
    /// When it was requested.
    pub created_at: Option<Timestamp>,
    /// When it ends.
    pub not_after: Option<Timestamp>,
}

/// ACM in one account and Region.
#[async_trait]
pub trait AcmApi: Identity {
    /// Requests a certificate and returns its ARN (`RequestCertificate`).
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn request_certificate(&self, new: &NewCertificate) -> Result<String, Refusal>;

    /// The certificate, or `None` if there is none of this ARN (`DescribeCertificate`).
    ///
    /// # Errors
    /// Any other refusal.
    async fn describe(&self, arn: &str) -> Result<Option<Certificate>, Refusal>;

    /// All certificates in these states, or in any with an empty slice, of all key types (`ListCertificates`). A
    /// certificate that was just requested may be missing.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn list(&self, statuses: &[&str]) -> Result<Vec<Summary>, Refusal>;

    /// The tags (`ListTagsForCertificate`).
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn tags(&self, arn: &str) -> Result<Tags, Refusal>;

    /// Sets tags; others stay (`AddTagsToCertificate`). Nothing is called without tags.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal>;

    /// Removes tags, whatever their values (`RemoveTagsFromCertificate`). Nothing is called without keys.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal>;

    /// Deletes the certificate (`DeleteCertificate`).
    ///
    /// # Errors
    /// If the call is refused or not answered; [`InUse`](e2etls_engine::refusal::Answer::InUse) names what uses it, as
    /// far as ACM says.
    async fn delete(&self, arn: &str) -> Result<(), Refusal>;
}
