//! `e2etls_private_ca` through Terraform against AWS Private CA of the lab.

mod life;
mod others;
mod replace;
mod signed;

use serde_json::Value;

use crate::ground::Ground;

/// The address of the CA in every configuration here.
pub(crate) const CA: &str = "e2etls_private_ca.ca";

/// A CA with these lines beside its name, type and usage mode.
pub(crate) fn ca(name: &str, more: &str) -> String {
    format!(
        r#"
resource "e2etls_private_ca" "ca" {{
  name       = "{name}"
  type       = "ROOT"
  usage_mode = "SHORT_LIVED_CERTIFICATE"
  subject    = {{ common_name = "{name} root" }}
  {more}
}}
"#
    )
}

/// The attributes of the CA in the state.
async fn values(ground: &Ground) -> Value {
    ground.terraform.values(CA).await.expect("an answer")
}

/// The ARN in the state.
async fn arn(ground: &Ground) -> String {
    values(ground).await["arn"].as_str().expect("an answer").to_owned()
}

/// The key in a certificate or a signing request, as OpenSSL prints it.
fn public_key(pem: &str) -> String {
    let kind = if pem.contains("BEGIN CERTIFICATE REQUEST") {
        "req"
    } else {
        "x509"
    };
    crate::signer::openssl(&[kind, "-noout", "-pubkey"], pem)
}
