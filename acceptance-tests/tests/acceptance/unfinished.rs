//! What a failed, killed or waiting operation leaves, and what the next one makes of it.

use std::time::{Duration, Instant};

use e2etls_lab::lab::{Action, Fault, Match, Recorder};
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::json;

use crate::ground::Ground;
use crate::subject::{CERTIFICATE, PROXY, STACK};

/// The words of an API server that will not have an object.
fn refusal() -> Action {
    let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 422, "reason": "Invalid",
        "message": "NetworkPolicy is invalid: the laboratory says no"});
    Action::Status {
        code: 422,
        body: body.to_string(),
        retry_after: None,
    }
}

/// Refuses writes to a kind, given by its plural.
async fn refuse(ground: &Ground, method: &str, plural: &str, times: u64) -> Recorder {
    let recorder = Recorder::new(&ground.session.recorder);
    let mut matching = Match::kube().method(method).path(plural);
    matching.user_agent_contains = Some("terraform-provider-e2etls".to_owned());
    let fault = Fault::new(matching, refusal()).times(times);
    recorder.fault(&fault).await.expect("an answer");
    recorder
}

async fn base(ground: &Ground) -> Vec<String> {
    PROXY.write_base(ground);
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    ground.settled(&["CertificateRequest/"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_failed_is_finished_after_untaint() {
    let ground = Ground::new("unfinished-untaint").await;
    let base = base(&ground).await;
    PROXY.write(&ground, "it", false, "");
    let recorder = refuse(&ground, "PATCH", "networkpolicies", 1).await;
    let failed = ground.terraform.apply(&[]).await.unwrap();
    drop(failed.failure(&["the laboratory says no"]));
    recorder.clear_faults().await.unwrap();
    drop(ground.terraform.taint(PROXY.address, false).await.unwrap().success());
    drop(ground.terraform.apply_quietly().await.unwrap());
    let target = format!("-target={}", PROXY.address);
    drop(ground.terraform.destroy(&[&target]).await.unwrap().success());
    ground.until_settled(&base, &["CertificateRequest/"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_failed_and_gets_another_name_leaves_nothing_of_the_old() {
    let ground = Ground::new("unfinished-renamed").await;
    let base = base(&ground).await;
    PROXY.write(&ground, "it", false, "");
    let recorder = refuse(&ground, "PATCH", "networkpolicies", 1).await;
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["the laboratory says no"]),
    );
    recorder.clear_faults().await.unwrap();
    PROXY.write(&ground, "other", false, "");
    drop(ground.terraform.apply_quietly().await.unwrap());
    let listing = ground.settled(&["Pod/", "ReplicaSet/"]).await;
    let old: Vec<_> = listing.iter().filter(|name| name.contains("/it-")).collect();
    assert!(old.is_empty(), "{old:?}");
    let target = format!("-target={}", PROXY.address);
    drop(ground.terraform.destroy(&[&target]).await.unwrap().success());
    ground.until_settled(&base, &["CertificateRequest/"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroy_without_a_refresh_takes_what_a_failed_update_and_a_failed_destroy_left() {
    let ground = Ground::new("unfinished-destroy").await;
    let base = base(&ground).await;
    PROXY.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    // The second replica brings a PodDisruptionBudget; the Deployment is refused.
    PROXY.write(&ground, "it", true, "");
    let recorder = refuse(&ground, "PATCH", "deployments/it-proxy", 1).await;
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["the laboratory says no"]),
    );
    recorder.clear_faults().await.unwrap();
    let target = format!("-target={}", PROXY.address);
    let recorder = refuse(&ground, "DELETE", "services/it-proxy", 1).await;
    let failed = ground.terraform.destroy(&["-refresh=false", &target]).await.unwrap();
    drop(failed.failure(&["the laboratory says no"]));
    recorder.clear_faults().await.unwrap();
    drop(
        ground
            .terraform
            .destroy(&["-refresh=false", &target])
            .await
            .unwrap()
            .success(),
    );
    ground.until_settled(&base, &["CertificateRequest/"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_waits_for_what_is_being_deleted_and_then_creates_it() {
    let ground = Ground::new("unfinished-dying").await;
    let base = base(&ground).await;
    PROXY.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let services = ground.api("", "v1", "Service", "services");
    let finalizers = |names: &[&str]| Patch::Merge(json!({"metadata": {"finalizers": names}}));
    let patch = PatchParams::default();
    let held = services
        .patch("it-proxy", &patch, &finalizers(&["e2etls.test/hold"]))
        .await
        .unwrap();
    drop(services.delete("it-proxy", &DeleteParams::default()).await.unwrap());
    let apply = ground.terraform.start_apply(&[]).unwrap();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let seen = services.get("it-proxy").await.unwrap();
    assert_eq!(seen.metadata.uid, held.metadata.uid, "it is still being deleted");
    services.patch("it-proxy", &patch, &finalizers(&[])).await.unwrap();
    drop(apply.wait().await.unwrap().success());
    let made = services.get("it-proxy").await.unwrap();
    assert_ne!(made.metadata.uid, held.metadata.uid);
    assert_eq!(made.metadata.deletion_timestamp, None);
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    let target = format!("-target={}", PROXY.address);
    drop(ground.terraform.destroy(&[&target]).await.unwrap().success());
    ground.until_settled(&base, &["CertificateRequest/"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_seen_to_work_is_not_called_done_after_an_import() {
    let ground = Ground::new("unfinished-proof").await;
    STACK.write_base(&ground);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    STACK.write(
        &ground,
        "it",
        false,
        "timeouts = { create = \"20s\", update = \"20s\" }",
    );
    // No Pod of ours is admitted.
    let limit = json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "none", "namespace": ground.namespace},
        "spec": {"limits": [{"type": "Container", "min": {"memory": "64Gi"}}]}});
    ground.apply(limit).await;
    let apply = ground.terraform.start_apply(&[]).unwrap();
    let deployments = ground.api("apps", "v1", "Deployment", "deployments");
    let there = || async { !deployments.list(&Default::default()).await.unwrap().items.is_empty() };
    ground.until("the proxy's Deployment", there).await;
    apply.kill_provider();
    drop(apply.wait().await.unwrap());

    let listed = ground.terraform.state(&["list"]).await.unwrap().words();
    if listed.contains(STACK.address) {
        drop(ground.terraform.state(&["rm", STACK.address]).await.unwrap().success());
    }
    let id = format!("{}/it", ground.namespace);
    drop(ground.terraform.import(STACK.address, &id).await.unwrap().success());
    for _ in 0..2 {
        let plan = ground.terraform.plan(&[]).await.unwrap();
        assert_eq!(
            plan.change(STACK.address).actions,
            ["update"],
            "what does not work stays in the plan"
        );
        drop(
            ground
                .terraform
                .apply(&[])
                .await
                .unwrap()
                .failure(&["is not ready", "memory"]),
        );
    }
    let limits = ground.api("", "v1", "LimitRange", "limitranges");
    drop(limits.delete("none", &DeleteParams::default()).await.unwrap());
    STACK.write(&ground, "it", false, "");
    drop(ground.terraform.apply_quietly().await.unwrap());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_asked_for_again_and_nothing_of_ours_is_called_foreign() {
    let ground = Ground::new("unfinished-lost").await;
    let base = base(&ground).await;
    PROXY.write(&ground, "it", false, "");
    let recorder = Recorder::new(&ground.session.recorder);
    for plural in ["configmaps", "services", "certificates"] {
        let matching = Match::kube().method("PATCH").path(plural);
        recorder
            .fault(&Fault::new(matching, Action::DropAfter).times(1))
            .await
            .unwrap();
    }
    let first = ground.terraform.apply(&[]).await.unwrap();
    assert!(!first.words().contains("bears no mark"), "{first}");
    recorder.clear_faults().await.unwrap();
    drop(ground.terraform.apply_quietly().await.unwrap());
    let target = format!("-target={}", PROXY.address);
    drop(ground.terraform.destroy(&[&target]).await.unwrap().success());
    ground.until_settled(&base, &["CertificateRequest/"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_does_not_hold_a_refresh() {
    let ground = Ground::new("unfinished-silent").await;
    base(&ground).await;
    PROXY.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let recorder = Recorder::new(&ground.session.recorder);
    let mut matching = Match::kube().method("GET");
    matching.user_agent_contains = Some("terraform-provider-e2etls".to_owned());
    let silent = Fault::new(matching, Action::Delay { millis: 600_000 });
    recorder.fault(&silent).await.unwrap();
    let started = Instant::now();
    let (refused, _) = ground.terraform.try_plan(&[]).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
    drop(refused.code_is(1));
    recorder.clear_faults().await.unwrap();
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_replaced_within_a_minute_of_its_issue() {
    let ground = Ground::new("unfinished-replayed").await;
    CERTIFICATE.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    // The connector answers a repeated request with the old certificate for five minutes.
    let replace = format!("-replace={}", CERTIFICATE.address);
    let started = Instant::now();
    drop(ground.terraform.apply(&[&replace]).await.unwrap().success());
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
