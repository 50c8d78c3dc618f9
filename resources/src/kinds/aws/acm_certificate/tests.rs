//! The kind against ACM in memory.

use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::acm::AcmApi as _;
use e2etls_clients::aws::acm::NewCertificate;
use e2etls_clients::aws::acm::fake::FakeAcm;
use e2etls_engine::kind::{Kind, Observed};
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, conform};
use serde_json::json;

use super::ACM_CERTIFICATE;
use crate::kinds::{Clients, Kinds};
use crate::testkit::operation;

const KINDS: Kinds = &[&ACM_CERTIFICATE];

struct Fake {
    acm: Arc<FakeAcm>,
}

#[async_trait]
impl Subject<Clients> for Fake {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        &ACM_CERTIFICATE
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        let acm = Some(Arc::clone(&self.acm) as _);
        let remotes = Clients {
            acm,
            ..Clients::default()
        };
        let mut op = operation(asked, remotes, KINDS, "public_certificate");
        op.owner.owner_id = Some(owner_id.to_owned());
        op
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        let content = json!({"domain": format!("{topic}.example.com"), "sans": ["*.example.com"],
            "key_algorithm": "EC_prime256v1", "dns": "records", "tags": {"team": "red"}});
        Part::new(topic, &ACM_CERTIFICATE, "it", content)
    }

    fn changed(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        let mut content = part.content.clone();
        content["tags"] = json!({"team": "blue", "cost": "7"});
        content["dns"] = json!("example.com=Z1");
        Some(part.with_content(content))
    }

    fn unlike(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        let mut content = part.content.clone();
        content["sans"] = json!([]);
        Some(part.with_content(content))
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        let new = NewCertificate {
            domain: part.content["domain"].as_str().unwrap().to_owned(),
            sans: vec!["*.example.com".to_owned()],
            key_algorithm: "EC_prime256v1".to_owned(),
            token: "theirs".to_owned(),
            ..NewCertificate::default()
        };
        self.acm.request_certificate(&new).await.unwrap();
    }

    async fn edit(&self, _part: &Part<Clients>, object: &Observed) -> bool {
        self.acm.edit(&object.uid, |kept| {
            kept.tags.insert("team".to_owned(), "theirs".to_owned());
        });
        true
    }

    fn kept(&self, marks: Marks) -> Marks {
        Marks {
            configuration: None,
            ..marks
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_a_kind() {
    let subject = Fake {
        acm: Arc::new(FakeAws::default().acm("eu-central-1")),
    };
    assert_eq!(conform(&subject).await, Ok(()));
}
