//! Leftovers: objects of creates that were killed and never run again.
//!
//! Nobody else will ever ask us to delete them: a killed create leaves no state. Only an owner whose holder *still carries
//! the mark*, older than a minimum age, has leftovers; a finished resource and a create in progress have none.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::delete::in_use;
use super::look::is_ours;
use super::owner::{ADOPTED_ANNOTATION, CREATING_ANNOTATION, OWNER_ANNOTATION, OWNER_LABEL};
use super::part::annotation;
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::kinds::{CERTIFICATE, Kind, NAMESPACE, RENDERED, SECRET};
use e2etls_engine::refusal::{Answer, Refusal};

/// An object that a killed create left.
#[derive(Clone, Debug)]
pub struct Leftover {
    /// The owner, readable.
    pub owner: String,
    /// When the create began.
    pub since: Timestamp,
    /// Kind of the object.
    pub kind: Kind,
    /// Namespace, where the kind has one.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
    /// UID: the precondition of its deletion.
    pub uid: String,
}

/// Finds what creates left that began more than `min_age` before `now`.
///
/// # Errors
/// Any refusal of a list, but of kinds that the cluster does not serve.
pub async fn find(cluster: &Cluster, min_age: SignedDuration, now: Timestamp) -> Result<Vec<Leftover>, Refusal> {
    let mut objects = Vec::new();
    for kind in RENDERED {
        match cluster.objects.list(kind, None, OWNER_LABEL).await {
            Ok(found) => objects.extend(found.into_iter().filter(is_ours).map(|object| (kind, object))),
            Err(error) if error.answer == Answer::KindMissing => {}
            Err(error) => return Err(error),
        }
    }
    let mut leftovers = Vec::new();
    for (leftover, object) in select(&objects, min_age, now) {
        // Before its Certificate, which is deleted first: all is deleted from the end.
        leftovers.extend(secret(cluster, &leftover, object).await?);
        leftovers.push(leftover);
    }
    Ok(leftovers)
}

/// The Secret that cert-manager made for a Certificate of a killed create, which has looked that there was none before.
async fn secret(cluster: &Cluster, certificate: &Leftover, object: &Value) -> Result<Option<Leftover>, Refusal> {
    let Some(name) = object["spec"]["secretName"]
        .as_str()
        .filter(|_| certificate.kind == CERTIFICATE && annotation(object, ADOPTED_ANNOTATION).is_none())
    else {
        return Ok(None);
    };
    let namespace = certificate.namespace.as_deref();
    let uid = match cluster.objects.uid_by_dry_run_delete(SECRET, namespace, name).await {
        Err(error) if matches!(error.answer, Answer::Forbidden(_)) => None,
        other => other?,
    };
    Ok(uid.map(|uid| Leftover {
        kind: SECRET,
        name: name.to_owned(),
        uid,
        ..certificate.clone()
    }))
}

/// Deletes a leftover if it still has its uid; a namespace only if nothing of others is in it. Says what keeps it.
///
/// # Errors
/// Any refusal.
pub async fn delete(cluster: &Cluster, leftover: &Leftover) -> Result<Vec<String>, Refusal> {
    if leftover.kind == NAMESPACE {
        let holds = in_use(&cluster.objects, &leftover.name).await?;
        if !holds.is_empty() {
            return Ok(holds);
        }
    }
    cluster
        .objects
        .delete(
            leftover.kind,
            leftover.namespace.as_deref(),
            &leftover.name,
            &leftover.uid,
        )
        .await
        .map(|_| Vec::new())
}

fn select(objects: &[(Kind, Value)], min_age: SignedDuration, now: Timestamp) -> Vec<(Leftover, &Value)> {
    let marked: BTreeMap<&str, Timestamp> = objects
        .iter()
        .filter_map(|(_, object)| {
            let since: Timestamp = annotation(object, CREATING_ANNOTATION)?.parse().ok()?;
            (now.duration_since(since) >= min_age).then_some((annotation(object, OWNER_ANNOTATION)?, since))
        })
        .collect();
    let text = |object: &Value, field: &str| object["metadata"][field].as_str().map(str::to_owned);
    objects
        .iter()
        .filter_map(|(kind, object)| {
            let owner = annotation(object, OWNER_ANNOTATION)?;
            let leftover = Leftover {
                owner: owner.to_owned(),
                since: *marked.get(owner)?,
                kind: *kind,
                namespace: text(object, "namespace"),
                name: text(object, "name")?,
                uid: text(object, "uid")?,
            };
            Some((leftover, object))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use e2etls_clients::kube::kinds::CONFIG_MAP;

    fn object(owner: &str, creating: Option<&str>) -> (Kind, Value) {
        let mut object = json!({"metadata": {"name": owner, "uid": "u", "annotations": {OWNER_ANNOTATION: owner}}});
        if let Some(at) = creating {
            object["metadata"]["annotations"][CREATING_ANNOTATION] = json!(at);
        }
        (CONFIG_MAP, object)
    }

    #[test]
    fn only_owners_with_an_old_mark_have_leftovers() {
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        let objects = [
            object("finished", None),
            object("running", Some("2026-01-01T11:59:00Z")),
            object("killed", Some("2026-01-01T01:00:00Z")),
            object("killed", None),
        ];
        let found = select(&objects, SignedDuration::from_hours(2), now);
        assert_eq!(
            found
                .iter()
                .map(|(leftover, _)| leftover.owner.as_str())
                .collect::<Vec<_>>(),
            ["killed", "killed"]
        );
    }
}
