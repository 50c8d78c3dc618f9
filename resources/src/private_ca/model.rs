//! The arguments and attributes of `e2etls_private_ca`.

use tfplugin_framework::{Attr, Choice, Invalid, Model};

use crate::lifecycle::attributes::InAws;
use crate::syntax;

/// A CA in AWS Private CA.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PrivateCa {
    /// What every resource in AWS has.
    #[tf(flatten)]
    pub aws: InAws,
    /// ARN of the CA.
    #[tf(computed, keep)]
    pub arn: Attr<String>,
    /// Name of the CA, which distinguishes it from the other CAs of the state: lowercase letters, digits and hyphens,
    /// starting and ending with a letter or digit, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// `ROOT` signs its own certificate; `SUBORDINATE` is signed by `parent_arn` or outside AWS.
    #[tf(required, replace)]
    pub r#type: Attr<CaType>,
    /// `GENERAL_PURPOSE` issues certificates of any lifetime; `SHORT_LIVED_CERTIFICATE` issues certificates of at most
    /// 7 days, for a fraction of the price.
    #[tf(required, replace)]
    pub usage_mode: Attr<UsageMode>,
    /// Distinguished name of the CA. It appears in the chain of every certificate: do not include personal data.
    #[tf(required, replace)]
    pub subject: Attr<SubjectModel>,
    /// Algorithm of the CA's key.
    #[tf(default = "EC_prime256v1", replace)]
    pub key_algorithm: Attr<KeyAlgorithm>,
    /// ARN of the CA in AWS Private CA that signs a `SUBORDINATE`. It must be `ACTIVE`, be allowed to sign CAs, and not
    /// expire before this one.
    #[tf(optional, replace, check = syntax::ca_arn)]
    pub parent_arn: Attr<String>,
    /// Lifetime of the CA's certificate in days, 1 to 36500. A change issues a new certificate for the same key; the
    /// new certificate must not expire earlier than the current one.
    #[tf(required, check = days::<1, 36_500>)]
    pub validity_days: Attr<i64>,
    /// Certificate in PEM form that was issued for `csr_pem` of a `SUBORDINATE` signed outside AWS; requires
    /// `signed_chain_pem`. A change installs the new certificate for the same key.
    #[tf(optional)]
    pub signed_certificate_pem: Attr<String>,
    /// Chain of `signed_certificate_pem`, up to the root, in PEM form.
    #[tf(optional)]
    pub signed_chain_pem: Attr<String>,
    /// How the CA publishes revocations: `crl`, `ocsp` or both. If omitted, it does not publish them.
    #[tf(optional)]
    pub revocation: Attr<RevocationModel>,
    /// Allow ACM to renew the private certificates that it manages. Not needed for cert-manager, and not possible with
    /// `SHORT_LIVED_CERTIFICATE`.
    #[tf(default = false)]
    pub allow_acm_renewal: Attr<bool>,
    /// Whether the CA issues certificates. False disables it until it is enabled again. A disabled CA costs the same.
    #[tf(default = true)]
    pub enabled: Attr<bool>,
    /// Refuse plans that destroy or replace the CA. To turn it off, apply `false` first, without any other change.
    #[tf(default = true, local)]
    pub deletion_protection: Attr<bool>,
    /// Number of days during which a deleted CA can be restored, 7 to 30.
    #[tf(default = 30, check = days::<7, 30>)]
    pub deletion_window_days: Attr<i64>,
    /// ARN of an existing CA to restore instead of creating a new one: a deleted CA, or a disabled one that has no
    /// other owner. Used only when the resource is created.
    #[tf(optional, local, check = syntax::ca_arn)]
    pub restore_arn: Attr<String>,
    /// Status as AWS reports it, such as `ACTIVE` or `PENDING_CERTIFICATE`.
    #[tf(computed)]
    pub status: Attr<String>,
    /// ID of the AWS account that owns the CA.
    #[tf(computed, keep)]
    pub owner_account: Attr<String>,
    /// Certificate of the CA in PEM form; null until the CA has one.
    #[tf(computed)]
    pub certificate_pem: Attr<String>,
    /// Certificates above the CA, up to the root, in PEM form; null for a root.
    #[tf(computed)]
    pub chain_pem: Attr<String>,
    /// Certificate signing request for the CA's key in PEM form, for a `SUBORDINATE` that is signed outside AWS.
    #[tf(computed, keep)]
    pub csr_pem: Attr<String>,
    /// End of validity of the CA's certificate, in RFC 3339 format.
    #[tf(computed)]
    pub not_after: Attr<String>,
}

/// Types of CAs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum CaType {
    /// It signs its own certificate.
    #[tf(rename = "ROOT")]
    Root,
    /// Another CA signs it.
    #[tf(rename = "SUBORDINATE")]
    Subordinate,
}

/// What a CA issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum UsageMode {
    /// Certificates of any lifetime.
    #[tf(rename = "GENERAL_PURPOSE")]
    GeneralPurpose,
    /// Certificates of at most 7 days.
    #[tf(rename = "SHORT_LIVED_CERTIFICATE")]
    ShortLived,
}

/// Algorithms of a CA's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
#[expect(missing_docs, reason = "spelled as the API spells them")]
pub enum KeyAlgorithm {
    #[tf(rename = "RSA_2048")]
    Rsa2048,
    #[tf(rename = "RSA_3072")]
    Rsa3072,
    #[tf(rename = "RSA_4096")]
    Rsa4096,
    #[tf(rename = "EC_prime256v1")]
    P256,
    #[tf(rename = "EC_secp384r1")]
    P384,
    #[tf(rename = "EC_secp521r1")]
    P521,
}

/// A distinguished name.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct SubjectModel {
    /// Common name (`CN`), 1 to 64 characters.
    #[tf(required, check = name_part)]
    pub common_name: Attr<String>,
    /// Organization (`O`), 1 to 64 characters.
    #[tf(optional, check = name_part)]
    pub organization: Attr<String>,
    /// Organizational unit (`OU`), 1 to 64 characters.
    #[tf(optional, check = name_part)]
    pub organizational_unit: Attr<String>,
    /// Country (`C`): two uppercase letters, such as `DE`.
    #[tf(optional, check = country)]
    pub country: Attr<String>,
    /// State or province (`ST`), 1 to 64 characters.
    #[tf(optional, check = name_part)]
    pub state: Attr<String>,
    /// Locality (`L`), 1 to 64 characters.
    #[tf(optional, check = name_part)]
    pub locality: Attr<String>,
}

/// How a CA publishes revocations.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct RevocationModel {
    /// Certificate revocation list in S3; none if omitted.
    #[tf(optional)]
    pub crl: Attr<CrlModel>,
    /// OCSP responder; none if omitted. `{}` uses AWS's own host name.
    #[tf(optional)]
    pub ocsp: Attr<OcspModel>,
}

/// A certificate revocation list in S3.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct CrlModel {
    /// Name of the bucket that holds the list. Its policy must allow `acm-pca.amazonaws.com` to write.
    #[tf(required, check = syntax::not_empty)]
    pub s3_bucket_name: Attr<String>,
    /// Number of days until a list expires, 1 to 5000.
    #[tf(required, check = days::<1, 5000>)]
    pub expiration_in_days: Attr<i64>,
    /// Host name that certificates contain instead of the bucket's.
    #[tf(optional)]
    pub custom_cname: Attr<String>,
    /// ACL of the objects. `BUCKET_OWNER_FULL_CONTROL` (if omitted) works with Block Public Access, `PUBLIC_READ` does
    /// not.
    #[tf(optional)]
    pub s3_object_acl: Attr<ObjectAcl>,
}

/// ACL of a list in S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
#[expect(missing_docs, reason = "spelled as the API spells them")]
pub enum ObjectAcl {
    #[tf(rename = "BUCKET_OWNER_FULL_CONTROL")]
    BucketOwnerFullControl,
    #[tf(rename = "PUBLIC_READ")]
    PublicRead,
}

/// Answers by OCSP.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct OcspModel {
    /// Host name that certificates contain instead of AWS's, without a scheme.
    #[tf(optional, check = syntax::dns_name)]
    pub custom_cname: Attr<String>,
}

fn days<const FIRST: i64, const LAST: i64>(days: &i64) -> Result<(), Invalid> {
    if (FIRST..=LAST).contains(days) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{days}` is not a valid number of days: use {FIRST} to {LAST}"
    )))
}

fn name_part(text: &str) -> Result<(), Invalid> {
    if (1..=64).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{text}` is not valid in a distinguished name: use 1 to 64 characters"
    )))
}

fn country(text: &str) -> Result<(), Invalid> {
    if text.len() == 2 && text.chars().all(|c| c.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{text}` is not a valid country code: use two uppercase letters, such as `DE`"
    )))
}
