//! Taint, `-replace` in both orders, and restoring what was deleted.

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
async fn a_tainted_ca_stays_the_same_ca() {
    let ground = Ground::new("ca-taint").await;
    ground.write(&ordered("ca-taint", false, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let before = values(&ground).await;
    let ca_arn = arn(&ground).await;
    drop(ground.terraform.taint(CA, true).await.unwrap().success());
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(arn(&ground).await, ca_arn);
    assert_eq!(values(&ground).await["certificate_pem"], before["certificate_pem"]);
    assert_eq!(living(&ground, "ca-taint root").len(), 1);
    assert_eq!(status(&ground, &ca_arn), "ACTIVE");
    assert!(!tags(&ground, &ca_arn).iter().any(|(key, _)| key == "e2etls:creating"));

    // The other way round the host shows a create like any other: an error, and the CA is alive.
    ground.write(&ordered("ca-taint", true, ""));
    drop(ground.terraform.taint(CA, true).await.unwrap().success());
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["The CA exists already", "create_before_destroy"]),
    );
    assert_eq!(status(&ground, &ca_arn), "ACTIVE");
    drop(ground.terraform.taint(CA, false).await.unwrap().success());
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    assert_eq!(arn(&ground).await, ca_arn);
    assert_eq!(living(&ground, "ca-taint root").len(), 1);
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
            .failure(&["The CA exists already", "create_before_destroy"]),
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

    // Another subject is another CA: nothing is restored.
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.write(&ca("ca-other", &format!("{config}restore_arn = \"{ca_arn}\"")));
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["The CA is another one", "restore_arn"]),
    );
    assert_eq!(status(&ground, &ca_arn), "DELETED");
}
