//! Readiness of a Deployment: its rollout is complete.

use async_trait::async_trait;
use serde_json::Value;
use tfplugin_framework::Diagnostics;

use super::engine::Engine;
use super::part::{Part, Ready};
use e2etls_clients::kube::kinds::POD;

/// Ready when every replica runs the applied template and is available.
pub struct Rollout;

#[async_trait]
impl Ready for Rollout {
    async fn wait(&self, engine: &Engine, part: &Part, applied: &Value) -> Result<(), Diagnostics> {
        let generation = applied["metadata"]["generation"].as_i64().unwrap_or(1);
        let waited = engine
            .until(part, "is not ready", |seen| rolled_out(seen, generation))
            .await;
        let Err(mut diagnostics) = waited else { return Ok(()) };
        let pods = pod_troubles(engine, part).await;
        if !pods.is_empty() {
            diagnostics.remote("Pods that are not ready", pods.join("\n"));
        }
        Err(diagnostics)
    }
}

/// Judges a Deployment as `kubectl rollout status` does; `Err` says how far it is.
fn rolled_out(seen: Option<&Value>, generation: i64) -> Result<(), String> {
    let deployment = seen.ok_or("the Deployment is not there")?;
    let status = &deployment["status"];
    let count = |field: &str| status[field].as_i64().unwrap_or(0);
    if count("observedGeneration") < generation {
        return Err("its controller has not seen the change yet".to_owned());
    }
    let wanted = deployment["spec"]["replicas"].as_i64().unwrap_or(1);
    if count("updatedReplicas") >= wanted
        && count("availableReplicas") >= wanted
        && count("replicas") == count("updatedReplicas")
    {
        return Ok(());
    }
    let conditions = status["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let failing = conditions
        .iter()
        .filter(|condition| condition["status"] == "False" || condition["type"] == "ReplicaFailure");
    let words: Vec<&str> = failing.filter_map(|condition| condition["message"].as_str()).collect();
    Err(format!(
        "{} of {wanted} replicas updated, {} available. {}",
        count("updatedReplicas"),
        count("availableReplicas"),
        words.join(" ")
    ))
}

async fn pod_troubles(engine: &Engine, part: &Part) -> Vec<String> {
    let labels = part.manifest["spec"]["selector"]["matchLabels"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let selector: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    let pods = engine
        .objects()
        .list(POD, part.namespace(), &selector.join(","))
        .await
        .unwrap_or_default();
    let mut troubles = Vec::new();
    for pod in &pods {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        for field in ["initContainerStatuses", "containerStatuses"] {
            for container in pod["status"][field].as_array().map(Vec::as_slice).unwrap_or_default() {
                let state = &container["state"];
                let waiting = ["waiting", "terminated"]
                    .iter()
                    .find_map(|kind| state.get(kind))
                    .filter(|_| container["ready"] != true);
                if let Some(why) = waiting {
                    let message = why["message"].as_str().unwrap_or_default();
                    troubles.push(format!(
                        "{name}/{}: {} {message}",
                        container["name"].as_str().unwrap_or_default(),
                        why["reason"].as_str().unwrap_or_default()
                    ));
                }
            }
        }
        let unscheduled = pod["status"]["conditions"].as_array().into_iter().flatten();
        for condition in
            unscheduled.filter(|condition| condition["type"] == "PodScheduled" && condition["status"] == "False")
        {
            troubles.push(format!("{name}: {}", condition["message"].as_str().unwrap_or_default()));
        }
    }
    troubles
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rollout_is_complete_when_all_replicas_are_new_and_available() {
        let deployment = |generation: i64, replicas: i64, updated: i64, available: i64| {
            json!({"spec": {"replicas": 2}, "status": {"observedGeneration": generation, "replicas": replicas,
                "updatedReplicas": updated, "availableReplicas": available}})
        };
        assert!(rolled_out(Some(&deployment(3, 2, 2, 2)), 3).is_ok());
        for (case, behind) in [
            ("old generation", deployment(2, 2, 2, 2)),
            ("old replica left", deployment(3, 3, 2, 2)),
            ("not available", deployment(3, 2, 2, 1)),
        ] {
            assert!(rolled_out(Some(&behind), 3).is_err(), "{case}");
        }
        assert!(rolled_out(None, 1).is_err());
    }
}
