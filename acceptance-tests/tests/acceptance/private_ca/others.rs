//! CAs and settings of others: not touched, taken over as the plan says, given back.

use std::fs;

use serde_json::json;

use super::{CA, arn, ca, values};
use crate::aws::{describe, set_status, status, tags};
use crate::ground::Ground;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_by_arn_leaves_only_the_documented_remainder() {
    let ground = Ground::new("ca-import").await;
    let config = ca(
        "ca-import",
        "validity_days = 1000\ntags = { team = \"red\" }\nrevocation = { ocsp = {} }",
    );
    ground.write(&config);
    ground.terraform.apply_quietly().await.unwrap();
    let before = values(&ground).await;
    fs::remove_file(ground.terraform.path().join("terraform.tfstate")).unwrap();

    let import = format!("import {{\n  to = {CA}\n  id = {}\n}}\n", before["arn"]);
    ground.write(&(config + &import));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = plan.change(CA);
    let (old, new) = (
        change.json["before"].as_object().unwrap(),
        change.json["after"].as_object().unwrap(),
    );
    let mut changed: Vec<&str> = old
        .keys()
        .filter(|key| old[*key] != new[*key])
        .map(String::as_str)
        .collect();
    changed.sort_unstable();
    assert!(changed.is_empty(), "{changed:?}");
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(values(&ground).await, before);

    let unknown = format!(
        "{}00000000-0000-0000-0000-000000000000",
        &before["arn"].as_str().unwrap()[..64]
    );
    drop(ground.terraform.state(&["rm", CA]).await.unwrap().success());
    drop(
        ground
            .terraform
            .import(CA, "ca-import")
            .await
            .unwrap()
            .failure(&["Invalid import ID"]),
    );
    drop(
        ground
            .terraform
            .import(CA, &unknown)
            .await
            .unwrap()
            .failure(&["Nothing to import"]),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_is_refused_before_anything_is_asked_of_it() {
    let ground = Ground::new("ca-account").await;
    let protect = "validity_days = 1000\ndeletion_protection = false";
    ground.write(&ca("ca-account", protect));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let config = fs::read_to_string(ground.terraform.path().join("main.tf")).unwrap();
    let owner = "owner_id = \"ca-account\"";
    let other = config.replace(owner, &format!("{owner}\n  allowed_account_ids = [\"999999999999\"]"));
    ground.terraform.write("main.tf", &other).unwrap();
    let recorder = e2etls_lab::lab::Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    let (refused, _) = ground.terraform.try_plan(&[]).await.unwrap();
    drop(refused.failure(&["Wrong AWS account", "999999999999", "123456789012"]));
    let asked = recorder.calls().await.unwrap();
    assert!(
        asked
            .iter()
            .all(|call| call.operation.as_deref() == Some("GetCallerIdentity")),
        "{asked:#?}"
    );
    ground.terraform.write("main.tf", &config).unwrap();
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_of_somebody_else_with_the_same_content_is_not_touched() {
    let ground = Ground::new("ca-bystander").await;
    let config = json!({"KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA",
        "Subject": {"CommonName": "ca-bystander root"}});
    let plant = |owner: &str| {
        let body = json!({"CertificateAuthorityType": "ROOT", "UsageMode": "SHORT_LIVED_CERTIFICATE",
            "CertificateAuthorityConfiguration": config, "IdempotencyToken": owner,
            "Tags": [{"Key": "e2etls:owner", "Value": owner}, {"Key": "e2etls:creating", "Value": "2026-01-01T00:00:00Z"}]});
        let made = crate::aws::pca(&ground, "CreateCertificateAuthority", &body);
        made["CertificateAuthorityArn"].as_str().unwrap().to_owned()
    };
    let theirs = ["another", "ca-bystander-2"].map(plant);
    let seen = || {
        theirs
            .each_ref()
            .map(|arn| (describe(&ground, arn), tags(&ground, arn)))
    };
    let made = || async { theirs.iter().all(|arn| status(&ground, arn) == "PENDING_CERTIFICATE") };
    ground.until("the CAs of others", made).await;
    let before = seen();
    ground.write(&ground.ca(""));
    ground.terraform.apply_quietly().await.unwrap();
    assert!(!theirs.contains(&arn(&ground).await));
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(seen(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_that_was_deleted_by_hand_can_be_restored_as_the_plan_says() {
    let ground = Ground::new("ca-deleted").await;
    let config = "validity_days = 1000\n";
    ground.write(&ca("ca-deleted", config));
    ground.terraform.apply_quietly().await.unwrap();
    let ca_arn = arn(&ground).await;
    set_status(&ground, &ca_arn, "DISABLED");
    let delete = json!({"CertificateAuthorityArn": ca_arn, "PermanentDeletionTimeInDays": 7});
    drop(crate::aws::pca(&ground, "DeleteCertificateAuthority", &delete));
    let (planned, _) = ground.terraform.try_plan(&[]).await.unwrap();
    let said = planned.code_is(2).words();
    for words in ["The CA was deleted", "can be restored until", "restore_arn"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    ground.write(&ca(
        "ca-deleted",
        &format!("{config}restore_arn = \"{ca_arn}\"\ndeletion_protection = false"),
    ));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    assert_eq!(
        (arn(&ground).await, status(&ground, &ca_arn)),
        (ca_arn, "ACTIVE".to_owned())
    );
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_ca_of_somebody_else_is_given_back() {
    let ground = Ground::new("ca-imported").await;
    let body = json!({"CertificateAuthorityType": "ROOT", "UsageMode": "SHORT_LIVED_CERTIFICATE",
        "CertificateAuthorityConfiguration": {"KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "ca-imported root"}},
        "IdempotencyToken": "ca-imported", "Tags": [{"Key": "team", "Value": "red"}]});
    let made = crate::aws::pca(&ground, "CreateCertificateAuthority", &body);
    let theirs = made["CertificateAuthorityArn"].as_str().unwrap().to_owned();
    let pending = || async { status(&ground, &theirs) == "PENDING_CERTIFICATE" };
    ground.until("the CA of somebody else", pending).await;
    let import = format!("import {{\n  to = {CA}\n  id = \"{theirs}\"\n}}\n");
    let config = |more: &str| {
        ca(
            "ca-imported",
            &format!("validity_days = 1000\ndeletion_protection = false\ntags = {{ {more} }}"),
        )
    };
    ground.write(&(config("team = \"blue\"") + &import));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    assert_eq!(status(&ground, &theirs), "ACTIVE", "it is certified");
    let found = tags(&ground, &theirs);
    assert!(
        found.contains(&("e2etls:adopted".to_owned(), "true".to_owned())),
        "{found:?}"
    );
    ground.write(&config("team = \"blue\""));
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(status(&ground, &theirs), "ACTIVE", "it is released, not deleted");
    assert_eq!(tags(&ground, &theirs), [("team".to_owned(), "blue".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_set_of_a_revocation_list_stays() {
    let ground = Ground::new("ca-crl").await;
    let write = |days: u32| {
        let crl = format!("crl = {{ s3_bucket_name = \"revoked\", expiration_in_days = {days} }}");
        let more = format!("validity_days = 1000\ndeletion_protection = false\nrevocation = {{ {crl} }}");
        ground.write(&ca("ca-crl", &more));
    };
    write(7);
    ground.terraform.apply_quietly().await.unwrap();
    let ca_arn = arn(&ground).await;
    let theirs = json!({"CertificateAuthorityArn": ca_arn, "RevocationConfiguration": {"CrlConfiguration": {
        "Enabled": true, "S3BucketName": "revoked", "ExpirationInDays": 7, "S3ObjectAcl": "BUCKET_OWNER_FULL_CONTROL",
        "CustomPath": "theirs", "CrlDistributionPointExtensionConfiguration": {"OmitExtension": true}}}});
    drop(crate::aws::pca(&ground, "UpdateCertificateAuthority", &theirs));
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    write(14);
    ground.terraform.apply_quietly().await.unwrap();
    let crl = describe(&ground, &ca_arn)["RevocationConfiguration"]["CrlConfiguration"].clone();
    assert_eq!(
        (&crl["ExpirationInDays"], &crl["CustomPath"]),
        (&json!(14), &json!("theirs")),
        "{crl}"
    );
    assert_eq!(
        crl["CrlDistributionPointExtensionConfiguration"]["OmitExtension"], true,
        "{crl}"
    );
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
