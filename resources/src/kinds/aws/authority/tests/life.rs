//! Signing, restoring, taking over, letting go.

use e2etls_clients::aws::acm_pca::{AcmPcaApi as _, Crl, OthersOfCrl};
use e2etls_clients::faults::Fate;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::import::import;
use e2etls_engine::kind::{Kind as _, Reading};
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_engine::table::Asked;
use serde_json::{Value, json};

use super::{KIND, State, World, part, root, subject, tags, with};
use crate::kinds::aws::marks;

/// The words of the one refusal.
#[track_caller]
fn refused(failures: &[Failure]) -> String {
    let [
        Failure {
            trouble: Trouble::Refused { refusal, .. },
            ..
        },
    ] = failures
    else {
        panic!("{failures:?}");
    };
    refusal.to_string()
}

fn general() -> Value {
    with(&root(), json!({"usage_mode": "GENERAL_PURPOSE"}))
}

fn subordinate(parent: &str) -> Value {
    let more =
        json!({"type": "SUBORDINATE", "subject": subject("issuing"), "parent_arn": parent, "validity_days": 365});
    with(&general(), more)
}

/// As its resource of another name would.
fn named(world: &mut World, name: &str) {
    world.owner_id = name.to_owned();
}

fn arn(state: &State) -> String {
    state.ledger["ca"].uid.clone().expect("an ARN")
}

#[tokio::test(start_paused = true)]
async fn path_lengths_fit_the_parent() {
    let mut world = World::new();
    let top = arn(&world.made(&general(), "i1").await);
    named(&mut world, "middle");
    let middle = arn(&world.made(&subordinate(&top), "i2").await);
    named(&mut world, "short");
    let short = with(
        &subordinate(&middle),
        json!({"usage_mode": "SHORT_LIVED_CERTIFICATE", "validity_days": 100}),
    );
    let leaf = arn(&world.made(&short, "i3").await);
    let wanted = [
        "RootCACertificate/V1",
        "SubordinateCACertificate_PathLen3/V1",
        "SubordinateCACertificate_PathLen0/V1",
    ];
    assert_eq!(world.pca.templates(), wanted);
    named(&mut world, "below");
    let below = with(&subordinate(&leaf), json!({"validity_days": 50}));
    assert!(refused(&world.create(&below, "i4").await.failures).contains("ath length of 0"));
    assert_eq!(world.pca.alive().len(), 3, "refused before the first write");
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_cant_sign_is_seen_before_the_first_write() {
    let mut world = World::new();
    let parent = arn(&world.made(&general(), "i1").await);
    named(&mut world, "below");
    let outlives = with(&subordinate(&parent), json!({"validity_days": 36_000}));
    assert!(refused(&world.create(&outlives, "i2").await.failures).contains("outlive"));
    world
        .pca
        .edit(&parent, |kept| kept.authority.status = "DISABLED".to_owned());
    assert!(refused(&world.create(&subordinate(&parent), "i2").await.failures).contains("not ACTIVE"));
    assert_eq!(world.pca.alive().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_parent_stops_no_unrelated_change() {
    let mut world = World::new();
    let parent = arn(&world.made(&general(), "i1").await);
    named(&mut world, "below");
    let state = world.made(&subordinate(&parent), "i2").await;
    world
        .pca
        .edit(&parent, |kept| kept.authority.status = "DISABLED".to_owned());
    let changed = with(&state.content, json!({"enabled": false, "tags": {"team": "blue"}}));
    assert_eq!(world.update(&state, &changed, &[]).await.failures, []);
}

#[tokio::test(start_paused = true)]
async fn a_ca_that_is_signed_outside_waits_with_its_csr_and_is_signed_in_place() {
    let world = World::new();
    let outside = json!({"type": "SUBORDINATE", "validity_days": null, "certified": null});
    let waiting = with(&root(), outside);
    let state = world.made(&waiting, "i1").await;
    let kept = world.only();
    assert_eq!(kept.authority.status, "PENDING_CERTIFICATE");
    assert!(!kept.tags.contains_key(marks::CREATING));

    let other = World::new();
    other.made(&general(), "i").await;
    let own = other.only().own.expect("a certificate");
    let signed = json!({"certificate_pem": own.certificate_pem, "chain_pem": own.certificate_pem});
    let given = with(&waiting, json!({"signed": signed, "certified": true}));
    let outcome = world.update(&state, &given, &[]).await;
    assert_eq!(outcome.failures, []);
    assert_eq!(world.only().authority.status, "ACTIVE");
    let outputs = &outcome.objects["ca"].outputs;
    assert_eq!(outputs.get("certificate_pem"), Some(&own.certificate_pem));
    // Written in another way it is the same.
    let signed = json!({"certificate_pem": format!("\n{}\n", own.certificate_pem), "chain_pem": own.certificate_pem});
    assert!(
        KIND.differences(&json!({"signed": signed}), &outcome.objects["ca"].content)
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn a_certificate_never_ends_earlier() {
    let world = World::new();
    let state = world.made(&root(), "i1").await;
    world.faults.reset();
    let shorter = with(&root(), json!({"validity_days": 500}));
    let outcome = world.update(&state, &shorter, &[]).await;
    assert!(refused(&outcome.failures).starts_with("The CA would expire earlier on arn:"));
    assert!(!world.calls().iter().any(|call| call == "IssueCertificate"));
}

#[tokio::test(start_paused = true)]
async fn destroy_and_create_gives_a_new_key() {
    let world = World::new();
    let first = world.made(&root(), "i1").await;
    assert_eq!(world.delete(&first).await.failures, []);
    let second = world.made(&root(), "i2").await;
    assert_ne!(
        arn(&first),
        arn(&second),
        "the token of the deleted CA must not be used again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_finished_ca_is_refused_or_replaced() {
    let world = World::new();
    let first = world.made(&root(), "i1").await;
    let again = world.create(&root(), "i2").await;
    assert_eq!(again.failures[0].trouble, Trouble::Exists { uid: arn(&first) });
    let beside = world.create_as(&root(), "i3", true).await;
    assert_eq!(beside.failures, []);
    assert_ne!(beside.ledger["ca"].uid, Some(arn(&first)));
    assert_eq!(world.delete(&first).await.failures, []);
    assert_eq!(tags(&world.only()).get(marks::INSTANCE), Some(&"i3"));
}

#[tokio::test(start_paused = true)]
async fn other_owners_are_bystanders() {
    let mut world = World::new();
    named(&mut world, "other");
    world.kill(8, Fate::KilledAfter);
    world.create(&root(), "i1").await;
    world.faults.reset();
    let before = world.only();
    named(&mut world, "prod");
    let mine = world.made(&root(), "i2").await;
    assert_ne!(arn(&mine), before.authority.arn);
    assert_eq!(world.pca.alive()[0].tags, before.tags);
    assert_eq!(world.delete(&mine).await.failures, []);
    assert_eq!(world.only().tags, before.tags);
}

#[tokio::test(start_paused = true)]
async fn restores_only_what_is_alike_and_deleted_or_nobody_elses() {
    let mut world = World::new();
    let state = world.made(&root(), "i1").await;
    let before = arn(&state);
    let wish = with(&root(), json!({"restore_arn": before}));
    assert!(refused(&world.create(&wish, "i2").await.failures).contains("nothing to restore"));
    world.delete(&state).await;
    let unlike = with(&wish, json!({"key_algorithm": "EC_secp384r1"}));
    assert!(refused(&world.create(&unlike, "i2").await.failures).contains("does not match the arguments"));
    named(&mut world, "other");
    assert!(refused(&world.create(&wish, "i2").await.failures).contains("another owner"));
    assert!(world.pca.alive().is_empty());
    // Its tags can be read only once it is restored: then it is deleted again.
    world
        .faults
        .rule(|call| match call.operation.ends_with("ListTags") && call.number < 7 {
            true => Fate::Refused(Answer::Conflict(Vec::new())),
            false => Fate::Answered,
        });
    let refused_late = world.create(&wish, "i2").await;
    assert!(
        refused(&refused_late.failures).contains("another owner"),
        "{refused_late:?}"
    );
    assert!(world.pca.alive().is_empty());
    world.faults.reset();
    named(&mut world, "prod");
    let after = world.made(&wish, "i3").await;
    assert_eq!(
        (arn(&after), world.only().authority.status),
        (before, "ACTIVE".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_disabled_ca_of_another_owner_is_not_taken_over() {
    let mut world = World::new();
    let theirs = world.made(&with(&root(), json!({"enabled": false})), "i1").await;
    let before = world.only();
    named(&mut world, "other");
    let wish = with(&root(), json!({"restore_arn": arn(&theirs)}));
    assert!(refused(&world.create(&wish, "i2").await.failures).contains("another owner"));
    assert_eq!(
        (world.only().tags, world.only().authority),
        (before.tags, before.authority)
    );
}

#[tokio::test(start_paused = true)]
async fn an_imported_ca_is_released() {
    let world = World::new();
    world.made(&root(), "i0").await;
    let found = world.only().authority.arn;
    // Somebody made it by hand.
    world.pca.edit(&found, |kept| {
        kept.tags = [("cost-center".to_owned(), "7".to_owned())].into()
    });
    let op = world.operation(Asked::Observe);
    let content = with(&root(), json!({"tags": {"cost-center": "7"}}));
    let imported = import(&op, &[part(&content)], &[("ca".to_owned(), found.clone())].into())
        .await
        .expect("a CA");
    assert_eq!(imported.ledger["ca"].made, Some(false));
    let state = State {
        instance: "i1".to_owned(),
        ledger: imported.ledger,
        memory: imported.memory,
        content,
    };
    let outcome = world.update(&state, &root(), &[]).await;
    assert_eq!(outcome.failures, []);
    let owned = world.only();
    assert_eq!(
        (tags(&owned).get("e2etls:adopted"), tags(&owned).get("cost-center")),
        (Some(&"true"), None)
    );
    let state = State {
        ledger: outcome.ledger,
        content: root(),
        ..state
    };
    assert_eq!(world.delete(&state).await.failures, []);
    let left = world.only();
    assert_eq!(left.authority.status, "ACTIVE");
    assert_eq!(tags(&left), [("team", "red")].into());
}

#[tokio::test(start_paused = true)]
async fn what_others_set_of_revocation_stays() {
    let world = World::new();
    let crl = json!({"s3_bucket_name": "lists", "expiration_in_days": 7, "custom_cname": null,
        "s3_object_acl": "BUCKET_OWNER_FULL_CONTROL"});
    let state = world
        .made(&with(&root(), json!({"revocation": {"crl": crl, "ocsp": null}})), "i1")
        .await;
    let others = OthersOfCrl {
        custom_path: Some("crl/x".to_owned()),
        crl_type: Some("PARTITIONED".to_owned()),
        omit_extension: Some(true),
    };
    world.pca.edit(&arn(&state), |kept| {
        if let Some(crl) = &mut kept.authority.revocation.crl {
            crl.others = others.clone();
        }
    });
    let longer = with(&crl, json!({"expiration_in_days": 14}));
    let changed = with(&root(), json!({"revocation": {"crl": longer, "ocsp": null}}));
    assert_eq!(world.update(&state, &changed, &[]).await.failures, []);
    let wanted = Crl {
        s3_bucket_name: "lists".to_owned(),
        expiration_in_days: 14,
        custom_cname: None,
        s3_object_acl: "BUCKET_OWNER_FULL_CONTROL".to_owned(),
        others,
    };
    assert_eq!(world.only().authority.revocation.crl, Some(wanted));
}

#[tokio::test(start_paused = true)]
async fn a_bucket_has_a_minute_to_accept_the_service() {
    let crl = json!({"s3_bucket_name": "lists", "expiration_in_days": 7, "custom_cname": null,
        "s3_object_acl": "BUCKET_OWNER_FULL_CONTROL"});
    let content = with(&root(), json!({"revocation": {"crl": crl, "ocsp": null}}));
    let deny = |until: usize| {
        move |call: &e2etls_clients::faults::Called| {
            let create = call.operation.ends_with("CreateCertificateAuthority") && call.number < until;
            if create {
                Fate::Refused(Answer::Forbidden(Denial::Policy))
            } else {
                Fate::Answered
            }
        }
    };
    let world = World::new();
    world.faults.rule(deny(6));
    world.made(&content, "i1").await;
    let world = World::new();
    world.faults.rule(deny(usize::MAX));
    assert!(refused(&world.create(&content, "i1").await.failures).contains("refused by the test"));
    let tries = world
        .calls()
        .iter()
        .filter(|call| *call == "CreateCertificateAuthority")
        .count();
    assert!((10..100).contains(&tries), "{tries}");
}

#[tokio::test(start_paused = true)]
async fn what_changed_since_the_plan_is_not_overwritten() {
    let world = World::new();
    let state = world.made(&root(), "i1").await;
    world
        .pca
        .edit(&arn(&state), |kept| kept.authority.status = "DISABLED".to_owned());
    let longer = with(&root(), json!({"validity_days": 4000}));
    let outcome = world.update(&state, &longer, &[]).await;
    let Trouble::Managed { causes, ours: true } = &outcome.failures[0].trouble else {
        panic!("{:?}", outcome.failures);
    };
    assert_eq!(causes[0].field, "enabled");
    assert_eq!(world.update(&state, &longer, &["ca enabled"]).await.failures, []);
    assert_eq!(world.only().authority.status, "ACTIVE");
}

#[tokio::test(start_paused = true)]
async fn another_account_is_not_gone() {
    let world = World::new();
    let op = world.operation(Asked::Observe);
    let part = part(&root());
    let elsewhere = "arn:aws:acm-pca:eu-central-1:999999999999:certificate-authority/0";
    let refused = KIND
        .look(&op, part.target(Some(elsewhere)), Reading::Shared)
        .await
        .expect_err("no answer");
    assert_eq!(refused.answer, Answer::Forbidden(Denial::Elsewhere));
    let here = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/0";
    assert_eq!(KIND.look(&op, part.target(Some(here)), Reading::Shared).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_times_out_says_what_it_saw_and_loses_nothing() {
    let world = World::new();
    world.faults.rule({
        let pca = world.pca.clone();
        move |call| {
            if call.operation.ends_with("DescribeCertificateAuthority") {
                pca.edit(&call.target, |kept| kept.authority.status = "CREATING".to_owned());
            }
            Fate::Answered
        }
    });
    let outcome = world.create(&root(), "i1").await;
    assert!(
        refused(&outcome.failures).contains("timed out. Last seen: CREATING"),
        "{outcome:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_ca_is_said_and_the_next_create_makes_another() {
    let world = World::new();
    world.faults.rule({
        let pca = world.pca.clone();
        move |call| {
            if call.operation.ends_with("ListTags") && call.number < 6 {
                pca.edit(&call.target, |kept| {
                    kept.authority.status = "FAILED".to_owned();
                    kept.authority.failure_reason = Some("OTHER".to_owned());
                });
            }
            Fate::Answered
        }
    });
    world.create(&root(), "i1").await;
    world.faults.reset();
    let failed = world.only().authority.arn;
    world
        .pca
        .edit(&failed, |kept| kept.authority.status = "FAILED".to_owned());
    let state = world.made(&root(), "i2").await;
    assert_eq!(arn(&state), world.only().authority.arn);
    assert_ne!(arn(&state), failed, "the failed one is deleted");
}

#[tokio::test(start_paused = true)]
async fn the_deletion_window_is_in_the_hands_of_whoever_deletes() {
    let world = World::new();
    let state = world
        .made(&with(&root(), json!({"deletion_window_days": 7})), "i1")
        .await;
    let bare = State {
        content: Value::Null,
        ..state
    };
    assert_eq!(world.delete(&bare).await.failures, []);
    let until = world.pca.all()[0].authority.restorable_until.expect("a time");
    let hours = until.duration_since(jiff::Timestamp::now()).as_hours();
    assert!((24 * 6..=24 * 7).contains(&hours), "{hours}");
}

#[tokio::test(start_paused = true)]
async fn acm_may_renew_follows_the_argument() {
    let world = World::new();
    let state = world
        .made(&with(&general(), json!({"allow_acm_renewal": true})), "i1")
        .await;
    assert!(world.only().allows_acm);
    assert_eq!(world.update(&state, &general(), &[]).await.failures, []);
    assert!(!world.only().allows_acm);
    assert!(world.pca.tags(&arn(&state)).await.is_ok());
}
