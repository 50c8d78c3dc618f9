//! The cluster no longer exists: EKS or the provider's configuration says so, so its objects no longer exist either.
//! Anything less is an error.

use e2etls_clients::aws::eks;
use e2etls_engine::operation::Operation;
use tfplugin_framework::{Context, Diagnostic, Diagnostics, Private};

use super::managed::Managed;
use super::no_operation::NoOperation;
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

/// A warning if the cluster of `model` no longer exists: the provider's configuration says so, or EKS in the account and
/// Region where it was. `none` is why there is no operation on it.
pub(super) async fn is_gone<M: Managed>(
    context: &Context<Session>,
    model: &M,
    private: &Private,
    none: &NoOperation,
) -> Option<Diagnostics> {
    let Place::Cluster { key, uid, .. } = model.place() else {
        return None;
    };
    if let Some((argument, uid)) = uid.and_then(|uid| Some((context.session.replaced_by(key, uid)?, uid)))
        && none.replaced
    {
        let cause = format!("`{argument}` contains {uid}");
        return Some(warning("The cluster was replaced", &cause, model));
    }
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
    let cause = format!("EKS reports that the cluster {arn} no longer exists");
    Some(warning("The cluster is gone", &cause, model))
}

fn warning<M: Managed>(what: &str, cause: &str, model: &M) -> Diagnostics {
    Diagnostic::warning(what)
        .because(format!(
            "{cause}. {} and its objects in that cluster are considered deleted.",
            model.called()
        ))
        .into()
}
