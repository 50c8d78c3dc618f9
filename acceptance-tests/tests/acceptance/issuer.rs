//! `e2etls_issuer` through Terraform: the real controllers issue, and what is checked leaves nothing behind.

use e2etls_lab::lab::{Call, Recorder};
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams};
use serde_json::json;

use crate::aws::set_status;
use crate::ground::Ground;

const ISSUER: &str = "e2etls_issuer.apps";

/// Another CA beside [`Ground::ca`].
fn other_ca(ground: &Ground) -> String {
    ground
        .ca("")
        .replace("\"ca\"", "\"other\"")
        .replace(&ground.namespace, &format!("{}-2", ground.namespace))
}

fn pca_issuers(ground: &Ground) -> Api<DynamicObject> {
    ground.api("awspca.cert-manager.io", "v1beta1", "AWSPCAIssuer", "awspcaissuers")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_is_checked_changed_healed_and_removed() {
    let ground = Ground::new("issuer-life").await;
    let before = ground.listing().await;
    ground.write(&(ground.ca("") + &other_ca(&ground) + &ground.issuer()));
    ground.terraform.apply_quietly().await.unwrap();
    let values = ground.terraform.values(ISSUER).await.unwrap();
    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    assert_eq!(
        (&values["ready"], &values["ref"]["ca_arn"]),
        (&json!(true), &ca["arn"]),
        "{values}"
    );
    assert_eq!(
        values["ca_bundle_pem"].as_str().unwrap().trim(),
        ca["certificate_pem"].as_str().unwrap().trim()
    );
    ground
        .until("the request of the check to go", || async {
            ground.listing().await == ["AWSPCAIssuer/apps"]
        })
        .await;

    // Another CA, in place; whoever takes `ref` sees it.
    let uid = pca_issuers(&ground).get("apps").await.unwrap().metadata.uid;
    let config = ground.ca("")
        + &other_ca(&ground)
        + &ground
            .issuer()
            .replace("e2etls_private_ca.ca.", "e2etls_private_ca.other.");
    ground.write(&config);
    assert_eq!(
        ground.terraform.plan(&[]).await.unwrap().change(ISSUER).actions,
        ["update"]
    );
    ground.terraform.apply_quietly().await.unwrap();
    let values = ground.terraform.values(ISSUER).await.unwrap();
    let other = ground.terraform.values("e2etls_private_ca.other").await.unwrap();
    assert_eq!(values["ref"]["ca_arn"], other["arn"]);
    assert_eq!(
        values["ca_bundle_pem"].as_str().unwrap().trim(),
        other["certificate_pem"].as_str().unwrap().trim()
    );
    let object = pca_issuers(&ground).get("apps").await.unwrap();
    assert_eq!(
        (object.data["spec"]["arn"].as_str(), object.metadata.uid),
        (other["arn"].as_str(), uid)
    );

    // A change by hand is in the plan and is healed; what was never ours stays.
    let by_hand = json!({"metadata": {"annotations": {"team": "red"}}, "spec": {"arn": ca["arn"]}});
    pca_issuers(&ground)
        .patch("apps", &PatchParams::default(), &Patch::Merge(by_hand))
        .await
        .unwrap();
    let change = ground.terraform.plan(&[]).await.unwrap().change(ISSUER);
    assert_eq!(change.actions, ["update"]);
    assert!(
        change.json["before"]["drift"].to_string().contains("spec.arn"),
        "{}",
        change.json["before"]
    );
    ground.terraform.apply_quietly().await.unwrap();
    let object = pca_issuers(&ground).get("apps").await.unwrap();
    assert_eq!(object.data["spec"]["arn"], other["arn"]);
    assert_eq!(
        object
            .metadata
            .annotations
            .unwrap_or_default()
            .get("team")
            .map(String::as_str),
        Some("red")
    );

    // Import.
    drop(ground.terraform.state(&["rm", ISSUER]).await.unwrap().success());
    drop(
        ground
            .terraform
            .import(ISSUER, "issuer-life/apps")
            .await
            .unwrap()
            .success(),
    );
    // Only a request that is issued tells whether it works: the first apply makes one.
    let change = ground.terraform.plan(&[]).await.unwrap().change(ISSUER);
    assert_eq!(change.json["before"]["drift"], serde_json::json!(["issuer/check"]));
    ground.terraform.apply_quietly().await.unwrap();

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground
        .until("everything to go", || async { ground.listing().await == before })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_of_the_whole_cluster_is_checked_in_a_namespace_of_choice() {
    let ground = Ground::new("issuer-cluster").await;
    let issuer = r#"
resource "e2etls_issuer" "apps" {
  name             = "issuer-cluster-apps"
  kind             = "AWSPCAClusterIssuer"
  ca_arn           = e2etls_private_ca.ca.arn
  canary_namespace = "issuer-cluster"
}
"#;
    ground.write(&(ground.ca("") + issuer));
    ground.terraform.apply_quietly().await.unwrap();
    ground
        .until("the request of the check to go", || async {
            ground.listing().await.is_empty()
        })
        .await;
    let kind = GroupVersionKind::gvk("awspca.cert-manager.io", "v1beta1", "AWSPCAClusterIssuer");
    let api: Api<DynamicObject> = Api::all_with(
        ground.kube.clone(),
        &ApiResource::from_gvk_with_plural(&kind, "awspcaclusterissuers"),
    );
    let arn = ground.terraform.values("e2etls_private_ca.ca").await.unwrap()["arn"].clone();
    assert_eq!(api.get("issuer-cluster-apps").await.unwrap().data["spec"]["arn"], arn);

    drop(ground.terraform.state(&["rm", ISSUER]).await.unwrap().success());
    drop(
        ground
            .terraform
            .import(ISSUER, "issuer-cluster-apps")
            .await
            .unwrap()
            .success(),
    );
    // How it is checked leaves no trace in the cluster: the documented remainder.
    let change = ground.terraform.plan(&[]).await.unwrap().change(ISSUER);
    let (old, new) = (
        change.json["before"].as_object().unwrap(),
        change.json["after"].as_object().unwrap(),
    );
    let changed: Vec<&String> = old.keys().filter(|key| old[*key] != new[*key]).collect();
    assert_eq!(changed, ["canary_namespace", "drift", "parts", "ready"]);
    ground.terraform.apply_quietly().await.unwrap();

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    let left = api.list(&ListParams::default()).await.unwrap();
    assert!(
        !left
            .items
            .iter()
            .any(|object| object.metadata.name.as_deref() == Some("issuer-cluster-apps"))
    );
    assert!(ground.listing().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_ca_is_refused_before_the_first_write() {
    let ground = Ground::new("issuer-disabled").await;
    ground.write(&ground.ca(""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    let arn = ca["arn"].as_str().unwrap();
    set_status(&ground, arn, "DISABLED");
    drop(
        ground
            .terraform
            .state(&["rm", "e2etls_private_ca.ca"])
            .await
            .unwrap()
            .success(),
    );
    ground.write(&ground.issuer().replace("e2etls_private_ca.ca.arn", &format!("{arn:?}")));
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    let output = ground.terraform.apply(&[]).await.unwrap();
    drop(output.failure(&["The CA is not active", "ca_arn", "DISABLED", "Enable it again"]));
    let written: Vec<Call> = recorder
        .calls()
        .await
        .unwrap()
        .into_iter()
        .filter(Call::is_write)
        .collect();
    assert!(written.is_empty(), "{written:#?}");
    assert!(ground.listing().await.is_empty());
}
