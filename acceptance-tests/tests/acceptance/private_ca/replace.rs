//! Taint, `-replace` in both orders, and restoring what was deleted.

use e2etls_lab::lab::{Action, Fault, Match, Recorder};

use super::{CA, arn, ca, values};
use crate::aws::{living, status, tags};
use crate::ground::Ground;

fn ordered(name: &str, create_before_destroy: bool, more: &str) -> String {
    let lifecycle = format!("lifecycle {{ create_before_destroy = {create_before_destroy} }}");
    ca(
        name,
        &format!("validity_days = 1000\n  deletion_protection = false\n  {lifecycle}\n  {more}"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_ca_that_is_tainted_gives_a_new_key() {
    let ground = Ground::new("ca-taint").await;
    ground.write(&ordered("ca-taint", false, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let first = arn(&ground).await;
    drop(ground.terraform.taint(CA, true).await.unwrap().success());
    ground.terraform.apply_quietly().await.unwrap();
    let second = arn(&ground).await;
    assert_ne!(first, second);
    assert_eq!(
        (status(&ground, &first), status(&ground, &second)),
        ("DELETED".to_owned(), "ACTIVE".to_owned())
    );
    assert_eq!(living(&ground, "ca-taint root").len(), 1);
    assert!(!tags(&ground, &second).iter().any(|(key, _)| key == "e2etls:creating"));

    // The other way round the host shows a create like any other: an error, unless the argument says what it is.
    ground.write(&ordered("ca-taint", true, ""));
    drop(ground.terraform.taint(CA, true).await.unwrap().success());
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["already exists", "create_before_destroy"]),
    );
    assert_eq!(status(&ground, &second), "ACTIVE");
    ground.write(&ordered("ca-taint", true, "create_before_destroy = true"));
    ground.terraform.apply_quietly().await.unwrap();
    let third = arn(&ground).await;
    assert_eq!(
        (status(&ground, &second), status(&ground, &third)),
        ("DELETED".to_owned(), "ACTIVE".to_owned())
    );
    assert_eq!(living(&ground, "ca-taint root").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_failed_is_not_lost_to_its_replacement() {
    let ground = Ground::new("ca-failed").await;
    ground.write(&ordered("ca-failed", false, ""));
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    let refuse = Action::Status {
        code: 400,
        body: r#"{"__type": "MalformedCertificateException", "message": "ordered by the test"}"#.to_owned(),
        retry_after: None,
    };
    let import = Match::aws().operation("ImportCertificateAuthorityCertificate").nth(1);
    recorder.fault(&Fault::new(import, refuse)).await.unwrap();
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["ordered by the test", "was not completely created"]),
    );
    let before = arn(&ground).await;
    assert_eq!(status(&ground, &before), "PENDING_CERTIFICATE");
    // The state is tainted: the delete leg leaves the CA to the create leg.
    recorder.clear_faults().await.unwrap();
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    assert_eq!(
        (arn(&ground).await, status(&ground, &before)),
        (before.clone(), "ACTIVE".to_owned())
    );
    assert_eq!(living(&ground, "ca-failed root").len(), 1);
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_ca_is_a_new_one_and_the_old_is_deleted() {
    let ground = Ground::new("ca-replace").await;
    ground.write(&ordered("ca-replace", false, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let first = arn(&ground).await;
    drop(ground.terraform.apply(&["-replace", CA]).await.unwrap().success());
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    let second = arn(&ground).await;
    assert_ne!(first, second);
    assert_eq!(
        (status(&ground, &first), status(&ground, &second)),
        ("DELETED".to_owned(), "ACTIVE".to_owned())
    );

    ground.write(&ordered("ca-replace", true, "key_algorithm = \"EC_secp384r1\""));
    assert_eq!(
        ground.terraform.plan(&[]).await.unwrap().change(CA).actions,
        ["create", "delete"]
    );
    ground.terraform.apply_quietly().await.unwrap();
    let third = arn(&ground).await;
    assert_eq!(
        (status(&ground, &second), status(&ground, &third)),
        ("DELETED".to_owned(), "ACTIVE".to_owned())
    );
    assert_eq!(living(&ground, "ca-replace root").len(), 1);

    drop(
        ground
            .terraform
            .apply(&["-replace", CA])
            .await
            .unwrap()
            .failure(&["already exists", "create_before_destroy"]),
    );
    assert_eq!(status(&ground, &third), "ACTIVE");
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_ca_comes_back_by_its_arn_alone() {
    let ground = Ground::new("ca-restore").await;
    let config = "validity_days = 1000\ndeletion_protection = false\n";
    ground.write(&ca("ca-restore", config));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let before = values(&ground).await;
    let ca_arn = arn(&ground).await;
    ground.write(&ca("ca-restore", &format!("{config}restore_arn = \"{ca_arn}\"")));
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(status(&ground, &ca_arn), "DELETED");

    ground.terraform.apply_quietly().await.unwrap();
    let after = values(&ground).await;
    assert_eq!(after["arn"], before["arn"]);
    assert_eq!(after["certificate_pem"], before["certificate_pem"]);
    assert_eq!(status(&ground, &ca_arn), "ACTIVE");

    // What another owner has is not restored, deleted or not.
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    let plain = std::fs::read_to_string(ground.terraform.path().join("main.tf")).unwrap();
    let other = plain.replace("owner_id = \"ca-restore\"", "owner_id = \"ca-restore-2\"");
    assert_ne!(other, plain);
    ground.terraform.write("main.tf", &other).unwrap();
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["belongs to another owner", "restore_arn"]),
    );
    assert_eq!(status(&ground, &ca_arn), "DELETED");
    ground.terraform.write("main.tf", &plain).unwrap();

    // Another subject is another CA: nothing is restored.
    ground.write(&ca("ca-other", &format!("{config}restore_arn = \"{ca_arn}\"")));
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["The CA does not match the arguments", "restore_arn"]),
    );
    assert_eq!(status(&ground, &ca_arn), "DELETED");
}
