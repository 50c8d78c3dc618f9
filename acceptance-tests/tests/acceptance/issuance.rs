//! Who issues again, and when: once per wish, at once, also after a failure, a re-creation or a backup.

use kube::api::{DeleteParams, ListParams, PostParams};
use serde_json::{Value, json};

use crate::aws::{pca, set_status};
use crate::certificate::{CERTIFICATE, STATUS, certificate, certificates, renew, revision, secrets, status};
use crate::ground::Ground;
use crate::renewal::{apply_at_once, live};
use crate::signer::openssl;

#[tokio::test(flavor = "multi_thread")]
async fn a_change_after_a_failed_renewal_issues_once() {
    let ground = Ground::new("renewal-failed").await;
    let base = ground.ca("") + &ground.issuer() + &status(&ground);
    let named = |name: &str| certificate(&ground, &format!("dns_names = [{name:?}]\nduration = \"144h\""));
    ground.write(&(base.clone() + &named("web.example.com")));
    ground.terraform.apply_quietly().await.unwrap();
    let before = ground.terraform.values(STATUS).await.unwrap();
    let arn = ground.terraform.values("e2etls_private_ca.ca").await.unwrap()["arn"].clone();
    let arn = arn.as_str().unwrap();

    set_status(&ground, arn, "DISABLED");
    renew(&ground).await;
    let failed = || async { live(&ground).await["status"]["lastFailureTime"].is_string() };
    ground.until("the failure", failed).await;
    set_status(&ground, arn, "ACTIVE");

    drop(ground.terraform.apply(&["-refresh-only"]).await.unwrap().success());
    let shown = ground.terraform.values(STATUS).await.unwrap();
    assert_eq!(shown["failed_issuance_attempts"], 1, "{shown}");
    assert_eq!(
        (&shown["not_after"], &shown["not_before"]),
        (&before["not_after"], &before["not_before"]),
        "{shown}"
    );

    ground.write(&(base + &named("shop.example.com")));
    apply_at_once(&ground).await;
    assert_eq!(revision(&ground).await, 2);
    assert_eq!(live(&ground).await["spec"]["dnsNames"], json!(["shop.example.com"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_made_again_at_once() {
    let ground = Ground::new("renewal-again").await;
    let base = ground.ca("") + &ground.issuer();
    let web = certificate(&ground, "dns_names = [\"web.example.com\"]\nduration = \"144h\"");
    for _ in 0..3 {
        ground.write(&(base.clone() + &web));
        apply_at_once(&ground).await;
        ground.write(&base);
        drop(ground.terraform.apply(&[]).await.unwrap().success());
    }
}

/// What a backup brings back: the object as it was, but for what the API server gives.
fn restored(object: &Value) -> Value {
    let mut object = object.clone();
    for field in [
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
        "ownerReferences",
    ] {
        object["metadata"].as_object_mut().expect("metadata").remove(field);
    }
    object.as_object_mut().expect("an object").remove("status");
    object
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backup_brings_back_is_proven_anew_and_goes_with_a_destroy() {
    let ground = Ground::new("renewal-restored").await;
    let base = ground.ca("") + &ground.issuer();
    let web = certificate(&ground, "dns_names = [\"web.example.com\"]\nduration = \"144h\"");
    ground.write(&(base.clone() + &web));
    ground.terraform.apply_quietly().await.unwrap();
    let requests = ground.api("cert-manager.io", "v1", "CertificateRequest", "certificaterequests");
    for (issue_again, destroyed) in [(true, false), (false, true)] {
        let saved = (
            restored(&serde_json::to_value(secrets(&ground).get("web-tls").await.unwrap()).unwrap()),
            restored(&serde_json::to_value(certificates(&ground).get("web").await.unwrap()).unwrap()),
        );
        certificates(&ground)
            .delete("web", &DeleteParams::default())
            .await
            .unwrap();
        secrets(&ground)
            .delete("web-tls", &DeleteParams::default())
            .await
            .unwrap();
        let none = || async { requests.list(&ListParams::default()).await.unwrap().items.is_empty() };
        ground.until("the requests to go", none).await;
        for (api, object) in [(secrets(&ground), saved.0), (certificates(&ground), saved.1)] {
            let object = serde_json::from_value(object).unwrap();
            api.create(&PostParams::default(), &object).await.unwrap();
        }
        let ready = || async {
            live(&ground).await["status"]["conditions"]
                .to_string()
                .contains("\"True\"")
        };
        ground.until("cert-manager", ready).await;
        if issue_again {
            let change = ground.terraform.plan(&[]).await.unwrap().change(CERTIFICATE);
            assert_eq!(change.actions, ["update"]);
            assert_eq!(change.json["before"]["ready"], false, "{}", change.json["before"]);
            apply_at_once(&ground).await;
            assert_eq!(ground.terraform.values(CERTIFICATE).await.unwrap()["ready"], true);
        }
        if destroyed {
            ground.write(&base);
            drop(ground.terraform.apply(&[]).await.unwrap().success());
        }
    }
    assert!(certificates(&ground).get_opt("web").await.unwrap().is_none());
    assert!(secrets(&ground).get_opt("web-tls").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_an_earlier_request_is_thrown_away_at_once() {
    let ground = Ground::new("renewal-replayed").await;
    let base = ground.ca("") + &ground.issuer();
    let named = |name: &str| certificate(&ground, &format!("dns_names = [{name:?}]\nduration = \"144h\""));
    ground.write(&(base.clone() + &named("web.example.com")));
    ground.terraform.apply_quietly().await.unwrap();
    let arn = ground.terraform.values("e2etls_private_ca.ca").await.unwrap()["arn"].clone();

    // aws-privateca-issuer derives the token from the name of the request. One that it gave up may have been answered.
    let token = openssl(&["dgst", "-sha256", "-r"], "renewal-replayed/web-2")[..36].to_owned();
    let key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "/dev/null",
    ];
    let names = [
        "-subj",
        "/CN=web.example.com",
        "-addext",
        "subjectAltName=DNS:shop.example.com",
    ];
    let csr = openssl(&[&["req", "-new"], &key[..], &names[..]].concat(), "");
    let template = "arn:aws:acm-pca:::template/EndEntityServerAuthCertificate/V1";
    let issue = json!({"CertificateAuthorityArn": arn, "Csr": openssl(&["base64", "-A"], &csr), "IdempotencyToken": token,
        "SigningAlgorithm": "SHA256WITHECDSA", "TemplateArn": template, "Validity": {"Type": "DAYS", "Value": 6}});
    drop(pca(&ground, "IssueCertificate", &issue));

    ground.write(&(base + &named("shop.example.com")));
    apply_at_once(&ground).await;
    // It was renumbered, so that the request has a name that no older one had.
    assert!(revision(&ground).await > 3);
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
}

/// A kind of issuers that no controller serves.
async fn serve_nobodys_issuers(ground: &Ground) {
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    ground
        .apply(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "corpissuers.pki.example.com"},
            "spec": {
                "group": "pki.example.com", "scope": "Namespaced",
                "names": {"kind": "CorpIssuer", "plural": "corpissuers"},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
            },
        }))
        .await;
}

/// Approves the first request, unless cert-manager has.
async fn approve(ground: &Ground) {
    let requests = ground.api("cert-manager.io", "v1", "CertificateRequest", "certificaterequests");
    let there = || async { requests.get_opt("web-1").await.expect("an answer").is_some() };
    ground.until("the request", there).await;
    let condition = json!({"type": "Approved", "status": "True", "reason": "test", "message": "by hand",
        "lastTransitionTime": "2026-01-01T00:00:00Z"});
    let patch = kube::api::Patch::Merge(json!({"status": {"conditions": [condition]}}));
    let approved = || async {
        let conditions = requests.get("web-1").await.expect("an answer").data["status"]["conditions"].to_string();
        let patched = requests.patch_status("web-1", &Default::default(), &patch).await;
        conditions.contains("\"Approved\"") || patched.is_ok()
    };
    ground.until("the approval", approved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_answers_ends_in_two_minutes_with_the_likely_cause() {
    let ground = Ground::new("issuance-nobody").await;
    serve_nobodys_issuers(&ground).await;
    ground.write(&format!(
        r#"
resource "e2etls_certificate" "web" {{
  name      = "web"
  namespace = "{}"
  dns_names = ["web.example.com"]
  duration  = "144h"
  issuer    = {{ name = "corp", kind = "CorpIssuer", group = "pki.example.com" }}
}}
"#,
        ground.namespace
    ));
    let began = std::time::Instant::now();
    let apply = ground.terraform.start_apply(&[]).unwrap();
    approve(&ground).await;
    let apply = apply.wait().await.unwrap();
    let told = [
        "The certificate request is not answered",
        "CorpIssuer `corp` has not answered",
    ];
    drop(apply.failure(&told));
    let lasted = began.elapsed();
    assert!(lasted < std::time::Duration::from_secs(150), "{lasted:?}");
}
