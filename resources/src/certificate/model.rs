//! The arguments and attributes of `e2etls_certificate`.

use tfplugin_framework::{Attr, Choice, Invalid, Model, parse_go_duration};

use crate::cert_manager::reference::IssuerRef;
use crate::lifecycle::attributes::{InCluster, OnPlatform};
use crate::syntax;
use crate::usage::{self, Usage};

/// A certificate that cert-manager keeps in a Secret and renews.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Certificate {
    /// Attributes of every resource in a cluster.
    #[tf(flatten)]
    pub head: InCluster,
    /// The order of resources that Terraform can't see.
    #[tf(flatten)]
    pub on_platform: OnPlatform,
    /// Name of the Certificate: lowercase letters, digits and hyphens, starting and ending with a letter or digit, at
    /// most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the Certificate. It must exist.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// DNS names that the certificate is for: at least one, without duplicates, in lowercase. The first label may be
    /// `*`.
    #[tf(required, check = syntax::dns_names)]
    pub dns_names: Attr<Vec<String>>,
    /// Who issues the certificate: `e2etls_issuer.x.ref`, or any cert-manager issuer. If it changes, the certificate is
    /// issued again.
    #[tf(required)]
    pub issuer: Attr<IssuerRef>,
    /// Lifetime of each certificate, as a Go duration of at least `1h`, such as `144h`. A CA for short-lived
    /// certificates allows at most `168h`.
    #[tf(required, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
    /// Percentage of `duration` (1 to 99) that is left when the certificate is renewed; `50` if omitted. There must be
    /// at least five minutes between issuance and renewal, and between renewal and expiration: with a `duration` of
    /// `1h`, `9` to `91`.
    #[tf(optional, computed, check = percentage)]
    pub renew_before_percentage: Attr<i64>,
    /// How long before its expiration the certificate is renewed, as a Go duration such as `48h`, for a time that is
    /// not a whole percentage of `duration`. Conflicts with `renew_before_percentage`.
    #[tf(optional, check = duration)]
    pub renew_before: Attr<String>,
    /// What the certificate may be used for, at least one usage. With AWS Private CA, the usages select the template.
    #[tf(optional, default = usage::server_auth, check = usage::usages)]
    pub usages: Attr<Vec<Usage>>,
    /// The private key, which cert-manager generates. If omitted: ECDSA with 256 bits, a new key at each renewal.
    #[tf(optional)]
    pub key: Attr<PrivateKey>,
    /// Name of the Secret in which cert-manager stores the certificate; `NAME-tls` if omitted. The Secret must not
    /// exist yet.
    #[tf(optional, computed, keep, replace, check = crate::syntax::subdomain_name)]
    pub secret_name: Attr<String>,
    /// True once the certificate has been issued by the requested CA.
    #[tf(computed)]
    pub ready: Attr<bool>,
    /// SHA-256 of the requested content, including the CA; known in the plan. A renewal does not change it.
    #[tf(computed)]
    pub spec_sha256: Attr<String>,
}

/// The key of a certificate. cert-manager makes it; it is never read from here.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PrivateKey {
    /// `ECDSA` (if omitted), `RSA` or `Ed25519`. AWS Private CA does not support `Ed25519`.
    #[tf(optional)]
    pub algorithm: Attr<Algorithm>,
    /// Size in bits: `256` (if omitted), `384` or `521` for ECDSA; `2048` (if omitted), `3072`, `4096` or `8192` for
    /// RSA; none for Ed25519.
    #[tf(optional)]
    pub size: Attr<i64>,
    /// `Always` (if omitted): a new key at each renewal; `Never`: the same key.
    #[tf(optional)]
    pub rotation: Attr<Rotation>,
}

/// Kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Algorithm {
    /// Elliptic curves of NIST.
    #[tf(rename = "ECDSA")]
    Ecdsa,
    /// RSA.
    #[tf(rename = "RSA")]
    Rsa,
    /// Edwards curve 25519.
    Ed25519,
}

/// What becomes of the key at a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Rotation {
    /// A new one.
    Always,
    /// The same.
    Never,
}

fn duration(text: &str) -> Result<(), Invalid> {
    if parse_go_duration(text).is_some() {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{text}` is not a valid duration: use Go's notation, such as `48h` or `36h30m`"
    )))
}

fn percentage(percentage: &i64) -> Result<(), Invalid> {
    if (1..=99).contains(percentage) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{percentage}` is not a valid percentage of the lifetime: use 1 to 99"
    )))
}
