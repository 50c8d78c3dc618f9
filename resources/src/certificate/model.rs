//! The arguments and attributes of `e2etls_certificate`.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Invalid, Model, Timeouts};

use crate::issuer::IssuerRef;
use crate::issuer::model::template_version;
use crate::orchestrate::part::PartState;
use crate::syntax;
use crate::usage::{self, Usage};

/// A certificate that cert-manager keeps in a Secret and renews.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Certificate {
    /// Id of the certificate: UID of the cluster, namespace and name.
    #[tf(computed, keep)]
    pub id: Attr<String>,
    /// Random identifier of the create that made or adopted the object.
    #[tf(computed, keep)]
    pub instance: Attr<String>,
    /// Key of the provider's `clusters`. Not needed if the provider has a single `cluster`. A different key must lead
    /// to the same cluster: a resource never moves.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// UID of the namespace `kube-system`, which identifies the cluster.
    #[tf(computed, keep)]
    pub cluster_uid: Attr<String>,
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
    /// Percentage of the lifetime (1 to 99) that is left when the certificate is renewed, and at least 300 seconds.
    #[tf(default = 33, check = percentage)]
    pub renew_before_percentage: Attr<i64>,
    /// What the certificate may be used for, at least one usage. With AWS Private CA, the usages select the template.
    #[tf(optional, default = usage::server_auth, check = usage::usages)]
    pub usages: Attr<Vec<Usage>>,
    /// The private key, which cert-manager generates. If omitted: ECDSA with 256 bits, a new key at each renewal.
    #[tf(optional)]
    pub key: Attr<PrivateKey>,
    /// Name of the Secret in which cert-manager stores the certificate; `NAME-tls` if omitted. It must not exist yet.
    #[tf(optional, computed, keep, replace, check = crate::syntax::subdomain_name)]
    pub secret_name: Attr<String>,
    /// Id of whatever installs cert-manager and aws-privateca-issuer, such as a Helm release. It is not evaluated: it
    /// only expresses an order that would be invisible otherwise.
    #[tf(optional)]
    pub platform: Attr<String>,
    /// Version of the rendered objects, so far only `1`. If omitted, a create takes the newest version, and the
    /// resource keeps it even when a later provider offers a newer one.
    #[tf(optional, computed, keep, check = template_version)]
    pub template_version: Attr<i64>,
    /// Take over fields that another field manager holds. If false, such a field is an error, unless the plan showed it
    /// as drifted or changing.
    #[tf(optional, default = false)]
    pub force_conflicts: Attr<bool>,
    /// How long operations may take.
    #[tf(optional)]
    pub timeouts: Attr<Timeouts>,
    /// True once the certificate was issued by the CA that was asked for.
    #[tf(computed)]
    pub ready: Attr<bool>,
    /// SHA-256 of what was asked for, including the CA; known in the plan. A renewal does not change it.
    #[tf(computed)]
    pub spec_sha256: Attr<String>,
    /// Objects that the resource consists of, by address, such as `certificate`. A changed digest in a plan shows which
    /// objects will change.
    #[tf(computed)]
    pub parts: Attr<BTreeMap<String, PartState>>,
    /// Fields that were seen to differ from what was applied, by address and path; empty if there are none. An apply
    /// restores them.
    #[tf(computed)]
    pub drift: Attr<Vec<String>>,
}

/// The key of a certificate. cert-manager makes it; it is never read from here.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PrivateKey {
    /// `ECDSA` (if omitted), `RSA` or `Ed25519`, which AWS Private CA does not support.
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

fn percentage(percentage: &i64) -> Result<(), Invalid> {
    if (1..=99).contains(percentage) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{percentage}` is no share of the lifetime: 1 to 99 percent"
    )))
}
