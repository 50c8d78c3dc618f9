//! What belongs to others: fields, objects that look like ours, and names that we gave up.

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use serde_json::{Value, json};

use crate::ground::Ground;
use crate::subject::{CERTIFICATE, ISSUER, NETWORK_POLICY, PROXY, STACK, Subject};

/// A field of ours that a rival takes.
struct Field {
    api: Api<DynamicObject>,
    object: String,
    claim: Value,
    path: &'static str,
}

fn issuer(ground: &Ground, name: &str) -> Field {
    Field {
        api: ground.api("awspca.cert-manager.io", "v1beta1", "AWSPCAIssuer", "awspcaissuers"),
        object: name.to_owned(),
        claim: json!({"apiVersion": "awspca.cert-manager.io/v1beta1", "kind": "AWSPCAIssuer", "spec": {"region": "eu-west-1"}}),
        path: ".spec.region",
    }
}

fn certificate(ground: &Ground, name: &str) -> Field {
    Field {
        api: ground.api("cert-manager.io", "v1", "Certificate", "certificates"),
        object: name.to_owned(),
        claim: json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "spec": {"privateKey": {"rotationPolicy": "Never"}}}),
        path: ".spec.privateKey.rotationPolicy",
    }
}

fn config_map(ground: &Ground, name: &str) -> Field {
    Field {
        api: ground.api("", "v1", "ConfigMap", "configmaps"),
        object: format!("{name}-proxy-config"),
        claim: json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"reload.sh": "rival"}}),
        path: ".data.reload.sh",
    }
}

fn deployment(ground: &Ground, name: &str) -> Field {
    Field {
        api: ground.api("apps", "v1", "Deployment", "deployments"),
        object: format!("{name}-proxy"),
        claim: json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"revisionHistoryLimit": 7}}),
        path: ".spec.revisionHistoryLimit",
    }
}

fn network_policy(ground: &Ground, name: &str) -> Field {
    Field {
        api: ground.api("", "v1", "ConfigMap", "configmaps"),
        object: format!("{name}-network-policy"),
        claim: json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"mode": "rival"}}),
        path: ".data.mode",
    }
}

async fn owned(ground: &Ground, subject: &Subject, field: fn(&Ground, &str) -> Field) {
    plant(ground).await;
    let before = ground.settled(&["Pod/", "ReplicaSet/"]).await;
    subject.write(ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    let Field {
        api,
        object,
        claim,
        path,
    } = field(ground, "it");
    copies(ground, &api, &object).await;

    // A field that was never ours is not in the plan, and survives an update.
    let by_hand = PatchParams::apply("kubectl-edit").force();
    let note = json!({"apiVersion": claim["apiVersion"], "kind": claim["kind"],
        "metadata": {"name": object, "annotations": {"team": "edge"}}});
    api.patch(&object, &by_hand, &Patch::Apply(&note))
        .await
        .expect("an answer");
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    let uid = subject.uid(ground).await;
    subject.write(ground, "it", true, "");
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    assert_eq!(plan.change(subject.address).actions, ["update"]);

    // A field that a rival took after the plan is an error that names both, and is taken back by the next plan.
    let mut claim = claim;
    claim["metadata"] = json!({"name": object});
    let rival = PatchParams::apply("rival").force();
    api.patch(&object, &rival, &Patch::Apply(&claim))
        .await
        .expect("an answer");
    let refused = ground.terraform.apply_plan(&plan).await.expect("an answer");
    drop(refused.failure(&["rival", path, "changed after the plan"]));
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    assert_eq!(subject.uid(ground).await, uid, "an update is in place");
    let live = api.get(&object).await.expect("an answer");
    assert_eq!(live.metadata.annotations.unwrap_or_default()["team"], "edge");

    // Another name is another object, and nothing of the old name is left.
    subject.write(ground, "other", true, "");
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    assert_eq!(plan.change(subject.address).actions, ["delete", "create"]);
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    let listing = ground.settled(&["CertificateRequest/"]).await;
    let old = |name: &&String| name.contains("/it-") || name.ends_with("/it");
    assert_eq!(listing.iter().find(old), None, "{listing:?}");

    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
    let copies = ["ConfigMap/copied-label", "ConfigMap/controlled"].map(str::to_owned);
    let mut left = [before, copies.into()].concat();
    left.sort();
    ground.until_settled(&left, &["Pod/", "ReplicaSet/"]).await;
}

/// Bystanders with the labels that ours have, and names beside theirs.
async fn plant(ground: &Ground) {
    let labels = json!({"app.kubernetes.io/managed-by": "e2etls", "app.kubernetes.io/name": "e2etls-proxy",
        "app.kubernetes.io/instance": "it", "e2etls.dev/proxy": "bystander"});
    let metadata = |name: &str| json!({"name": name, "namespace": ground.namespace, "labels": labels});
    for object in [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("proxy-config")}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata("tls")}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata("proxy"),
            "spec": {"ports": [{"port": 80}], "clusterIP": "None"}}),
        json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata("theirs"),
            "spec": {"secretName": "theirs", "dnsNames": ["a.example.com"], "issuerRef": {"name": "none", "kind": "Issuer"}}}),
    ] {
        ground.apply(object).await;
    }
    // cert-manager makes the request and the key of the bystander's Certificate on its own.
    ground
        .until("the bystander's request", || async {
            ground
                .listing()
                .await
                .iter()
                .any(|name| name.starts_with("CertificateRequest/theirs"))
        })
        .await;
}

/// Bystanders that carry the very owner of the subject: controllers copy labels, and annotations too.
async fn copies(ground: &Ground, api: &Api<DynamicObject>, object: &str) {
    let live = api.get(object).await.expect("an answer");
    let owner = live.metadata.labels.clone().unwrap_or_default();
    let annotations = live.metadata.annotations.clone().unwrap_or_default();
    assert!(owner.contains_key("e2etls.dev/owner"), "{owner:?}");
    let bystander = ground
        .api("", "v1", "Service", "services")
        .get("proxy")
        .await
        .expect("an answer");
    let theirs = json!([{"apiVersion": "v1", "kind": "Service", "name": "proxy", "uid": bystander.metadata.uid, "controller": true}]);
    let label = &owner["e2etls.dev/owner"];
    for metadata in [
        json!({"name": "copied-label", "namespace": ground.namespace, "labels": {"e2etls.dev/owner": label}}),
        json!({"name": "controlled", "namespace": ground.namespace, "labels": {"e2etls.dev/owner": label},
            "annotations": {"e2etls.dev/owner": annotations["e2etls.dev/owner"],
                "e2etls.dev/instance": annotations["e2etls.dev/instance"]}, "ownerReferences": theirs}),
    ] {
        ground
            .apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_touches_what_is_its_own() {
    owned(&Ground::new("owned-issuer").await, &ISSUER, issuer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_touches_what_is_its_own() {
    owned(&Ground::new("owned-certificate").await, &CERTIFICATE, certificate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_touches_what_is_its_own() {
    owned(&Ground::new("owned-proxy").await, &PROXY, deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_policy_touches_what_is_its_own() {
    owned(
        &Ground::new("owned-network-policy").await,
        &NETWORK_POLICY,
        network_policy,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_touches_what_is_its_own() {
    owned(&Ground::new("owned-stack").await, &STACK, config_map).await;
}
