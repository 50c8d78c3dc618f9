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
    /// Identifies the certificate: UID of the cluster, namespace and name.
    #[tf(computed, keep)]
    pub id: Attr<String>,
    /// Random mark of the create that made or adopted the object.
    #[tf(computed, keep)]
    pub instance: Attr<String>,
    /// Key of the provider's `clusters`; not needed where the provider has one `cluster`. Another key must lead to the
    /// same cluster: a resource does not move.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// UID of the namespace `kube-system`, which tells clusters apart.
    #[tf(computed, keep)]
    pub cluster_uid: Attr<String>,
    /// Name of the Certificate: lower-case letters, digits and hyphens, a letter or digit first and last, at most 40
    /// characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the Certificate; it must exist.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// DNS names that the certificate is for: at least one, each once, in lower case; `*.` may be the first label.
    #[tf(required, check = syntax::dns_names)]
    pub dns_names: Attr<Vec<String>>,
    /// Who issues: `e2etls_issuer.x.ref`, or any issuer of cert-manager. Another one has the certificate issued anew.
    #[tf(required)]
    pub issuer: Attr<IssuerRef>,
    /// Lifetime of each certificate, as a Go duration of at least `1h`, such as `144h`. A CA for short-lived
    /// certificates gives at most `168h`.
    #[tf(required, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
    /// Share of the lifetime, in percent (1 to 99), that is left when it is renewed; at least 300 seconds.
    #[tf(default = 33, check = percentage)]
    pub renew_before_percentage: Attr<i64>,
    /// What the certificate may be used for, at least one. With AWS Private CA the usages select the template.
    #[tf(optional, default = usage::server_auth, check = usage::usages)]
    pub usages: Attr<Vec<Usage>>,
    /// The key, which cert-manager makes; ECDSA with 256 bits, new at each renewal, if absent.
    #[tf(optional)]
    pub key: Attr<PrivateKey>,
    /// Name of the Secret that cert-manager keeps the certificate in; `NAME-tls` if absent. It must not exist yet.
    #[tf(optional, computed, keep, replace, check = crate::syntax::subdomain_name)]
    pub secret_name: Attr<String>,
    /// Id of what installs cert-manager and aws-privateca-issuer, such as a Helm release. Nothing is done with it: it
    /// gives Terraform an order that it can't see otherwise.
    #[tf(optional)]
    pub platform: Attr<String>,
    /// Version of what is rendered, so far only `1`. If absent, a create takes the newest and keeps it, also when a
    /// later provider has a newer one.
    #[tf(optional, computed, keep, check = template_version)]
    pub template_version: Attr<i64>,
    /// Take over fields that another field manager holds. If false, such a field is an error, unless the plan showed it
    /// as drifted or changing.
    #[tf(optional, default = false)]
    pub force_conflicts: Attr<bool>,
    /// How long operations may take.
    #[tf(optional)]
    pub timeouts: Attr<Timeouts>,
    /// True once it was issued by the CA that was asked for.
    #[tf(computed)]
    pub ready: Attr<bool>,
    /// SHA-256 of what is asked for, the CA included; known at plan. A renewal does not change it.
    #[tf(computed)]
    pub spec_sha256: Attr<String>,
    /// What the resource is made of, by address such as `certificate`; a changed digest in a plan says which objects
    /// will change.
    #[tf(computed)]
    pub parts: Attr<BTreeMap<String, PartState>>,
    /// Fields that were seen to differ from what was applied, by address and path; empty if none. An apply sets them
    /// back.
    #[tf(computed)]
    pub drift: Attr<Vec<String>>,
}

/// The key of a certificate. cert-manager makes it; it is never read from here.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PrivateKey {
    /// `ECDSA` (if absent), `RSA` or `Ed25519`, which AWS Private CA does not take.
    #[tf(optional)]
    pub algorithm: Attr<Algorithm>,
    /// Bits: `256` (if absent), `384` or `521` with ECDSA; `2048` (if absent), `3072`, `4096` or `8192` with RSA; none
    /// with Ed25519.
    #[tf(optional)]
    pub size: Attr<i64>,
    /// `Always` (if absent): a new key with each renewal; `Never`: the same.
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
