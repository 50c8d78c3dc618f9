//! A set-up made by hand along an old recipe: what of it is imported shows exactly its deviations, the rest is refused before
//! the first write, and the way over loses no service.

use e2etls_lab::kubelet::lab_port;
use e2etls_lab::lab::Recorder;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::ground::{Ground, writes};
use crate::proxy::strings;
use crate::tls::{get, openssl};

const NAMESPACE: &str = "hand-recipe";
const HOST: &str = "app.hand-recipe.example";
const CERTIFICATE: &str = "e2etls_certificate.app";
const ISSUER: &str = "e2etls_issuer.app";

/// NGINX as the recipe has it.
const CONFIG: &str = r#"events {}
http {
  server {
    listen 8443 ssl;
    ssl_certificate /etc/tls/tls.crt;
    ssl_certificate_key /etc/tls/tls.key;
    location / { return 200 "by hand\n"; }
  }
}
"#;

/// Issuer, Certificate, configuration, Deployment and Service, as `kubectl apply` makes them.
async fn by_hand(ground: &Ground, arn: &Value) {
    let labels = json!({"app": "nginx-tls-proxy"});
    let mounts = json!([{"name": "tls", "mountPath": "/etc/tls"}, {"name": "config", "mountPath": "/etc/nginx/conf"}]);
    let container = json!({"name": "nginx", "image": "nginx:1.25", "ports": [{"containerPort": 8443}],
        "command": ["nginx", "-c", "/etc/nginx/conf/nginx.conf", "-g", "daemon off;"], "volumeMounts": mounts});
    let volumes = json!([{"name": "tls", "secret": {"secretName": "nginx-tls-cert"}},
        {"name": "config", "configMap": {"name": "nginx-config"}}]);
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [container], "volumes": volumes}});
    let issuer = json!({"name": "aws-pca-issuer", "kind": "AWSPCAIssuer", "group": "awspca.cert-manager.io"});
    for (group, version, kind, plural, name, content) in [
        (
            "awspca.cert-manager.io",
            "v1beta1",
            "AWSPCAIssuer",
            "awspcaissuers",
            "aws-pca-issuer",
            json!({"spec": {"arn": arn, "region": "eu-central-1"}}),
        ),
        (
            "cert-manager.io",
            "v1",
            "Certificate",
            "certificates",
            "nginx-tls-cert",
            json!({"spec": {"secretName": "nginx-tls-cert", "dnsNames": [format!("*.{HOST}"), HOST], "duration": "144h",
                "renewBefore": "24h", "issuerRef": issuer}}),
        ),
        (
            "",
            "v1",
            "ConfigMap",
            "configmaps",
            "nginx-config",
            json!({"data": {"nginx.conf": CONFIG}}),
        ),
        (
            "apps",
            "v1",
            "Deployment",
            "deployments",
            "nginx-tls-proxy",
            json!({"spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}}),
        ),
        (
            "",
            "v1",
            "Service",
            "services",
            "nginx-tls-service",
            json!({"spec": {"selector": labels, "ports": [{"port": 443, "targetPort": 8443}]}}),
        ),
    ] {
        let mut object = content;
        object["apiVersion"] = if group.is_empty() {
            json!(version)
        } else {
            json!(format!("{group}/{version}"))
        };
        object["kind"] = json!(kind);
        object["metadata"] = json!({"name": name, "namespace": NAMESPACE});
        let api = ground.api(group, version, kind, plural);
        let by_hand = PatchParams::apply("kubectl");
        let applied = api.patch(name, &by_hand, &Patch::Apply(object)).await;
        drop(applied.expect("it is applied"));
    }
}

/// The arguments that a plan changes.
fn deviations(change: &Value) -> Vec<String> {
    let (before, after) = (&change["before"], &change["after"]);
    let known = after.as_object().expect("an object").iter();
    let differs = known.filter(|(name, value)| before[name.as_str()] != **value);
    let mut names: Vec<String> = differs.map(|(name, _)| name.clone()).collect();
    names.retain(|name| !["parts", "drift", "spec_sha256"].contains(&name.as_str()));
    names
}

fn resources(ground: &Ground, more: &str) -> String {
    ground.ca("")
        + &format!(
            r#"
resource "e2etls_issuer" "app" {{
  name      = "aws-pca-issuer"
  kind      = "AWSPCAIssuer"
  namespace = "{NAMESPACE}"
  ca_arn    = e2etls_private_ca.ca.arn
}}

resource "e2etls_certificate" "app" {{
  name        = "nginx-tls-cert"
  namespace   = "{NAMESPACE}"
  secret_name = "nginx-tls-cert"
  dns_names   = ["{HOST}"]
  duration    = "144h"
  issuer      = e2etls_issuer.app.ref
}}
{more}
"#
        )
}

fn proxy(more: &str) -> String {
    format!(
        r#"
resource "e2etls_proxy" "app" {{
  name         = "app"
  namespace    = "{NAMESPACE}"
  mode         = "gateway"
  replicas     = 1
  server_names = ["{HOST}"]
  upstream     = {{ selector = {{ app = "hello" }}, port = 8080 }}
  certificate  = {{ secret_name = e2etls_certificate.app.secret_name }}
  isolation    = {{ mode = "off" }}
  {more}
}}
"#
    )
}

const OLD_NAMES: &str = r#"object_names = {
    "proxy/config"     = "nginx-config"
    "proxy/deployment" = "nginx-tls-proxy"
    "proxy/service"    = "nginx-tls-service"
  }"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_by_hand_shows_its_deviations_and_goes_on_serving() {
    let ground = Ground::new(NAMESPACE).await;
    ground.app().await;
    ground.write(&ground.ca(""));
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    let ca = ground
        .terraform
        .values("e2etls_private_ca.ca")
        .await
        .expect("an answer");
    let ca_pem = ca["certificate_pem"].as_str().expect("a certificate").to_owned();
    by_hand(&ground, &ca["arn"]).await;
    let (old, port) = (ground.service_address("nginx-tls-service").await, lab_port(443));
    let serves = || openssl(&old, port, HOST, &ca_pem, &[]).verified;
    ground.until("what was made by hand", || async { serves() }).await;

    ground.write(&resources(&ground, ""));
    for (address, name) in [(ISSUER, "aws-pca-issuer"), (CERTIFICATE, "nginx-tls-cert")] {
        let imported = ground.terraform.import(address, &format!("{NAMESPACE}/{name}")).await;
        drop(imported.expect("an answer").success());
    }
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    // The issuer is as it shall be. Whether it works, no look can tell.
    assert_eq!(deviations(&plan.change(ISSUER).json), ["ready"]);
    let change = plan.change(CERTIFICATE);
    assert_eq!(change.actions, ["update"]);
    // Of the issuer, it does not say which CA it leads to.
    let issuer = &change.json["before"]["issuer"];
    assert_eq!(
        (&issuer["name"], &issuer["ca_arn"]),
        (&json!("aws-pca-issuer"), &Value::Null)
    );
    // What the recipe leaves to cert-manager's defaults.
    let left_out = [
        "privateKey.algorithm",
        "privateKey.rotationPolicy",
        "privateKey.size",
        "usages",
    ];
    let left_out = left_out.map(|field| format!("certificate .spec.{field}"));
    assert_eq!(strings(&change.json["before"]["drift"]), left_out);
    assert_eq!(
        deviations(&change.json),
        [
            "dns_names",
            "issuer",
            "key",
            "renew_before",
            "renew_before_percentage",
            "usages"
        ],
        "{:#}",
        change.json
    );
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    assert!(serves(), "with the certificate that was issued again");

    // What has no resource of its own is not taken: each object is named, and nothing is written.
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.expect("an answer");
    ground.write(&resources(&ground, &proxy(OLD_NAMES)));
    let refused = ground.terraform.apply(&[]).await.expect("an answer");
    drop(refused.failure(&[
        "ConfigMap hand-recipe/nginx-config",
        "Deployment hand-recipe/nginx-tls-proxy",
        "Service hand-recipe/nginx-tls-service",
        "bears no mark of an owner",
    ]));
    assert_eq!(writes(&recorder).await, []);

    // Under names of its own it comes up beside the old one, with the same Secret.
    ground.write(&resources(&ground, &proxy("")));
    ground.terraform.apply_quietly().await.expect("an answer");
    let new = ground.service_address("app-proxy").await;
    assert!(get(&new, port, HOST, &ca_pem, "/").contains("hello from pod"));
    assert!(
        get(&old, port, HOST, &ca_pem, "/").contains("by hand"),
        "until its clients have moved"
    );
    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
}
