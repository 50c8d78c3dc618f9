use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::route53::fake::FakeRoute53;
use e2etls_clients::faults::{Fate, Faults};
use e2etls_engine::marks::Marks;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::Subject;

use super::super::tried::{Tried as _, conforms_unsearched};
use super::whose::read;
use super::*;
use crate::kinds::Kinds;
use crate::testkit::operation;
use serde_json::json;

const KINDS: Kinds = &[&ALIAS_RECORD];

struct Fake {
    faults: Arc<Faults>,
    dns: Arc<FakeRoute53>,
    zone: String,
}

impl Fake {
    fn new() -> Self {
        let FakeAws {
            faults, route53: dns, ..
        } = FakeAws::default();
        let zone = dns.add_zone("example.com", false);
        Self { faults, dns, zone }
    }

    /// A record of somebody else, or by hand.
    fn record(&self, host: &str, target: &str) -> RecordSet {
        let content = json!({"target": target, "target_zone": "Z9"});
        wanted(&canonical(host), &content)
    }

    fn put_in(&self, record: RecordSet) {
        self.dns.edit(&self.zone, |records| {
            records.retain(|set| set.name != record.name || set.record_type != record.record_type);
            records.push(record);
        });
    }

    /// Types of the records that there are.
    fn types(&self) -> Vec<String> {
        self.dns
            .all(&self.zone)
            .into_iter()
            .map(|set| set.record_type)
            .collect()
    }
}

#[async_trait]
impl Subject<Clients> for Fake {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        &ALIAS_RECORD
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        let remotes = Clients {
            route53: Some(Arc::clone(&self.dns) as _),
            ..Clients::default()
        };
        let mut op = operation(asked, remotes, KINDS, "stack");
        op.owner.owner_id = Some(owner_id.to_owned());
        op
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        let name = name(&self.zone, &format!("{}.example.com", topic.replace(' ', "-")));
        let content =
            json!({"zone": self.zone, "target": "a.elb.amazonaws.com", "target_zone": "Z9", "allow_overwrite": false});
        Part::new(topic, &ALIAS_RECORD, name, content)
    }

    fn changed(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        let mut content = part.content.clone();
        content["target"] = json!("b.elb.amazonaws.com");
        Some(part.with_content(content))
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        let (_, host) = place(&part.name);
        self.put_in(self.record(&host, "theirs.elb.amazonaws.com"));
    }

    async fn edit(&self, part: &Part<Clients>, _: &Observed) -> bool {
        let (_, host) = place(&part.name);
        self.put_in(self.record(&host, "edited.elb.amazonaws.com"));
        true
    }

    fn kept(&self, marks: Marks) -> Marks {
        Marks {
            configuration: None,
            ..marks
        }
    }

    /// The engine looks first, and a record of others is refused in words.
    fn is_create_only(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_a_kind_that_is_not_searched_for() {
    conforms_unsearched(&Fake::new()).await;
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_killed_anywhere_converges() {
    let mut calls = 0;
    for fate in [Fate::KilledBefore, Fate::KilledAfter] {
        for call in 1.. {
            let fake = Fake::new();
            let part = fake.part("shop");
            fake.faults.at(call, fate.clone());
            if fake.put(&part, None, &[]).await.is_ok() {
                break;
            }
            calls = call;
            fake.faults.reset();
            let op = fake.operation(Asked::Create, "prod");
            let seen = ALIAS_RECORD.look(&op, part.target(None), Reading::Fresh).await;
            let owner = seen.expect("an answer").and_then(|seen| seen.marks?.owner);
            let made = fake.types().contains(&"A".to_owned());
            assert_eq!(owner.is_some(), made, "whatever was made says whose it is");
            // The engine writes over what it finds.
            if !made {
                fake.put(&part, None, &[]).await.expect("it is made");
            }
            assert_eq!(fake.types(), ["A", "TXT"], "{fate:?} at {call}");
        }
    }
    assert!(calls >= 4, "{calls} calls were tried");
}

#[tokio::test(start_paused = true)]
async fn what_leads_there_already_is_somebody_elses_too() {
    let fake = Fake::new();
    let mut part = fake.part("shop");
    fake.put_in(fake.record("shop.example.com", "dualstack.A.elb.amazonaws.com"));
    let refused = fake.put(&part, None, &[]).await.expect_err("a record without our mark");
    assert!(refused.words.contains("allow_overwrite"), "{refused}");
    assert_eq!(fake.types(), ["A"], "nothing was written");
    part.content["allow_overwrite"] = true.into();
    let seen = fake.put(&part, None, &[]).await.expect("it is taken over");
    assert!(ALIAS_RECORD.differences(&part.content, &seen.content).is_empty());
    let op = fake.operation(Asked::Delete, "prod");
    assert_eq!(ALIAS_RECORD.delete(&op, &seen).await, Ok(true));
    assert_eq!(fake.types(), Vec::<String>::new(), "it would lead to nothing");
}

#[tokio::test(start_paused = true)]
async fn a_record_of_others_is_not_changed() {
    for record_type in ["A", "AAAA", "CNAME"] {
        let fake = Fake::new();
        let mut other = fake.record("shop.example.com", "theirs.elb.amazonaws.com");
        other.record_type = record_type.to_owned();
        fake.put_in(other);
        let refused = fake
            .put(&fake.part("shop"), None, &[])
            .await
            .expect_err("another record");
        assert!(refused.words.contains("theirs.elb.amazonaws.com"), "{refused}");
        let mut part = fake.part("shop");
        part.content["allow_overwrite"] = true.into();
        let overwritten = fake.put(&part, None, &[]).await;
        assert_eq!(overwritten.is_ok(), record_type == "A", "{record_type}");
    }
    let fake = Fake::new();
    let mut weighted = fake.record("shop.example.com", "a.elb.amazonaws.com");
    weighted.set_identifier = Some("blue".to_owned());
    fake.put_in(weighted);
    assert!(
        fake.put(&fake.part("shop"), None, &[]).await.is_err(),
        "a routing policy"
    );
    let fake = Fake::new();
    let mut text = txt("shop.example.com.", &Marks::default(), "1");
    text.values = vec!["\"v=spf1\"".to_owned()];
    fake.put_in(text);
    assert!(
        fake.put(&fake.part("shop"), None, &[]).await.is_err(),
        "a TXT record of others"
    );
}

#[test]
fn marks_come_back_from_a_record_however_long() {
    let owner = format!("{}/stack/{}/ä \"b\" \\c", "x".repeat(128), "y".repeat(200));
    let marks = Marks {
        owner: Some(owner),
        instance: Some("i1".to_owned()),
        ..Marks::default()
    };
    let set = txt("shop.example.com.", &marks, "1");
    assert_eq!(read(&set), marks);
    for value in &set.values {
        assert!(value.split("\" \"").all(|string| string.len() <= 255), "{value}");
    }
    assert_eq!(marker("*.example.com."), "_e2etls-wildcard.example.com.");
}
