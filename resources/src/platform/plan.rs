//! What the arguments and the provider's configuration say, without a cluster.

use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::model::{OnDestroy, Platform};
use super::parts::{AGENT_ADDON, CERT_MANAGER_ADDON, CONNECTOR_ADDON, SERVICE_ACCOUNT, service_account, versions};
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

/// An add-on that is no longer wanted is removed with everything that it installed, if the state says so: as a destroy, that is
/// refused while the platform is protected.
pub(super) fn removals(prior: &Platform, plan: &Platform, diagnostics: &mut Diagnostics) {
    let (Some(before), Some(after)) = (versions(prior), versions(plan)) else {
        return;
    };
    let names = [CERT_MANAGER_ADDON, CONNECTOR_ADDON, AGENT_ADDON];
    let gone = before.iter().zip(&after).zip(names);
    let gone: Vec<&str> = gone
        .filter(|((was, is), _)| was.is_some() && is.is_none())
        .map(|(_, name)| name)
        .collect();
    if gone.is_empty() || prior.addons_on_destroy.known() != Some(&OnDestroy::Delete) {
        return;
    }
    let cause = format!(
        "The add-on {} is no longer in `addons`, and `addons_on_destroy` is `delete`: EKS removes the software with its custom \
         resource definitions, and with them every Certificate and issuer in the cluster.",
        gone.join(" and ")
    );
    let (path, advice) = (
        AttributePath::root("addons"),
        "To keep the software, first apply `addons_on_destroy = \"preserve\"`.",
    );
    let diagnostic = match prior.deletion_protection.known() == Some(&false) {
        true => Diagnostic::warning("The apply removes software with all its objects"),
        false => Diagnostic::error("Deletion protection is on"),
    };
    diagnostics.add(diagnostic.at(path).because(cause).advice(advice));
}
