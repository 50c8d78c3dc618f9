//! Creating, waiting, changing and deleting a CA of ours.

use e2etls_clients::aws::acm_pca::AcmPcaApi as _;
use e2etls_clients::faults::Fate;
use e2etls_engine::failure::Trouble;
use e2etls_engine::kind::{Kind as _, Reading};
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_engine::table::Asked;
use serde_json::{Value, json};

use super::{KIND, State, World, arn, general, part, refused, root, with};

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
