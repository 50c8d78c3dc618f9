//! What the arguments and the provider's configuration say, without a cluster.

use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::model::Platform;
use super::parts::{SERVICE_ACCOUNT, service_account, versions};
use crate::session::Session;
use crate::sha256;

/// Longest name of a role.
const ROLE_NAME: usize = 64;

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

/// The name of the cluster, if only the provider's configuration has it.
pub(super) fn configure(platform: &mut Platform, session: Option<&Session>) {
    if !platform.cluster_name.is_unknown() {
        return;
    }
    if let Some(Attr::Known(name)) = session.map(|session| session.eks_name(&platform.head.cluster)) {
        platform.cluster_name = Attr::Known(name);
    }
}

/// The name of the role follows from that of the cluster.
pub(super) fn derive(platform: &mut Platform) {
    if let (Attr::Unknown, Some(cluster)) = (&platform.role_name, platform.cluster_name.known()) {
        platform.role_name = Attr::Known(role_name(cluster));
    }
}

fn role_name(cluster: &str) -> String {
    let whole = format!("e2etls-{cluster}-privateca");
    if whole.len() <= ROLE_NAME {
        return whole;
    }
    // Both ends stay readable, and clusters whose names begin alike have different roles.
    format!("e2etls-{}-{}-privateca", &cluster[..38], &sha256::hex(cluster)[..8])
}

/// EKS knows its clusters by name only.
pub(super) fn named(session: Option<&Session>, plan: &Platform, diagnostics: &mut Diagnostics) {
    let configured = session.map(|session| session.eks_name(&plan.head.cluster));
    if plan.cluster_name.is_unknown() && configured == Some(Attr::Null) {
        diagnostics.input(
            AttributePath::root("cluster_name"),
            "Missing `cluster_name`",
            "The provider's cluster is not configured by its EKS name. Set `cluster_name` here, or `name` in the provider's \
             `cluster`.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_clusters_with_long_names_differ() {
        assert_eq!(role_name("prod"), "e2etls-prod-privateca");
        let [one, other] = ["a", "b"].map(|end| role_name(&format!("{}{end}", "x".repeat(99))));
        assert!(
            one != other && one.len() == ROLE_NAME && one.starts_with("e2etls-xxx"),
            "{one}"
        );
    }
}
