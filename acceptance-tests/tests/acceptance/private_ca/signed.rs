//! Subordinates: signed by a parent in AWS, and outside of it.

use serde_json::json;

use super::{CA, arn, values};
use crate::aws::status;
use crate::ground::Ground;
use crate::signer::{Root, openssl};

fn verifies(root_pem: &str, certificate_pem: &str) {
    let root = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(root.path(), root_pem).unwrap();
    drop(openssl(
        &["verify", "-CAfile", &root.path().display().to_string()],
        certificate_pem,
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subordinate_is_signed_by_its_parent() {
    let ground = Ground::new("ca-sub").await;
    let subordinate = r#"
resource "e2etls_private_ca" "sub" {
  name                = "ca-sub-2"
  type                = "SUBORDINATE"
  usage_mode          = "SHORT_LIVED_CERTIFICATE"
  subject             = { common_name = "ca-sub subordinate" }
  parent_arn          = e2etls_private_ca.ca.arn
  validity_days       = 365
  deletion_protection = false
}
"#;
    ground.write(&(ground.ca("") + subordinate));
    ground.terraform.apply_quietly().await.unwrap();
    let root = values(&ground).await;
    let sub = ground.terraform.values("e2etls_private_ca.sub").await.unwrap();
    assert_eq!(sub["status"], "ACTIVE", "{sub}");
    let root_pem = root["certificate_pem"].as_str().unwrap();
    verifies(root_pem, sub["certificate_pem"].as_str().unwrap());
    assert!(sub["chain_pem"].as_str().unwrap().contains(root_pem.trim()), "{sub}");
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(status(&ground, sub["arn"].as_str().unwrap()), "DELETED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subordinate_is_signed_outside() {
    let ground = Ground::new("ca-outside").await;
    let config = |more: &str| {
        format!(
            r#"
resource "e2etls_private_ca" "ca" {{
  name                = "ca-outside"
  type                = "SUBORDINATE"
  usage_mode          = "SHORT_LIVED_CERTIFICATE"
  subject             = {{ common_name = "ca-outside sub" }}
  validity_days       = 365
  deletion_protection = false
  {more}
}}
"#
        )
    };
    ground.write(&config(""));
    ground.terraform.apply_quietly().await.unwrap();
    let before = values(&ground).await;
    assert_eq!(before["status"], "PENDING_CERTIFICATE", "{before}");
    assert_eq!(before["certificate_pem"], json!(null));

    let root = Root::new("outside root");
    let given = config("signed_certificate_pem = file(\"signed.pem\")\nsigned_chain_pem = file(\"chain.pem\")");
    let sign = |days| {
        let signed = root.sign(before["csr_pem"].as_str().unwrap(), days);
        ground.terraform.write("signed.pem", &signed).unwrap();
        signed
    };
    let signed = sign(300);
    ground.terraform.write("chain.pem", &root.certificate_pem).unwrap();
    ground.write(&given);
    assert_eq!(ground.terraform.plan(&[]).await.unwrap().change(CA).actions, ["update"]);
    ground.terraform.apply_quietly().await.unwrap();
    let after = values(&ground).await;
    assert_eq!(after["status"], "ACTIVE", "{after}");
    assert_eq!(after["arn"], before["arn"]);
    assert_eq!(after["certificate_pem"].as_str().unwrap().trim(), signed.trim());
    verifies(&root.certificate_pem, after["certificate_pem"].as_str().unwrap());

    // Another certificate for the same key.
    let renewed = sign(360);
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(
        values(&ground).await["certificate_pem"].as_str().unwrap().trim(),
        renewed.trim()
    );
    assert_eq!(status(&ground, &arn(&ground).await), "ACTIVE");
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
