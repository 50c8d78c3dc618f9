//! The arguments and attributes of `e2etls_issuer`.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Invalid, Model, Timeouts};

use super::reference::IssuerOutput;
use crate::orchestrate::part::PartState;
use crate::syntax;
use crate::usage::{self, Usage};

/// An issuer of cert-manager that issues from a CA of AWS Private CA.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Issuer {
    /// Id of the issuer: UID of the cluster, namespace (if it has one) and name.
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
    /// Name of the issuer: lowercase letters, digits, `-` and `.`, at most 253 characters.
    #[tf(required, replace, check = crate::syntax::subdomain_name)]
    pub name: Attr<String>,
    /// `AWSPCAIssuer` serves one namespace, `AWSPCAClusterIssuer` serves all of them.
    #[tf(required, replace)]
    pub kind: Attr<IssuerKind>,
    /// Namespace of an `AWSPCAIssuer`, for which it is required. An `AWSPCAClusterIssuer` has none.
    #[tf(optional, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// ARN of the CA, which may belong to another account that shares it. A change is made in place and changes `ref`,
    /// so that certificates that use `ref` are issued again.
    #[tf(required, check = syntax::ca_arn)]
    pub ca_arn: Attr<String>,
    /// ARN of the IAM role that aws-privateca-issuer assumes to issue certificates. If omitted, it uses its own
    /// identity.
    #[tf(optional, check = role_arn)]
    pub role_arn: Attr<String>,
    /// AWS Private CA template for all requests, such as `EndEntityCertificate/V1`, which the default permission of a
    /// shared CA allows. If omitted, the usages of each request select the template.
    #[tf(optional, check = template)]
    pub template: Attr<String>,
    /// Usages for which the check requests a certificate: those of the certificates to come. At least one, without
    /// duplicates.
    #[tf(optional, default = usage::server_auth, check = usage::usages)]
    pub usages: Attr<Vec<Usage>>,
    /// How the issuer is checked. `issue` has a certificate issued for a key that is thrown away, and verifies it to
    /// the CA. `ready` trusts the issuer's own condition, which does not prove that it may issue. `none` does not wait.
    #[tf(default = "issue")]
    pub verify: Attr<Verify>,
    /// Namespace of the request that checks an `AWSPCAClusterIssuer`. An `AWSPCAIssuer` is checked in its own
    /// namespace.
    #[tf(default = "default", check = syntax::namespace_name)]
    pub canary_namespace: Attr<String>,
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
    /// True once the issuer has passed its check; false with `verify = "none"`.
    #[tf(computed)]
    pub ready: Attr<bool>,
    /// The issuer in the form that certificates, proxies and stacks accept: `issuer = e2etls_issuer.x.ref`.
    #[tf(computed)]
    pub r#ref: Attr<IssuerOutput>,
    /// Certificate, in PEM form, of the root that the CA chains to: what clients must trust.
    #[tf(computed, keep)]
    pub ca_bundle_pem: Attr<String>,
    /// Objects that the resource consists of, by address, such as `issuer`. A changed digest in a plan shows which
    /// objects will change.
    #[tf(computed)]
    pub parts: Attr<BTreeMap<String, PartState>>,
    /// Fields that were seen to differ from what was applied, by address and path; empty if there are none. An apply
    /// restores them.
    #[tf(computed)]
    pub drift: Attr<Vec<String>>,
}

/// Kinds of issuers of aws-privateca-issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum IssuerKind {
    /// One namespace.
    #[tf(rename = "AWSPCAIssuer")]
    Namespaced,
    /// All namespaces.
    #[tf(rename = "AWSPCAClusterIssuer")]
    Cluster,
}

/// How an issuer is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Verify {
    /// A certificate is issued and verified.
    #[tf(rename = "issue")]
    Issue,
    /// Its condition `Ready` is believed.
    #[tf(rename = "ready")]
    Ready,
    /// Not at all.
    #[tf(rename = "none")]
    Nothing,
}

/// The template versions that this release renders.
pub(crate) fn template_version(version: &i64) -> Result<(), Invalid> {
    if *version == 1 {
        Ok(())
    } else {
        Err(Invalid::new(format!(
            "`{version}` is no template version of this release: 1"
        )))
    }
}

fn role_arn(text: &str) -> Result<(), Invalid> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let sound = parts.len() == 6 && parts[0] == "arn" && parts[2] == "iam" && parts[4].len() == 12;
    if sound && parts[5].strip_prefix("role/").is_some_and(|name| !name.is_empty()) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{text}` is no ARN of a role, such as `arn:aws:iam::111122223333:role/issuer`"
    )))
}

fn template(text: &str) -> Result<(), Invalid> {
    let sound = text.split_once("/V").is_some_and(|(name, version)| {
        let name_sound = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        name_sound && !version.is_empty() && version.chars().all(|c| c.is_ascii_digit())
    });
    if sound {
        return Ok(());
    }
    let hint = if text.starts_with("arn:") {
        " Give the last part of the ARN only."
    } else {
        ""
    };
    Err(Invalid::new(format!(
        "`{text}` is no template, such as `EndEntityCertificate/V1`.{hint}"
    )))
}
