//! The arguments and attributes of the data source `e2etls_certificate_status`.

use tfplugin_framework::{Attr, Model};

use crate::cert_manager::reference::IssuerOutput;
use crate::syntax;

/// What cert-manager currently reports about a Certificate.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct CertificateStatus {
    /// Key of the provider's `clusters`. Not needed if the provider has a single `cluster`.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// Namespace of the Certificate.
    #[tf(required, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Name of the Certificate.
    #[tf(required, check = crate::syntax::subdomain_name)]
    pub name: Attr<String>,
    /// CA certificate in PEM form that the chain is verified against, such as `e2etls_issuer.x.ca_bundle_pem`. If
    /// omitted: the CA that the issuer reports.
    #[tf(optional)]
    pub ca_pem: Attr<String>,
    /// ID of the certificate: UID of the cluster, namespace and name.
    #[tf(computed)]
    pub id: Attr<String>,
    /// cert-manager's own condition `Ready`, which does not prove that the right CA issued the certificate.
    #[tf(computed)]
    pub ready: Attr<bool>,
    /// True if the chain currently verifies against the CA for the certificate's usages; null if nothing was issued or
    /// no CA is known.
    #[tf(computed)]
    pub verified: Attr<bool>,
    /// Why the chain does not verify; null if it does, or if nothing was checked.
    #[tf(computed)]
    pub verify_error: Attr<String>,
    /// Serial number of the certificate, in hex.
    #[tf(computed)]
    pub serial: Attr<String>,
    /// SHA-256 of the certificate, in hex.
    #[tf(computed)]
    pub fingerprint_sha256: Attr<String>,
    /// Start of validity of the certificate in the Secret, in RFC 3339 format, even if its CertificateRequest is gone.
    #[tf(computed)]
    pub not_before: Attr<String>,
    /// End of validity of the certificate in the Secret, in RFC 3339 format, even while its renewal is failing.
    #[tf(computed)]
    pub not_after: Attr<String>,
    /// When cert-manager will renew the certificate, in RFC 3339 format.
    #[tf(computed)]
    pub renewal_time: Attr<String>,
    /// How many times the certificate was issued.
    #[tf(computed)]
    pub revision: Attr<i64>,
    /// Issuer that the Certificate refers to.
    #[tf(computed)]
    pub issuer: Attr<IssuerOutput>,
    /// DNS names of the issued certificate.
    #[tf(computed)]
    pub dns_names: Attr<Vec<String>>,
    /// Certificate in PEM form, without its chain.
    #[tf(computed)]
    pub certificate_pem: Attr<String>,
    /// Intermediate certificates in PEM form; empty if there are none.
    #[tf(computed)]
    pub chain_pem: Attr<String>,
    /// CA certificate that the issuer reports, in PEM form.
    #[tf(computed)]
    pub reported_ca_pem: Attr<String>,
    /// Number of failed issuances since the last successful one.
    #[tf(computed)]
    pub failed_issuance_attempts: Attr<i64>,
    /// When the last issuance failed, in RFC 3339 format; null if none has failed since the last success.
    #[tf(computed)]
    pub last_failure_time: Attr<String>,
    /// Conditions of the Certificate.
    #[tf(computed)]
    pub conditions: Attr<Vec<Condition>>,
    /// Conditions of the CertificateRequest of the current revision or, if there is none, of the newest request.
    #[tf(computed)]
    pub request_conditions: Attr<Vec<Condition>>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Condition {
    /// Type, such as `Ready` or `Issuing`.
    #[tf(computed)]
    pub r#type: Attr<String>,
    /// `True`, `False` or `Unknown`.
    #[tf(computed)]
    pub status: Attr<String>,
    /// Machine-readable reason, as one word.
    #[tf(computed)]
    pub reason: Attr<String>,
    /// Human-readable explanation.
    #[tf(computed)]
    pub message: Attr<String>,
}
