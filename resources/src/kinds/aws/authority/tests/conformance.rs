//! The engine's suite, on the service in memory.

use async_trait::async_trait;
use e2etls_clients::aws::acm_pca::{AcmPcaApi as _, NewAuthority, Revocation};
use e2etls_engine::kind::{Kind, Observed};
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, conform};
use serde_json::json;

use super::{KIND, World, root, subject, with};
use crate::kinds::Clients;

#[async_trait]
impl Subject<Clients> for World {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        &KIND
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        let mut op = self.operation(asked);
        op.owner.owner_id = Some(owner_id.to_owned());
        op
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        Part::new(topic, &KIND, topic, with(&root(), json!({"subject": subject(topic)})))
    }

    fn changed(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        let other = json!({"validity_days": 4000, "enabled": false, "revocation": {"crl": null, "ocsp": ""},
            "tags": {"team": "blue"}, "deletion_window_days": 7});
        // A certificate never ends earlier: back and forth go the other members.
        let days = part.content["validity_days"].as_i64().unwrap_or_default();
        let other = with(&other, json!({"validity_days": days}));
        Some(part.with_content(with(&part.content, other)))
    }

    fn unlike(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        Some(part.with_content(with(&part.content, json!({"key_algorithm": "RSA_2048"}))))
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        let new = NewAuthority {
            ca_type: "ROOT".to_owned(),
            usage_mode: "SHORT_LIVED_CERTIFICATE".to_owned(),
            key_algorithm: "EC_prime256v1".to_owned(),
            signing_algorithm: "SHA256WITHECDSA".to_owned(),
            subject: serde_json::from_value(part.content["subject"].clone()).expect("a subject"),
            revocation: Revocation::default(),
            token: part.name.clone(),
            tags: [("team".to_owned(), "green".to_owned())].into(),
        };
        self.pca.create(&new).await.expect("a CA");
    }

    async fn edit(&self, _part: &Part<Clients>, object: &Observed) -> bool {
        self.pca
            .edit(&object.uid, |kept| kept.authority.status = "DISABLED".to_owned());
        true
    }

    fn kept(&self, marks: Marks) -> Marks {
        Marks {
            configuration: None,
            ..marks
        }
    }

    fn has_conditional_writes(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn the_kind_conforms() {
    assert_eq!(conform(&World::new()).await, Ok(()));
}
