//! The kind against CloudWatch in memory.

use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::cloudwatch::fake::{FakeCloudWatch, Kept};
use e2etls_clients::faults::{Called, Fate, Faults};
use e2etls_engine::marks::Marks;
use e2etls_engine::refusal::Denial;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::Subject;
use serde_json::json;

use super::super::tried::{Tried as _, conforms_unsearched, marks};
use super::*;
use crate::kinds::Kinds;
use crate::testkit::operation;

const KINDS: Kinds = &[&METRIC_ALARM];
const FATES: [Fate; 2] = [Fate::KilledBefore, Fate::KilledAfter];
const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:111122223333:certificate/1";
const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:certificates";

struct Fake {
    faults: Arc<Faults>,
    cloudwatch: Arc<FakeCloudWatch>,
}

impl Fake {
    fn new() -> Self {
        let aws = FakeAws::default();
        Self {
            cloudwatch: Arc::new(aws.cloudwatch("eu-central-1")),
            faults: aws.faults,
        }
    }

    fn only(&self) -> Kept {
        let all = self.cloudwatch.all();
        assert_eq!(all.len(), 1, "{all:?}");
        all.into_iter().next().expect("an alarm")
    }

    fn operations(&self) -> Vec<String> {
        let calls = self.faults.calls();
        calls.into_iter().map(|called: Called| called.operation).collect()
    }
}

#[async_trait]
impl Subject<Clients> for Fake {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        &METRIC_ALARM
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        let remotes = Clients {
            cloudwatch: Some(Arc::clone(&self.cloudwatch) as _),
            ..Clients::default()
        };
        let mut op = operation(asked, remotes, KINDS, "stack");
        op.owner.owner_id = Some(owner_id.to_owned());
        op
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        let content = expiry(CERTIFICATE, &json!(14), &[TOPIC.to_owned()]);
        Part::new(topic, &METRIC_ALARM, format!("{PREFIX}{topic}"), content)
    }

    fn changed(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        let actions = [format!("{TOPIC}-b"), TOPIC.to_owned()];
        Some(part.with_content(expiry(&CERTIFICATE.replace("/1", "/2"), &json!(30), &actions)))
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        let mut alarm = content::alarm(&part.name, &part.content);
        alarm.threshold = 1.5;
        let tags = Tags::from([("team".to_owned(), "web".to_owned())]);
        self.cloudwatch.put_alarm(&alarm, &tags).await.expect("an alarm");
    }

    async fn edit(&self, part: &Part<Clients>, _: &Observed) -> bool {
        self.cloudwatch.edit(&part.name, |kept| {
            kept.alarm.threshold = 3.0;
            kept.alarm.acts = false;
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
async fn it_is_a_kind_that_is_not_searched_for() {
    conforms_unsearched(&Fake::new()).await;
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_killed_at_any_call_converges() {
    let mut calls = 0;
    for fate in FATES {
        for call in 1.. {
            let fake = Fake::new();
            let part = fake.part("shop");
            fake.faults.at(call, fate.clone());
            if fake.put(&part, None, &[]).await.is_ok() {
                break;
            }
            calls = call;
            fake.faults.reset();
            let all = fake.cloudwatch.all();
            let owner = all.first().map(|kept| marks::marks(&kept.tags).owner);
            assert!(owner.is_none_or(|owner| owner == marks().owner), "{fate:?} at {call}");
            let made = fake.again(&part).await;
            assert_eq!(fake.look(&part).await.as_ref(), Some(&made), "{fate:?} at {call}");
            assert_eq!(fake.drift(&part).await, Vec::<String>::new(), "{fate:?} at {call}");
            fake.only();
        }
    }
    assert_eq!(calls, 2, "a look, and the alarm with its marks");
}

#[tokio::test(start_paused = true)]
async fn an_update_that_was_killed_at_any_call_converges() {
    let mut calls = 0;
    for fate in FATES {
        for call in 1.. {
            let fake = Fake::new();
            let part = fake.part("shop");
            fake.put(&part, None, &[]).await.expect("an alarm");
            fake.cloudwatch.edit(&part.name, |kept| {
                let creating = "2026-01-01T00:00:00Z i1".to_owned();
                kept.tags.insert(marks::CREATING.to_owned(), creating);
                kept.tags.remove(marks::INSTANCE);
            });
            let over = fake.look(&part).await.expect("an alarm");
            let changed = fake.changed(&part).expect("other content");
            fake.faults.reset();
            fake.faults.at(call, fate.clone());
            if fake.put(&changed, Some(&over), &[""]).await.is_ok() {
                let operations = fake.operations();
                let writes = ["TagResource", "PutMetricAlarm", "UntagResource"];
                assert_eq!(operations[2..], writes.map(|write| format!("cloudwatch:{write}")));
                break;
            }
            calls = call;
            fake.faults.reset();
            let written = fake.again(&changed).await;
            assert_eq!((&written.uid, &written.marks), (&over.uid, &Some(marks())));
            assert_eq!(fake.look(&part).await, Some(written), "{fate:?} at {call}");
            assert_eq!(fake.drift(&changed).await, Vec::<String>::new(), "{fate:?} at {call}");
        }
    }
    assert_eq!(calls, 5);
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_was_killed_at_any_call_converges() {
    let mut calls = 0;
    for fate in FATES {
        for call in 1.. {
            let fake = Fake::new();
            let made = fake.put(&fake.part("shop"), None, &[]).await.expect("an alarm");
            fake.faults.reset();
            fake.faults.at(call, fate.clone());
            if METRIC_ALARM.delete(&fake.op(), &made).await.is_ok() {
                break;
            }
            calls = call;
            fake.faults.reset();
            let again = METRIC_ALARM.delete(&fake.op(), &made).await;
            assert_eq!(again, Ok(true), "{fate:?} at {call}");
            assert_eq!(fake.cloudwatch.all(), Vec::new(), "{fate:?} at {call}");
        }
    }
    assert_eq!(calls, 3);
}

#[tokio::test(start_paused = true)]
async fn each_edit_by_hand_is_drift_and_is_written_by_consent_only() {
    type Edit = fn(&mut MetricAlarm);
    let cases: [(&str, Edit); 14] = [
        ("description", |alarm| alarm.description.clear()),
        ("namespace", |alarm| alarm.namespace = "x".to_owned()),
        ("metric", |alarm| alarm.metric = "x".to_owned()),
        ("dimensions", |alarm| {
            alarm.dimensions.insert("x".to_owned(), "y".to_owned());
        }),
        ("statistic", |alarm| alarm.statistic = "Maximum".to_owned()),
        ("unit", |alarm| alarm.unit = "Count".to_owned()),
        ("period", |alarm| alarm.period = 60),
        ("periods", |alarm| alarm.periods = 2),
        ("comparison", |alarm| {
            alarm.comparison = "GreaterThanThreshold".to_owned()
        }),
        ("threshold", |alarm| alarm.threshold = 0.5),
        ("missing_data", |alarm| alarm.missing_data = "ignore".to_owned()),
        ("warm_up", |alarm| alarm.warm_up = 5),
        ("acts", |alarm| alarm.acts = false),
        ("ok_actions", |alarm| alarm.ok_actions = vec![TOPIC.to_owned()]),
    ];
    for (path, edit) in cases {
        let fake = Fake::new();
        let part = fake.part("shop");
        let made = fake.put(&part, None, &[]).await.expect("an alarm");
        fake.cloudwatch.edit(&part.name, |kept| edit(&mut kept.alarm));
        assert_eq!(fake.drift(&part).await, [path]);
        fake.faults.reset();
        let refused = fake.put(&part, Some(&made), &[]).await.expect_err("no plan showed it");
        assert!(
            matches!(&refused.answer, Answer::Conflict(causes) if causes[0].field == path),
            "{refused}"
        );
        let reads = ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"];
        assert_eq!(fake.operations(), reads, "nothing is written");
        fake.faults.reset();
        fake.put(&part, Some(&made), &[path]).await.expect("it is written");
        assert_eq!(fake.operations()[2..], [PUT], "{path}");
        assert_eq!(fake.drift(&part).await, Vec::<String>::new(), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_the_same_is_not_written_and_tags_of_others_stay() {
    let fake = Fake::new();
    let part = fake.changed(&fake.part("shop")).expect("two actions");
    let made = fake.put(&part, None, &[]).await.expect("an alarm");
    fake.cloudwatch.edit(&part.name, |kept| {
        kept.tags.insert("theirs".to_owned(), "x".to_owned());
        kept.alarm.actions.reverse();
        // It may be over, and not shown any more.
        kept.alarm.warm_up = 0;
    });
    assert_eq!(fake.drift(&part).await, Vec::<String>::new());
    fake.faults.reset();
    fake.put(&part, Some(&made), &[]).await.expect("it is as it was");
    assert_eq!(fake.operations().len(), 2, "{:?}", fake.operations());
    assert_eq!(fake.only().tags["theirs"], "x");
}

#[tokio::test(start_paused = true)]
async fn an_alarm_of_others_is_seen_and_not_touched() {
    let fake = Fake::new();
    let part = fake.part("shop");
    fake.make_foreign(&part).await;
    let before = fake.only();
    let seen = fake.look(&part).await.expect("it is seen");
    assert_eq!(seen.marks, Some(Marks::default()));
    let refused = fake.put(&part, None, &[]).await.expect_err("it exists");
    assert_eq!(refused.answer, Answer::Exists);
    let mine = Observed {
        uid: format!("{}/00000000", before.arn),
        ..seen
    };
    let another = Answer::Conflict(Vec::new());
    let op = fake.op();
    let answer = |refused: Refusal| refused.answer;
    assert_eq!(
        METRIC_ALARM.delete(&op, &mine).await.map_err(answer),
        Err(another.clone())
    );
    assert_eq!(
        METRIC_ALARM.release(&op, &mine).await.map_err(answer),
        Err(another.clone())
    );
    let written = fake.put(&part, Some(&mine), &[""]).await;
    assert_eq!(written.expect_err("another").answer, another);
    assert_eq!(fake.only(), before);
}

#[tokio::test(start_paused = true)]
async fn an_alarm_of_another_region_is_not_considered_deleted() {
    let fake = Fake::new();
    let part = fake.part("shop");
    let gone = |region: &str| {
        let mut op = fake.op();
        let arn = format!("arn:aws:cloudwatch:{region}:111122223333:alarm:shop");
        op.remotes.known = [("u1".to_owned(), [(ARN.to_owned(), arn)].into())].into();
        let part = &part;
        async move { METRIC_ALARM.look(&op, part.target(Some("u1")), Reading::Shared).await }
    };
    assert_eq!(gone("eu-central-1").await, Ok(None));
    let elsewhere = Answer::Forbidden(Denial::Elsewhere);
    assert_eq!(gone("eu-west-1").await.expect_err("elsewhere").answer, elsewhere);
}

#[test]
fn what_is_not_known_yet_does_not_differ() {
    let open = e2etls_engine::value::UNKNOWN;
    let live = expiry(CERTIFICATE, &json!(14), &[TOPIC.to_owned()]);
    let desired = expiry(open, &json!(open), &[open.to_owned()]);
    assert!(METRIC_ALARM.differences(&desired, &live).is_empty());
    let other = expiry(CERTIFICATE, &json!(15), &[]);
    let paths: Vec<String> = METRIC_ALARM.differences(&other, &live).into_keys().collect();
    assert_eq!(paths, ["actions", "threshold"]);
}
