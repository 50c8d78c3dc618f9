//! Answers that hosts refuse, and some that look wrong and are not.

use super::{check_apply, check_final_plan, check_plan, check_replace, proposed_new};
use crate::sample::Things;
use crate::schema::Schema;
use crate::{AttributePath, Resource, Value};

fn schema() -> Schema {
    Things.schema()
}

fn thing<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    let Value::Map(mut entries) = schema().empty_value() else {
        panic!("no object")
    };
    entries.extend(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Map(entries)
}

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

fn route(host: Value, port: Value, target: Value) -> Value {
    Value::object([("host", host), ("port", port), ("target", target)])
}

fn member(name: &str, number: Value) -> Value {
    Value::object([("name", name.into()), ("number", number)])
}

fn rule(cidr: Value, priority: Value) -> Value {
    Value::object([("cidr", cidr), ("priority", priority)])
}

#[test]
fn plans_are_judged_attribute_by_attribute() {
    let a = || route("a".into(), Value::Null, Value::Null);
    // attribute, prior, config, planned, accepted
    let table = [
        ("note", Value::Null, Value::from("a"), Value::from("a"), true),
        ("note", Value::Null, "a".into(), "b".into(), false),
        ("note", "A".into(), "a".into(), "A".into(), true),
        ("note", "A".into(), Value::Null, "A".into(), false),
        ("note", Value::Null, Value::Unknown, "a".into(), false),
        ("note", Value::Null, "a".into(), Value::Unknown, false),
        ("id", Value::Null, Value::Null, "anything".into(), true),
        ("region", Value::Null, Value::Null, Value::Unknown, true),
        ("region", Value::Null, "a".into(), "b".into(), false),
        ("token", Value::Null, "a".into(), Value::Null, true),
        ("token", Value::Null, "a".into(), "a".into(), false),
        ("names", Value::Null, list([]), Value::Null, false),
        (
            "algorithms",
            Value::Null,
            list(["a".into(), "b".into()]),
            list(["b".into(), "a".into()]),
            true,
        ),
        (
            "routes",
            Value::Null,
            list([a()]),
            list([route("a".into(), 80.into(), Value::Unknown)]),
            true,
        ),
        ("routes", Value::Null, list([a()]), list([a(), a()]), false),
        ("routes", Value::Null, list([a()]), Value::Unknown, false),
        ("routes", Value::Null, Value::Unknown, list([a()]), false),
        (
            "routes",
            Value::Null,
            list([a()]),
            list([route("b".into(), Value::Null, Value::Null)]),
            false,
        ),
        (
            "by_key",
            Value::Null,
            Value::object([("x", a())]),
            Value::object([("y", a())]),
            false,
        ),
        (
            "members",
            Value::Null,
            list([member("a", Value::Null)]),
            list([member("a", 1.into())]),
            true,
        ),
        (
            "members",
            Value::Null,
            list([member("a", Value::Null)]),
            list([]),
            false,
        ),
        ("rule", list([]), Value::Unknown, Value::Unknown, true),
        ("rule", list([]), Value::Unknown, list([]), false),
        ("rule", list([]), list([]), Value::Null, false),
        (
            "rule",
            list([]),
            list([rule("a".into(), Value::Null)]),
            list([rule("a".into(), 1.into())]),
            true,
        ),
        (
            "rule",
            list([]),
            list([rule("a".into(), Value::Null)]),
            list([Value::Unknown]),
            false,
        ),
        ("rule", list([]), list([rule("a".into(), Value::Null)]), list([]), false),
        ("percent", Value::Null, Value::Null, "no number".into(), false),
    ];
    for (name, prior, config, planned, accepted) in table {
        let text = format!("{name}: {prior:?}, {config:?} -> {planned:?}");
        let found = check_plan(
            &schema(),
            &thing([(name, prior)]),
            &thing([(name, config)]),
            &thing([(name, planned)]),
        );
        assert_eq!(found.is_empty(), accepted, "{text}: {found:?}");
        assert!(
            found.iter().all(|violation| !violation.to_string().contains("String")),
            "values may be secret"
        );
    }
}

#[test]
fn a_plan_is_an_object_where_one_is_wanted() {
    let some = thing([("name", "x".into())]);
    let cases = [
        (&some, &some, true),
        (&Value::Null, &Value::Null, true),
        (&some, &Value::Null, false),
        (&Value::Null, &some, false),
    ];
    for (config, planned, accepted) in cases {
        assert_eq!(
            check_plan(&schema(), &Value::Null, config, planned).is_empty(),
            accepted
        );
    }
    let lacking = Value::object([("name", "x".into())]);
    assert!(
        !check_plan(&schema(), &Value::Null, &some, &lacking).is_empty(),
        "an attribute is missing"
    );
}

#[test]
fn paths_that_replace_exist() {
    let prior = thing([("routes", list([route("a".into(), Value::Null, Value::Null)]))]);
    let root = AttributePath::root("routes");
    let table = [
        (AttributePath::root("name"), true),
        (AttributePath::root("nam"), false),
        (root.clone().index(0).attribute("host"), true),
        (root.index(1), false),
        (AttributePath::root("tags").key("a"), false),
    ];
    for (path, accepted) in table {
        assert_eq!(check_replace(&prior, &thing([]), &[path]).is_empty(), accepted);
    }
}

#[test]
fn what_was_planned_is_what_comes() {
    // attribute, planned, new, accepted
    let table = [
        ("note", Value::from("a"), Value::from("a"), true),
        ("note", "a".into(), "b".into(), false),
        ("note", "a".into(), Value::Null, false),
        ("note", Value::Null, "a".into(), false),
        ("note", Value::Unknown, "a".into(), true),
        ("note", Value::Unknown, Value::Null, true),
        ("note", "nai\u{308}ve".into(), "na\u{ef}ve".into(), true),
        ("names", list([Value::Unknown]), list(["a".into()]), true),
        ("names", list([Value::Unknown]), list([]), false),
        (
            "tags",
            Value::object([("a", Value::Unknown)]),
            Value::object([("b", "c".into())]),
            false,
        ),
        (
            "algorithms",
            list(["a".into(), Value::Unknown]),
            list(["a".into()]),
            true,
        ),
        ("algorithms", list(["a".into()]), list(["a".into(), "b".into()]), false),
        (
            "algorithms",
            list(["a".into(), "b".into()]),
            list(["a".into(), "c".into()]),
            false,
        ),
        (
            "members",
            list([member("a", Value::Unknown)]),
            list([member("a", 1.into())]),
            true,
        ),
        (
            "members",
            list([member("a", Value::Unknown)]),
            list([member("b", 1.into())]),
            false,
        ),
        ("rule", Value::Unknown, list([rule("a".into(), 1.into())]), true),
        ("rule", list([rule("a".into(), Value::Unknown)]), list([]), false),
    ];
    for (name, planned, new, accepted) in table {
        let text = format!("{name}: {planned:?} -> {new:?}");
        let found = check_apply(&schema(), &thing([(name, planned)]), &thing([(name, new)]));
        assert_eq!(found.is_empty(), accepted, "{text}: {found:?}");
    }
    assert!(!check_apply(&schema(), &thing([]), &thing([("id", Value::Unknown)])).is_empty());
    assert!(!check_apply(&schema(), &thing([]), &Value::Null).is_empty());
}

#[test]
fn a_final_plan_may_still_hold_what_was_unknown() {
    let first = thing([("id", Value::Unknown), ("note", "a".into())]);
    assert!(check_final_plan(&schema(), &first, &first).is_empty());
    assert!(!check_final_plan(&schema(), &first, &thing([("note", Value::Unknown)])).is_empty());
}

#[test]
fn proposals_merge_computed_values_into_what_is_written() {
    // attribute, prior, config, proposed
    let prior_routes = list([route("a".into(), 80.into(), "t".into())]);
    let table = [
        ("region", Value::from("a"), Value::Null, Value::from("a")),
        ("region", "a".into(), "b".into(), "b".into()),
        ("note", "a".into(), Value::Null, Value::Null),
        (
            "routes",
            prior_routes,
            list([
                route("b".into(), Value::Null, Value::Null),
                route("c".into(), Value::Null, Value::Null),
            ]),
            list([
                route("b".into(), 80.into(), "t".into()),
                route("c".into(), Value::Null, Value::Null),
            ]),
        ),
        (
            "members",
            list([member("a", 1.into()), member("b", 2.into())]),
            list([member("b", Value::Null), member("c", Value::Null)]),
            list([member("b", 2.into()), member("c", Value::Null)]),
        ),
        (
            "rule",
            list([rule("a".into(), 5.into())]),
            Value::Unknown,
            Value::Unknown,
        ),
        (
            "rule",
            list([rule("a".into(), 5.into())]),
            list([rule("b".into(), Value::Null)]),
            list([rule("b".into(), 5.into())]),
        ),
    ];
    for (name, prior, config, expected) in table {
        let proposed = proposed_new(&schema(), &thing([(name, prior)]), &thing([(name, config)]));
        assert_eq!(proposed.get(name), &expected, "{name}");
    }
}
