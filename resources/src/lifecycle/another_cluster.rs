//! The configured cluster is not the one that the resource is in.

use std::sync::Arc;

use e2etls_clients::kube::cluster::Cluster;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use super::no_operation::NoOperation;
use crate::session::Session;
use crate::session::unknown::path_of;

/// The cluster of the resource `what`, which the state knows by its UID: the configuration no longer has its `key`.
///
/// # Errors
/// None of the configured clusters is it, as far as they can be asked.
pub(super) async fn of_uid(
    session: &Session,
    key: Option<&str>,
    what: &str,
    uid: &str,
) -> Result<Arc<Cluster>, NoOperation> {
    let searched = session.search(uid).await;
    if let Some((_, cluster)) = searched.found {
        return Ok(cluster);
    }
    let before = key.map_or(String::new(), |key| {
        format!(" and was reached by the key `{key}` of `clusters`")
    });
    let lost = Diagnostic::error("The cluster is not configured")
        .at(AttributePath::root("cluster"))
        .because(format!(
            "According to its state or ID, {what} is in the cluster with the UID {uid}{before}. The provider's configuration \
             does not have that, and none of its clusters that could be asked has the UID. Its objects are not considered \
             deleted."
        ))
        .because(told(&searched.unasked))
        .advice(
            "Configure the cluster again, under any key. If it was deleted, remove the resource from the state (with \
             Terraform: `terraform state rm ADDRESS`); if another one replaces it, add the UID to the argument \
             `replaced_uids` of that one.",
        );
    Err(NoOperation {
        unreachable: searched.unreachable,
        replaced: session.replaced_by(key, uid).is_some(),
        diagnostics: lost.into(),
    })
}

/// Which clusters could not be asked, and why.
fn told(unasked: &[(AttributePath, Diagnostics)]) -> String {
    let told = unasked.iter().map(|(path, why)| {
        let words: Vec<String> = why.iter().map(|one| format!("{}: {}", one.what, one.cause)).collect();
        format!("`{path}` could not be asked: {}", words.join("; "))
    });
    told.collect::<Vec<_>>().join("\n\n")
}

/// The resource `what` is in the cluster `expected`, and `found` is another one.
pub(super) async fn another_cluster(
    session: &Session,
    key: Option<&str>,
    what: &str,
    expected: &str,
    found: &str,
) -> NoOperation {
    let replaced = session.replaced_by(key, expected).is_some();
    let argument = path_of(key).attribute("replaced_uids");
    let advice = if replaced {
        format!(
            "`{argument}` contains that UID. Plan again with a refresh, which removes the resources of that \
            cluster from the state."
        )
    } else {
        format!(
            "Point `cluster` (or the provider's configuration) at the right cluster. If that cluster was deleted and \
             created again, add its old UID to the provider argument `{argument}`: a refresh then removes the \
             resources of the old cluster from the state, and an apply creates them again. To move the resource, \
             first destroy it in the old cluster or remove it from the state."
        )
    };
    let home = match session.search(expected).await.found {
        Some((path, _)) => format!(" (`{path}`)"),
        None => String::new(),
    };
    let wrong = Diagnostic::error("Wrong cluster")
        .at(AttributePath::root("cluster"))
        .because(format!(
            "According to the state, {what} is in the cluster with the UID {expected}{home}, but the configured cluster \
             has the UID {found}. Nothing was read or changed."
        ))
        .advice(advice);
    NoOperation {
        unreachable: false,
        replaced,
        diagnostics: wrong.into(),
    }
}
