//! The cluster no longer exists: EKS says so, so its objects no longer exist either. Anything less is an error.

use e2etls_clients::aws::eks;
use e2etls_engine::operation::Operation;
use tfplugin_framework::{Context, Diagnostic, Diagnostics, Private};

use super::managed::Managed;
use super::place::Place;
use crate::kinds::Clients;
use crate::session::Session;

/// Entry of the private state: the ARN of the EKS cluster that was written to.
const EKS: &str = "eks";

/// Remembers which EKS cluster it is.
pub(super) fn remember(op: &Operation<Clients>, private: &mut Private) {
    match op.remotes.cluster.as_ref().and_then(|cluster| cluster.eks_arn.as_ref()) {
        Some(arn) => private.set(EKS, arn),
        None => private.remove(EKS),
    }
}

/// A warning if EKS says, in the account and Region where it was, that the cluster of `model` no longer exists.
pub(super) async fn is_gone<M: Managed>(
    context: &Context<Session>,
    model: &M,
    private: &Private,
) -> Option<Diagnostics> {
    let Place::Cluster { key, .. } = model.place() else {
        return None;
    };
    let arn: String = private.get(EKS)?;
    let config = context.session.cluster_config(key).ok()?;
    // Another name is another cluster: its absence says nothing of this one.
    if !arn.ends_with(&format!(":cluster/{}", config.name.as_str()?)) {
        return None;
    }
    let aws = context.session.aws(None, config.role_arn.as_str()).await.ok()?;
    if !eks::is_gone(&aws, &arn).await.ok()? {
        return None;
    }
    let warning = Diagnostic::warning("The cluster is gone").because(format!(
        "EKS reports that the cluster {arn} no longer exists. {} `{}` and its objects in the cluster are considered \
         deleted.",
        M::TYPE_NAME,
        model.name()
    ));
    Some(warning.into())
}
