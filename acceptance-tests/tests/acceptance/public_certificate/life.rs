//! Create, drift, replacement by other names, import, destroy, and what is refused before the first write.

use std::fs;

use e2etls_lab::lab::{Call, Recorder};
use serde_json::json;

use super::{CERTIFICATE, acm, arn, certificate, cnames, describe, in_zone, is_finished, living, tags, values, zone};
use crate::ground::Ground;

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_issued_and_its_records_outlive_it() {
    let ground = Ground::new("acm-life").await;
    let (domain, id) = ("life.example", zone(&ground, "life.example", false));
    let dns = in_zone(domain, &id);
    let wild = format!("sans = [\"*.{domain}\", \"www.{domain}\"]\n  {dns}");
    ground.write(&certificate(domain, &format!("tags = {{ team = \"red\" }}\n  {wild}")));
    ground.terraform.apply_quietly().await.unwrap();
    let first = values(&ground).await;
    let first_arn = arn(&ground).await;
    assert_eq!((&first["status"], &first["id"]), (&json!("ISSUED"), &first["arn"]));
    assert_eq!(first["validation_records"].as_object().unwrap().len(), 2, "{first:#}");
    assert_eq!(cnames(&ground, &id), 2);
    is_finished(&ground, &first_arn);

    // Tags that somebody changed and removed are put back; one that is not ours stays.
    let change = json!({"CertificateArn": first_arn, "Tags": [{"Key": "team", "Value": "theirs"}, {"Key": "cost", "Value": "7"}]});
    drop(acm(&ground, "AddTagsToCertificate", &change));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let drift = plan.change(CERTIFICATE);
    assert_eq!(drift.actions, ["update"]);
    assert!(
        drift.json["before"]["drift"]
            .to_string()
            .contains("certificate tags.team"),
        "{}",
        drift.json
    );
    ground.terraform.apply_quietly().await.unwrap();
    let found = tags(&ground, &first_arn);
    for tag in [("team", "red"), ("cost", "7")] {
        assert!(found.contains(&(tag.0.to_owned(), tag.1.to_owned())), "{found:?}");
    }
    ground.write(&certificate(domain, &wild));
    ground.terraform.apply_quietly().await.unwrap();
    assert!(!tags(&ground, &first_arn).iter().any(|(key, _)| key == "team"));

    // Other names are another certificate.
    ground.write(&certificate(domain, &dns));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(plan.change(CERTIFICATE).actions, ["delete", "create"]);
    ground.terraform.apply_quietly().await.unwrap();
    let second = arn(&ground).await;
    assert_eq!(living(&ground, domain), std::slice::from_ref(&second));
    assert_ne!(first_arn, second);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert!(living(&ground, domain).is_empty());
    assert_eq!(cnames(&ground, &id), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_by_arn_leaves_nothing_to_do() {
    let ground = Ground::new("acm-import").await;
    let domain = "import.example";
    let id = zone(&ground, domain, false);
    let more = format!(
        "sans = [\"*.{domain}\"]\n  key_algorithm = \"EC_prime256v1\"\n  tags = {{ team = \"red\" }}\n  {}",
        in_zone(domain, &id)
    );
    let config = certificate(domain, &more);
    ground.write(&config);
    ground.terraform.apply_quietly().await.unwrap();
    let before = values(&ground).await;
    fs::remove_file(ground.terraform.path().join("terraform.tfstate")).unwrap();
    drop(ground.terraform.apply(&[]).await.unwrap().failure(&[
        "already exists",
        "import {",
        before["arn"].as_str().unwrap(),
    ]));
    drop(
        ground
            .terraform
            .import(CERTIFICATE, before["arn"].as_str().unwrap())
            .await
            .unwrap()
            .success(),
    );
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    assert_eq!(values(&ground).await, before);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert!(living(&ground, domain).is_empty());
    drop(
        ground
            .terraform
            .import(CERTIFICATE, "shop")
            .await
            .unwrap()
            .failure(&["not the ARN of an ACM certificate"]),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_certificate_of_somebody_else_is_given_back() {
    let ground = Ground::new("acm-imported").await;
    let domain = "imported.example";
    let id = zone(&ground, domain, false);
    let body = json!({"DomainName": domain, "ValidationMethod": "DNS", "IdempotencyToken": "theirs",
        "Tags": [{"Key": "team", "Value": "red"}]});
    let made = acm(&ground, "RequestCertificate", &body);
    let theirs = made["CertificateArn"].as_str().unwrap().to_owned();
    let team = format!("tags = {{ team = \"blue\" }}\n  {}", in_zone(domain, &id));
    let config = certificate(domain, &team);
    let import = format!("import {{\n  to = {CERTIFICATE}\n  id = \"{theirs}\"\n}}\n");
    ground.write(&(config.clone() + &import));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    assert_eq!(
        describe(&ground, &theirs)["Status"],
        "ISSUED",
        "its records were created"
    );
    ground.write(&config);
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(living(&ground, domain), std::slice::from_ref(&theirs), "it is released");
    assert_eq!(tags(&ground, &theirs), [("team".to_owned(), "blue".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_cannot_be_used_is_refused_before_the_first_write() {
    let ground = Ground::new("acm-zones").await;
    let (domain, private) = ("zones.example", zone(&ground, "zones.example", true));
    let another = zone(&ground, "another.example", false);
    let recorder = Recorder::new(&ground.session.recorder);
    for (id, said) in [
        (private.as_str(), "is private"),
        (another.as_str(), "is not in the zone"),
        ("Z00000000000000000000", "has no hosted zone"),
    ] {
        ground.write(&certificate(domain, &in_zone(domain, id)));
        recorder.reset().await.unwrap();
        drop(
            ground
                .terraform
                .apply(&[])
                .await
                .unwrap()
                .failure(&["The zone can't be used", said]),
        );
        let calls = recorder.calls().await.unwrap();
        assert!(!calls.iter().any(Call::is_write), "{calls:#?}");
    }
    assert!(living(&ground, domain).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn records_only_tells_the_records_and_waits_for_nothing_else() {
    let ground = Ground::new("acm-records").await;
    let domain = "records.example";
    ground.write(&certificate(domain, "dns = { records_only = true }"));
    ground.terraform.apply_quietly().await.unwrap();
    let found = values(&ground).await;
    assert_eq!(found["status"], "PENDING_VALIDATION");
    let record = &found["validation_records"][domain];
    let shown = &describe(&ground, found["arn"].as_str().unwrap())["DomainValidationOptions"][0]["ResourceRecord"];
    assert_eq!(
        (&record["name"], &record["type"], &record["value"]),
        (&shown["Name"], &shown["Type"], &shown["Value"])
    );
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert!(living(&ground, domain).is_empty());
}
