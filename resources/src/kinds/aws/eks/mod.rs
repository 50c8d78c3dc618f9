//! What EKS keeps of a cluster: add-ons, and which service account has which role.
//!
//! EKS names neither: an add-on is the only one of its name in a cluster, an association the only one of its service account.
//! Parts call them `CLUSTER/ADDON` and `CLUSTER/NAMESPACE/SERVICE_ACCOUNT`.

mod addon;
mod association;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::eks::{EksApi, cluster_in};
use e2etls_engine::kind::{Observed, Put, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::{Value, json};

use crate::kinds::Clients;
use crate::kinds::aws::content::is_here;
use crate::kinds::aws::given::tags_of;
use crate::kinds::aws::marks;

pub use addon::{ADDON, Active, Addon};
pub use association::{ASSOCIATION, Association};

/// The name of the cluster that the operation works in, where EKS described it.
fn cluster(op: &Operation<Clients>) -> Option<&str> {
    op.remotes.cluster.as_ref()?.eks_arn.as_deref().and_then(cluster_in)
}

/// What the tags of an object say of it.
fn tagged(object: Observed, tags: &Tags) -> Observed {
    let mut content = object.content;
    content["tags"] = json!(tags);
    Observed {
        content,
        marks: Some(marks::marks(tags)),
        ..object
    }
}

/// Brings the tags of the object at `arn` to those that are `wanted`, marks first; gives what they are then.
async fn retag(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    api: &Arc<dyn EksApi>,
    arn: &str,
    (found, wanted): (&Tags, &Tags),
) -> Result<Tags, Refusal> {
    let change = marks::written(op, put, found, wanted);
    if !change.set.is_empty() {
        api.add_tags(arn, &change.set).await?;
    }
    if !change.remove.is_empty() {
        let keys: Vec<&str> = change.remove.iter().map(String::as_str).collect();
        api.remove_tags(arn, &keys).await?;
    }
    Ok(change.apply(found))
}

/// What is not found is considered deleted only in the account and Region where it was.
///
/// # Errors
/// The credentials and the configuration lead elsewhere.
async fn is_known(op: &Operation<Clients>, target: Target<'_>, found: bool) -> Result<(), Refusal> {
    match target.uid.filter(|uid| !found && !uid.is_empty()) {
        Some(arn) => is_here(op.remotes.eks().await?.as_ref(), "eks", arn).await,
        None => Ok(()),
    }
}

/// Gives up an object: its marks go.
async fn release(api: &Arc<dyn EksApi>, object: &Observed) -> Result<(), Refusal> {
    let tags = tags_of(object);
    match marks::ours(&tags).as_slice() {
        [] => Ok(()),
        ours => api.remove_tags(&object.uid, ours).await,
    }
}

/// Another object has the name now.
fn another(operation: &str, name: &str) -> Refusal {
    Refusal::new(
        Answer::Conflict(Vec::new()),
        operation,
        name,
        "Another object has this name now.",
    )
}

/// The object of the plan does not exist any more.
fn vanished(operation: &str, name: &str) -> Refusal {
    Refusal::new(Answer::Absent, operation, name, "It was deleted after the plan.")
}

fn text<'a>(content: &'a Value, member: &str) -> &'a str {
    content[member].as_str().unwrap_or_default()
}
