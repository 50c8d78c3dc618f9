//! The cluster no longer exists: EKS or the provider's configuration says so, so its objects no longer exist either.
//! Anything less is an error.

use e2etls_clients::aws::eks;
use e2etls_engine::kind::Kind as _;
use e2etls_engine::operation::Operation;
use tfplugin_framework::{Context, Diagnostic, Diagnostics, Private};

use super::attributes::Common;
use super::managed::Managed;
use super::no_operation::NoOperation;
use super::place::Place;
use crate::kinds::Clients;
use crate::kinds::aws::eks::{ADDON, ASSOCIATION};
use crate::kinds::kube::KINDS;
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
    if eks::cluster_in(&arn) != Some(config.name.as_str()?) {
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
    let warning = Diagnostic::warning(what).because(format!(
        "{cause}. {} and its objects in that cluster are considered deleted.",
        model.called()
    ));
    let outlive = outlive(model.common());
    match outlive.is_empty() {
        true => warning.into(),
        false => warning
            .advice(format!(
                "This provider no longer knows of its objects in AWS. Delete those that still exist: {}.",
                outlive.join(", ")
            ))
            .into(),
    }
}

/// Objects of a resource that do not go with its cluster.
fn outlive(common: &Common) -> Vec<String> {
    let with_it: Vec<&str> = KINDS
        .iter()
        .map(|kind| kind.name())
        .chain([ADDON.name(), ASSOCIATION.name()])
        .collect();
    let parts = common.parts.known().into_iter().flatten();
    let there = parts.filter(|(_, part)| part.uid.as_str().is_some_and(|uid| !uid.is_empty()));
    let references = there.filter_map(|(_, part)| part.r#ref.as_str());
    let is_in_cluster = |reference: &&str| {
        with_it
            .iter()
            .any(|kind| reference.strip_prefix(kind).is_some_and(|rest| rest.starts_with(' ')))
    };
    references
        .filter(|reference| !is_in_cluster(reference))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use tfplugin_framework::Attr;

    use super::*;
    use crate::lifecycle::attributes::PartState;

    #[test]
    fn what_does_not_go_with_the_cluster_is_named() {
        let part = |reference: &str, uid: &str| PartState {
            r#ref: reference.to_owned().into(),
            uid: uid.to_owned().into(),
            ..PartState::default()
        };
        let parts = [
            ("a", part("IAM role pca", "AROA1")),
            ("b", part("EKS add-on prod/cert-manager", "arn")),
            ("c", part("EKS Pod Identity association prod/a/b", "a-1")),
            ("d", part("ConfigMap kube-system/e2etls-platform", "0")),
            ("e", part("Alias record Z1/shop.example.com", "")),
            ("f", part("Network Load Balancer shop/web", "arn")),
        ];
        let common = Common {
            parts: Attr::Known(
                parts
                    .into_iter()
                    .map(|(address, part)| (address.to_owned(), part))
                    .collect(),
            ),
            ..Common::default()
        };
        assert_eq!(outlive(&common), ["IAM role pca", "Network Load Balancer shop/web"]);
    }
}
