//! What the canaries of crashed runs left behind.

use std::time::Duration;

use e2etls_clients::kube::kinds::CERTIFICATE_REQUEST;
use e2etls_engine::operation::Operation;
use jiff::Timestamp;
use serde_json::Value;

use crate::kinds::Clients;
use crate::kinds::kube::marks::{CANARY_LABEL, OWNER_LABEL, label};

/// Leftovers of runs that were killed are older than this.
const LEFTOVER: Duration = Duration::from_secs(3600);

/// Deletes what crashed runs left behind: canaries of this owner, and any that are old.
pub(super) async fn sweep(op: &Operation<Clients>, namespace: &str) {
    let owner = label(&op.owner.to_string());
    let selector = format!("{CANARY_LABEL}=true");
    let found = op
        .remotes
        .cluster()
        .objects
        .list(CERTIFICATE_REQUEST, Some(namespace), &selector)
        .await
        .unwrap_or_default();
    for request in found
        .iter()
        .filter(|request| is_leftover(request, &owner, Timestamp::now()))
    {
        delete(op, request).await;
    }
}

pub(super) fn is_leftover(request: &Value, owner: &str, now: Timestamp) -> bool {
    let metadata = &request["metadata"];
    let created = metadata["creationTimestamp"]
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok());
    let old = created.is_some_and(|created| now.duration_since(created).unsigned_abs() > LEFTOVER && created < now);
    old || metadata["labels"][OWNER_LABEL] == owner
}

/// Deletes a canary; one that can't be deleted is left to a later run.
pub(super) async fn delete(op: &Operation<Clients>, request: &Value) {
    let metadata = &request["metadata"];
    let text = |field: &str| metadata[field].as_str().unwrap_or_default();
    let objects = &op.remotes.cluster().objects;
    let namespace = metadata["namespace"].as_str();
    let deleted = objects
        .delete(CERTIFICATE_REQUEST, namespace, text("name"), text("uid"))
        .await;
    if let Err(error) = deleted {
        tracing::warn!("a canary request was left behind: {error}");
    }
}
