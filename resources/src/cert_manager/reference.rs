//! What a certificate needs to know about its issuer.

use tfplugin_framework::{Attr, Invalid, Model};

use crate::lifecycle::inputs::{optional_text, text};
use crate::syntax;
use e2etls_clients::kube::kinds::{AWS_PCA_CLUSTER_ISSUER, AWS_PCA_ISSUER};
use e2etls_engine::value::UNKNOWN;

const CERT_MANAGER_GROUP: &str = "cert-manager.io";

/// An issuer: `e2etls_issuer.x.ref`, or any issuer of cert-manager.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct IssuerRef {
    /// Name of the issuer. An issuer of a namespaced kind is looked up in the resource's namespace.
    #[tf(required, check = crate::syntax::subdomain_name)]
    pub name: Attr<String>,
    /// Kind, such as `AWSPCAIssuer`, `AWSPCAClusterIssuer`, `Issuer` or `ClusterIssuer`.
    #[tf(required, check = issuer_kind)]
    pub kind: Attr<String>,
    /// API group. If omitted: `awspca.cert-manager.io` for the kinds of AWS Private CA, otherwise `cert-manager.io`.
    #[tf(optional)]
    pub group: Attr<String>,
    /// ARN of the CA behind the issuer. Issued certificates must verify against this CA. If omitted, they must verify
    /// against the CA that the issuer itself reports.
    #[tf(optional, check = syntax::ca_arn)]
    pub ca_arn: Attr<String>,
}

/// The same as an output.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct IssuerOutput {
    /// Name of the issuer.
    #[tf(computed)]
    pub name: Attr<String>,
    /// Kind, such as `AWSPCAIssuer`.
    #[tf(computed)]
    pub kind: Attr<String>,
    /// API group, such as `awspca.cert-manager.io`.
    #[tf(computed)]
    pub group: Attr<String>,
    /// ARN of the CA behind the issuer; null if the issuer does not use AWS Private CA.
    #[tf(computed)]
    pub ca_arn: Attr<String>,
}

/// An issuer as plain text, [`UNKNOWN`] where a plan does not know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Name of the issuer.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its API group.
    pub group: String,
    /// The CA behind it, where it is of AWS Private CA.
    pub ca_arn: Option<String>,
}

impl IssuerRef {
    /// The reference with its group filled in.
    fn reference(&self) -> Reference {
        let kind = text(&self.kind);
        let group = optional_text(&self.group).unwrap_or_else(|| group_of(&kind));
        Reference {
            name: text(&self.name),
            group,
            ca_arn: optional_text(&self.ca_arn),
            kind,
        }
    }
}

/// The reference of an argument, unknown as long as that is.
pub fn reference(issuer: &Attr<IssuerRef>) -> Reference {
    let unknown = || UNKNOWN.to_owned();
    issuer.known().map_or_else(
        || Reference {
            name: unknown(),
            kind: unknown(),
            group: unknown(),
            ca_arn: None,
        },
        IssuerRef::reference,
    )
}

/// The group that serves the issuer kind `kind`; unknown as long as that is.
fn group_of(kind: &str) -> String {
    let pca = [AWS_PCA_ISSUER, AWS_PCA_CLUSTER_ISSUER]
        .into_iter()
        .find(|pca| pca.kind == kind);
    match pca {
        Some(pca) => pca.group.to_owned(),
        None if kind == UNKNOWN => UNKNOWN.to_owned(),
        None => CERT_MANAGER_GROUP.to_owned(),
    }
}

fn issuer_kind(kind: &str) -> Result<(), Invalid> {
    let first = kind.chars().next().is_some_and(|letter| letter.is_ascii_uppercase());
    if first && kind.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{kind}` is not a valid kind, such as `AWSPCAIssuer` or `ClusterIssuer`"
    )))
}
