//! What is refused: the cheapest resource of each remote.

use std::fs;

use serde_json::Value;

use crate::ground::Ground;
use crate::public_certificate;

pub(super) enum Subject {
    /// An issuer of this CA, which all lives share.
    Issuer { ca_arn: String },
    /// A certificate whose records nobody writes.
    PublicCertificate,
}

impl Subject {
    /// An issuer, with the ground of its CA.
    pub(super) async fn issuer(namespace: &str) -> (Ground, Self) {
        let ground = Ground::new(namespace).await;
        ground.write(&ground.ca(""));
        drop(ground.terraform.apply(&[]).await.expect("an answer").success());
        let ca = ground
            .terraform
            .values("e2etls_private_ca.ca")
            .await
            .expect("an answer");
        let ca_arn = ca["arn"].as_str().expect("an ARN").to_owned();
        (ground, Self::Issuer { ca_arn })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Issuer { .. } => "e2etls_issuer",
            Self::PublicCertificate => "e2etls_public_certificate",
        }
    }

    /// Writes its configuration: `changed` is what an update makes of it, `short` leaves its operations little time.
    pub(super) fn write(&self, ground: &Ground, changed: bool, short: bool) {
        let namespace = &ground.namespace;
        let more = match (self, changed) {
            (_, false) => "",
            (Self::Issuer { .. }, true) => "template = \"EndEntityCertificate/V1\"",
            (Self::PublicCertificate, true) => "tags = { a = \"b\" }",
        };
        let more = format!("{more}\n  {}", if short { SHORT } else { "" });
        match self {
            Self::Issuer { ca_arn } => ground.write(&format!(
                "resource \"e2etls_issuer\" \"it\" {{\n  name      = \"it\"\n  kind      = \"AWSPCAIssuer\"\n  \
                 namespace = \"{namespace}\"\n  ca_arn    = \"{ca_arn}\"\n  verify    = \"ready\"\n  {more}\n}}\n"
            )),
            Self::PublicCertificate => {
                let more = format!("dns = {{ records_only = true }}\n  {more}");
                ground.write(&public_certificate::certificate(&domain(ground), &more));
            }
        }
    }

    /// Its objects, at the remote.
    pub(super) async fn ours(&self, ground: &Ground) -> Vec<String> {
        match self {
            Self::Issuer { .. } => ground.listing().await,
            Self::PublicCertificate => public_certificate::living(ground, &domain(ground)),
        }
    }

    /// Whether the state has it.
    pub(super) fn is_in_state(&self, ground: &Ground) -> bool {
        let text = fs::read_to_string(ground.terraform.path().join("terraform.tfstate")).unwrap_or_default();
        let state: Value = serde_json::from_str(&text).unwrap_or_default();
        let mut resources = state["resources"].as_array().into_iter().flatten();
        resources.any(|resource| resource["type"] == self.kind())
    }
}

const SHORT: &str = "timeouts = { create = \"20s\", update = \"20s\", delete = \"20s\" }";

fn domain(ground: &Ground) -> String {
    format!("{}.example", ground.namespace)
}
