//! Plans, and operations against ACM and Route 53 in memory.
//!
//! This file is long because each step of a certificate's life is a test on the same remotes in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::acm::fake::FakeAcm;
use e2etls_clients::aws::route53::RecordSet;
use e2etls_clients::faults::Fate;
use e2etls_engine::failure::Trouble;
use e2etls_engine::observe::observe;
use e2etls_engine::operation::Operation;
use e2etls_engine::remove::{Removed, delete_resource};
use e2etls_engine::table::Asked;
use e2etls_engine::write::{Desired, Outcome, write};
use serde_json::{Value, json};
use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::model::{Dns, KeyAlgorithm, PublicCertificate, Wait};
use super::parts::parts;
use super::plan;
use crate::kinds::Clients;
use crate::lifecycle::Managed;
use crate::lifecycle::configuration;
use crate::lifecycle::outputs::show;
use crate::testkit::{create, operation};

struct World {
    aws: FakeAws,
    acm: Arc<FakeAcm>,
    zone: String,
}

impl World {
    fn new() -> Self {
        let aws = FakeAws::default();
        let zone = aws.route53.add_zone("example.com", false);
        Self {
            acm: Arc::new(aws.acm("eu-central-1")),
            aws,
            zone,
        }
    }

    fn operation(&self, asked: Asked) -> Operation<Clients> {
        let remotes = Clients {
            acm: Some(Arc::clone(&self.acm) as _),
            route53: Some(Arc::clone(&self.aws.route53) as _),
            ..Clients::default()
        };
        operation(asked, remotes, PublicCertificate::KINDS, PublicCertificate::NAME)
    }

    fn model(&self) -> PublicCertificate {
        let zones = BTreeMap::from([("example.com".to_owned(), self.zone.clone().into())]);
        PublicCertificate {
            name: "shop".to_owned().into(),
            domain: "shop.example.com".to_owned().into(),
            sans: Attr::Known(["*.shop.example.com".to_owned(), "www.example.com".to_owned()].into()),
            key_algorithm: KeyAlgorithm::P256.into(),
            dns: Dns {
                zones: zones.into(),
                allow_overwrite: false.into(),
                records_only: false.into(),
            }
            .into(),
            ..PublicCertificate::default()
        }
    }

    async fn create(&self, model: &PublicCertificate, instance: &str, create_before_destroy: bool) -> Outcome {
        let op = self.operation(Asked::Create);
        create(&op, &parts(model).unwrap(), instance, create_before_destroy).await
    }

    async fn delete(&self, model: &PublicCertificate, outcome: &Outcome, instance: &str) -> Removed {
        let parts = parts(model).unwrap();
        delete_resource(&self.operation(Asked::Delete), &parts, &outcome.ledger, instance, &[]).await
    }

    async fn drift(&self, model: &PublicCertificate, outcome: &Outcome, instance: &str) -> (bool, Vec<String>) {
        let (op, parts) = (self.operation(Asked::Observe), parts(model).unwrap());
        let seen = observe(&op, &parts, &outcome.ledger, &outcome.memory, instance).await;
        let seen = seen.unwrap();
        (seen.found, seen.drift)
    }

    /// Status and unfinished mark of each certificate.
    fn certificates(&self) -> Vec<(String, bool)> {
        let all = self.acm.all().into_iter();
        all.map(|kept| (kept.certificate.status, kept.tags.contains_key("e2etls:creating")))
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_issued_and_its_records_outlive_it() {
    let world = World::new();
    let model = world.model();
    let made = world.create(&model, "i1", false).await;
    assert_eq!(made.failures, Vec::new());
    assert_eq!(world.certificates(), [("ISSUED".to_owned(), false)]);
    // A name and its wildcard share one.
    assert_eq!(world.aws.route53.all(&world.zone).len(), 2);
    let mut state = model.clone();
    show(&mut state, &made.objects);
    assert_eq!(state.aws.region.as_str(), Some("eu-central-1"));
    let records = state.validation_records.known().unwrap();
    assert_eq!(
        records.keys().collect::<Vec<_>>(),
        ["shop.example.com", "www.example.com"]
    );
    assert_eq!(world.drift(&model, &made, "i1").await, (true, Vec::new()));

    let removed = world.delete(&model, &made, "i1").await;
    assert_eq!(removed.failures, Vec::new());
    assert_eq!(world.certificates(), []);
    assert_eq!(world.aws.route53.all(&world.zone).len(), 2);
    assert!(
        !world.drift(&model, &made, "i1").await.0,
        "records alone are no resource"
    );

    // The token of the deleted one gives its ARN for an hour.
    let again = world.create(&model, "i2", false).await;
    assert_eq!(again.failures, Vec::new());
    assert_eq!(world.certificates(), [("ISSUED".to_owned(), false)]);
}

#[tokio::test(start_paused = true)]
async fn records_follow_a_domain_to_another_zone_and_the_old_ones_stay() {
    let world = World::new();
    let before = world.model();
    let made = world.create(&before, "i1", false).await;
    assert_eq!(made.failures, Vec::new());
    let moved = world.aws.route53.add_zone("example.com", false);
    let mut after = before.clone();
    if let Attr::Known(dns) = &mut after.dns {
        dns.zones = BTreeMap::from([("example.com".to_owned(), moved.clone().into())]).into();
    }
    let (rendered, rendered_before) = (parts(&after).unwrap(), parts(&before).unwrap());
    let desired = Desired {
        parts: &rendered,
        instance: "i1",
        ledger: &made.ledger,
        before: &rendered_before,
        drift: &[],
        memory: made.memory.clone(),
        create_before_destroy: false,
        force: false,
        creates: false,
    };
    let updated = write(&world.operation(Asked::Update), &desired).await;
    assert_eq!(updated.failures, Vec::new());
    for zone in [&world.zone, &moved] {
        assert_eq!(world.aws.route53.all(zone).len(), 2, "{zone}");
    }
    assert_eq!(world.drift(&after, &updated, "i1").await, (true, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_killed_anywhere_is_finished_by_the_next() {
    let mut ended = 0;
    for call in 1..60 {
        for fate in [Fate::KilledBefore, Fate::KilledAfter] {
            let world = World::new();
            let model = world.model();
            world.aws.faults.at(call, fate.clone());
            let first = world.create(&model, "i1", false).await;
            let finished = first.failures.is_empty();
            let last = world.aws.faults.calls().into_iter().nth(call - 1);
            world.aws.faults.reset();
            ended += usize::from(finished);
            if !finished {
                let outcome = world.create(&model, "i2", false).await;
                let untagged = last.is_some_and(|last| last.operation == "acm:RemoveTagsFromCertificate");
                if untagged && fate == Fate::KilledAfter {
                    let exists =
                        |failure: &e2etls_engine::failure::Failure| matches!(failure.trouble, Trouble::Exists { .. });
                    assert!(outcome.failures.iter().all(exists), "{:?}", outcome.failures);
                } else {
                    assert_eq!(outcome.failures, Vec::new(), "call {call}, {fate:?}");
                    assert_eq!(world.drift(&model, &outcome, "i2").await, (true, Vec::new()));
                }
            }
            assert_eq!(
                world.certificates(),
                [("ISSUED".to_owned(), false)],
                "call {call}, {fate:?}"
            );
            assert_eq!(world.aws.route53.all(&world.zone).len(), 2);
        }
        if ended > 1 {
            assert!(call > 8, "{call}");
            return;
        }
    }
    panic!("it never ends");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_in_use_is_replaced_before_it_goes() {
    let world = World::new();
    let model = world.model();
    let old = world.create(&model, "i1", false).await;
    let arn = world.acm.all()[0].certificate.arn.clone();
    world
        .acm
        .edit(&arn, |kept| kept.certificate.in_use_by = vec!["arn:lb".to_owned()]);
    let other = PublicCertificate {
        sans: Attr::Null,
        ..world.model()
    };
    let new = world.create(&other, "i2", true).await;
    assert_eq!(new.failures, Vec::new());
    assert_eq!(world.certificates().len(), 2);
    let removed = world.delete(&model, &old, "i1").await;
    let by = vec!["arn:lb".to_owned()];
    assert_eq!(removed.failures[0].trouble, Trouble::InUse { by });
    world.acm.edit(&arn, |kept| kept.certificate.in_use_by.clear());
    assert_eq!(world.delete(&model, &old, "i1").await.failures, Vec::new());
    assert_eq!(world.certificates(), [("ISSUED".to_owned(), false)]);
    assert_eq!(world.drift(&other, &new, "i2").await, (true, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_over_is_told_and_replaced() {
    let world = World::new();
    let model = world.model();
    let made = world.create(&model, "i1", false).await;
    let arn = world.acm.all()[0].certificate.arn.clone();
    world
        .acm
        .edit(&arn, |kept| kept.certificate.status = "EXPIRED".to_owned());
    let (op, rendered) = (world.operation(Asked::Observe), parts(&model).unwrap());
    let seen = observe(&op, &rendered, &made.ledger, &made.memory, "i1").await.unwrap();
    let mut state = model.clone();
    show(&mut state, &seen.objects);
    assert_eq!(state.status.as_str(), Some("EXPIRED"));
    let mut replace = Vec::new();
    PublicCertificate::replacing(&state, &state, &mut replace);
    assert_eq!(replace, [AttributePath::root("status")]);
    let next = world.create(&model, "i2", false).await;
    assert_eq!(next.failures, Vec::new());
    assert_eq!(world.delete(&model, &made, "i1").await.failures, Vec::new());
    assert_eq!(world.certificates(), [("ISSUED".to_owned(), false)]);
}

#[tokio::test(start_paused = true)]
async fn another_record_is_an_error_unless_it_may_be_overwritten() {
    let world = World::new();
    let mut model = world.model();
    let made = world.create(&model, "i1", false).await;
    assert_eq!(world.delete(&model, &made, "i1").await.failures, Vec::new());
    let edit = |sets: &mut Vec<RecordSet>| sets[0].values = vec!["other.example.com.".to_owned()];
    world.aws.route53.edit(&world.zone, edit);
    let before = world.aws.route53.all(&world.zone);
    let refused = world.create(&model, "i2", false).await;
    let Trouble::Refused { refusal, .. } = &refused.failures[0].trouble else {
        panic!("{:?}", refused.failures);
    };
    assert!(refusal.words.contains("allow_overwrite"), "{refusal}");
    assert_eq!(world.aws.route53.all(&world.zone), before);
    if let Attr::Known(dns) = &mut model.dns {
        dns.allow_overwrite = true.into();
    }
    assert_eq!(world.create(&model, "i3", false).await.failures, Vec::new());
    assert_eq!(world.certificates(), [("ISSUED".to_owned(), false)]);
}

#[tokio::test(start_paused = true)]
async fn records_only_waits_for_the_records_alone() {
    let world = World::new();
    let mut model = world.model();
    model.dns = Dns {
        records_only: true.into(),
        ..Dns::default()
    }
    .into();
    let made = world.create(&model, "i1", false).await;
    assert_eq!(made.failures, Vec::new());
    assert_eq!(world.certificates(), [("PENDING_VALIDATION".to_owned(), false)]);
    assert_eq!(world.aws.route53.all(&world.zone), []);
    show(&mut model, &made.objects);
    assert_eq!(model.validation_records.known().map(BTreeMap::len), Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_is_private_or_another_or_none_is_refused() {
    let world = World::new();
    let private = world.aws.route53.add_zone("example.com", true);
    let another = world.aws.route53.add_zone("example.org", false);
    for (zone, said) in [
        (private.as_str(), "private"),
        (another.as_str(), "not in the zone"),
        ("Z0", "no hosted zone"),
    ] {
        let mut model = world.model();
        if let Attr::Known(dns) = &mut model.dns {
            dns.zones = BTreeMap::from([("example.com".to_owned(), zone.to_owned().into())]).into();
        }
        let refused = plan::usable(&world.operation(Asked::Create), &model).await.unwrap_err();
        assert!(format!("{refused:?}").contains(said), "{refused:?}");
    }
    assert_eq!(
        plan::usable(&world.operation(Asked::Create), &world.model()).await,
        Ok(())
    );
}

#[test]
fn mistakes_are_found_without_any_remote() {
    let world = World::new();
    let mistakes = |change: &dyn Fn(&mut PublicCertificate, &mut Dns)| {
        let mut model = world.model();
        let mut dns = model.dns.clone().into_known().unwrap();
        change(&mut model, &mut dns);
        model.dns = dns.into();
        let mut diagnostics = Diagnostics::new();
        plan::check(&model, &mut diagnostics);
        diagnostics.iter().count()
    };
    assert_eq!(mistakes(&|_, _| {}), 0);
    assert_eq!(mistakes(&|_, dns| dns.records_only = true.into()), 1);
    assert_eq!(mistakes(&|_, dns| dns.zones = Attr::Null), 1);
    assert_eq!(mistakes(&|_, dns| dns.zones = Attr::Unknown), 0);
    assert_eq!(mistakes(&|model, _| model.wait = Wait::Requested.into()), 1);
    // As a validation sees it: without defaults.
    let without_default = |model: &mut PublicCertificate, dns: &mut Dns| {
        model.wait = Wait::Requested.into();
        dns.records_only = Attr::Null;
    };
    assert_eq!(mistakes(&without_default), 1);
    assert_eq!(
        mistakes(&|model, _| model.domain = "shop.example.org".to_owned().into()),
        1
    );
    assert_eq!(
        mistakes(&|model, _| model.domain = "www.example.com".to_owned().into()),
        1
    );
}

#[test]
fn arguments_come_back_from_what_a_certificate_shows() {
    let world = World::new();
    let read = |live: Value| -> PublicCertificate {
        configuration::read(&super::parts::arguments(live).to_string()).expect("arguments")
    };
    let addresses = |model: &PublicCertificate| -> Vec<String> {
        let parts = parts(model).into_iter().flatten();
        parts.map(|part| part.address).collect()
    };
    let model = world.model();
    let live = parts(&model).unwrap().remove(0).content;
    let back = read(live.clone());
    assert_eq!((&back.domain, &back.sans), (&model.domain, &model.sans));
    assert_eq!(addresses(&back), addresses(&model));
    // Without our tags, nothing is known of how it is validated: it is imported alone.
    let mut foreign = live;
    foreign["dns"] = Value::Null;
    foreign["sans"] = json!([]);
    assert_eq!(addresses(&read(foreign)), ["certificate"]);
}
