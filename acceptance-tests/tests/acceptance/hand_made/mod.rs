//! What was there before: imported, taken over, and given back.

mod recipe;

use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::ground::Ground;
use crate::subject::{CERTIFICATE, ISSUER, PROXY};

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_and_an_issuer_made_by_hand_are_taken_over_and_released() {
    let ground = Ground::new("hand-made").await;
    ground.write(&ground.ca(""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let arn = ground.terraform.values("e2etls_private_ca.ca").await.unwrap()["arn"].clone();
    let by_hand = PatchParams::apply("kubectl").force();
    let issuers = ground.api("awspca.cert-manager.io", "v1beta1", "AWSPCAIssuer", "awspcaissuers");
    let certificates = ground.api("cert-manager.io", "v1", "Certificate", "certificates");
    for (api, object) in [
        (
            &issuers,
            json!({"apiVersion": "awspca.cert-manager.io/v1beta1", "kind": "AWSPCAIssuer", "metadata": {"name": "it"},
                "spec": {"arn": arn, "region": "eu-central-1"}}),
        ),
        (
            &certificates,
            json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "it", "labels": {"team": "edge"}},
                "spec": {"secretName": "it-tls", "dnsNames": ["old.example.com"], "duration": "144h", "usages": ["server auth"],
                    "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                    "issuerRef": {"name": "it", "kind": "AWSPCAIssuer", "group": "awspca.cert-manager.io"}}}),
        ),
    ] {
        api.patch("it", &by_hand, &Patch::Apply(object)).await.unwrap();
    }
    let secrets = ground.api("", "v1", "Secret", "secrets");
    let issued = || async { secrets.get_opt("it-tls").await.unwrap().is_some() };
    ground.until("the certificate", issued).await;
    let uid = certificates.get("it").await.unwrap().metadata.uid;

    // The issuer is as it shall be: nothing to do. The certificate shall be another: the plan shows what.
    let issuer = ISSUER.text(&ground, "it", false, "");
    let certificate = CERTIFICATE
        .text(&ground, "it", false, "")
        .replace("e2etls_issuer.apps", ISSUER.address);
    ground.write(&(ground.ca("") + &issuer + &certificate));
    for address in [ISSUER.address, CERTIFICATE.address] {
        drop(
            ground
                .terraform
                .import(address, "hand-made/it")
                .await
                .unwrap()
                .success(),
        );
    }
    // What Helm keeps applying is not to be had.
    let helm = json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "chart",
        "labels": {"app.kubernetes.io/managed-by": "Helm"}}, "spec": {"secretName": "chart", "dnsNames": ["a.example.com"],
        "issuerRef": {"name": "it", "kind": "AWSPCAIssuer", "group": "awspca.cert-manager.io"}}});
    certificates
        .patch("chart", &by_hand, &Patch::Apply(helm))
        .await
        .unwrap();
    drop(
        ground
            .terraform
            .state(&["rm", CERTIFICATE.address])
            .await
            .unwrap()
            .success(),
    );
    let refused = ground
        .terraform
        .import(CERTIFICATE.address, "hand-made/chart")
        .await
        .unwrap();
    drop(refused.failure(&["This object belongs to Helm"]));
    drop(
        ground
            .terraform
            .import(CERTIFICATE.address, "hand-made/it")
            .await
            .unwrap()
            .success(),
    );

    let plan = ground.terraform.plan(&[]).await.unwrap();
    // The Certificate changes; the issuer is checked, which no look can do.
    assert_eq!(plan.changes().len(), 2, "{}", plan.output);
    let change = plan.change(CERTIFICATE.address);
    assert_eq!(change.actions, ["update"]);
    assert_eq!(change.json["before"]["dns_names"], json!(["old.example.com"]));
    let said = ground.terraform.apply(&[]).await.unwrap().success().words();
    assert!(
        said.contains("An imported object was taken over") && said.contains("kubectl"),
        "{said}"
    );
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    let live = certificates.get("it").await.unwrap();
    assert_eq!(
        (&live.metadata.uid, &live.data["spec"]["dnsNames"]),
        (&uid, &json!(["web.example.com"]))
    );

    // A destroy gives both back, as they are now and without our marks.
    ground.write(&ground.ca(""));
    let said = ground.terraform.apply(&[]).await.unwrap().success().words();
    assert!(said.contains("An object was released"), "{said}");
    let live = certificates.get("it").await.unwrap();
    assert_eq!(
        (&live.metadata.uid, &live.data["spec"]["dnsNames"]),
        (&uid, &json!(["web.example.com"]))
    );
    let marks = serde_json::to_string(&(&live.metadata.labels, &live.metadata.annotations)).unwrap();
    assert!(marks.contains("edge") && !marks.contains("e2etls"), "{marks}");
    let managers: Vec<_> = live
        .metadata
        .managed_fields
        .into_iter()
        .flatten()
        .filter_map(|one| one.manager)
        .collect();
    assert!(managers.contains(&"e2etls-released".to_owned()), "{managers:?}");
    assert!(secrets.get_opt("it-tls").await.unwrap().is_some());
    assert!(issuers.get_opt("it").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_owner_id_is_stamped_by_an_update() {
    let ground = Ground::new("owner-id").await;
    let before = ground.listing().await;
    PROXY.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let uid = PROXY.uid(&ground).await;
    let config = std::fs::read_to_string(ground.terraform.path().join("main.tf")).unwrap();
    ground
        .terraform
        .write(
            "main.tf",
            &config.replace("owner_id = \"owner-id\"", "owner_id = \"platform\""),
        )
        .unwrap();
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = plan.change(PROXY.address);
    assert_eq!(change.actions, ["update"]);
    assert!(
        change.json["before"]["drift"].to_string().contains("marks"),
        "{}",
        change.json["before"]["drift"]
    );
    drop(ground.terraform.apply_quietly().await.unwrap());
    assert_eq!(PROXY.uid(&ground).await, uid);
    let maps = ground.api("", "v1", "ConfigMap", "configmaps");
    let map = maps.get("it-proxy-config").await.unwrap();
    let owner = &map.metadata.annotations.unwrap_or_default()["e2etls.dev/owner"];
    assert!(owner.starts_with("platform/"), "{owner}");
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.until_listing(&before).await;
}
