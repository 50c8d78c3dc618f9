//! When a Deployment works: its rollout is complete.

use async_trait::async_trait;
use e2etls_clients::kube::kinds::POD;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::Refusal;
use serde_json::Value;

use super::DEPLOYMENT;
use super::manifest::place;
use crate::kinds::Clients;

/// Works when every replica runs the applied template and is available.
pub struct Rollout;

#[async_trait]
impl Ready<Clients> for Rollout {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, applied: &Observed) -> Result<(), Failure> {
        let generation = generation_of(&applied.content);
        let complete = |seen: Option<&Observed>| rolled_out(seen.map(|seen| &seen.content), generation);
        let target = part.target(Some(&applied.uid));
        let waited = op.until(&DEPLOYMENT, target, "is not ready", complete).await;
        let Err(failure) = waited else { return Ok(()) };
        let pods = pod_troubles(op, part).await;
        Err(explained(failure, &pods))
    }

    async fn works(
        &self,
        _: &Operation<Clients>,
        _: &Part<Clients>,
        object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        let generation = generation_of(&object.content);
        Ok(Some(rolled_out(Some(&object.content), generation).is_ok()))
    }
}

fn generation_of(deployment: &Value) -> i64 {
    deployment["metadata"]["generation"].as_i64().unwrap_or(1)
}

/// Evaluates a Deployment as `kubectl rollout status` does; `Err` says how far it is.
fn rolled_out(seen: Option<&Value>, generation: i64) -> Result<(), String> {
    let deployment = seen.ok_or("the Deployment does not exist")?;
    let status = &deployment["status"];
    let count = |field: &str| status[field].as_i64().unwrap_or(0);
    if count("observedGeneration") < generation {
        return Err("the Deployment controller has not observed the change yet".to_owned());
    }
    let wanted = deployment["spec"]["replicas"].as_i64().unwrap_or(1);
    if deployment["spec"]["paused"] == true {
        return Err("it is paused: resume it with `kubectl rollout resume`".to_owned());
    }
    if count("updatedReplicas") >= wanted
        && count("availableReplicas") >= wanted
        && count("replicas") == count("updatedReplicas")
    {
        return Ok(());
    }
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let failing =
        conditions.filter(|condition| condition["status"] == "False" || condition["type"] == "ReplicaFailure");
    let words: Vec<&str> = failing.filter_map(|condition| condition["message"].as_str()).collect();
    let (updated, available) = (count("updatedReplicas"), count("availableReplicas"));
    // These count as available, too.
    let old = match count("replicas") - updated {
        ..=0 => String::new(),
        old => format!(", {old} of the previous template still running"),
    };
    let counts = format!("{updated} of {wanted} replicas updated, {available} available{old}.");
    Err([counts.as_str(), &words.join(" ")].join(" ").trim_end().to_owned())
}

/// The failure of a wait, with what its Pods say.
fn explained(failure: Failure, pods: &[String]) -> Failure {
    match failure.trouble {
        Trouble::Waiting {
            otherwise,
            last_seen,
            stopped,
        } if !pods.is_empty() => Failure {
            trouble: Trouble::Waiting {
                otherwise,
                last_seen: format!("{last_seen}\n{}", pods.join("\n")),
                stopped,
            },
            ..failure
        },
        trouble => Failure { trouble, ..failure },
    }
}

async fn pod_troubles(op: &Operation<Clients>, part: &Part<Clients>) -> Vec<String> {
    let labels = part.content["spec"]["selector"]["matchLabels"].as_object();
    let selector: Vec<String> = labels
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    let (namespace, _) = place(DEPLOYMENT.kind, &part.name);
    let objects = &op.remotes.cluster().objects;
    let pods = objects
        .list(POD, namespace, &selector.join(","))
        .await
        .unwrap_or_default();
    pods.iter().flat_map(troubles_of).collect()
}

/// Why a Pod is not ready, in the words of its containers and its scheduler.
fn troubles_of(pod: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = text(&pod["metadata"]["name"]);
    let mut troubles = Vec::new();
    for field in ["initContainerStatuses", "containerStatuses"] {
        for container in pod["status"][field].as_array().into_iter().flatten() {
            let state = &container["state"];
            let waiting = ["waiting", "terminated"].iter().find_map(|kind| state.get(kind));
            if let Some(why) = waiting.filter(|_| container["ready"] != true) {
                let container = text(&container["name"]);
                troubles.push(format!(
                    "{name}/{container}: {} {}",
                    text(&why["reason"]),
                    text(&why["message"])
                ));
            }
        }
    }
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    let unscheduled =
        conditions.filter(|condition| condition["type"] == "PodScheduled" && condition["status"] == "False");
    troubles.extend(unscheduled.map(|condition| format!("{name}: {}", text(&condition["message"]))));
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
