//! The arguments and attributes of `e2etls_platform`.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_framework::{Attr, AttributePath, Choice, Invalid, Model};

use crate::lifecycle::attributes::InCluster;
use crate::syntax;

/// What applications need once per cluster: cert-manager, aws-privateca-issuer, and its permission to issue from private CAs.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Platform {
    /// Attributes of every resource in a cluster.
    #[tf(flatten)]
    pub head: InCluster,
    /// Name of the EKS cluster. Defaults to `name` in the provider's `cluster`; required if that is configured in another way.
    #[tf(optional, local, check = syntax::eks_cluster_name)]
    pub cluster_name: Attr<String>,
    /// ARNs of the private CAs that aws-privateca-issuer may use. The role allows end-entity certificates only.
    #[tf(required, check = ca_arns)]
    pub ca_arns: Attr<BTreeSet<String>>,
    /// What is installed, as EKS add-ons. If omitted, nothing is installed: all of it must already be present.
    #[tf(optional)]
    pub addons: Attr<Addons>,
    /// ARN of the IAM OpenID Connect provider of the cluster. If set, the service account of aws-privateca-issuer has its role
    /// through that (IRSA), otherwise through EKS Pod Identity. The provider itself is not created.
    #[tf(optional, check = syntax::oidc_provider_arn)]
    pub oidc_provider_arn: Attr<String>,
    /// The service account of aws-privateca-issuer. It can't be set together with the add-on, which always has the default one.
    #[tf(optional)]
    pub service_account: Attr<ServiceAccount>,
    /// Name of the IAM role, at most 64 characters. If omitted, `e2etls-CLUSTER-privateca`: clusters of the same name in two
    /// Regions of an account need different names.
    #[tf(optional, check = syntax::role_name)]
    pub role_name: Attr<String>,
    /// ARN of the IAM policy that limits what the role may do: its permissions boundary.
    #[tf(optional, check = syntax::policy_arn)]
    pub permissions_boundary: Attr<String>,
    /// Tags of the role, its association and the add-ons, in addition to the provider's `default_tags`.
    #[tf(optional, check = syntax::tags)]
    pub tags: Attr<BTreeMap<String, String>>,
    /// What happens to what the add-ons installed when they are removed. `preserve`: it stays in the cluster and keeps
    /// running, without an add-on. `delete`: EKS removes it, with all certificates and issuers in the cluster.
    #[tf(optional, default = "preserve")]
    pub addons_on_destroy: Attr<OnDestroy>,
    /// Refuse plans that destroy or replace the platform. To turn it off, apply `false` first, without any other change.
    #[tf(optional, default = true, local)]
    pub deletion_protection: Attr<bool>,
    /// Name of the EKS cluster.
    #[tf(computed, keep)]
    pub eks_cluster: Attr<String>,
    /// ARN of the IAM role of aws-privateca-issuer.
    #[tf(computed)]
    pub role_arn: Attr<String>,
}

/// What is installed: a version of the EKS add-on, or `existing`.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Addons {
    /// Version of the add-on `cert-manager`, such as `v1.20.3-eksbuild.1`, or `existing` for an installation by other means.
    #[tf(optional, default = "existing", check = addon)]
    pub cert_manager: Attr<String>,
    /// Version of the add-on `aws-privateca-connector-for-kubernetes`, such as `v1.10.1-eksbuild.1`, or `existing` for an
    /// installation of aws-privateca-issuer by other means.
    #[tf(optional, default = "existing", check = addon)]
    pub private_ca_connector: Attr<String>,
    /// Version of the add-on `eks-pod-identity-agent`, such as `v1.3.10-eksbuild.1`, or `existing`. EKS Auto Mode has the agent
    /// built in.
    #[tf(optional, default = "existing", check = addon)]
    pub pod_identity_agent: Attr<String>,
}

/// A service account.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct ServiceAccount {
    /// Its namespace.
    #[tf(optional, default = "aws-privateca-issuer", check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Its name.
    #[tf(optional, default = "aws-privateca-issuer", check = syntax::subdomain_name)]
    pub name: Attr<String>,
}

/// What happens to what add-ons installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum OnDestroy {
    /// It stays.
    #[tf(rename = "preserve")]
    Preserve,
    /// EKS removes it.
    #[tf(rename = "delete")]
    Delete,
}

/// Namespace of the objects that a cluster has once: every cluster has it.
pub(super) const NAMESPACE: &str = "kube-system";
/// Instead of a version: installed by other means.
pub(super) const EXISTING: &str = "existing";

fn addon(text: &String) -> Result<(), Invalid> {
    let is_version = |text: &str| {
        let rest = text.strip_prefix('v').unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || ".-+_".contains(c))
    };
    match text == EXISTING || is_version(text) {
        true => Ok(()),
        false => Err(Invalid::new(format!(
            "`{text}` is neither the version of an EKS add-on, such as `v1.20.3-eksbuild.1`, nor `{EXISTING}`"
        ))),
    }
}

fn ca_arns(arns: &BTreeSet<String>) -> Result<(), Invalid> {
    if arns.is_empty() {
        return Err(Invalid::new("at least one ARN is needed"));
    }
    arns.iter().try_for_each(|arn| {
        syntax::ca_arn(arn).map_err(|invalid| Invalid::at(AttributePath::default(), invalid.message))
    })
}
