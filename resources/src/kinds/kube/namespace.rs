//! Namespaces: what they hold, and what keeps them.

use e2etls_clients::kube::kinds::{CONFIG_MAP, DEPLOYMENT, Kind, SERVICE};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::Refusal;
use serde_json::Value;

use crate::kinds::Clients;

/// What a namespace that is being deleted still waits for, in the words of its conditions.
pub(super) fn remaining(namespace: &Value) -> Vec<String> {
    let conditions = namespace["status"]["conditions"].as_array().into_iter().flatten();
    conditions
        .filter(|condition| condition["status"] == "True")
        .filter_map(|condition| condition["message"].as_str())
        .map(str::to_owned)
        .collect()
}

/// What runs, listens or stores in a namespace and is not being deleted, as `Kind name`.
pub(super) async fn holds(op: &Operation<Clients>, namespace: &str) -> Result<Vec<String>, Refusal> {
    const KINDS: [Kind; 5] = [
        DEPLOYMENT,
        Kind {
            kind: "StatefulSet",
            plural: "statefulsets",
            ..DEPLOYMENT
        },
        Kind {
            kind: "DaemonSet",
            plural: "daemonsets",
            ..DEPLOYMENT
        },
        Kind {
            kind: "PersistentVolumeClaim",
            plural: "persistentvolumeclaims",
            ..CONFIG_MAP
        },
        SERVICE,
    ];
    let mut found = Vec::new();
    for kind in KINDS {
        let objects = op.remotes.cluster().objects.list(kind, Some(namespace), "").await?;
        let stays = |object: &&Value| object["metadata"]["deletionTimestamp"].is_null();
        found.extend(
            objects
                .iter()
                .filter(stays)
                .filter_map(|object| Some(format!("{} {}", kind.kind, object["metadata"]["name"].as_str()?))),
        );
    }
    Ok(found)
}
