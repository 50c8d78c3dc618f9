//! The process is killed before and after each call of each operation; the same operation, run again, converges.

use e2etls_clients::faults::Fate;
use e2etls_engine::failure::Trouble;
use e2etls_engine::kind::Reading;
use e2etls_engine::observe::observe;
use e2etls_engine::table::Asked;
use serde_json::{Value, json};

use super::{State, World, days, part, root, tags, with};
use crate::kinds::aws::marks;

const FATES: [Fate; 2] = [Fate::KilledBefore, Fate::KilledAfter];

#[tokio::test(start_paused = true)]
async fn a_create_that_was_killed_at_any_call_converges_on_one_ca() {
    let whole = World::new();
    whole.made(&root(), "i0").await;
    let calls = whole.calls();
    assert!(calls.len() > 8, "{calls:?}");
    for call in 1..=calls.len() {
        for fate in FATES {
            let is_hole = call == calls.len() && fate == Fate::KilledAfter;
            let world = World::new();
            world.kill(call, fate.clone());
            let killed = world.create(&root(), "i1").await;
            assert!(!killed.failures.is_empty(), "{call}");
            world.faults.reset();
            // The user has changed his mind about tags in between.
            let again = world
                .create(&with(&root(), json!({"tags": {"team": "blue"}})), "i2")
                .await;
            let kept = world.only();
            let at = format!("{fate:?} {call} {}", calls[call - 1]);
            if is_hole {
                // The mark is gone and no state was saved: it ends in an import.
                let uid = kept.authority.arn;
                assert_eq!(again.failures[0].trouble, Trouble::Exists { uid }, "{at}");
                continue;
            }
            assert_eq!(again.failures, [], "{at}");
            assert_eq!(
                (kept.authority.status.as_str(), days(&kept)),
                ("ACTIVE", Some(3650)),
                "{at}"
            );
            let found = tags(&kept);
            assert_eq!(
                (found.get(marks::INSTANCE), found.get("team")),
                (Some(&"i2"), Some(&"blue")),
                "{at}"
            );
            assert!(!found.contains_key(marks::CREATING), "{at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_killed_create_of_other_content_is_made_anew() {
    let other = with(&root(), json!({"key_algorithm": "EC_secp384r1"}));
    let whole = World::new();
    whole.made(&root(), "i0").await;
    for call in 1..whole.calls().len() {
        let world = World::new();
        world.kill(call, Fate::KilledAfter);
        world.create(&root(), "i1").await;
        world.faults.reset();
        let state = world.made(&other, "i2").await;
        let kept = world.only();
        assert_eq!(kept.authority.key_algorithm, "EC_secp384r1");
        assert_eq!(state.ledger["ca"].uid.as_ref(), Some(&kept.authority.arn));
    }
}

fn changed() -> Value {
    let crl = json!({"s3_bucket_name": "lists", "expiration_in_days": 7, "custom_cname": null,
        "s3_object_acl": "BUCKET_OWNER_FULL_CONTROL"});
    with(
        &root(),
        json!({"validity_days": 4000, "enabled": false, "revocation": {"crl": crl, "ocsp": null},
            "tags": {"stage": "b"}, "deletion_window_days": 7}),
    )
}

/// What a refresh leaves of a state.
async fn refreshed(world: &World, state: &State) -> (State, Vec<String>) {
    let op = world.operation(Asked::Observe);
    let seen = observe(
        &op,
        &[part(&state.content)],
        &state.ledger,
        &state.memory,
        &state.instance,
    )
    .await;
    let seen = seen.expect("an answer");
    assert!(seen.found);
    let state = State {
        ledger: seen.ledger,
        memory: seen.memory,
        ..state.clone()
    };
    (state, seen.drift)
}

#[tokio::test(start_paused = true)]
async fn an_update_that_was_killed_at_any_call_converges() {
    let whole = World::new();
    let state = whole.made(&root(), "i1").await;
    whole.faults.reset();
    assert_eq!(whole.update(&state, &changed(), &[]).await.failures, []);
    let calls = whole.calls();
    for call in 1..=calls.len() {
        for fate in FATES {
            let world = World::new();
            let state = world.made(&root(), "i1").await;
            world.kill(call, fate.clone());
            world.update(&state, &changed(), &[]).await;
            world.faults.reset();
            let (state, drift) = refreshed(&world, &state).await;
            let drift: Vec<&str> = drift.iter().map(String::as_str).collect();
            let again = world.update(&state, &changed(), &drift).await;
            let at = format!("{fate:?} {call} {}", calls[call - 1]);
            assert_eq!(again.failures, [], "{at}");
            let kept = world.only();
            let crl = kept
                .authority
                .revocation
                .crl
                .as_ref()
                .map(|crl| crl.s3_bucket_name.as_str());
            assert_eq!(
                (kept.authority.status.as_str(), days(&kept), crl),
                ("DISABLED", Some(4000), Some("lists")),
                "{at}"
            );
            let found = tags(&kept);
            assert_eq!((found.get("stage"), found.get("team")), (Some(&"b"), None), "{at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_was_killed_at_any_call_converges() {
    let whole = World::new();
    let state = whole.made(&root(), "i1").await;
    whole.faults.reset();
    whole.delete(&state).await;
    let calls = whole.calls();
    for call in 1..=calls.len() {
        for fate in FATES {
            let world = World::new();
            let state = world.made(&root(), "i1").await;
            world.kill(call, fate.clone());
            world.delete(&state).await;
            world.faults.reset();
            let again = world.delete(&state).await;
            assert_eq!(again.failures, [], "{fate:?} {call}");
            assert!(world.pca.alive().is_empty());
            assert_eq!(world.pca.all().len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_restore_that_was_killed_at_any_call_converges() {
    let whole = World::new();
    let gone = deleted(&whole).await;
    whole.faults.reset();
    whole.made(&with(&root(), json!({"restore_arn": gone})), "i2").await;
    let calls = whole.calls();
    // The last call removes the mark: killed after it, the CA is finished.
    for call in 1..calls.len() {
        for fate in FATES {
            let world = World::new();
            let gone = deleted(&world).await;
            let wish = with(&root(), json!({"restore_arn": gone}));
            world.kill(call, fate.clone());
            world.create(&wish, "i2").await;
            world.faults.reset();
            world.made(&wish, "i3").await;
            let kept = world.only();
            let at = format!("{fate:?} {call} {}", calls[call - 1]);
            assert_eq!(
                (&kept.authority.arn, kept.authority.status.as_str()),
                (&gone, "ACTIVE"),
                "{at}"
            );
            assert_eq!(tags(&kept).get(marks::INSTANCE), Some(&"i3"), "{at}");
        }
    }
}

/// A CA of this owner that was deleted.
async fn deleted(world: &World) -> String {
    let state = world.made(&root(), "i1").await;
    let arn = world.only().authority.arn;
    assert_eq!(world.delete(&state).await.failures, []);
    arn
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_nothing_twice() {
    let whole = World::new();
    whole.made(&root(), "i0").await;
    let calls = whole.faults.calls();
    for call in calls.iter().filter(|call| call.writes) {
        let world = World::new();
        world.faults.at(call.number, Fate::AnswerLost);
        let outcome = world.create(&root(), "i1").await;
        assert_eq!(outcome.failures, [], "{}", call.operation);
        assert_eq!(world.pca.all().len(), 1, "{}", call.operation);
        assert_eq!(days(&world.only()), Some(3650));
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_fails_is_in_the_state_and_is_finished_by_an_update() {
    let whole = World::new();
    whole.made(&root(), "i0").await;
    let calls = whole.faults.calls();
    let create = calls
        .iter()
        .position(|call| call.operation.ends_with("CreateCertificateAuthority"));
    for call in calls.iter().skip(create.expect("a create") + 1) {
        let world = World::new();
        world
            .faults
            .at(call.number, Fate::Refused(e2etls_engine::refusal::Answer::Invalid));
        let outcome = world.create(&root(), "i1").await;
        assert!(!outcome.failures.is_empty());
        let at = &call.operation;
        if outcome.ledger.is_empty() {
            // Whose it is was not seen yet: the next create finds it.
            assert!(
                ["DescribeCertificateAuthority", "ListTags"]
                    .iter()
                    .any(|read| at.ends_with(read)),
                "{at}"
            );
            world.made(&root(), "i2").await;
            world.only();
            continue;
        }
        assert_eq!(outcome.ledger["ca"].uid, Some(world.only().authority.arn), "{at}");
        assert!(outcome.memory.unfinished);
        let state = State {
            instance: "i1".to_owned(),
            ledger: outcome.ledger,
            memory: outcome.memory,
            content: root(),
        };
        let (state, drift) = refreshed(&world, &state).await;
        assert!(!drift.is_empty(), "{at}: the next plan finishes it");
        let drift: Vec<&str> = drift.iter().map(String::as_str).collect();
        let finished = world.update(&state, &root(), &drift).await;
        assert_eq!(
            (finished.failures.as_slice(), finished.memory.unfinished),
            ([].as_slice(), false),
            "{at}"
        );
        let kept = world.only();
        assert_eq!(
            (kept.authority.status.as_str(), days(&kept)),
            ("ACTIVE", Some(3650)),
            "{at}"
        );
        assert!(!kept.tags.contains_key(marks::CREATING), "{at}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_costs_one_request_and_reads_no_tags() {
    use e2etls_engine::kind::Kind as _;
    let world = World::new();
    let state = world.made(&root(), "i1").await;
    let mut op = world.operation(Asked::Observe);
    let target = part(&root());
    let target = target.target(state.ledger["ca"].uid.as_deref());
    let first = super::KIND
        .look(&op, target, Reading::Shared)
        .await
        .expect("an answer")
        .expect("a CA");
    assert_eq!(first.marks, None);
    op.remotes.known.insert(first.uid.clone(), first.outputs.clone());
    world.faults.reset();
    let again = super::KIND.look(&op, target, Reading::Shared).await;
    assert_eq!(again, Ok(Some(first)));
    assert_eq!(world.calls(), ["DescribeCertificateAuthority"]);
}
