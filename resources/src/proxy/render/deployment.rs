//! The Deployment and its disruption budget.

use serde_json::{Value, json};

use super::names::{ISOLATION_ANNOTATION, Names};
use super::nginx::seconds;
use super::pod;
use super::spec::{Input, IsolationMode, ProxySpec};
use e2etls_engine::value::UNKNOWN;

/// The Deployment. Without `replicas` the field belongs to an autoscaler.
pub(super) fn deployment(spec: &ProxySpec, names: &Names<'_>) -> Value {
    let mut metadata = names.metadata("proxy/deployment");
    metadata["annotations"][ISOLATION_ANNOTATION] = Value::from(isolation(spec));
    let mut content = json!({
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": names.selector()},
        "strategy": strategy(),
        "template": pod::template(spec, names),
    });
    if let Some(replicas) = &spec.replicas {
        content["replicas"] = replicas.clone();
    }
    wait_for_ready(spec.min_ready.as_deref(), &mut content);
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": content})
}

/// Kubernetes' default of `progressDeadlineSeconds`, which has to be more than `minReadySeconds`.
const PROGRESS_SECONDS: u64 = 600;

/// A new Pod counts once it has been ready for so long.
pub fn wait_for_ready(min_ready: Option<&str>, content: &mut Value) {
    let Some(time) = min_ready else { return };
    let time = seconds(time);
    content["minReadySeconds"] = time.map_or(UNKNOWN.into(), Value::from);
    content["progressDeadlineSeconds"] = time.map_or(UNKNOWN.into(), |time| Value::from(time + PROGRESS_SECONDS));
}

/// A new Pod is ready before an old one goes.
pub(super) fn strategy() -> Value {
    json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}})
}

/// The mode of isolation, as the Deployment says it.
pub(super) fn isolation(spec: &ProxySpec) -> &'static str {
    match spec.isolation.mode {
        Input::Known(IsolationMode::Off) => "off",
        Input::Known(IsolationMode::Audit) => "audit",
        Input::Known(IsolationMode::Enforce) => "enforce",
        Input::Unknown => UNKNOWN,
    }
}

/// One Pod at a time may be evicted. With a single Pod there is none: it would only say what happens anyway.
pub(super) fn disruption_budget(spec: &ProxySpec, names: &Names<'_>) -> Option<Value> {
    if spec.replicas.as_ref().and_then(Value::as_u64) == Some(1) {
        return None;
    }
    Some(json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": names.metadata("proxy/pdb"),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": names.selector()},
        },
    }))
}
