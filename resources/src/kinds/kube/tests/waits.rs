//! Waits: what a watch shows costs no request, and what it does not show is asked for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use e2etls_clients::faults::Fate;
use e2etls_clients::kube::kinds::{CONFIG_MAP, DEPLOYMENT};
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::{Observed, Reading};
use e2etls_engine::part::Ready as _;
use e2etls_engine::table::Asked;
use serde_json::json;

use super::{Case, NAMESPACE};
use crate::kinds::kube::marks::OWNER_LABEL;
use crate::kinds::kube::rollout::Rollout;
use crate::testkit;

/// Waits until the object has this value.
async fn until(case: &Case, value: &str) -> Result<(), Failure> {
    let check = |seen: Option<&Observed>| match seen {
        Some(seen) if seen.content["data"]["value"] == value => Ok(()),
        other => Err(format!("{other:?}")),
    };
    case.op
        .until(case.kind(), case.part.target(None), "is not so", check)
        .await
}

fn later(case: &Case, change: impl FnOnce(&Case) + Send + 'static) {
    let case = case.of("prod");
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        change(&case);
    });
}

fn set(case: &Case, value: &str) {
    let value = json!(value);
    case.cluster
        .edit(CONFIG_MAP, Some(NAMESPACE), "web", |live| live["data"]["value"] = value);
}

#[tokio::test]
async fn what_a_watch_shows_costs_no_request() {
    let case = Case::new("ConfigMap");
    case.make().await;
    case.requests();
    let began = Instant::now();
    later(&case, |case| set(case, "9"));
    until(&case, "9").await.expect("it changes");
    assert_eq!(case.requests(), Vec::<String>::new());
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn the_end_of_an_object_is_asked_for_once() {
    let case = Case::new("ConfigMap");
    case.make().await;
    case.requests();
    later(&case, |case| case.cluster.remove(CONFIG_MAP, Some(NAMESPACE), "web"));
    let gone = |seen: Option<&Observed>| seen.map_or(Ok(()), |_| Err("it is there".to_owned()));
    let waited = case
        .op
        .until(case.kind(), case.part.target(None), "is not gone", gone)
        .await;
    waited.expect("it goes");
    assert_eq!(case.requests(), ["GET web"]);
}

#[tokio::test]
async fn an_object_without_its_label_is_not_gone() {
    let case = Case::new("ConfigMap");
    case.make().await;
    later(&case, |case| {
        case.cluster.edit(CONFIG_MAP, Some(NAMESPACE), "web", |live| {
            live["metadata"]["labels"][OWNER_LABEL] = json!(null)
        });
    });
    let seen = case
        .kind()
        .look(&case.op, case.part.target(None), Reading::Watched)
        .await;
    assert!(seen.expect("an answer").is_some());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = case
        .kind()
        .look(&case.op, case.part.target(None), Reading::Watched)
        .await;
    assert!(seen.expect("an answer").is_some());
}

#[tokio::test]
async fn a_rollout_is_waited_for_and_its_pods_explain() {
    let mut case = Case::new("Deployment");
    let applied = case.make().await;
    let part = &case.part;
    assert_eq!(Rollout.works(&case.op, part, &applied).await, Ok(Some(false)));
    case.cluster.put(
        e2etls_clients::kube::kinds::POD,
        &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "namespace": NAMESPACE, "labels": {"app": "a"}},
                "status": {"containerStatuses": [{"name": "app", "ready": false,
                    "state": {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}}]}}),
    );
    case.op.deadline = tokio::time::Instant::now() + Duration::from_secs(1);
    let failed = Rollout
        .wait(&case.op, &case.part, &applied)
        .await
        .expect_err("nothing rolls out");
    let Trouble::Waiting { last_seen, .. } = failed.trouble else {
        panic!("{failed:?}")
    };
    assert!(
        last_seen.contains("the Deployment controller has not observed")
            && last_seen.contains("web-1/app: ErrImagePull")
    );
    case.op.deadline += Duration::from_secs(60);
    later(&case, |case| {
        case.cluster.edit(DEPLOYMENT, Some(NAMESPACE), "web", |live| {
            live["status"] = json!({"observedGeneration": 1})
        });
    });
    Rollout
        .wait(&case.op, &case.part, &applied)
        .await
        .expect("it rolls out");
    assert_eq!(
        Rollout.works(&case.op, &case.part, &case.now().await).await,
        Ok(Some(true))
    );
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_cannot_succeed_ends_within_a_minute() {
    let mut case = Case::new("Deployment");
    let applied = case.make().await;
    case.cluster.put(
        e2etls_clients::kube::kinds::POD,
        &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "namespace": NAMESPACE, "labels": {"app": "a"}},
                "status": {"containerStatuses": [{"name": "app", "ready": false,
                    "state": {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}}]}}),
    );
    let began = tokio::time::Instant::now();
    case.op.deadline = began + Duration::from_secs(1200);
    let failed = Rollout
        .wait(&case.op, &case.part, &applied)
        .await
        .expect_err("nothing rolls out");
    assert!(began.elapsed() < Duration::from_secs(60));
    let Trouble::Domain { cause, .. } = failed.trouble else {
        panic!("{failed:?}")
    };
    assert_eq!(cause, "web-1/app: ErrImagePull no such image");
}

#[tokio::test]
async fn a_write_that_was_sent_is_waited_for_after_a_stop() {
    let case = Case::new("ConfigMap");
    let op = super::operation(&case.cluster, Asked::Create, "prod");
    let (cancel, writes) = (op.cancel.clone(), AtomicUsize::new(0));
    // The second write takes the mark away: the create is complete, whoever stops it then.
    case.cluster.faults.rule(move |call| {
        if call.writes && writes.fetch_add(1, Ordering::Relaxed) == 1 {
            cancel.cancel();
        }
        Fate::Answered
    });
    let outcome = testkit::create(&op, &[case.part], "i1", false).await;
    assert!(op.cancel.is_cancelled());
    assert_eq!(outcome.failures, []);
    assert!(!outcome.memory.unfinished);
}

#[tokio::test]
async fn nothing_is_sent_after_a_stop() {
    let case = Case::new("ConfigMap");
    let op = super::operation(&case.cluster, Asked::Create, "prod");
    let (cancel, writes) = (op.cancel.clone(), AtomicUsize::new(0));
    case.cluster.faults.rule(move |call| {
        if call.writes && writes.fetch_add(1, Ordering::Relaxed) == 0 {
            cancel.cancel();
        }
        Fate::Answered
    });
    let outcome = testkit::create(&op, &[case.part], "i1", false).await;
    assert_eq!(outcome.failures.len(), 1);
    assert!(outcome.memory.unfinished);
}
