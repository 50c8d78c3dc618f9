//! When certificates are renewed, on the running cert-manager: after the issuance, before the end, and once per wish.

use std::time::{Duration, Instant};

use e2etls_resources::cert_manager::certificate::{CertificateSpec, KeySpec, render};
use e2etls_resources::cert_manager::reference::Reference;
use e2etls_resources::cert_manager::renewal::{Renewal, is_possible};
use jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::certificate::{CERTIFICATE, certificate, certificates, revision};
use crate::ground::Ground;

/// A Certificate that somebody writes by hand; `more` is added to its specification.
fn by_hand(more: Value) -> Value {
    let mut object = json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "web"},
        "spec": {"secretName": "web-tls", "dnsNames": ["web.example.com"], "duration": "144h", "usages": ["server auth"],
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "issuerRef": {"name": "apps", "kind": "AWSPCAIssuer", "group": "awspca.cert-manager.io"}},
    });
    if let (Value::Object(spec), Value::Object(more)) = (&mut object["spec"], more) {
        spec.extend(more);
    }
    object
}

async fn write_by_hand(ground: &Ground, more: Value) {
    let object = Patch::Apply(by_hand(more));
    let kubectl = PatchParams::apply("kubectl").force();
    certificates(ground)
        .patch("web", &kubectl, &object)
        .await
        .expect("it is accepted");
}

pub(crate) async fn live(ground: &Ground) -> Value {
    certificates(ground).get("web").await.expect("an answer").data
}

/// Applies in less than a minute.
pub(crate) async fn apply_at_once(ground: &Ground) {
    let began = Instant::now();
    ground.terraform.apply_quietly().await.expect("it is applied");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_accepts_every_renewal_that_validation_accepts() {
    let ground = Ground::new("renewal-webhook").await;
    let mut asked = 0;
    for hours in [1, 2, 3, 24, 144, 168, 2160, 8760, 25_877, 43_800, 87_600] {
        for percentage in [1, 8, 9, 33, 50, 67, 91, 92, 99] {
            let lifetime = Duration::from_secs(hours * 3600);
            let renewal = Renewal::Percentage(percentage);
            if !renewal.of(lifetime).is_some_and(|before| is_possible(lifetime, before)) {
                continue;
            }
            let manifest = render(&CertificateSpec {
                name: "web".to_owned(),
                namespace: ground.namespace.clone(),
                dns_names: vec!["web.example.com".to_owned()],
                issuer: Reference {
                    name: "none".to_owned(),
                    kind: "Issuer".to_owned(),
                    group: "cert-manager.io".to_owned(),
                    ca_arn: None,
                },
                duration: format!("{hours}h"),
                renewal,
                usages: vec!["server auth".to_owned()],
                key: KeySpec::default(),
                secret_name: "web-tls".to_owned(),
            });
            let dry_run = PatchParams {
                dry_run: true,
                ..PatchParams::apply("e2etls")
            };
            let answer = certificates(&ground)
                .patch("web", &dry_run, &Patch::Apply(manifest))
                .await;
            drop(answer.unwrap_or_else(|error| panic!("{hours} h at {percentage} %: {error}")));
            asked += 1;
        }
    }
    assert!(asked > 80, "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn short_certificates_are_issued_once() {
    let ground = Ground::new("renewal-short").await;
    let base = ground.ca("") + &ground.issuer();
    for (round, more) in ["", "renew_before_percentage = 91"].into_iter().enumerate() {
        let more = format!("dns_names = [\"web.example.com\"]\nduration = \"1h\"\n{more}");
        ground.write(&(base.clone() + &certificate(&ground, &more)));
        ground.terraform.apply_quietly().await.unwrap();
        let before = revision(&ground).await;
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert_eq!(revision(&ground).await, before, "round {round}");
        let status = live(&ground).await["status"].clone();
        let time = |field: &str| {
            status[field]
                .as_str()
                .expect("a time")
                .parse::<Timestamp>()
                .expect("a time")
        };
        let now = Timestamp::now();
        assert!(
            now < time("renewalTime") && time("renewalTime") < time("notAfter"),
            "{status}"
        );
    }
    assert_eq!(revision(&ground).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_made_by_hand_keeps_its_renewal() {
    let ground = Ground::new("renewal-import").await;
    let base = ground.ca("") + &ground.issuer();
    ground.write(&base);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let unheld = ["commonName", "subject", "ipAddresses", "secretTemplate"];
    let more = json!({"renewBeforePercentage": 25, "commonName": "web.example.com", "subject": {"organizations": ["shop"]},
        "ipAddresses": ["10.0.0.1"], "secretTemplate": {"labels": {"app": "shop"}}});
    write_by_hand(&ground, more).await;
    ground
        .until("the certificate", || async { revision(&ground).await > 0 })
        .await;
    let text = |name: &str| {
        let more = format!("dns_names = [{name:?}]\nduration = \"144h0m\"\nrenew_before = \"25h\"");
        base.clone() + &certificate(&ground, &more)
    };
    ground.write(&text("web.example.com"));
    let import = || async {
        ground
            .terraform
            .import(CERTIFICATE, "renewal-import/web")
            .await
            .unwrap()
    };
    drop(
        import()
            .await
            .failure(&["spec.renewBeforePercentage", "\"renewBefore\":\"36h0m0s\""]),
    );
    let exact = Patch::Merge(json!({"spec": {"renewBefore": "25h", "renewBeforePercentage": null}}));
    let kubectl = PatchParams {
        field_manager: Some("kubectl-patch".to_owned()),
        ..PatchParams::default()
    };
    certificates(&ground).patch("web", &kubectl, &exact).await.unwrap();
    let words = import().await.success().words();
    for field in unheld {
        assert!(words.contains(&format!("spec.{field}")), "{field}: {words}");
    }

    // The renewal is kept, also by an update, and so is what is not managed.
    ground.write(&text("shop.example.com"));
    apply_at_once(&ground).await;
    let spec = live(&ground).await["spec"].clone();
    assert_eq!(spec["renewBefore"], "25h0m0s", "{spec}");
    for field in unheld {
        assert!(!spec[field].is_null(), "{field}: {spec}");
    }
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
}
