//! Where a resource lives, and the id that follows from it.

use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use crate::kinds::{Clients, Service};
use crate::session::Session;
use crate::session::wording::refused;

/// Where a resource lives.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// In a cluster.
    Cluster {
        /// The argument `cluster`.
        key: Option<&'a str>,
        /// `cluster_uid` of the state; `None` for a create.
        uid: Option<&'a str>,
        /// Namespace; `None` for cluster-scoped resources.
        namespace: Option<&'a str>,
    },
    /// In an account and Region of AWS.
    Aws {
        /// What it is made of.
        service: Service,
        /// The argument `region`.
        region: Option<&'a str>,
        /// ARN of its object, once there is one: it says account and Region, whatever the provider's have become.
        arn: Option<&'a str>,
    },
}

/// Checks that a namespace that this resource does not create exists. `path` is where the user named it.
///
/// # Errors
/// At `path`, or the API server's refusal.
pub async fn namespace_exists(
    op: &Operation<Clients>,
    namespace: &str,
    path: AttributePath,
) -> Result<(), Diagnostics> {
    match op.remotes.cluster().has_namespace(namespace).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Diagnostic::error("The namespace does not exist")
            .at(path)
            .because(format!("The cluster has no namespace `{namespace}`."))
            .advice("Create it first, or use another one. A stack can create its own with `create_namespace = true`.")
            .into()),
        Err(refusal) => Err(refused(&format!("Namespace {namespace}"), &refusal)),
    }
}

/// The id of a resource in a cluster: it holds the cluster's UID, never a configured name.
#[must_use]
pub fn id(owner: &Owner) -> String {
    match &owner.namespace {
        Some(namespace) => format!("{}/{namespace}/{}", owner.place, owner.name),
        None => format!("{}/{}", owner.place, owner.name),
    }
}

impl Place<'_> {
    /// The first argument of the provider that no operation here can do without and that is not known yet.
    pub(super) fn unknown_argument(&self, session: &Session) -> Option<String> {
        match self {
            Place::Cluster { key, uid, .. } => session
                .unknown_for_cluster(*key)
                .or_else(|| session.unknown_elsewhere(*key).filter(|_| uid.is_some())),
            Place::Aws { .. } => session.unknown_for_aws(),
        }
    }

    /// True if resources of the same name at both places have the same owner.
    pub(super) fn is_same(&self, other: &Place<'_>) -> bool {
        match (self, other) {
            (Place::Cluster { namespace, .. }, Place::Cluster { namespace: other, .. }) => namespace == other,
            // A Region that is not configured is the provider's; the state has it.
            (Place::Aws { region, .. }, Place::Aws { region: other, .. }) => region.is_none() || region == other,
            _ => false,
        }
    }
}
