//! `e2etls_private_ca` through Terraform against AWS Private CA of the lab.

use crate::ground::Ground;

#[tokio::test(flavor = "multi_thread")]
async fn a_root_is_taken_to_active_and_the_second_plan_is_empty() {
    let ground = Ground::new("ca-root").await;
    ground.write(&ground.ca(""));
    ground.terraform.apply_quietly().await.unwrap();
    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    assert_eq!(ca["status"], "ACTIVE", "{ca}");
    assert!(ca["certificate_pem"].as_str().unwrap().contains("BEGIN CERTIFICATE"));
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.no_private_key_was_written();
}
