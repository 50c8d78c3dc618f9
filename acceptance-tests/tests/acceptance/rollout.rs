//! Rollouts that can't succeed end within a minute or so, in the words of Kubernetes or NGINX; clusters that are not ready yet
//! are waited for.

use std::time::{Duration, Instant};

use e2etls_lab::lab::{Action, Fault, Match, Recorder};
use serde_json::json;

use crate::ground::Ground;
use crate::proxy::all;

/// An apply fails with these words, before a rollout's own deadline.
async fn fails_soon(ground: &Ground, words: &[&str]) {
    let began = Instant::now();
    let applied = ground.terraform.apply(&[]).await.expect("it works");
    drop(applied.failure(words));
    assert!(began.elapsed() < Duration::from_secs(120), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nginx_refuses_is_the_error() {
    let ground = Ground::new("rollout-nginx").await;
    ground.write(&all(&ground, "http = { extra_config = \"gzip maybe;\" }"));
    fails_soon(&ground, &["The rollout of Deployment", "invalid value \"maybe\""]).await;
    ground.write(&all(&ground, "http = { extra_config = \"gzip on;\" }"));
    drop(
        ground
            .terraform
            .taint("e2etls_proxy.hello", false)
            .await
            .expect("it works")
            .success(),
    );
    drop(ground.terraform.apply_quietly().await.expect("it works"));
    // A working proxy is kept while a rollout fails.
    ground.write(&all(&ground, "http = { extra_config = \"gzip maybe;\" }"));
    fails_soon(&ground, &["invalid value \"maybe\""]).await;
    let deployments = ground.api("apps", "v1", "Deployment", "deployments");
    let live = deployments.get("hello-proxy").await.expect("it works");
    assert_eq!(live.data["status"]["availableReplicas"], 2, "{}", live.data["status"]);
    drop(ground.terraform.destroy(&[]).await.expect("it works").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_missing_is_named() {
    let ground = Ground::new("rollout-secret").await;
    let config = all(&ground, "").replace("{ issuer = e2etls_issuer.apps.ref }", "{ secret_name = \"nowhere\" }");
    ground.write(&config);
    fails_soon(&ground, &["FailedMount", "secret \"nowhere\" not found"]).await;
    drop(ground.terraform.destroy(&[]).await.expect("it works").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_admits_no_pod_is_named() {
    let ground = Ground::new("rollout-quota").await;
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": ground.namespace}, "spec": {"hard": {"pods": "0"}}});
    e2etls_lab::lab::apply::apply(&ground.kube, quota)
        .await
        .expect("it works");
    ground.write(&all(&ground, ""));
    fails_soon(&ground, &["No Pod can be created", "exceeded quota"]).await;
    drop(ground.terraform.destroy(&[]).await.expect("it works").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_young_cluster_is_waited_for() {
    let ground = Ground::new("rollout-young").await;
    let recorder = Recorder::new(&ground.session.recorder);
    for code in [401, 403, 500] {
        recorder.reset().await.expect("it works");
        let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
            "message": "namespaces \"kube-system\" is forbidden: User \"x\" cannot get resource \"namespaces\""});
        let refused = Action::Status {
            code,
            body: body.to_string(),
            retry_after: None,
        };
        recorder
            .fault(&Fault::new(Match::kube(), refused).times(4))
            .await
            .expect("it works");
        ground.write(&(ground.ca("") + &ground.issuer()));
        drop(ground.terraform.apply(&[]).await.expect("it works").success());
        drop(
            ground
                .terraform
                .destroy(&["-target=e2etls_issuer.apps"])
                .await
                .expect("it works")
                .success(),
        );
    }
    drop(ground.terraform.destroy(&[]).await.expect("it works").success());
}
