//! When a Deployment works: its rollout is complete. One that can't succeed ends early, with the reason.

mod troubles;

use std::sync::Mutex;

use async_trait::async_trait;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::Refusal;
use serde_json::Value;

use super::DEPLOYMENT;
use crate::kinds::Clients;

/// Works when every replica runs the applied template and is available.
pub struct Rollout;

#[async_trait]
impl Ready<Clients> for Rollout {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, applied: &Observed) -> Result<(), Failure> {
        let generation = generation_of(&applied.content);
        let last = Mutex::new(Value::Null);
        let complete = |seen: Option<&Observed>| {
            let seen = seen.map(|seen| &seen.content);
            *last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = seen.cloned().unwrap_or_default();
            rolled_out(seen, generation)
        };
        let target = part.target(Some(&applied.uid));
        let waited = tokio::select! {
            biased;
            waited = op.until(&DEPLOYMENT, target, "is not ready", complete) => waited,
            failure = troubles::lasting(op, part, &last) => return Err(failure),
        };
        let Err(failure) = waited else { return Ok(()) };
        Err(explained(failure, &troubles::words(op, part).await))
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
