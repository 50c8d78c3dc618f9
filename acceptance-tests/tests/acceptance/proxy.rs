//! `e2etls_proxy` through Terraform: real controllers, a real NGINX, real handshakes.
//!
//! This file is long because each test tells a whole life of a proxy.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::ground::Ground;
use crate::tls::{self, openssl};

pub(crate) const ADDRESS: &str = "e2etls_proxy.hello";

pub(crate) fn proxy(ground: &Ground, more: &str) -> String {
    format!(
        r#"
resource "e2etls_proxy" "hello" {{
  name         = "hello"
  namespace    = "{}"
  mode         = "gateway"
  server_names = ["hello.example.com"]
  upstream     = {{ selector = {{ app = "hello" }}, port = 8080 }}
  certificate  = {{ issuer = e2etls_issuer.apps.ref }}
  isolation    = {{ mode = "enforce", lb_cidrs = ["10.0.0.0/8"] }}
  {more}
}}
"#,
        ground.namespace
    )
}

/// CA, issuer and proxy.
pub(crate) fn all(ground: &Ground, more: &str) -> String {
    ground.ca("") + &ground.issuer() + &proxy(ground, more)
}

/// Where the proxy serves, and the CA certificate in state.
pub(crate) async fn served(ground: &Ground) -> (String, u16, String) {
    let ca = ground
        .terraform
        .values("e2etls_private_ca.ca")
        .await
        .expect("the state has it");
    let values = ground.terraform.values(ADDRESS).await.expect("the state has it");
    let address = ground
        .service_address(values["service"]["name"].as_str().expect("the state has it"))
        .await;
    (
        address,
        e2etls_lab::kubelet::lab_port(443),
        ca["certificate_pem"].as_str().expect("the state has it").to_owned(),
    )
}

pub(crate) fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_what_verifies_to_the_ca_in_state_and_leaves_nothing() {
    let ground = Ground::new("proxy-serves").await;
    ground.app().await;
    ground
        .until("the app", || async {
            ground.listing().await.iter().any(|name| name.starts_with("Pod/hello"))
        })
        .await;
    let before = ground.listing().await;
    ground.write(&all(&ground, ""));
    let applied = ground.terraform.apply_quietly().await.unwrap();
    assert!(
        !applied.words().contains("The application has no Pods"),
        "{}",
        applied.words()
    );

    let (address, port, ca_pem) = served(&ground).await;
    let seen = openssl(&address, port, "hello.example.com", &ca_pem, &[]);
    assert!(seen.verified, "{}", seen.text);
    let chain = tls::chain(&seen.text);
    tls::webpki_verifies(&chain, &ca_pem, "hello.example.com");
    tls::is_a_server_certificate(&chain[0], "hello.example.com", 144);
    for old in ["-tls1", "-tls1_1"] {
        let refused = openssl(
            &address,
            port,
            "hello.example.com",
            &ca_pem,
            &[old, "-cipher", "DEFAULT@SECLEVEL=0"],
        );
        assert!(!refused.verified, "{old}: {}", refused.text);
    }
    let other = openssl(&address, port, "other.example.com", &ca_pem, &[]);
    assert!(!other.verified, "a name that the certificate is not for");
    tls::sslyze_finds_nothing_of_ours(ground.lab, &address, port);
    let body = tls::get(&address, port, "hello.example.com", &ca_pem, "/readable");
    assert!(body.contains("/readable"), "{body}");

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.until_listing(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_hand_shows_and_is_healed_and_a_foreign_field_is_left_alone() {
    let ground = Ground::new("proxy-drift").await;
    ground.write(&all(&ground, ""));
    let applied = ground.terraform.apply(&[]).await.unwrap().success();
    let warning = format!(
        "No Pod in the namespace `{}` has the labels `app=hello`",
        ground.namespace
    );
    assert!(applied.words().contains(&warning), "{}", applied.words());
    let maps = ground.api("", "v1", "ConfigMap", "configmaps");
    let by_hand = PatchParams::apply("kubectl-edit").force();
    let edit = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hello-proxy-config",
        "annotations": {"team": "edge"}}, "data": {"start.sh": "exit 1"}});
    maps.patch("hello-proxy-config", &by_hand, &Patch::Apply(&edit))
        .await
        .unwrap();

    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = plan.change(ADDRESS);
    assert_eq!(change.actions, ["update"]);
    let before = &change.json["before"];
    assert_eq!(strings(&before["drift"]), ["proxy/config .data.start.sh"]);
    assert!(
        before["parts"]["proxy/config"]["digest"]
            .as_str()
            .unwrap()
            .starts_with("drifted:")
    );
    drop(ground.terraform.apply_quietly().await.unwrap());
    let healed = maps.get("hello-proxy-config").await.unwrap();
    assert_ne!(healed.data["data"]["start.sh"], "exit 1");
    assert_eq!(
        healed.metadata.annotations.unwrap()["team"],
        "edge",
        "a field that was never ours stays"
    );

    // A part that was deleted by hand comes back.
    let services = ground.api("", "v1", "Service", "services");
    services
        .delete("hello-proxy", &kube::api::DeleteParams::default())
        .await
        .unwrap();
    drop(ground.terraform.apply_quietly().await.unwrap());
    services.get("hello-proxy").await.unwrap();

    // A field that another manager claims, and that the plan did not show, is an error that names both.
    ground.write(&all(&ground, "http = { max_body_size = \"2m\" }"));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let claim = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hello-proxy-config"},
        "data": {"reload.sh": "rival"}});
    let rival = PatchParams::apply("rival").force();
    maps.patch("hello-proxy-config", &rival, &Patch::Apply(&claim))
        .await
        .unwrap();
    let refused = ground.terraform.apply_plan(&plan).await.unwrap();
    drop(refused.failure(&["rival", ".data.reload.sh", "changed after the plan"]));
    drop(ground.terraform.apply_quietly().await.unwrap());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_is_made_in_place_and_identity_replaces() {
    let ground = Ground::new("proxy-update").await;
    ground.write(&all(&ground, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let first = ground.terraform.values(ADDRESS).await.unwrap();
    ground.write(&all(
        &ground,
        "http = { max_body_size = \"5m\", hsts = \"max-age=600\" }\n  replicas = 1",
    ));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(plan.change(ADDRESS).actions, ["update"]);
    drop(ground.terraform.apply_quietly().await.unwrap());
    let second = ground.terraform.values(ADDRESS).await.unwrap();
    assert_eq!(first["id"], second["id"]);
    assert_ne!(first["config_sha256"], second["config_sha256"]);
    assert!(
        second["parts"].get("proxy/pdb").is_none(),
        "one replica has no disruption budget"
    );
    assert_eq!(
        first["parts"]["proxy/service"], second["parts"]["proxy/service"],
        "a part that did not change"
    );
    let (address, port, ca_pem) = served(&ground).await;
    let answer = tls::get(&address, port, "hello.example.com", &ca_pem, "/e2etls-headers");
    assert!(
        answer.to_lowercase().contains("strict-transport-security: max-age=600"),
        "{answer}"
    );

    ground.write(&all(&ground, "").replace("name         = \"hello\"", "name         = \"other\""));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(plan.change(ADDRESS).actions, ["delete", "create"]);
    drop(ground.terraform.apply_quietly().await.unwrap());
    assert!(
        !ground.listing().await.iter().any(|name| name.contains("/hello-proxy")),
        "nothing of the old name is left"
    );
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_renewal_the_plan_is_empty_and_the_new_certificate_is_served() {
    let ground = Ground::new("proxy-renewal").await;
    ground.app().await;
    ground.write(&all(&ground, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let (address, port, ca_pem) = served(&ground).await;
    let leaf = || {
        tls::chain(&openssl(&address, port, "hello.example.com", &ca_pem, &[]).text)
            .into_iter()
            .next()
    };
    let old = leaf();
    let certificates = ground.api("cert-manager.io", "v1", "Certificate", "certificates");
    let renew = json!({"status": {"conditions": [{"type": "Issuing", "status": "True", "reason": "ManuallyTriggered",
        "message": "test", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}});
    certificates
        .patch_status("hello-proxy", &PatchParams::default(), &Patch::Merge(&renew))
        .await
        .unwrap();
    ground
        .until("the new certificate", || async {
            leaf().is_some_and(|leaf| Some(&leaf) != old.as_ref())
        })
        .await;
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn import_brings_everything_back_but_the_documented_remainder() {
    let ground = Ground::new("proxy-import").await;
    ground.write(&all(
        &ground,
        "http = { max_body_size = \"3m\" }\n  timeouts = { create = \"15m\" }",
    ));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    drop(ground.terraform.state(&["rm", ADDRESS]).await.unwrap().success());
    // A finished resource that no state has is not taken over silently: the message says how to import it.
    let again = ground.terraform.apply(&[]).await.unwrap();
    drop(again.failure(&["already exists", "import {", "/hello\""]));
    drop(
        ground
            .terraform
            .import(ADDRESS, &format!("{}/hello", ground.namespace))
            .await
            .unwrap()
            .success(),
    );
    let plan = ground.terraform.plan(&[]).await.unwrap();
    if !plan.is_empty() {
        let change = plan.change(ADDRESS);
        assert_eq!(change.actions, ["update"]);
        let (before, after) = (&change.json["before"], &change.json["after"]);
        for (name, value) in after.as_object().unwrap() {
            let documented = ["timeouts", "force_conflicts"].contains(&name.as_str());
            assert!(
                documented || before[name] == *value,
                "{name}: {} became {value}",
                before[name]
            );
        }
    }
    drop(ground.terraform.apply_quietly().await.unwrap());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ca_in_the_same_namespace_is_what_is_served() {
    let ground = Ground::new("proxy-new-ca").await;
    ground.write(&all(&ground, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let (_, _, first) = served(&ground).await;
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    drop(ground.terraform.apply_quietly().await.unwrap());
    let (address, port, second) = served(&ground).await;
    assert_ne!(first, second, "a new CA has a new key");
    assert!(openssl(&address, port, "hello.example.com", &second, &[]).verified);
    assert!(!openssl(&address, port, "hello.example.com", &first, &[]).verified);

    // The CA is replaced under a proxy that exists.
    drop(
        ground
            .terraform
            .apply(&["-replace=e2etls_private_ca.ca"])
            .await
            .unwrap()
            .success(),
    );
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    let (address, port, third) = served(&ground).await;
    assert_ne!(second, third);
    // The apply has seen the new certificate issued; the kubelet and the reloader bring it to NGINX a moment later.
    let verifies = || async { openssl(&address, port, "hello.example.com", &third, &[]).verified };
    ground.until("the chain of the third CA to be served", verifies).await;
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_exist_is_told() {
    let ground = Ground::new("proxy-nowhere").await;
    let config = all(&ground, "").replace(
        "upstream     = { selector = { app = \"hello\" }, port = 8080 }",
        "upstream     = { service = \"nowhere\", selector = { app = \"hello\" }, port = 8080 }",
    );
    ground.write(&config);
    let applied = ground.terraform.apply(&[]).await.unwrap().success();
    assert!(
        applied.words().contains("has no Service `nowhere`"),
        "{}",
        applied.words()
    );
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
