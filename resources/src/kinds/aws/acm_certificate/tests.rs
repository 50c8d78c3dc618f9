//! The kind against ACM in memory.

use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::acm::AcmApi as _;
use e2etls_clients::aws::acm::NewCertificate;
use e2etls_clients::aws::acm::fake::FakeAcm;
use e2etls_engine::kind::{Kind, Observed};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, conform};
use serde_json::json;
use tokio::time::{Duration, Instant};

use super::ACM_CERTIFICATE;
use crate::kinds::Clients;

struct Fake {
    acm: Arc<FakeAcm>,
}

static KINDS: [&dyn Kind<Clients>; 1] = [&ACM_CERTIFICATE];

#[async_trait]
impl Subject<Clients> for Fake {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        &ACM_CERTIFICATE
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        let acm: Arc<dyn e2etls_clients::aws::acm::AcmApi> = Arc::clone(&self.acm) as _;
        Operation {
            remotes: Clients {
                acm: Some(acm),
                ..Clients::default()
            },
            kinds: &KINDS,
            owner: Owner {
                owner_id: Some(owner_id.to_owned()),
                resource: "public_certificate",
                place: "111122223333/eu-central-1".to_owned(),
                namespace: None,
                name: "it".to_owned(),
            },
            asked,
            began: Instant::now(),
            deadline: Instant::now() + Duration::from_secs(600),
            cancel: tokio_util::sync::CancellationToken::new(),
            trace: None,
            now: "2026-01-01T00:00:00Z".to_owned(),
        }
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

    fn kept(&self, marks: e2etls_engine::marks::Marks) -> e2etls_engine::marks::Marks {
        e2etls_engine::marks::Marks {
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
