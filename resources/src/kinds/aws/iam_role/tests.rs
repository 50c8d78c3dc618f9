//! The kind against IAM in memory.
//!
//! This file is long because each member of a role is changed, edited by hand and killed on the same remote.

use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::Tags;
use e2etls_clients::aws::iam::fake::{FakeIam, Kept};
use e2etls_clients::faults::{Called, Fate, Faults};
use e2etls_engine::kind::{Consent, Made};
use e2etls_engine::marks::Marks;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, conform};
use serde_json::json;

use super::super::tried::{Tried as _, marks};
use super::*;
use crate::kinds::Kinds;
use crate::testkit::operation;

const KINDS: Kinds = &[&IAM_ROLE];
const FATES: [Fate; 2] = [Fate::KilledBefore, Fate::KilledAfter];
const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/bound";

struct Fake {
    faults: Arc<Faults>,
    iam: Arc<FakeIam>,
}

fn trust(service: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service},
           "Action": ["sts:AssumeRole", "sts:TagSession"]}]})
}

fn policy(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}]})
}

impl Fake {
    fn new() -> Self {
        let FakeAws { faults, iam, .. } = FakeAws::default();
        Self { faults, iam }
    }

    fn only(&self) -> Kept {
        let all = self.iam.all();
        assert_eq!(all.len(), 1, "{all:?}");
        all.into_iter().next().expect("a role")
    }

    fn operations(&self) -> Vec<String> {
        let calls = self.faults.calls();
        calls.into_iter().map(|called: Called| called.operation).collect()
    }
}

#[async_trait]
impl Subject<Clients> for Fake {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        &IAM_ROLE
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        let remotes = Clients {
            iam: Some(Arc::clone(&self.iam) as _),
            ..Clients::default()
        };
        let mut op = operation(asked, remotes, KINDS, "stack");
        op.owner.owner_id = Some(owner_id.to_owned());
        op
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        let content = json!({"trust": trust("pods.eks.amazonaws.com"), "policy": policy("route53:GetChange"),
            "boundary": "", "description": "for tests", "tags": {"team": "red"}});
        Part::new(topic, &IAM_ROLE, topic.replace(' ', "-"), content)
    }

    fn changed(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        let content = json!({"trust": trust("ec2.amazonaws.com"), "policy": policy("acm:*"), "boundary": BOUNDARY,
            "description": "", "tags": {"team": "blue", "cost": "7"}});
        Some(part.with_content(content))
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        let new = e2etls_clients::aws::iam::NewRole {
            name: part.name.clone(),
            path: "/".to_owned(),
            trust: trust("lambda.amazonaws.com"),
            ..Default::default()
        };
        self.iam.create_role(&new).await.expect("a role");
    }

    async fn edit(&self, part: &Part<Clients>, _object: &Observed) -> bool {
        self.iam.edit(&part.name, |kept| {
            kept.role.trust = trust("theirs.amazonaws.com");
            kept.inline.insert(POLICY.to_owned(), policy("*"));
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
    assert_eq!(conform(&Fake::new()).await, Ok(()));
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
            let owner = fake.iam.all().first().map(|kept| marks::marks(&kept.role.tags).owner);
            assert!(owner.is_none_or(|owner| owner == marks().owner), "{fate:?} at {call}");
            let made = fake.again(&part).await;
            assert_eq!(fake.look(&part).await.as_ref(), Some(&made), "{fate:?} at {call}");
            assert_eq!(fake.drift(&part).await, Vec::<String>::new(), "{fate:?} at {call}");
            assert_eq!(fake.only().role.path, PATH);
        }
    }
    assert_eq!(calls, 2, "the role with its marks, and the policy");
}

#[tokio::test(start_paused = true)]
async fn an_update_that_was_killed_at_any_call_converges() {
    let mut calls = 0;
    for fate in FATES {
        for call in 1.. {
            let fake = Fake::new();
            let part = fake.part("shop");
            let over = fake.put(&part, None, &[]).await.expect("a role");
            let changed = fake.changed(&part).expect("other content");
            fake.faults.reset();
            fake.faults.at(call, fate.clone());
            if fake.put(&changed, Some(&over), &[""]).await.is_ok() {
                break;
            }
            calls = call;
            fake.faults.reset();
            let written = fake.again(&changed).await;
            assert_eq!(written.uid, over.uid);
            assert_eq!(fake.look(&part).await, Some(written), "{fate:?} at {call}");
            assert_eq!(fake.drift(&changed).await, Vec::<String>::new(), "{fate:?} at {call}");
        }
    }
    assert!(calls >= 7, "{calls} calls were tried");
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_was_killed_at_any_call_converges() {
    let mut calls = 0;
    for fate in FATES {
        for call in 1.. {
            let fake = Fake::new();
            let made = fake.put(&fake.part("shop"), None, &[]).await.expect("a role");
            fake.faults.reset();
            fake.faults.at(call, fate.clone());
            if IAM_ROLE.delete(&fake.op(), &made).await.is_ok() {
                break;
            }
            calls = call;
            fake.faults.reset();
            let again = IAM_ROLE.delete(&fake.op(), &made).await;
            assert!(
                again.is_ok() && fake.iam.all().is_empty(),
                "{fate:?} at {call}: {again:?}"
            );
        }
    }
    assert_eq!(calls, 3);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_refused_leaves_a_role_that_the_next_attempt_goes_on_with() {
    let fake = Fake::new();
    let part = fake.part("shop");
    let (marks, consent, made) = (marks(), Consent::default(), Made::default());
    let put = || Put {
        part: &part,
        marks: &marks,
        over: None,
        consent: &consent,
        unfinished: None,
        made: &made,
    };
    fake.faults.at(2, Fate::Refused(Answer::Throttled));
    let refused = IAM_ROLE.put(&fake.op(), put()).await.expect_err("it is throttled");
    assert_eq!(refused.operation, "iam:PutRolePolicy");
    assert_eq!(made.object().expect("it was told").uid, fake.only().role.id);
    // It is not everywhere yet.
    fake.faults.at(3, Fate::Refused(Answer::Absent));
    fake.faults.at(4, Fate::Refused(Answer::Absent));
    let written = IAM_ROLE.put(&fake.op(), put()).await.expect("the policy");
    assert_eq!(fake.look(&part).await, Some(written));
    assert_eq!(fake.drift(&part).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn edits_by_hand_are_drift_and_only_what_differs_is_written() {
    type Edit = fn(&mut Kept);
    let cases: [(&str, &[&str], Edit); 7] = [
        ("trust", &["iam:UpdateAssumeRolePolicy"], |kept| {
            kept.role.trust = trust("x")
        }),
        ("policy", &["iam:PutRolePolicy"], |kept| kept.inline.clear()),
        ("policy", &["iam:PutRolePolicy"], |kept| {
            kept.inline.insert(POLICY.to_owned(), policy("*"));
        }),
        ("boundary", &["iam:DeleteRolePermissionsBoundary"], |kept| {
            kept.role.boundary = Some(BOUNDARY.to_owned());
        }),
        ("description", &["iam:UpdateRoleDescription"], |kept| {
            kept.role.description.clear()
        }),
        ("tags.team", &["iam:TagRole"], |kept| {
            kept.role.tags.remove("team");
        }),
        ("tags.team", &["iam:UntagRole", "iam:TagRole"], |kept| {
            kept.role.tags.remove("team");
            kept.role.tags.insert("Team".to_owned(), "red".to_owned());
        }),
    ];
    for (path, operations, edit) in cases {
        let fake = Fake::new();
        let part = fake.part("shop");
        let made = fake.put(&part, None, &[]).await.expect("a role");
        fake.iam.edit("shop", edit);
        assert_eq!(fake.drift(&part).await, [path]);
        fake.faults.reset();
        let refused = fake
            .put(&part, Some(&made), &[])
            .await
            .expect_err("the plan did not show it");
        assert!(
            matches!(&refused.answer, Answer::Conflict(causes) if causes[0].field == path),
            "{refused}"
        );
        assert_eq!(
            fake.operations(),
            ["iam:GetRole", "iam:GetRolePolicy"],
            "nothing is written"
        );
        fake.faults.reset();
        fake.put(&part, Some(&made), &[path, "tags.Team"])
            .await
            .expect("it is written");
        assert_eq!(fake.operations()[2..], *operations, "{path}");
        assert_eq!(fake.drift(&part).await, Vec::<String>::new(), "{path}");
        assert_eq!(fake.only().role.tags.get("team").map(String::as_str), Some("red"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_mark_of_an_unfinished_create_goes_last() {
    let fake = Fake::new();
    let part = fake.part("shop");
    fake.put(&part, None, &[]).await.expect("a role");
    fake.iam.edit("shop", |kept| {
        kept.role
            .tags
            .insert(marks::CREATING.to_owned(), "2026-01-01T00:00:00Z i1".to_owned());
        kept.role.tags.remove(marks::INSTANCE);
    });
    let over = fake.look(&part).await.expect("a role");
    fake.faults.reset();
    let changed = fake.changed(&part).expect("other content");
    let written = fake.put(&changed, Some(&over), &[""]).await.expect("it is written");
    let writes = fake.operations().split_off(2);
    assert_eq!(writes.first().map(String::as_str), Some("iam:TagRole"), "{writes:?}");
    assert_eq!(writes.last().map(String::as_str), Some("iam:UntagRole"), "{writes:?}");
    assert_eq!((writes.len(), written.marks), (6, Some(marks())));
}

#[tokio::test(start_paused = true)]
async fn tags_of_others_stay_and_what_is_the_same_is_not_written() {
    let fake = Fake::new();
    let part = fake.part("shop");
    let made = fake.put(&part, None, &[]).await.expect("a role");
    fake.iam.edit("shop", |kept| {
        kept.role.tags.insert("theirs".to_owned(), "x".to_owned());
        kept.inline.insert("theirs".to_owned(), policy("*"));
        // As IAM may be given the same documents.
        kept.role.trust["Statement"] = kept.role.trust["Statement"][0].clone();
        kept.inline.insert(
            POLICY.to_owned(),
            json!({"Statement": {"Resource": ["*"], "Action": "route53:GetChange", "Effect": "Allow"},
                   "Version": "2012-10-17"}),
        );
    });
    assert_eq!(fake.drift(&part).await, Vec::<String>::new());
    fake.faults.reset();
    fake.put(&part, Some(&made), &[]).await.expect("it is as it was");
    assert_eq!(fake.operations(), ["iam:GetRole", "iam:GetRolePolicy"]);
    assert_eq!(fake.only().role.tags["theirs"], "x");
}

#[test]
fn lists_of_one_element_are_that_element_and_no_others() {
    let differ = |desired: Value, live: Value| {
        let of = |document| json!({"trust": document, "policy": null});
        !IAM_ROLE.differences(&of(desired), &of(live)).is_empty()
    };
    assert!(!differ(json!({"Action": ["a"]}), json!({"Action": "a"})));
    assert!(!differ(
        json!({"Statement": [{"P": {"Service": "a"}}]}),
        json!({"Statement": {"P": {"Service": ["a"]}}})
    ));
    assert!(differ(json!({"Action": ["a", "b"]}), json!({"Action": "a"})));
    assert!(differ(json!({"Action": []}), json!({"Action": "a"})));
    assert!(differ(json!({"Action": "a"}), json!("{no")));
    let open = e2etls_engine::value::link("ca", "arn");
    assert!(
        !differ(json!({"Resource": open}), json!({"Resource": "a"})),
        "it is not known yet"
    );
    let boundary = |desired: Value| IAM_ROLE.differences(&json!({"boundary": desired}), &json!({"boundary": BOUNDARY}));
    assert!(boundary(json!(null)).is_empty() && boundary(json!(BOUNDARY)).is_empty());
    assert_eq!(boundary(json!("")), [("boundary".to_owned(), json!(BOUNDARY))].into());
}

#[tokio::test(start_paused = true)]
async fn a_role_of_others_is_seen_and_not_touched() {
    let fake = Fake::new();
    let part = fake.part("shop");
    fake.make_foreign(&part).await;
    let before = format!("{:?}", fake.only());
    let seen = fake.look(&part).await.expect("it is seen, whatever its path");
    assert_eq!(seen.marks, Some(Marks::default()));
    let refused = fake.put(&part, None, &[]).await.expect_err("it exists");
    assert_eq!(refused.answer, Answer::Exists);
    let mine = Observed {
        uid: "AROAOTHER".to_owned(),
        ..seen
    };
    let another = Answer::Conflict(Vec::new());
    let op = fake.op();
    assert_eq!(IAM_ROLE.delete(&op, &mine).await.expect_err("another").answer, another);
    assert_eq!(IAM_ROLE.release(&op, &mine).await.expect_err("another").answer, another);
    assert_eq!(
        fake.put(&part, Some(&mine), &[""]).await.expect_err("another").answer,
        another
    );
    let found = IAM_ROLE.of_owner(&op, None, None, Reading::Fresh).await;
    assert_eq!(found, Ok(Vec::new()));
    assert_eq!(format!("{:?}", fake.only()), before);
}

#[tokio::test(start_paused = true)]
async fn a_delete_names_what_is_still_attached() {
    let fake = Fake::new();
    let made = fake.put(&fake.part("shop"), None, &[]).await.expect("a role");
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    fake.iam.edit("shop", |kept| {
        kept.managed.push(managed.to_owned());
        kept.inline.insert("theirs".to_owned(), policy("*"));
    });
    let refused = IAM_ROLE
        .delete(&fake.op(), &made)
        .await
        .expect_err("a policy is attached");
    let attached = vec![managed.to_owned(), "inline policy theirs".to_owned()];
    assert_eq!(refused.answer, Answer::InUse(attached));
    assert!(
        refused.words.contains(managed) && refused.words.contains("theirs"),
        "{refused}"
    );
    // Who may not ask what it is still learns that there is something.
    fake.faults.rule(|called| match called.operation.as_str() {
        "iam:ListAttachedRolePolicies" => Fate::Refused(Answer::Throttled),
        _ => Fate::Answered,
    });
    let refused = IAM_ROLE
        .delete(&fake.op(), &made)
        .await
        .expect_err("a policy is attached");
    assert_eq!(refused.answer, Answer::InUse(Vec::new()));
    fake.iam.edit("shop", |kept| {
        kept.managed.clear();
        kept.inline.clear();
    });
    assert!(IAM_ROLE.delete(&fake.op(), &made).await.is_ok() && fake.iam.all().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_role_of_another_account_is_not_considered_deleted() {
    let fake = Fake::new();
    let part = fake.part("shop");
    let gone = |account: &str| {
        let mut op = fake.op();
        let outputs = [(ARN.to_owned(), format!("arn:aws:iam::{account}:role/e2etls/shop"))].into();
        op.remotes.known = [("AROA1".to_owned(), outputs)].into();
        let part = &part;
        async move { IAM_ROLE.look(&op, part.target(Some("AROA1")), Reading::Shared).await }
    };
    assert_eq!(gone("111122223333").await, Ok(None));
    let elsewhere = Answer::Forbidden(e2etls_engine::refusal::Denial::Elsewhere);
    assert_eq!(gone("444455556666").await.expect_err("elsewhere").answer, elsewhere);
}

#[tokio::test(start_paused = true)]
async fn default_tags_are_written_with_the_first_request() {
    let fake = Fake::new();
    let part = fake.part("shop");
    let mut op = fake.op();
    op.remotes.default_tags = Tags::from([("cost".to_owned(), "7".to_owned())]);
    let put = Put {
        part: &part,
        marks: &marks(),
        over: None,
        consent: &Consent::default(),
        unfinished: None,
        made: &Made::default(),
    };
    fake.faults.at(2, Fate::KilledBefore);
    IAM_ROLE.put(&op, put).await.expect_err("it is killed");
    let tags = fake.only().role.tags;
    assert_eq!((tags["cost"].as_str(), tags["team"].as_str()), ("7", "red"));
    assert_eq!(marks::marks(&tags).instance.as_deref(), Some("i1"));
}
