//! The plan engine, step by step, on the sample provider.

use crate::sample::{Sample, Things};
use crate::server::{PlanCall, Planned, Server};
use crate::testkit::{Sweep, lint_all};
use crate::{AttributePath, Leg, Private, Resource, Value, oracle};

/// The sample's empty configuration with `attributes` set.
fn config<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    with(&Things.schema().empty_value(), attributes)
}

fn with<const N: usize>(value: &Value, attributes: [(&str, Value); N]) -> Value {
    let Value::Map(mut entries) = value.clone() else {
        panic!("no object")
    };
    entries.extend(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Map(entries)
}

fn plan(prior: &Value, config: &Value) -> Planned {
    plan_with(prior, config, Private::default())
}

fn plan_with(prior: &Value, config: &Value, private: Private) -> Planned {
    let proposed = if config.is_null() {
        Value::Null
    } else {
        oracle::proposed_new(&Things.schema(), prior, config)
    };
    let call = PlanCall {
        prior: prior.clone(),
        proposed,
        config: config.clone(),
        private,
    };
    Server::new(Sample).plan_resource("sample_thing", call)
}

/// What an apply of `config` leaves.
fn applied(config: &Value) -> Value {
    with(
        &plan(&Value::Null, config).planned,
        [
            ("id", "id-1".into()),
            ("revision", 1.into()),
            ("region", "somewhere".into()),
            ("zone", "a".into()),
        ],
    )
}

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

#[test]
fn a_create_fills_defaults_and_leaves_the_rest_unknown() {
    let planned = plan(
        &Value::Null,
        &config([("name", "x".into()), ("token", "secret".into())]),
    );
    assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
    let table = [
        ("name", "x".into()),
        ("percent", 33.into()),
        ("label", "label of x".into()),
        ("id", Value::Unknown),
        ("revision", Value::Unknown),
        ("region", Value::Unknown),
        ("note", Value::Null),
        ("token", Value::Null),
        ("subject", Value::Null),
        (
            "key",
            Value::object([("algorithm", "ECDSA".into()), ("size", 384.into())]),
        ),
        ("rule", list([])),
    ];
    for (name, expected) in table {
        assert_eq!(*planned.planned.get(name), expected, "{name}");
    }
    assert_eq!(planned.private.leg(), Some(Leg::Create));
}

#[test]
fn nothing_changed_is_the_prior_state() {
    let config = config([
        ("name", "x".into()),
        ("names", list(["a".into()])),
        ("token", "other".into()),
    ]);
    let state = applied(&config);
    assert_eq!(plan(&state, &config).planned, state);
}

#[test]
fn a_change_makes_computed_values_unknown_unless_kept() {
    let state = applied(&config([("name", "x".into())]));
    let planned = plan(&state, &config([("name", "x".into()), ("note", "new".into())]));
    assert_eq!(planned.planned.get("id"), &"id-1".into());
    assert_eq!(planned.planned.get("zone"), &"a".into());
    assert!(planned.planned.get("revision").is_unknown());
    assert!(planned.planned.get("region").is_unknown());
    assert!(planned.replace.is_empty());
    assert_eq!(planned.private.leg(), Some(Leg::Replacing));
}

#[test]
fn a_kept_value_that_was_never_known_is_unknown() {
    let state = with(&applied(&config([("name", "x".into())])), [("id", Value::Null)]);
    let planned = plan(&state, &config([("name", "x".into()), ("note", "new".into())]));
    assert!(planned.planned.get("id").is_unknown());
}

#[test]
fn nested_defaults_and_computed_values_follow_their_object() {
    let subject =
        |name: &str, dn: Value| Value::object([("common_name", name.into()), ("country", Value::Null), ("dn", dn)]);
    let wanted = config([("name", "x".into()), ("subject", subject("cn", Value::Null))]);
    let created = plan(&Value::Null, &wanted).planned;
    assert_eq!(created.get("subject").get("country"), &"DE".into());
    assert!(created.get("subject").get("dn").is_unknown());

    let route =
        |host: &str, target: Value| Value::object([("host", host.into()), ("port", Value::Null), ("target", target)]);
    let state = with(
        &applied(&config([("name", "x".into())])),
        [("routes", list([with(&route("a", "t-a".into()), [("port", 80.into())])]))],
    );
    let wanted = config([
        ("name", "x".into()),
        ("routes", list([route("b", Value::Null), route("c", Value::Null)])),
    ]);
    let planned = plan(&state, &wanted).planned;
    let routes = planned.get("routes").elements();
    assert_eq!(
        routes[0].get("target"),
        &"t-a".into(),
        "the element at the index was there before"
    );
    assert!(
        routes[1].get("target").is_unknown(),
        "a new element has nothing to keep"
    );
    assert_eq!(routes[1].get("port"), &80.into());
}

#[test]
fn elements_of_sets_that_stay_keep_what_was_computed() {
    let member = |name: &str, number: Value| Value::object([("name", name.into()), ("number", number)]);
    let base = config([("name", "x".into())]);
    let state = with(
        &applied(&base),
        [("members", list([member("a", 1.into()), member("b", 2.into())]))],
    );
    let reordered = with(
        &base,
        [("members", list([member("b", Value::Null), member("a", Value::Null)]))],
    );
    assert_eq!(plan(&state, &reordered).planned, state, "order means nothing");
    let more = with(
        &base,
        [("members", list([member("c", Value::Null), member("a", Value::Null)]))],
    );
    let members = plan(&state, &more).planned.get("members").clone();
    assert_eq!(members, list([member("c", Value::Unknown), member("a", 1.into())]));
}

#[test]
fn what_a_model_can_not_hold_stays_as_the_host_sent_it() {
    let partly = list(["a".into(), Value::Unknown]);
    let wanted = config([
        ("name", "x".into()),
        ("names", partly.clone()),
        ("algorithms", partly.clone()),
        ("tags", Value::object([("a", Value::Unknown), ("b", "c".into())])),
        ("rule", Value::Unknown),
        ("routes", list([Value::Unknown])),
    ]);
    let planned = plan(&Value::Null, &wanted);
    assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
    for name in ["names", "algorithms", "tags", "rule", "routes"] {
        assert_eq!(planned.planned.get(name), wanted.get(name), "{name}");
    }
}

#[test]
fn replacement_wants_a_change_that_somebody_asked_for() {
    let base = config([("name", "x".into())]);
    let state = applied(&base);
    let subject = Value::object([
        ("common_name", "cn".into()),
        ("country", Value::Null),
        ("dn", Value::Null),
    ]);
    let table = [
        ("note", Value::from("other"), vec![]),
        ("name", "y".into(), vec![AttributePath::root("name")]),
        ("name", Value::Unknown, vec![AttributePath::root("name")]),
        ("zone", "b".into(), vec![AttributePath::root("zone")]),
        ("zone", "a".into(), vec![]),
        (
            "subject",
            subject,
            vec![AttributePath::root("subject").attribute("common_name")],
        ),
        ("note", "replace by hook".into(), vec![AttributePath::root("note")]),
    ];
    for (name, value, expected) in table {
        let planned = plan(&state, &with(&base, [(name, value.clone())]));
        assert_eq!(planned.replace, expected, "{name} = {value:?}");
        assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
    }
    let renamed = with(&base, [("name", "y".into()), ("note", "take replacement away".into())]);
    assert!(plan(&state, &renamed).replace.is_empty(), "the hook has the last word");
}

#[test]
fn protection_refuses_destroys_and_replacements() {
    let base = config([("name", "x".into()), ("protected", true.into())]);
    let state = applied(&base);
    let table = [
        (Value::Null, Some("It would be destroyed.")),
        (with(&base, [("name", "y".into())]), Some("It would be replaced.")),
        (with(&base, [("note", "y".into())]), None),
    ];
    for (config, expected) in table {
        let planned = plan(&state, &config);
        let detail = planned
            .diagnostics
            .iter()
            .next()
            .map(|diagnostic| diagnostic.cause.as_str());
        assert_eq!(detail, expected);
    }
}

#[test]
fn legs_say_what_a_plan_was_made_for() {
    let base = config([("name", "x".into())]);
    let state = applied(&base);
    assert_eq!(plan(&state, &Value::Null).private.leg(), Some(Leg::Destroy));
    let first = plan(&state, &with(&base, [("name", "y".into())])).private;
    assert_eq!(first.leg(), Some(Leg::Replacing));
    let second = plan_with(&Value::Null, &with(&base, [("name", "y".into())]), first);
    assert_eq!(second.private.leg(), Some(Leg::Replacing));
}

#[test]
fn a_hook_against_the_rules_is_a_bug_and_no_invalid_plan() {
    for note in ["plan against the rules", "panic in plan"] {
        let wanted = config([("name", "x".into()), ("percent", 50.into()), ("note", note.into())]);
        let planned = plan(&Value::Null, &wanted);
        assert!(planned.diagnostics.iter().any(crate::Diagnostic::is_bug), "{note}");
    }
}

#[test]
fn no_random_plan_breaks_a_rule_of_the_host() {
    let server = Server::new(Sample);
    assert_eq!(lint_all(&server), Vec::<String>::new());
    let spelled = |at: &str| match at {
        "note" => vec!["a".into(), "b".into()],
        "routes[].port" | "by_key[].port" | "percent" | "key.size" | "rule[].priority" => vec![1.into(), 2.into()],
        _ => Vec::new(),
    };
    Sweep::new("sample_thing").candidates(spelled).cases(512).run(&server);
}
