//! What others put in the place of our objects, or into them.

use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::ground::Ground;
use crate::proxy::{ADDRESS, all, proxy, strings};

fn by_hand() -> PatchParams {
    PatchParams {
        field_manager: Some("kubectl-edit".to_owned()),
        ..PatchParams::default()
    }
}

async fn drift(ground: &Ground) -> Vec<String> {
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    let change = plan.change(ADDRESS);
    assert_eq!(change.actions, ["update"]);
    strings(&change.json["before"]["drift"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wider_policy_or_selector_is_drift_and_is_narrowed() {
    let ground = Ground::new("strangers-whole").await;
    ground.write(&all(&ground, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    // The API takes these as a whole: a member more is another meaning, not a field of somebody else.
    let policies = ground.api("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies");
    let live = policies.list(&Default::default()).await.unwrap().items;
    let peer = |policy: &Value| policy["spec"]["ingress"][0]["from"][0]["podSelector"].is_object();
    let policy = live
        .iter()
        .find(|policy| peer(&policy.data))
        .expect("the policy of the app");
    let name = policy.metadata.name.as_deref().unwrap();
    let mut ingress = policy.data["spec"]["ingress"].clone();
    ingress[0]["from"][0]["namespaceSelector"] = json!({});
    let wider = json!({"spec": {"ingress": ingress}});
    policies.patch(name, &by_hand(), &Patch::Merge(&wider)).await.unwrap();
    let seen = drift(&ground).await;
    assert!(seen.iter().any(|line| line.contains(".spec.ingress")), "{seen:?}");
    drop(ground.terraform.apply_quietly().await.unwrap());
    let healed = policies.get(name).await.unwrap();
    assert_eq!(healed.data["spec"]["ingress"], policy.data["spec"]["ingress"]);

    let services = ground.api("", "v1", "Service", "services");
    let narrower = json!({"spec": {"selector": {"tier": "edge"}}});
    services
        .patch("hello-proxy", &by_hand(), &Patch::Merge(&narrower))
        .await
        .unwrap();
    let seen = drift(&ground).await;
    assert!(seen.iter().any(|line| line.contains(".spec.selector")), "{seen:?}");
    drop(ground.terraform.apply_quietly().await.unwrap());
    let healed = services.get("hello-proxy").await.unwrap();
    assert_eq!(healed.data["spec"]["selector"].get("tier"), None);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_took_the_place_of_an_object_of_ours_is_not_ours() {
    let ground = Ground::new("strangers-place").await;
    let before = ground.listing().await;
    ground.write(&all(&ground, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let services = ground.api("", "v1", "Service", "services");
    services.delete("hello-proxy", &DeleteParams::default()).await.unwrap();
    let theirs = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "hello-proxy",
        "namespace": ground.namespace}, "spec": {"ports": [{"port": 80}], "clusterIP": "None"}});
    ground.apply(theirs).await;
    let seen = services.get("hello-proxy").await.unwrap();

    let refused = ground.terraform.apply(&[]).await.unwrap();
    drop(refused.failure(&["strangers-place/hello-proxy", "bears no mark of an owner"]));
    let left = services.get("hello-proxy").await.unwrap();
    assert_eq!(
        left.metadata.resource_version, seen.metadata.resource_version,
        "it was not written"
    );

    // A destroy deletes ours and nothing else.
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    let left = services.get("hello-proxy").await.unwrap();
    assert_eq!(left.metadata.uid, seen.metadata.uid);
    services.delete("hello-proxy", &DeleteParams::default()).await.unwrap();
    ground.until_listing(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_overwrites_no_secret_of_others_and_leaves_no_key_behind() {
    let ground = Ground::new("strangers-secret").await;
    let given = r#"
resource "e2etls_certificate" "given" {
  name      = "given"
  namespace = "strangers-secret"
  dns_names = ["hello.example.com"]
  duration  = "144h"
  issuer    = e2etls_issuer.apps.ref
}
"#;
    let base = ground.ca("") + &ground.issuer() + given;
    let with = |more: &str, certificate: &str| {
        let issuer = "certificate  = { issuer = e2etls_issuer.apps.ref }";
        let text = proxy(&ground, more);
        assert!(text.contains(issuer));
        ground.write(&(base.clone() + &text.replace(issuer, certificate)));
    };
    let of_secret = "certificate  = { secret_name = e2etls_certificate.given.secret_name }";
    let of_issuer = "certificate  = { issuer = e2etls_issuer.apps.ref }";
    with("", of_secret);
    drop(ground.terraform.apply_quietly().await.unwrap());

    let secrets = ground.api("", "v1", "Secret", "secrets");
    ground
        .apply(
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hello-proxy-tls",
            "namespace": ground.namespace}, "stringData": {"theirs": "data"}}),
        )
        .await;
    with("", of_issuer);
    let refused = ground.terraform.apply(&[]).await.unwrap();
    drop(refused.failure(&["hello-proxy-tls already exists"]));
    assert!(
        secrets.get("hello-proxy-tls").await.unwrap().data["data"]
            .get("theirs")
            .is_some()
    );
    secrets
        .delete("hello-proxy-tls", &DeleteParams::default())
        .await
        .unwrap();
    drop(ground.terraform.apply_quietly().await.unwrap());
    secrets.get("hello-proxy-tls").await.unwrap();

    // The Certificate gets another name: what it was just proven with stays, and the proxy serves it.
    with("object_names = { \"proxy/certificate\" = \"renamed\" }", of_issuer);
    drop(ground.terraform.apply_quietly().await.unwrap());
    let values = ground.terraform.values(ADDRESS).await.unwrap();
    let reference = &values["parts"]["proxy/certificate"]["ref"];
    assert_eq!(reference, "Certificate strangers-secret/renamed");
    let listing = ground.listing().await;
    let keys: Vec<_> = listing.iter().filter(|name| name.starts_with("Secret/")).collect();
    assert_eq!(keys.len(), 2, "the given one and the proxy's own: {keys:?}");

    // Back to the given Secret: our own key goes.
    with("", of_secret);
    drop(ground.terraform.apply_quietly().await.unwrap());
    let listing = ground.listing().await;
    let keys: Vec<_> = listing.iter().filter(|name| name.starts_with("Secret/")).collect();
    assert_eq!(keys, ["Secret/given-tls"]);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_that_were_stripped_are_drift_and_a_destroy_still_knows_its_objects() {
    let ground = Ground::new("strangers-marks").await;
    let before = ground.listing().await;
    ground.write(&all(&ground, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let services = ground.api("", "v1", "Service", "services");
    let strip = async || {
        let live = services.get("hello-proxy").await.unwrap().metadata;
        let mut metadata = json!({"labels": {}, "annotations": {}});
        for key in live.labels.unwrap_or_default().keys() {
            metadata["labels"][key] = Value::Null;
        }
        for key in live.annotations.unwrap_or_default().keys() {
            metadata["annotations"][key] = Value::Null;
        }
        let stripped = json!({"metadata": metadata});
        services
            .patch("hello-proxy", &by_hand(), &Patch::Merge(&stripped))
            .await
            .unwrap();
    };
    strip().await;
    let seen = drift(&ground).await;
    assert!(seen.iter().any(|line| line.starts_with("proxy/service ")), "{seen:?}");
    drop(ground.terraform.apply_quietly().await.unwrap());
    strip().await;
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.until_listing(&before).await;
}
