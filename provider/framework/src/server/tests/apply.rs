//! Creating, reading, updating and deleting.

use std::sync::Arc;
use std::time::Duration;

use super::{THING, bugs, config, configured, created, details, plan_and_apply, plan_call, set};
use crate::server::ApplyCall;
use crate::{Leg, Private, Value};

/// The call that deletes what `state` tells of, with the private state of a plan for `leg`.
fn delete_of(state: &Value, leg: Option<Leg>) -> ApplyCall {
    let mut private = Private::default();
    private.set_leg(leg);
    ApplyCall {
        prior: state.clone(),
        planned: Value::Null,
        config: Value::Null,
        private,
    }
}

#[tokio::test]
async fn a_create_returns_what_was_made_and_clears_the_leg() {
    let outcome = created("fine").await;
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    assert_eq!(outcome.state.get("id"), &"id-1".into());
    assert!(
        outcome.state.get("token").is_null(),
        "write-only values are never stored"
    );
    assert_eq!(outcome.private.leg(), None);
    assert_eq!(outcome.private.get::<u64>("timeout"), Some(60));
}

#[tokio::test]
async fn nothing_that_was_made_is_lost() {
    let table = [
        ("fail half-way", 0, true),
        ("against the plan", 2, true),
        ("fail at once", 0, false),
        ("panic in create", 1, false),
        ("return nothing", 1, false),
    ];
    for (note, expected_bugs, made) in table {
        let outcome = created(note).await;
        assert!(outcome.diagnostics.has_errors(), "{note}");
        assert_eq!(
            bugs(&outcome.diagnostics),
            expected_bugs,
            "{note}: {:?}",
            outcome.diagnostics
        );
        assert_eq!(!outcome.state.is_null(), made, "{note}");
        assert!(outcome.state.is_wholly_known(), "{note}");
        assert_eq!(outcome.private.leg(), None, "{note}");
    }
}

#[tokio::test]
async fn a_failed_update_keeps_the_prior_state() {
    let state = created("fine").await.state;
    let server = configured();
    let outcome = plan_and_apply(
        &server,
        &state,
        &config([("name", "x".into()), ("note", "fail at once".into())]),
    )
    .await;
    assert_eq!(outcome.state, state);
    let outcome = plan_and_apply(&server, &state, &config([("name", "x".into()), ("note", "new".into())])).await;
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    assert_eq!(outcome.state.get("revision"), &2.into());
}

#[tokio::test]
async fn a_delete_ends_in_null_or_says_what_remains() {
    let table = [("fine", true, 0), ("stuck", false, 0), ("stays", false, 1)];
    for (note, gone, expected_bugs) in table {
        let state = created(note).await.state;
        let outcome = plan_and_apply(&configured(), &state, &Value::Null).await;
        assert_eq!(outcome.state.is_null(), gone, "{note}");
        assert_eq!(bugs(&outcome.diagnostics), expected_bugs, "{note}");
        assert!(gone || outcome.state == state, "{note}");
    }
}

#[tokio::test]
async fn a_delete_sees_the_leg_of_its_plan() {
    let state = created("say which leg").await.state;
    for (leg, expected) in [
        (Some(Leg::Create), true),
        (Some(Leg::Replacing), false),
        (Some(Leg::Destroy), false),
        (None, false),
    ] {
        let outcome = configured().apply_resource(THING, delete_of(&state, leg)).await;
        assert_eq!(
            details(&outcome.diagnostics),
            [format!("before create: {expected}")],
            "{leg:?}"
        );
    }
}

#[tokio::test]
async fn a_read_keeps_everything_on_any_doubt() {
    let mut private = Private::default();
    private.set("hash", &"abc");
    for (note, gone, errors) in [
        ("fine", false, false),
        ("gone", true, false),
        ("unreachable", false, true),
        ("panic in read", false, true),
    ] {
        let state = created(note).await.state;
        let outcome = configured().read_resource(THING, state.clone(), private.clone()).await;
        assert_eq!(outcome.diagnostics.has_errors(), errors, "{note}");
        assert_eq!(outcome.state, if gone { Value::Null } else { state }, "{note}");
        assert!(gone || outcome.private == private, "{note}");
    }
}

/// What `timeouts` say where only `name` is set.
fn timeouts(name: &str, value: &str) -> Value {
    let mut timeouts = Value::object(["create", "read", "update", "delete"].map(|name| (name, Value::Null)));
    set(&mut timeouts, [(name, value.into())]);
    timeouts
}

#[tokio::test]
async fn a_read_ends_at_its_timeout_even_where_the_hook_does_not() {
    let table = [
        ("hang", "The read did not finish within 10ms. It changed nothing."),
        ("say when it is over", "It was over."),
    ];
    for (note, expected) in table {
        let mut state = created(note).await.state;
        set(&mut state, [("timeouts", timeouts("read", "10ms"))]);
        let outcome = configured()
            .read_resource(THING, state.clone(), Private::default())
            .await;
        assert_eq!(details(&outcome.diagnostics), [expected]);
        assert_eq!(outcome.state, state);
    }
}

#[tokio::test]
async fn a_stop_ends_a_read_that_does_not_listen() {
    let state = created("hang").await.state;
    let server = Arc::new(configured());
    let running = Arc::clone(&server);
    let reading = tokio::spawn(async move { running.read_resource(THING, state, Private::default()).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    server.stop();
    let told = details(&reading.await.expect("no panic").diagnostics);
    assert!(told[0].contains("asked the provider to stop"), "{told:?}");
}

#[tokio::test]
async fn a_word_that_only_a_newer_version_knows_is_no_bug_of_this_one() {
    let key = Value::object([("algorithm", "ML-DSA".into()), ("size", 1.into())]);
    let mut state = created("fine").await.state;
    set(&mut state, [("key", key)]);
    let server = configured();
    let found = [
        server
            .read_resource(THING, state.clone(), Private::default())
            .await
            .diagnostics,
        server.apply_resource(THING, delete_of(&state, None)).await.diagnostics,
        server.plan_resource(THING, plan_call(&state, &Value::Null)).diagnostics,
        server
            .plan_resource(THING, plan_call(&state, &config([("name", "x".into())])))
            .diagnostics,
    ];
    for diagnostics in found {
        assert_eq!(bugs(&diagnostics), 0, "{diagnostics:?}");
        let told = details(&diagnostics);
        assert!(
            told[0].starts_with("key.algorithm: `key.algorithm` is `ML-DSA`"),
            "{told:?}"
        );
        assert!(told[0].contains("a newer version of the provider"), "{told:?}");
    }
}

#[tokio::test]
async fn stop_ends_what_runs_and_nothing_later() {
    let server = Arc::new(configured());
    let running = Arc::clone(&server);
    let waiting = tokio::spawn(async move {
        plan_and_apply(
            &running,
            &Value::Null,
            &config([("name", "x".into()), ("note", "wait for stop".into())]),
        )
        .await
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    server.stop();
    let stopped = waiting.await.expect("no panic");
    assert_eq!(details(&stopped.diagnostics), ["The host asked to stop."]);
    assert!(!stopped.state.is_null(), "what was made is in the state");
    let later = plan_and_apply(&server, &Value::Null, &config([("name", "x".into())])).await;
    assert!(later.diagnostics.is_empty());
}

#[tokio::test]
async fn timeouts_come_from_the_user_first() {
    let timeouts = timeouts("create", "1h30m");
    let outcome = plan_and_apply(
        &configured(),
        &Value::Null,
        &config([("name", "x".into()), ("timeouts", timeouts)]),
    )
    .await;
    assert_eq!(outcome.private.get::<u64>("timeout"), Some(5400));
}
