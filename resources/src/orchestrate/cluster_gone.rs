//! The cluster is gone: EKS says so, and then its objects are too. Anything less is an error.

use tfplugin_framework::{Context, Diagnostics, Private};

use super::engine::Engine;
use super::frame::Place;
use crate::session::Session;
use e2etls_clients::aws::eks;

/// Entry of the private state: the ARN of the EKS cluster that was written to.
const EKS: &str = "eks";

/// Remembers which EKS cluster it is.
pub fn remember(engine: &Engine, private: &mut Private) {
    match &engine.cluster.eks_arn {
        Some(arn) => private.set(EKS, arn),
        None => private.remove(EKS),
    }
}

/// A warning if EKS says, in the account and Region where it was, that the cluster of `place` is no more.
pub async fn is_gone(context: &Context<Session>, place: Place<'_>, private: &Private) -> Option<Diagnostics> {
    let arn: String = private.get(EKS)?;
    let config = context.session.cluster_config(place.cluster).ok()?;
    // Another name is another cluster: its absence says nothing of this one.
    if !arn.ends_with(&format!(":cluster/{}", config.name.as_str()?)) {
        return None;
    }
    let aws = context.session.aws(None, config.role_arn.as_str()).await.ok()?;
    if !eks::is_gone(&aws, &arn).await.ok()? {
        return None;
    }
    let mut diagnostics = Diagnostics::new();
    let detail = format!(
        "EKS says that there is no cluster {arn} any more. {} `{}` and its objects in the cluster count as gone.",
        place.type_name, place.name
    );
    diagnostics.warn(None, "The cluster is gone", detail);
    Some(diagnostics)
}
