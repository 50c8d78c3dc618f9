//! `e2etls_certificate` and `e2etls_certificate_status` through Terraform: what cert-manager keeps is what was asked for.

use e2etls_lab::lab::Recorder;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use serde_json::{Value, json};

use crate::ground::{Ground, writes};
use crate::signer::openssl;

pub(crate) const CERTIFICATE: &str = "e2etls_certificate.web";
pub(crate) const STATUS: &str = "data.e2etls_certificate_status.web";

pub(crate) fn certificate(ground: &Ground, more: &str) -> String {
    format!(
        r#"
resource "e2etls_certificate" "web" {{
  name      = "web"
  namespace = "{}"
  issuer    = e2etls_issuer.apps.ref
  {more}
}}
"#,
        ground.namespace
    )
}

pub(crate) fn status(ground: &Ground) -> String {
    format!(
        r#"
data "e2etls_certificate_status" "web" {{
  name      = e2etls_certificate.web.name
  namespace = "{}"
  ca_pem    = e2etls_private_ca.ca.certificate_pem
}}
"#,
        ground.namespace
    )
}

pub(crate) fn certificates(ground: &Ground) -> Api<DynamicObject> {
    ground.api("cert-manager.io", "v1", "Certificate", "certificates")
}

pub(crate) fn secrets(ground: &Ground) -> Api<DynamicObject> {
    ground.api("", "v1", "Secret", "secrets")
}

pub(crate) async fn revision(ground: &Ground) -> i64 {
    certificates(ground).get("web").await.expect("an answer").data["status"]["revision"]
        .as_i64()
        .unwrap_or_default()
}

/// What the Secret holds, as OpenSSL prints it.
async fn leaf(ground: &Ground) -> String {
    let secret = secrets(ground).get("web-tls").await.expect("an answer");
    let encoded = secret.data["data"]["tls.crt"].as_str().expect("an answer");
    let pem = openssl(&["base64", "-d", "-A"], encoded);
    openssl(
        &[
            "x509",
            "-noout",
            "-serial",
            "-dates",
            "-ext",
            "subjectAltName,extendedKeyUsage",
        ],
        &pem,
    )
}

/// What `cmctl renew` does.
pub(crate) async fn renew(ground: &Ground) {
    let object = certificates(ground).get("web").await.expect("an answer");
    let mut conditions: Vec<Value> = object.data["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    conditions.retain(|condition| condition["type"] != "Issuing");
    conditions.push(
        json!({"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "by hand",
        "lastTransitionTime": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()}),
    );
    let patch = Patch::Merge(json!({"status": {"conditions": conditions}}));
    certificates(ground)
        .patch_status("web", &PatchParams::default(), &patch)
        .await
        .expect("an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_issued_renewed_changed_and_removed() {
    let ground = Ground::new("cert-life").await;
    let base = ground.ca("") + &ground.issuer() + &status(&ground);
    ground.write(
        &(base.clone()
            + &certificate(
                &ground,
                "dns_names = [\"web.example.com\", \"*.web.example.com\"]\nduration = \"144h\"",
            )),
    );
    ground.terraform.apply_quietly().await.unwrap();
    let issued = leaf(&ground).await;
    assert!(
        issued.contains("DNS:web.example.com, DNS:*.web.example.com"),
        "{issued}"
    );
    assert!(issued.contains("TLS Web Server Authentication"), "{issued}");
    let shown = ground.terraform.values(STATUS).await.unwrap();
    assert_eq!(
        (&shown["ready"], &shown["verified"], &shown["revision"]),
        (&json!(true), &json!(true), &json!(1)),
        "{shown}"
    );
    let serial = shown["serial"].as_str().unwrap().replace(':', "").to_uppercase();
    assert!(issued.to_uppercase().contains(&serial), "{serial} in {issued}");
    assert!(
        shown["not_after"].is_string() && shown["not_before"].is_string() && shown["renewal_time"].is_string(),
        "{shown}"
    );
    let uid = certificates(&ground).get("web").await.unwrap().metadata.uid;

    // A renewal changes nothing of the plan.
    renew(&ground).await;
    ground
        .until("the renewal", || async {
            revision(&ground).await == 2 && leaf(&ground).await != issued
        })
        .await;
    let plan = ground
        .terraform
        .plan(&["-refresh=true", "-target", CERTIFICATE])
        .await
        .unwrap();
    assert!(plan.changes().is_empty(), "{}", plan.output);
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    drop(ground.terraform.apply(&["-refresh-only"]).await.unwrap().success());
    let renewed = ground.terraform.values(STATUS).await.unwrap();
    assert_ne!(renewed["serial"], shown["serial"]);
    assert_eq!(renewed["revision"], 2);

    // Another name is issued at once, by the same object.
    let config = base + &certificate(&ground, "dns_names = [\"shop.example.com\"]\nduration = \"120h\"");
    ground.write(&config);
    assert_eq!(
        ground.terraform.plan(&[]).await.unwrap().change(CERTIFICATE).actions,
        ["update"]
    );
    ground.terraform.apply_quietly().await.unwrap();
    let changed = leaf(&ground).await;
    assert!(
        changed.contains("DNS:shop.example.com") && !changed.contains("web.example.com"),
        "{changed}"
    );
    assert_eq!(certificates(&ground).get("web").await.unwrap().metadata.uid, uid);

    // A change by hand is in the plan and is healed.
    let by_hand = Patch::Merge(json!({"spec": {"dnsNames": ["evil.example.com"]}}));
    certificates(&ground)
        .patch("web", &PatchParams::default(), &by_hand)
        .await
        .unwrap();
    let change = ground.terraform.plan(&[]).await.unwrap().change(CERTIFICATE);
    assert!(
        change.json["before"]["drift"].to_string().contains("spec.dnsNames"),
        "{}",
        change.json["before"]
    );
    ground.terraform.apply_quietly().await.unwrap();
    let healed = leaf(&ground).await;
    assert!(
        healed.contains("DNS:shop.example.com") && !healed.contains("evil"),
        "{healed}"
    );

    // Import.
    drop(ground.terraform.state(&["rm", CERTIFICATE]).await.unwrap().success());
    drop(
        ground
            .terraform
            .import(CERTIFICATE, "cert-life/web")
            .await
            .unwrap()
            .success(),
    );
    drop(ground.terraform.plan(&[]).await.unwrap().empty());

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground
        .until("the requests to go", || async { ground.listing().await.is_empty() })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ca_reissues() {
    let ground = Ground::new("cert-ca").await;
    let web = certificate(&ground, "dns_names = [\"web.example.com\"]\nduration = \"144h\"");
    let other = ground
        .ca("")
        .replace("\"ca\"", "\"other\"")
        .replace("cert-ca", "cert-ca-2");
    let cas = ground.ca("") + &other;
    ground.write(&(cas.clone() + &ground.issuer() + &web));
    ground.terraform.apply_quietly().await.unwrap();
    let first = leaf(&ground).await;
    let issuer = ground
        .issuer()
        .replace("e2etls_private_ca.ca.", "e2etls_private_ca.other.");
    ground
        .write(&(cas + &issuer + &web + &status(&ground).replace("e2etls_private_ca.ca.", "e2etls_private_ca.other.")));
    ground.terraform.apply_quietly().await.unwrap();
    assert_ne!(leaf(&ground).await, first);
    assert_eq!(ground.terraform.values(STATUS).await.unwrap()["verified"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_secret_and_certificate_are_not_touched() {
    let ground = Ground::new("cert-foreign").await;
    ground.write(&(ground.ca("") + &ground.issuer()));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    ground
        .apply(
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web-tls", "namespace": "cert-foreign"},
            "stringData": {"password": "theirs"}}),
        )
        .await;
    let before = secrets(&ground).get("web-tls").await.unwrap();
    let web = certificate(&ground, "dns_names = [\"web.example.com\"]\nduration = \"144h\"");
    ground.write(&(ground.ca("") + &ground.issuer() + &web));
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["web-tls already exists", "secret_name"]),
    );
    assert_eq!(writes(&recorder).await, []);
    let after = secrets(&ground).get("web-tls").await.unwrap();
    assert_eq!(after.data, before.data);
    assert_eq!(after.metadata.resource_version, before.metadata.resource_version);

    // The same for a Certificate, which may be imported.
    ground
        .apply(json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
            "metadata": {"name": "web", "namespace": "cert-foreign"},
            "spec": {"secretName": "theirs-tls", "dnsNames": ["theirs.example.com"], "issuerRef": {"name": "none", "kind": "Issuer"}}}))
        .await;
    recorder.reset().await.unwrap();
    let said = ["bears no mark of an owner", "import {", "id = \"", "cert-foreign/web\""];
    drop(ground.terraform.apply(&[]).await.unwrap().failure(&said));
    assert_eq!(writes(&recorder).await, []);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(
        certificates(&ground).get("web").await.unwrap().data["spec"]["secretName"],
        "theirs-tls"
    );
    assert_eq!(
        secrets(&ground).get("web-tls").await.unwrap().metadata.uid,
        before.metadata.uid
    );
}
