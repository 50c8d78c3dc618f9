//! The arguments and attributes of `e2etls_public_certificate`.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_framework::{Attr, AttributePath, Choice, Invalid, Model};

use crate::lifecycle::attributes::InAws;
use crate::syntax;

/// A public ACM certificate that is validated through DNS.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PublicCertificate {
    /// What every resource in AWS has.
    #[tf(flatten)]
    pub aws: InAws,
    /// Name of the certificate, which distinguishes it from the other certificates of the state: lowercase letters,
    /// digits and hyphens, starting and ending with a letter or digit, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// DNS name that becomes the common name, such as `shop.example.com` or `*.example.com`, at most 64 characters.
    #[tf(required, replace, check = common_name)]
    pub domain: Attr<String>,
    /// Additional DNS names of the certificate, not including `domain`.
    #[tf(optional, replace, check = sans)]
    pub sans: Attr<BTreeSet<String>>,
    /// Algorithm of the certificate's key.
    #[tf(default = "RSA_2048", replace)]
    pub key_algorithm: Attr<KeyAlgorithm>,
    /// How control of the names is proven: by records in `zones`, or with `records_only` by records that you create.
    #[tf(required)]
    pub dns: Attr<Dns>,
    /// What an apply waits for: `issued` (the only choice with `dns.zones`) or `requested`. If omitted, `requested`
    /// with `dns.records_only`, otherwise `issued`.
    #[tf(optional, local)]
    pub wait: Attr<Wait>,
    /// ARN of the certificate.
    #[tf(computed, keep)]
    pub arn: Attr<String>,
    /// Status as AWS reports it, such as `ISSUED` or `PENDING_VALIDATION`.
    #[tf(computed)]
    pub status: Attr<String>,
    /// Records that must stay in public DNS for as long as the certificate is to be renewed. The keys are the DNS names
    /// without `*.`, because a name and its wildcard share one record; they are known in the plan.
    #[tf(computed, keep)]
    pub validation_records: Attr<BTreeMap<String, Record>>,
}

/// Algorithms of a certificate's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
#[expect(missing_docs, reason = "spelled as the API spells them")]
pub enum KeyAlgorithm {
    #[tf(rename = "RSA_2048")]
    Rsa2048,
    #[tf(rename = "EC_prime256v1")]
    P256,
    #[tf(rename = "EC_secp384r1")]
    P384,
}

/// What an apply waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Wait {
    /// The certificate is ISSUED.
    #[tf(rename = "issued")]
    Issued,
    /// The records are known.
    #[tf(rename = "requested")]
    Requested,
}

/// How control of the names is proven.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Dns {
    /// IDs of public hosted zones in Route 53, by domain: `{ "example.com" = "Z0123" }`. Every name of the certificate
    /// needs a key that is the name itself or a parent domain; the longest match is used. The zone itself may be that
    /// of a parent domain of the key.
    #[tf(optional, check = zones)]
    pub zones: Attr<BTreeMap<String, Attr<String>>>,
    /// Replace an existing CNAME record that has the name of a validation record but another value. If false, such a
    /// record is an error.
    #[tf(optional, default = false, local)]
    pub allow_overwrite: Attr<bool>,
    /// Create no records: `validation_records` lists the ones that are needed. Conflicts with `zones`.
    #[tf(optional, default = false)]
    pub records_only: Attr<bool>,
}

/// A DNS record.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Record {
    /// Absolute name, with the trailing dot.
    #[tf(computed)]
    pub name: Attr<String>,
    /// `CNAME`.
    #[tf(computed)]
    pub r#type: Attr<String>,
    /// Value.
    #[tf(computed)]
    pub value: Attr<String>,
}

/// Longest common name: RFC 5280, `ub-common-name`. ACM takes longer names as additional ones.
pub(crate) const COMMON_NAME: usize = 64;

fn common_name(name: &String) -> Result<(), Invalid> {
    match name.len() > COMMON_NAME {
        true => Err(Invalid::new(format!(
            "`{name}` is longer than {COMMON_NAME} characters, the maximum for a common name: use a shorter name, and add \
             this one to `sans`"
        ))),
        false => syntax::dns_name(name),
    }
}

fn sans(names: &BTreeSet<String>) -> Result<(), Invalid> {
    names.iter().try_for_each(|name| syntax::dns_name(name))
}

fn zones(zones: &BTreeMap<String, Attr<String>>) -> Result<(), Invalid> {
    for (domain, id) in zones {
        let at = |message: String| Err(Invalid::at(AttributePath::default().key(domain), message));
        if domain.starts_with("*.") {
            return at(format!(
                "`{domain}` is a wildcard: use the name without `*.`, which has the same record"
            ));
        }
        if let Err(invalid) = syntax::dns_name(domain) {
            return at(invalid.message);
        }
        if let Some(Err(invalid)) = id.as_str().map(syntax::zone_id) {
            return at(invalid.message);
        }
    }
    Ok(())
}
