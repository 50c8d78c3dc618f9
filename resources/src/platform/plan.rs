//! What the arguments and the provider's configuration say, without a cluster.

use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::model::Platform;
use super::parts::{SERVICE_ACCOUNT, service_account, versions};
use crate::session::Session;

pub(super) fn validate(config: &Platform, diagnostics: &mut Diagnostics) {
    let Some([_, Some(_), _]) = versions(config) else {
        return;
    };
    if config.service_account.is_unknown() || service_account(config) == SERVICE_ACCOUNT {
        return;
    }
    diagnostics.input(
        AttributePath::root("service_account"),
        "The add-on has another service account",
        format!(
            "The add-on of aws-privateca-issuer always has the service account {}. Remove `service_account`, or set \
             `addons.private_ca_connector = \"existing\"` for an installation by other means.",
            SERVICE_ACCOUNT.join("/")
        ),
    );
}

/// The name of the cluster: the argument's, else the one that the state has, else the one in the provider's configuration.
pub(super) fn configure(platform: &mut Platform, session: Option<&Session>) {
    platform.eks_cluster = match &platform.cluster_name {
        Attr::Null => match &platform.eks_cluster {
            Attr::Known(kept) => Attr::Known(kept.clone()),
            _ => match session.map(|session| session.eks_name(&platform.head.cluster)) {
                Some(Attr::Known(name)) => Attr::Known(name),
                _ => Attr::Unknown,
            },
        },
        given => given.clone(),
    };
}

/// EKS knows its clusters by name only.
pub(super) fn named(session: Option<&Session>, plan: &Platform, diagnostics: &mut Diagnostics) {
    let configured = session.map(|session| session.eks_name(&plan.head.cluster));
    if plan.cluster_name.is_null() && plan.eks_cluster.is_unknown() && configured == Some(Attr::Null) {
        diagnostics.input(
            AttributePath::root("cluster_name"),
            "Missing `cluster_name`",
            "The provider's cluster is not configured by its EKS name. Set `cluster_name` here, or `name` in the provider's \
             `cluster`.",
        );
    }
}
