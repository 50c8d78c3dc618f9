//! Create, update in place, protection, drift, destroy.

use std::fs;

use serde_json::{Value, json};

use super::{CA, arn, ca, public_key, values};
use crate::aws::{describe, living, set_status, status, tags};
use crate::ground::Ground;

#[tokio::test(flavor = "multi_thread")]
async fn a_root_is_taken_to_active_and_a_second_life_has_another_key() {
    let ground = Ground::new("ca-root").await;
    ground.write(&ground.ca(""));
    ground.terraform.apply_quietly().await.unwrap();
    let first = values(&ground).await;
    assert_eq!(first["status"], "ACTIVE", "{first}");
    let certificate = first["certificate_pem"].as_str().unwrap().to_owned();
    assert_eq!(public_key(&certificate), public_key(first["csr_pem"].as_str().unwrap()));
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(status(&ground, first["arn"].as_str().unwrap()), "DELETED");
    assert!(living(&ground, "ca-root root").is_empty());

    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let second = values(&ground).await;
    assert_ne!(first["arn"], second["arn"]);
    assert_ne!(
        public_key(&certificate),
        public_key(second["certificate_pem"].as_str().unwrap())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_change_changes_in_place() {
    let ground = Ground::new("ca-update").await;
    let write = |more: &str| ground.write(&ca("ca-update", &format!("deletion_protection = false\n{more}")));
    write("validity_days = 1000\nenabled = false\ntags = { team = \"red\", old = \"x\" }");
    ground.terraform.apply_quietly().await.unwrap();
    let before = values(&ground).await;
    let ca_arn = arn(&ground).await;
    assert_eq!(status(&ground, &ca_arn), "DISABLED");

    write("validity_days = 2000\nenabled = true\ntags = { team = \"blue\" }\nrevocation = { ocsp = {} }");
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(plan.change(CA).actions, ["update"]);
    ground.terraform.apply_quietly().await.unwrap();
    let after = values(&ground).await;
    assert_eq!(after["arn"], before["arn"]);
    assert_ne!(after["certificate_pem"], before["certificate_pem"]);
    assert_ne!(after["not_after"], before["not_after"]);
    let key = |values: &Value| public_key(values["certificate_pem"].as_str().unwrap());
    assert_eq!(key(&after), key(&before));
    let remote = describe(&ground, &ca_arn);
    assert_eq!(remote["Status"], "ACTIVE");
    assert_eq!(
        remote["RevocationConfiguration"]["OcspConfiguration"]["Enabled"], true,
        "{remote}"
    );
    let found = tags(&ground, &ca_arn);
    assert!(found.contains(&("team".to_owned(), "blue".to_owned())), "{found:?}");
    assert!(
        !found.iter().any(|(key, _)| key == "old" || key == "e2etls:creating"),
        "{found:?}"
    );

    // Somebody disables it and switches revocation off.
    set_status(&ground, &ca_arn, "DISABLED");
    let off = json!({"CertificateAuthorityArn": ca_arn,
        "RevocationConfiguration": {"CrlConfiguration": {"Enabled": false}, "OcspConfiguration": {"Enabled": false}}});
    drop(crate::aws::pca(&ground, "UpdateCertificateAuthority", &off));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = plan.change(CA);
    assert_eq!(change.actions, ["update"]);
    assert_eq!(
        (&change.json["before"]["enabled"], &change.json["after"]["enabled"]),
        (&json!(false), &json!(true))
    );
    assert!(change.json["before"]["revocation"].is_null(), "{}", change.json);
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(status(&ground, &ca_arn), "ACTIVE");
    assert_eq!(values(&ground).await["certificate_pem"], after["certificate_pem"]);

    write("validity_days = 500\ntags = { team = \"blue\" }\nrevocation = { ocsp = {} }");
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["The CA would expire earlier", "validity_days"]),
    );
    assert_eq!(values(&ground).await["certificate_pem"], after["certificate_pem"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_ca_is_neither_destroyed_nor_replaced() {
    let ground = Ground::new("ca-protected").await;
    let said = ["Deletion protection is on", "deletion_protection = false"];
    ground.write(&ca("ca-protected", "validity_days = 1000"));
    ground.terraform.apply_quietly().await.unwrap();
    let ca_arn = arn(&ground).await;
    drop(ground.terraform.destroy(&[]).await.unwrap().failure(&said));
    drop(ground.terraform.try_plan(&["-destroy"]).await.unwrap().0.failure(&said));
    // The host plans a `-replace` as an update of nothing and a create: the apply is the first to know.
    drop(ground.terraform.apply(&["-replace", CA]).await.unwrap().failure(&said));
    ground.write(&ca(
        "ca-protected",
        "validity_days = 1000\nkey_algorithm = \"EC_secp384r1\"\ndeletion_protection = false",
    ));
    drop(ground.terraform.try_plan(&[]).await.unwrap().0.failure(&said));
    assert_eq!(status(&ground, &ca_arn), "ACTIVE");

    ground.write(&ca("ca-protected", "validity_days = 1000\ndeletion_protection = false"));
    let recorder = e2etls_lab::lab::Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    ground.terraform.apply_quietly().await.unwrap();
    assert!(
        !recorder
            .calls()
            .await
            .unwrap()
            .iter()
            .any(e2etls_lab::lab::Call::is_write)
    );
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(status(&ground, &ca_arn), "DELETED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_revoked_certificates_and_renewal_by_acm_follow_the_arguments() {
    let ground = Ground::new("ca-settings").await;
    let write = |more: &str| {
        let more = format!("validity_days = 1000\ndeletion_protection = false\n{more}");
        ground.write(&ca("ca-settings", &more).replace("SHORT_LIVED_CERTIFICATE", "GENERAL_PURPOSE"));
    };
    let permitted = |arn: &str| {
        let answer = crate::aws::pca(&ground, "ListPermissions", &json!({"CertificateAuthorityArn": arn}));
        answer["Permissions"].as_array().is_some_and(|found| !found.is_empty())
    };
    write("allow_acm_renewal = true\nrevocation = { crl = { s3_bucket_name = \"revoked\", expiration_in_days = 7 } }");
    ground.terraform.apply_quietly().await.unwrap();
    let ca_arn = arn(&ground).await;
    let crl = |remote: &Value| remote["RevocationConfiguration"]["CrlConfiguration"].clone();
    let remote = crl(&describe(&ground, &ca_arn));
    assert_eq!(
        (&remote["Enabled"], &remote["S3BucketName"]),
        (&json!(true), &json!("revoked"))
    );
    assert!(permitted(&ca_arn));

    // A tag that is not ours stays through an update.
    let theirs = json!({"CertificateAuthorityArn": ca_arn, "Tags": [{"Key": "cost-center", "Value": "7"}]});
    drop(crate::aws::pca(&ground, "TagCertificateAuthority", &theirs));
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    write("tags = { team = \"red\" }");
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(arn(&ground).await, ca_arn);
    assert_ne!(crl(&describe(&ground, &ca_arn))["Enabled"], json!(true));
    assert!(!permitted(&ca_arn));
    let found = tags(&ground, &ca_arn);
    for tag in [("cost-center", "7"), ("team", "red")] {
        assert!(found.contains(&(tag.0.to_owned(), tag.1.to_owned())), "{found:?}");
    }
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(status(&ground, &ca_arn), "DELETED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_providers_tags_and_owner_are_followed() {
    let ground = Ground::new("ca-provider").await;
    ground.write(&ca(
        "ca-provider",
        "validity_days = 1000\ndeletion_protection = false\ntags = { own = \"1\" }",
    ));
    let plain = fs::read_to_string(ground.terraform.path().join("main.tf")).unwrap();
    let owner = "owner_id = \"ca-provider\"";
    let with = |more: &str| {
        let config = plain.replace(owner, more);
        assert_ne!(config, plain);
        ground.terraform.write("main.tf", &config).unwrap();
    };
    with(&format!("{owner}\n  default_tags = {{ team = \"red\", cost = \"7\" }}"));
    ground.terraform.apply_quietly().await.unwrap();
    let ca_arn = arn(&ground).await;
    let tag = |key: &str| {
        tags(&ground, &ca_arn)
            .into_iter()
            .find(|(found, _)| found == key)
            .map(|(_, value)| value)
    };
    assert_eq!(
        (tag("team"), tag("cost"), tag("own")),
        (Some("red".into()), Some("7".into()), Some("1".into()))
    );
    with(&format!("{owner}\n  default_tags = {{ team = \"blue\" }}"));
    assert_eq!(ground.terraform.plan(&[]).await.unwrap().change(CA).actions, ["update"]);
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(
        (tag("team"), tag("cost"), tag("own")),
        (Some("blue".into()), None, Some("1".into()))
    );
    // Another owner: the same CA, stamped anew.
    with("owner_id = \"ca-provider-2\"\n  default_tags = { team = \"blue\" }");
    assert_eq!(ground.terraform.plan(&[]).await.unwrap().change(CA).actions, ["update"]);
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(arn(&ground).await, ca_arn);
    assert!(tag("e2etls:owner").is_some_and(|owner| owner.starts_with("ca-provider-2/")));
    // Without the argument none of its tags is left.
    let written = fs::read_to_string(ground.terraform.path().join("main.tf")).unwrap();
    let without = written.replace("tags = { own = \"1\" }", "");
    assert_ne!(without, written);
    ground.terraform.write("main.tf", &without).unwrap();
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!((tag("team"), tag("own")), (Some("blue".into()), None));
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(status(&ground, &ca_arn), "DELETED");
}
