//! What belongs to others: never touched, taken over only if nobody has it, given back.

use e2etls_clients::aws::acm_pca::{Crl, OthersOfCrl};
use e2etls_clients::faults::Fate;
use e2etls_engine::failure::Trouble;
use e2etls_engine::import::import;
use e2etls_engine::refusal::Answer;
use e2etls_engine::table::Asked;
use serde_json::json;

use super::{State, World, arn, named, part, refused, root, tags, with};
use crate::kinds::aws::marks;

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
