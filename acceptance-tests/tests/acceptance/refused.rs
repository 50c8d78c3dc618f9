//! Clusters that are not there, are others, or may not be changed.

use e2etls_lab::lab::{Action, Fault, Match, Recorder};
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::ground::{Ground, writes};
use crate::proxy::strings;
use crate::subject::{CERTIFICATE, ISSUER, PROXY};

/// Replaces the provider's configuration by one with this argument.
fn with(ground: &Ground, argument: &str) {
    let config = std::fs::read_to_string(ground.terraform.path().join("main.tf")).expect("it was written");
    let owner = format!("owner_id = {:?}", ground.namespace);
    let config = config.replace(&owner, &format!("{owner}\n  {argument}"));
    ground.terraform.write("main.tf", &config).expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_add_on_is_named_before_the_first_write() {
    let ground = Ground::new("refused-crd").await;
    CERTIFICATE.write_base(&ground);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let recorder = Recorder::new(&ground.session.recorder);
    for (subject, group, add_on) in [
        (&CERTIFICATE, "/apis/cert-manager.io/", "add-on `cert-manager`"),
        (
            &ISSUER,
            "/apis/awspca.cert-manager.io/",
            "add-on `aws-privateca-connector-for-kubernetes`",
        ),
        (&PROXY, "/apis/cert-manager.io/", "add-on `cert-manager`"),
    ] {
        subject.write(&ground, "it", false, "");
        recorder.reset().await.unwrap();
        // What the API server answers for a group that no CRD brings.
        let missing = Action::Status {
            code: 404,
            body: "404 page not found\n".to_owned(),
            retry_after: None,
        };
        recorder
            .fault(&Fault::new(Match::kube().path(group), missing))
            .await
            .unwrap();
        let target = format!("-target={}", subject.address);
        let refused = ground.terraform.apply(&["-refresh=false", &target]).await.unwrap();
        drop(refused.failure(&["does not serve the kind", add_on]));
        assert_eq!(writes(&recorder).await, [], "{group}");
    }
    recorder.reset().await.unwrap();
    CERTIFICATE.write_base(&ground);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cluster_is_never_taken_for_this_one() {
    let ground = Ground::new("refused-cluster").await;
    ISSUER.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let before = ground.terraform.values(ISSUER.address).await.unwrap();
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    let other = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": "another"}});
    let answer = Action::Status {
        code: 200,
        body: other.to_string(),
        retry_after: None,
    };
    let kube_system = Match::kube().path("/namespaces/kube-system");
    recorder.fault(&Fault::new(kube_system, answer)).await.unwrap();
    for keep in ["", "unreachable = \"keep_state\""] {
        ISSUER.write(&ground, "it", false, "");
        with(&ground, keep);
        let (refused, _) = ground.terraform.try_plan(&[]).await.unwrap();
        drop(refused.failure(&["Wrong cluster", "another"]));
        let refused = ground.terraform.destroy(&["-refresh=false"]).await.unwrap();
        drop(refused.failure(&["Wrong cluster"]));
    }
    let kube = writes(&recorder)
        .await
        .into_iter()
        .filter(|call| call.path.contains("/apis/"));
    assert_eq!(kube.count(), 0);
    recorder.reset().await.unwrap();
    ISSUER.write(&ground, "it", false, "");
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    assert_eq!(ground.terraform.values(ISSUER.address).await.unwrap(), before);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_clusters_may_be_renamed() {
    let ground = Ground::new("refused-key").await;
    let write = |configured: &str, used: &str| {
        ISSUER.write(&ground, "it", false, used);
        let path = ground.kubeconfig.display();
        with(
            &ground,
            &format!("clusters = {{ {configured} = {{ kubeconfig = {{ path = \"{path}\" }} }} }}"),
        );
    };
    write("a", "cluster = \"a\"");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    for wrong in ["cluster = \"a\"", "cluster = \"c\"", ""] {
        write("b", wrong);
        let (refused, _) = ground.terraform.try_plan(&[]).await.unwrap();
        drop(refused.failure(&["on main.tf", "cluster", "`b`"]));
    }
    write("b", "cluster = \"b\"");
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = &plan.change(ISSUER.address).json;
    assert_eq!(
        (&change["before"]["cluster"], &change["after"]["cluster"]),
        (&json!("a"), &json!("b"))
    );
    assert_eq!(change["actions"], json!(["update"]));
    drop(ground.terraform.apply_quietly().await.unwrap());
    write("d", "cluster = \"d\"");
    drop(ground.terraform.destroy(&["-refresh=false"]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_was_kept_is_not_acted_on() {
    let ground = Ground::new("refused-kept").await;
    ISSUER.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    recorder.fault(&Fault::new(Match::kube(), Action::Drop)).await.unwrap();
    drop(
        ground
            .terraform
            .try_plan(&[])
            .await
            .unwrap()
            .0
            .failure(&["Can't reach the cluster"]),
    );

    let keep = "unreachable = \"keep_state\"";
    with(&ground, keep);
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let said = plan.output.words();
    assert!(
        said.contains("The cluster was not read") && said.contains("The resource was last written at"),
        "{said}"
    );
    drop(plan.empty());
    ISSUER.write(&ground, "it", true, "");
    with(&ground, keep);
    drop(
        ground
            .terraform
            .try_plan(&[])
            .await
            .unwrap()
            .0
            .failure(&["The cluster was not read", "Make the cluster reachable"]),
    );
    drop(
        ground
            .terraform
            .try_plan(&["-destroy"])
            .await
            .unwrap()
            .0
            .failure(&["The cluster was not read"]),
    );

    // It answers again: all is as ever.
    recorder.reset().await.unwrap();
    drop(ground.terraform.apply_quietly().await.unwrap());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_provider_plans_no_change() {
    let ground = Ground::new("refused-read-only").await;
    ISSUER.write(&ground, "it", false, "");
    with(&ground, "read_only = true");
    let said = ["The provider is read-only"];
    drop(ground.terraform.try_plan(&[]).await.unwrap().0.failure(&said));
    ISSUER.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    with(&ground, "read_only = true");
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    drop(ground.terraform.try_plan(&["-destroy"]).await.unwrap().0.failure(&said));
    ISSUER.write(&ground, "it", true, "");
    with(&ground, "read_only = true");
    let said = ["The provider is read-only", "argument `template`", "`issuer`"];
    drop(ground.terraform.try_plan(&[]).await.unwrap().0.failure(&said));
    ISSUER.write(&ground, "it", false, "");
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_autoscaler_and_a_number_of_replicas_exclude_each_other() {
    let ground = Ground::new("refused-replicas").await;
    PROXY.write(&ground, "it", true, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let deployments = ground.api("apps", "v1", "Deployment", "deployments");
    let scaler = PatchParams {
        field_manager: Some("kube-controller-manager".to_owned()),
        ..PatchParams::default()
    };
    let scale = Patch::Merge(json!({"spec": {"replicas": 3}}));
    deployments.patch_scale("it-proxy", &scaler, &scale).await.unwrap();
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(
        strings(&plan.change(PROXY.address).json["before"]["drift"]),
        ["proxy/deployment .spec.replicas"]
    );
    let refused = ground.terraform.apply(&[]).await.unwrap();
    drop(refused.failure(&[
        "An autoscaler manages `replicas`",
        "kube-controller-manager",
        "autoscaled = true",
    ]));

    let config = std::fs::read_to_string(ground.terraform.path().join("main.tf")).unwrap();
    ground
        .terraform
        .write("main.tf", &config.replace("replicas = 2", "autoscaled = true"))
        .unwrap();
    drop(ground.terraform.apply_quietly().await.unwrap());
    assert_eq!(deployments.get("it-proxy").await.unwrap().data["spec"]["replicas"], 3);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
