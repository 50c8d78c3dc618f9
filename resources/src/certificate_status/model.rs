//! The arguments and attributes of the data source `e2etls_certificate_status`.

use tfplugin_framework::{Attr, Model};

use crate::issuer::IssuerOutput;
use crate::syntax;

/// What cert-manager shows of a Certificate now.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct CertificateStatus {
    /// Key of the provider's `clusters`; not needed where the provider has one `cluster`.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// Namespace of the Certificate.
    #[tf(required, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Name of the Certificate.
    #[tf(required, check = crate::syntax::subdomain_name)]
    pub name: Attr<String>,
    /// CA certificate in PEM form that the chain is verified to, such as `e2etls_issuer.x.ca_bundle_pem`. If absent:
    /// the CA that the issuer reports.
    #[tf(optional)]
    pub ca_pem: Attr<String>,
    /// Identifies the certificate: UID of the cluster, namespace and name.
    #[tf(computed)]
    pub id: Attr<String>,
    /// cert-manager's own condition `Ready`, which does not prove that the right CA issued.
    #[tf(computed)]
    pub ready: Attr<bool>,
    /// True if the chain verifies to the CA for the certificate's usages now; null if nothing was issued, or no CA is known.
    #[tf(computed)]
    pub verified: Attr<bool>,
    /// Why the chain does not verify; null if it does, or nothing was checked.
    #[tf(computed)]
    pub verify_error: Attr<String>,
    /// Serial number of the certificate, in hex.
    #[tf(computed)]
    pub serial: Attr<String>,
    /// SHA-256 of the certificate, in hex.
    #[tf(computed)]
    pub fingerprint_sha256: Attr<String>,
    /// Start of its validity, RFC 3339.
    #[tf(computed)]
    pub not_before: Attr<String>,
    /// End of its validity, RFC 3339.
    #[tf(computed)]
    pub not_after: Attr<String>,
    /// When cert-manager will renew it, RFC 3339.
    #[tf(computed)]
    pub renewal_time: Attr<String>,
    /// How many times it was issued.
    #[tf(computed)]
    pub revision: Attr<i64>,
    /// The issuer that the Certificate names.
    #[tf(computed)]
    pub issuer: Attr<IssuerOutput>,
    /// DNS names of the certificate that was issued.
    #[tf(computed)]
    pub dns_names: Attr<Vec<String>>,
    /// The certificate in PEM form, without its chain.
    #[tf(computed)]
    pub certificate_pem: Attr<String>,
    /// The intermediate certificates in PEM form; empty if there are none.
    #[tf(computed)]
    pub chain_pem: Attr<String>,
    /// The CA certificate that the issuer reports, in PEM form.
    #[tf(computed)]
    pub reported_ca_pem: Attr<String>,
    /// Failed issuances since the last one that succeeded.
    #[tf(computed)]
    pub failed_issuance_attempts: Attr<i64>,
    /// When the last issuance failed, RFC 3339; null if none did since the last success.
    #[tf(computed)]
    pub last_failure_time: Attr<String>,
    /// The conditions of the Certificate.
    #[tf(computed)]
    pub conditions: Attr<Vec<Condition>>,
    /// The conditions of the CertificateRequest of the current revision or, before the first, of the newest.
    #[tf(computed)]
    pub request_conditions: Attr<Vec<Condition>>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Condition {
    /// Its type, such as `Ready` or `Issuing`.
    #[tf(computed)]
    pub r#type: Attr<String>,
    /// `True`, `False` or `Unknown`.
    #[tf(computed)]
    pub status: Attr<String>,
    /// Why, in one word for programs.
    #[tf(computed)]
    pub reason: Attr<String>,
    /// Why, in a sentence for people.
    #[tf(computed)]
    pub message: Attr<String>,
}
