//! The arguments and attributes of `e2etls_issuer`.

use tfplugin_framework::{Attr, Choice, Model};

use crate::cert_manager::issuer::Verify;
use crate::cert_manager::reference::IssuerOutput;
use crate::lifecycle::attributes::{InCluster, OnPlatform};
use crate::syntax;
use crate::usage::{self, Usage};

/// A cert-manager issuer that issues from a CA in AWS Private CA.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Issuer {
    /// Attributes of every resource in a cluster.
    #[tf(flatten)]
    pub head: InCluster,
    /// The order of resources that Terraform can't see.
    #[tf(flatten)]
    pub on_platform: OnPlatform,
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
    /// ARN of the IAM role that aws-privateca-issuer assumes to issue certificates. If omitted, aws-privateca-issuer
    /// uses its own identity.
    #[tf(optional, check = syntax::role_arn)]
    pub role_arn: Attr<String>,
    /// AWS Private CA template for all requests, such as `EndEntityCertificate/V1`, the only one that a shared CA
    /// allows by default. If omitted, the usages of each request select the template.
    #[tf(optional, check = syntax::ca_template)]
    pub template: Attr<String>,
    /// Usages for which the check requests a certificate: those that certificates of this issuer will have. At least
    /// one, without duplicates.
    #[tf(optional, default = usage::server_auth, check = usage::usages, local)]
    pub usages: Attr<Vec<Usage>>,
    /// How the issuer is checked. `issue` requests a certificate for a throwaway key and verifies it against the CA.
    /// `ready` trusts the issuer's own condition `Ready`, which does not prove that the issuer can issue certificates.
    /// `none` does not wait.
    #[tf(default = "issue", local)]
    pub verify: Attr<Verify>,
    /// Namespace of the request that checks an `AWSPCAClusterIssuer`. An `AWSPCAIssuer` is checked in its own
    /// namespace.
    #[tf(default = "default", local, check = syntax::namespace_name)]
    pub canary_namespace: Attr<String>,
    /// True once the issuer has passed its check; false with `verify = "none"`.
    #[tf(computed)]
    pub ready: Attr<bool>,
    /// The issuer in the form that certificates, proxies and stacks accept: `issuer = e2etls_issuer.x.ref`.
    #[tf(computed)]
    pub r#ref: Attr<IssuerOutput>,
    /// Certificate, in PEM form, of the root that the CA chains to: what clients must trust.
    #[tf(computed, keep)]
    pub ca_bundle_pem: Attr<String>,
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
