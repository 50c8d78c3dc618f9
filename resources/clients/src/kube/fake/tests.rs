use std::time::{Duration, Instant};

use e2etls_engine::refusal::{Answer, Cause, Denial};
use serde_json::{Value, json};

use super::FakeCluster;
use crate::faults::Fate;
use crate::kube::kinds::{CERTIFICATE, CONFIG_MAP, DEPLOYMENT, NAMESPACE};
use crate::kube::lists::Freshness;
use crate::kube::objects::ApplyOptions;

const LABEL: &str = "e2etls.dev/owner";
const SHOP: Option<&str> = Some("default");

fn config(data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "default", "labels": {LABEL: "me"}}, "data": data})
}

#[tokio::test]
async fn an_apply_owns_what_it_says_and_no_more() {
    let fake = FakeCluster::default();
    let objects = fake.objects();
    let apply = |data, manager, force| {
        let objects = objects.clone();
        let options = ApplyOptions { force, dry_run: false };
        async move { objects.apply(CONFIG_MAP, &config(data), manager, options).await }
    };
    let made = apply(json!({"a": "1", "b": "1"}), "me", false)
        .await
        .expect("it is made");
    assert!(made.created);
    assert!(
        !apply(json!({"a": "1"}), "me", false)
            .await
            .expect("it is changed")
            .created
    );
    fake.edit(CONFIG_MAP, SHOP, "web", |object| {
        object["data"] = json!({"a": "2", "c": "2"})
    });
    let refused = apply(json!({"a": "1"}), "me", false).await.expect_err("a conflict");
    let cause = Cause {
        field: ".data.a".to_owned(),
        manager: "kubectl-edit".to_owned(),
    };
    assert_eq!(refused.answer, Answer::Conflict(vec![cause]));
    let forced = apply(json!({"a": "1"}), "me", true).await.expect("it is forced");
    assert_eq!(
        forced.object["data"],
        json!({"a": "1", "c": "2"}),
        "what we no longer say went, what is not ours stays"
    );
    objects
        .hand_over(CONFIG_MAP, &forced.object, "me", "released", &[("labels", LABEL)])
        .await
        .expect("handed over");
    let live = objects
        .get(CONFIG_MAP, SHOP, "web")
        .await
        .expect("an answer")
        .expect("it stays");
    assert!(live["metadata"]["labels"].get(LABEL).is_none());
    assert!(live["metadata"]["managedFields"].to_string().contains("released"));
    let stale = objects.hand_over(CONFIG_MAP, &made.object, "me", "released", &[]).await;
    assert_eq!(stale.expect_err("somebody wrote").answer, Answer::Conflict(Vec::new()));
}

#[tokio::test]
async fn a_delete_takes_the_object_of_its_uid_and_waits_for_finalizers() {
    let fake = FakeCluster::default();
    let objects = fake.objects();
    objects
        .apply(CONFIG_MAP, &config(json!({})), "me", ApplyOptions::default())
        .await
        .expect("it is made");
    let uid = objects
        .uid_by_dry_run_delete(CONFIG_MAP, SHOP, "web")
        .await
        .expect("an answer")
        .expect("a uid");
    let other = objects.delete(CONFIG_MAP, SHOP, "web", "other").await;
    assert_eq!(other.expect_err("another object").answer, Answer::Conflict(Vec::new()));
    fake.edit(CONFIG_MAP, SHOP, "web", |object| {
        object["metadata"]["finalizers"] = json!(["a/b"])
    });
    assert_eq!(objects.delete(CONFIG_MAP, SHOP, "web", &uid).await, Ok(false));
    assert!(fake.get(CONFIG_MAP, SHOP, "web").expect("it is held")["metadata"]["deletionTimestamp"].is_string());
    fake.edit(CONFIG_MAP, SHOP, "web", |object| {
        object["metadata"]["finalizers"] = json!([])
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(objects.uid_by_dry_run_delete(CONFIG_MAP, SHOP, "web").await, Ok(None));
    assert_eq!(objects.delete(CONFIG_MAP, SHOP, "web", &uid).await, Ok(true));
}

#[tokio::test]
async fn namespaces_hold_and_take_their_content() {
    let fake = FakeCluster::default();
    let objects = fake.objects();
    let apply = || async {
        objects
            .apply(CONFIG_MAP, &config(json!({})), "me", ApplyOptions::default())
            .await
    };
    apply().await.expect("it is made");
    fake.edit(CONFIG_MAP, SHOP, "web", |object| {
        object["metadata"]["finalizers"] = json!(["a/b"])
    });
    fake.remove(NAMESPACE, None, "default");
    fake.edit(CONFIG_MAP, SHOP, "web", |object| {
        object["metadata"]["name"] = "web".into()
    });
    let mut second = config(json!({}));
    second["metadata"]["name"] = "second".into();
    let refused = objects.apply(CONFIG_MAP, &second, "me", ApplyOptions::default()).await;
    assert_eq!(
        refused.expect_err("it goes").answer,
        Answer::Forbidden(Denial::Terminating)
    );
    fake.edit(CONFIG_MAP, SHOP, "web", |object| {
        object["metadata"]["finalizers"] = json!([])
    });
    fake.remove(CONFIG_MAP, SHOP, "web");
    fake.remove(NAMESPACE, None, "default");
    assert!(fake.get(NAMESPACE, None, "default").is_none() && fake.all(CONFIG_MAP).is_empty());
    assert_eq!(apply().await.expect_err("no namespace").answer, Answer::Absent);
    fake.unserve(CERTIFICATE);
    let missing = objects.get(CERTIFICATE, SHOP, "web").await;
    assert_eq!(missing.expect_err("no CRD").answer, Answer::KindMissing);
}

#[tokio::test]
async fn faults_are_the_answers_that_they_order() {
    let fake = FakeCluster::default();
    let objects = fake.objects();
    let apply = || async {
        objects
            .apply(CONFIG_MAP, &config(json!({})), "me", ApplyOptions::default())
            .await
    };
    fake.faults.at(1, Fate::Refused(Answer::Forbidden(Denial::Quota)));
    assert_eq!(
        apply().await.expect_err("quota").answer,
        Answer::Forbidden(Denial::Quota)
    );
    assert!(fake.all(CONFIG_MAP).is_empty());
    fake.faults.at(2, Fate::AnswerLost);
    assert_eq!(apply().await.expect_err("lost").answer, Answer::OutcomeUnknown);
    assert_eq!(fake.all(CONFIG_MAP).len(), 1);
    fake.faults.at(3, Fate::KilledBefore);
    for _ in 0..2 {
        let read = objects.get(CONFIG_MAP, SHOP, "web").await;
        assert_eq!(read.expect_err("killed").answer, Answer::Interrupted);
    }
    fake.faults.reset();
    assert!(!apply().await.expect("it lives").created);
}

#[tokio::test]
async fn lists_serve_whom_they_are_fresh_enough_for() {
    let fake = FakeCluster::default();
    let cluster = fake.cluster(LABEL);
    let lists = |freshness| {
        let cluster = &cluster;
        async move {
            cluster
                .lists
                .labelled(CONFIG_MAP, SHOP, "me", freshness)
                .await
                .expect("a list")
                .len()
        }
    };
    let requests = || fake.faults.calls().len();
    assert_eq!((lists(Freshness::Recent).await, requests()), (0, 1));
    let deleted = Instant::now();
    fake.put(CONFIG_MAP, &config(json!({})));
    assert_eq!(
        (lists(Freshness::Recent).await, requests()),
        (0, 1),
        "one list serves reads of the next 2 s"
    );
    cluster.lists.forget_deleted(CONFIG_MAP).await;
    assert_eq!(
        (lists(Freshness::After(deleted)).await, requests()),
        (0, 1),
        "deletes share a list, which may have begun a little earlier"
    );
    assert_eq!(
        (lists(Freshness::Recent).await, requests()),
        (1, 2),
        "nobody reads what was there before a deletion"
    );
    let deleted = Instant::now();
    cluster.lists.forget(CONFIG_MAP).await;
    assert_eq!(
        (lists(Freshness::After(deleted)).await, requests()),
        (1, 3),
        "what this process has applied is seen"
    );
    assert_eq!((lists(Freshness::After(deleted)).await, requests()), (1, 3));
    cluster.lists.forget(CONFIG_MAP).await;
    assert_eq!(
        (lists(Freshness::Run).await, requests()),
        (1, 3),
        "what earlier runs left is looked for once"
    );
    assert_eq!(
        (lists(Freshness::Recent).await, requests()),
        (1, 4),
        "nobody reads what was there before a write"
    );
}

#[tokio::test]
async fn watches_see_what_happens_and_controllers_act() {
    let fake = FakeCluster::default();
    let cluster = fake.cluster(LABEL);
    fake.react(DEPLOYMENT, |object| {
        object["status"]["readyReplicas"] = object["spec"]["replicas"].clone()
    });
    let watch = cluster.watches.of(DEPLOYMENT, SHOP);
    let mut seen = watch.seen();
    seen.wait_for(Option::is_some).await.expect("its first list");
    let mut deployment = config(Value::Null);
    deployment["apiVersion"] = "apps/v1".into();
    deployment["kind"] = "Deployment".into();
    deployment["spec"] = json!({"replicas": 2});
    cluster
        .objects
        .apply(DEPLOYMENT, &deployment, "me", ApplyOptions::default())
        .await
        .expect("it is made");
    let ready = |replicas: i64| {
        move |seen: &crate::kube::watches::Seen| {
            let found = seen.as_ref().and_then(|seen| seen.get("web"));
            found.is_some_and(|found| found.open()["status"]["readyReplicas"] == replicas)
        }
    };
    seen.wait_for(ready(2)).await.expect("it is seen");
    let uid = fake.get(DEPLOYMENT, SHOP, "web").expect("it is there")["metadata"]["uid"].clone();
    let gone = cluster
        .objects
        .delete(DEPLOYMENT, SHOP, "web", uid.as_str().unwrap_or_default())
        .await;
    assert_eq!(gone, Ok(false), "in the foreground");
    let gone = seen
        .wait_for(|seen| seen.as_ref().is_some_and(|seen| seen.is_empty()))
        .await;
    assert!(gone.is_ok());
}

#[tokio::test]
async fn who_asks_is_told_and_nothing_is_kept() {
    let fake = FakeCluster::default();
    assert_eq!(fake.objects().user().await.as_deref(), Ok("kubernetes-admin"));
    assert!(fake.store().objects.keys().all(|key| key.plural == "namespaces"));
    fake.faults
        .rule(|_| Fate::Refused(Answer::Forbidden(Denial::Permission)));
    let refusal = fake.objects().user().await.expect_err("a refusal");
    assert_eq!(
        refusal.operation,
        "POST /apis/authentication.k8s.io/v1/selfsubjectreviews"
    );
}
