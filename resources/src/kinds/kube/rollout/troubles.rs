//! Why Pods don't become ready, in the words of Kubernetes and of their containers.
//!
//! This file is long because what is asked, how it is read and what was recorded stand together.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use e2etls_clients::kube::kinds::{EVENT, POD};
use e2etls_clients::kube::label_selector;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::object::reference;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use serde_json::Value;

use super::super::DEPLOYMENT;
use super::super::events::said;
use super::super::manifest::place;
use crate::kinds::Clients;

/// When a rollout is first looked into: most are complete by then.
const FIRST_LOOK: Duration = Duration::from_secs(12);
/// Between two looks.
const BETWEEN: Duration = Duration::from_secs(8);
/// A trouble lasts if it is seen in so many looks in a row: what passes by itself (a volume that comes a moment later, a
/// registry that hesitates) has passed by then.
const LOOKS: u32 = 3;

/// Reasons of a waiting container that only a change ends.
const LASTING: [&str; 9] = [
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImageInspectError",
    "ImagePullBackOff",
    "InvalidImageName",
    "RegistryUnavailable",
    "RunContainerError",
];

/// What is wrong with a Pod, or with the Deployment itself.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    /// Whose trouble it is.
    whose: String,
    words: String,
    /// Whether it does not pass by itself, so far as Kubernetes says.
    lasting: bool,
    /// When it was last said, where that is known: what is not said again may be over.
    said: Option<String>,
}

/// Returns once the rollout can't succeed any more.
pub(super) async fn lasting(op: &Operation<Clients>, part: &Part<Clients>, deployment: &Mutex<Value>) -> Failure {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut first: Option<BTreeMap<String, Option<String>>> = None;
    tokio::time::sleep(FIRST_LOOK).await;
    loop {
        let deployment = deployment
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        let mut found = of_deployment(op, part, &deployment).await;
        found.extend(of_pods(op, part).await);
        let said = |found: &Found| (found.whose.clone(), found.said.clone());
        let first = first.get_or_insert_with(|| found.iter().map(said).collect());
        // What an earlier rollout left behind is not said again.
        let again = |found: &Found| found.said.is_none() || first.get(&found.whose) != Some(&found.said);
        seen = found
            .iter()
            .filter(|found| found.lasting && (again(found) || seen.contains_key(&found.whose)))
            .map(|found| (found.whose.clone(), seen.get(&found.whose).copied().unwrap_or(0) + 1))
            .collect();
        let words: Vec<&str> = found.iter().map(|found| found.words.as_str()).collect();
        if gave_up(&deployment) || seen.values().any(|looks| *looks >= LOOKS) {
            return failure(part, &words.join("\n"));
        }
        if !words.is_empty() {
            tracing::info!("waiting for Deployment {}: {}", part.name, words.join("; "));
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// What Pods say now.
pub(super) async fn words(op: &Operation<Clients>, part: &Part<Clients>) -> Vec<String> {
    of_pods(op, part).await.into_iter().map(|found| found.words).collect()
}

fn failure(part: &Part<Clients>, words: &str) -> Failure {
    let cause = if words.is_empty() {
        "The Deployment exceeded its progress deadline."
    } else {
        words
    };
    Failure {
        address: part.address.clone(),
        reference: reference("Deployment", &part.name),
        trouble: Trouble::Domain {
            what: format!("The rollout of Deployment {} failed", part.name),
            cause: cause.to_owned(),
            advice: "Fix the cause above and apply again.".to_owned(),
        },
    }
}

/// The Deployment's controller has given up.
fn gave_up(deployment: &Value) -> bool {
    conditions(deployment).any(|condition| condition["reason"] == "ProgressDeadlineExceeded")
}

/// Pods that can't be created: a quota, an admission policy, a missing ServiceAccount. The condition stays until the next
/// try, so its events say when the last one was.
async fn of_deployment(op: &Operation<Clients>, part: &Part<Clients>, deployment: &Value) -> Vec<Found> {
    let mut failing = conditions(deployment)
        .filter(|condition| condition["type"] == "ReplicaFailure" && condition["status"] == "True");
    let Some(condition) = failing.next() else {
        return Vec::new();
    };
    let (namespace, name) = place(DEPLOYMENT.kind, &part.name);
    let objects = &op.remotes.cluster().objects;
    let selector = "reason=FailedCreate,type=Warning";
    let events = objects
        .list_by_field(EVENT, namespace, selector)
        .await
        .unwrap_or_default();
    vec![no_pod(name, condition, &events)]
}

fn no_pod(deployment: &str, condition: &Value, events: &[Value]) -> Found {
    let own = |event: &&Value| {
        let involved = event["involvedObject"]["name"].as_str().unwrap_or_default();
        involved
            .strip_prefix(deployment)
            .is_some_and(|rest| rest.starts_with('-'))
    };
    let said: Vec<String> = events.iter().filter(own).map(said).collect();
    Found {
        whose: "ReplicaFailure".to_owned(),
        words: format!("No Pod can be created: {}", text(&condition["message"])),
        lasting: true,
        said: Some(said.join(" ")),
    }
}

fn conditions(object: &Value) -> impl Iterator<Item = &Value> {
    object["status"]["conditions"].as_array().into_iter().flatten()
}

async fn of_pods(op: &Operation<Clients>, part: &Part<Clients>) -> Vec<Found> {
    let labels = part.content["spec"]["selector"]["matchLabels"].as_object();
    let labels = labels.into_iter().flatten();
    let selector = label_selector(labels.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())));
    let (namespace, _) = place(DEPLOYMENT.kind, &part.name);
    let objects = &op.remotes.cluster().objects;
    // Not bounded by the operation: after its time this explains why it ran out.
    let pods = objects.list(POD, namespace, &selector).await.unwrap_or_default();
    let mut found = Vec::new();
    for pod in newest(&pods) {
        let own = of_pod(pod);
        if !own.is_empty() {
            found.extend(own);
        } else if pod["status"]["phase"] == "Pending" {
            let name = text(&pod["metadata"]["name"]);
            found.extend(of_events(&name, &objects.warnings(namespace, &name).await));
        }
    }
    found
}

/// The Pods of the newest template: older ones say nothing about this rollout.
fn newest(pods: &[Value]) -> Vec<&Value> {
    let template = |pod: &Value| text(&pod["metadata"]["labels"]["pod-template-hash"]);
    let created = |pod: &&Value| text(&pod["metadata"]["creationTimestamp"]);
    let alive = || pods.iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    let last = alive().max_by_key(created).map(template);
    alive().filter(|pod| Some(template(pod)) == last).collect()
}

/// Why a Pod is not ready, in the words of its containers and its scheduler.
fn of_pod(pod: &Value) -> Vec<Found> {
    let name = text(&pod["metadata"]["name"]);
    let statuses = ["initContainerStatuses", "containerStatuses"]
        .into_iter()
        .flat_map(|field| pod["status"][field].as_array().into_iter().flatten());
    let mut found: Vec<Found> = statuses.filter_map(|status| of_container(&name, status)).collect();
    let unscheduled = conditions(pod)
        .filter(|condition| condition["type"] == "PodScheduled" && condition["status"] == "False")
        .map(|condition| Found {
            whose: name.clone(),
            words: format!("{name}: {}", text(&condition["message"])),
            // A cluster autoscaler may be adding a node.
            lasting: false,
            said: None,
        });
    found.extend(unscheduled);
    found
}

fn of_container(pod: &str, status: &Value) -> Option<Found> {
    if status["ready"] == true {
        return None;
    }
    let container = text(&status["name"]);
    let whose = format!("{pod}/{container}");
    let found = |words: String, lasting: bool| {
        Some(Found {
            words: format!("{whose}: {words}"),
            whose: whose.clone(),
            lasting,
            said: None,
        })
    };
    let waiting = &status["state"]["waiting"];
    let ended = [&status["state"]["terminated"], &status["lastState"]["terminated"]]
        .into_iter()
        .find(|ended| ended["exitCode"].as_i64().is_some_and(|code| code != 0));
    if let Some(ended) = ended {
        let said = text(&ended["message"]);
        let code = &ended["exitCode"];
        let reason = text(&ended["reason"]);
        let words = format!("ended with exit code {code} ({reason}): {said}");
        // Once may be bad luck.
        let again = status["restartCount"].as_i64().unwrap_or(0) >= 1;
        return found(words.trim_end_matches([' ', ':']).to_owned(), again);
    }
    let reason = text(&waiting["reason"]);
    if reason.is_empty() || ["ContainerCreating", "PodInitializing"].contains(&reason.as_str()) {
        return None;
    }
    let words = format!("{reason} {}", text(&waiting["message"]));
    found(words.trim_end().to_owned(), LASTING.contains(&reason.as_str()))
}

/// What keeps a Pod from starting its containers: the last event of each reason.
fn of_events(pod: &str, events: &[Value]) -> Vec<Found> {
    let mut last: BTreeMap<String, &Value> = BTreeMap::new();
    for event in events {
        last.insert(text(&event["reason"]), event);
    }
    last.into_iter()
        .filter(|(reason, _)| reason != "FailedScheduling")
        .map(|(reason, event)| Found {
            whose: format!("{pod} {reason}"),
            words: format!("{pod}: {reason} {}", text(&event["message"])),
            lasting: true,
            said: Some(said(event)),
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, template: &str, created: &str, status: Value) -> Value {
        json!({"metadata": {"name": name, "creationTimestamp": created, "labels": {"pod-template-hash": template}},
            "status": status})
    }

    fn container(status: Value) -> Vec<(String, bool)> {
        let found = of_pod(&pod("p", "1", "", json!({"containerStatuses": [status]})));
        found.into_iter().map(|found| (found.words, found.lasting)).collect()
    }

    #[test]
    fn each_reason_lasts_or_passes() {
        for (state, words, lasting) in [
            (
                json!({"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}),
                "p/c: ImagePullBackOff no such image",
                true,
            ),
            (
                json!({"waiting": {"reason": "CreateContainerConfigError"}}),
                "p/c: CreateContainerConfigError",
                true,
            ),
            (
                json!({"waiting": {"reason": "SomethingNew"}}),
                "p/c: SomethingNew",
                false,
            ),
        ] {
            let found = container(json!({"name": "c", "ready": false, "state": state}));
            assert_eq!(found, [(words.to_owned(), lasting)]);
        }
        assert!(
            container(json!({"name": "c", "ready": false, "state": {"waiting": {"reason": "ContainerCreating"}}}))
                .is_empty()
        );
        assert!(container(json!({"name": "c", "ready": true, "state": {"running": {}}})).is_empty());
    }

    #[test]
    fn a_container_that_crashes_says_why() {
        let crashed = |restarts: u32| {
            json!({"name": "c", "ready": false, "restartCount": restarts,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "message": "[emerg] unknown directive"}}})
        };
        let words = "p/c: ended with exit code 1 (Error): [emerg] unknown directive".to_owned();
        assert_eq!(container(crashed(0)), [(words.clone(), false)]);
        assert_eq!(container(crashed(1)), [(words, true)]);
    }

    #[test]
    fn only_the_newest_template_counts() {
        let pods = [
            pod("old", "1", "2026-01-01T00:00:00Z", json!({})),
            pod("new", "2", "2026-01-01T00:00:05Z", json!({})),
            pod("twin", "2", "2026-01-01T00:00:04Z", json!({})),
        ];
        let names: Vec<&Value> = newest(&pods).into_iter().map(|pod| &pod["metadata"]["name"]).collect();
        assert_eq!(names, ["new", "twin"]);
    }

    #[test]
    fn the_deployment_and_events_speak_too() {
        let deployment = |kind: &str, status: &str, reason: &str| json!({"status": {"conditions": [{"type": kind, "status": status, "reason": reason, "message": "exceeded quota"}]}});
        assert!(gave_up(&deployment("Progressing", "False", "ProgressDeadlineExceeded")));
        assert!(!gave_up(&deployment("Progressing", "True", "ReplicaSetUpdated")));
        let failing = deployment("ReplicaFailure", "True", "FailedCreate");
        let event = |name: &str, count: u32| json!({"involvedObject": {"name": name}, "count": count});
        let found = |events: &[Value]| no_pod("web", &failing["status"]["conditions"][0], events);
        assert_eq!(found(&[]).words, "No Pod can be created: exceeded quota");
        assert_ne!(found(&[event("web-1", 1)]).said, found(&[event("web-1", 2)]).said);
        assert_eq!(found(&[event("other-1", 1)]).said, found(&[event("other-1", 2)]).said);
        let events = [
            json!({"reason": "FailedScheduling", "message": "0/1 nodes"}),
            json!({"reason": "FailedMount", "message": "first"}),
            json!({"reason": "FailedMount", "message": "secret \"x\" not found"}),
        ];
        let found = of_events("p", &events);
        assert_eq!(
            (found.len(), found[0].words.as_str()),
            (1, "p: FailedMount secret \"x\" not found")
        );
    }
}
