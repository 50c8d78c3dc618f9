//! Everything but reading and applying.

use std::time::Duration;

use super::{THING, bugs, config, configured, created, details, plan_and_apply};
use crate::sample::{Sample, Things};
use crate::server::{RawState, Server};
use crate::{MoveSource, Number, Private, Resource, Value};

fn lookup(name: &str) -> Value {
    Value::object([("name", name.into()), ("depth", Value::Null), ("found", Value::Null)])
}

#[test]
fn all_mistakes_are_reported_at_their_paths() {
    let route = Value::object([("host", Value::Null), ("port", Value::Unknown), ("target", "t".into())]);
    let key = Value::object([("algorithm", "ecdas".into()), ("size", 0.into())]);
    let wrong = config([
        ("id", "mine".into()),
        ("note", "forbidden".into()),
        ("percent", Value::Number(Number::Decimal("0.5".to_owned()))),
        ("key", key),
        ("routes", Value::List(vec![Value::Unknown, route.clone()])),
        ("by_key", Value::object([("a", route.clone())])),
        (
            "members",
            Value::List(vec![Value::object([("name", Value::Null), ("number", Value::Null)])]),
        ),
        (
            "timeouts",
            Value::object([
                ("create", "soon".into()),
                ("read", "1h30m".into()),
                ("update", Value::Unknown),
                ("delete", Value::Null),
            ]),
        ),
    ]);
    let diagnostics = Server::new(Sample).validate_resource(THING, &wrong);
    let found = details(&diagnostics);
    let expected = [
        "id: `id` is set by the provider",
        "name: `name` is required",
        "percent: `0.5` must be a whole number",
        "key.algorithm: `ecdas` is not one of `ECDSA`, `RSA`. Did you mean `ECDSA`?",
        "key.size: `0` must be at least 1",
        "routes[1].host: `host` is required",
        "routes[1].target: `target` is set by the provider",
        "by_key[\"a\"].host",
        "members: `name` is required",
        "timeouts.create: `soon` is not a valid duration",
    ];
    for expected in expected {
        assert!(
            found.iter().any(|text| text.starts_with(expected)),
            "{expected} not in {found:#?}"
        );
    }
    assert_eq!(bugs(&diagnostics), 0);
}

#[test]
fn validation_goes_on_to_the_hook_and_survives_it() {
    let table = [
        (config([("name", "x".into())]), vec![]),
        (
            config([("name", Value::Unknown), ("names", Value::List(vec![Value::Unknown]))]),
            vec![],
        ),
        (
            config([("name", "x".into()), ("note", "forbidden".into())]),
            vec!["note: It is forbidden."],
        ),
        (
            config([
                ("name", "x".into()),
                ("names", Value::List(vec!["a".into(), Value::Null])),
            ]),
            vec!["names[1]: Null is not allowed here."],
        ),
    ];
    let server = Server::new(Sample);
    for (config, expected) in table {
        assert_eq!(details(&server.validate_resource(THING, &config)), expected);
    }
    let panics = config([("name", "x".into()), ("note", "panic in validate".into())]);
    assert_eq!(bugs(&server.validate_resource(THING, &panics)), 1);
}

#[tokio::test]
async fn what_reaches_a_remote_wants_configuration() {
    let server = Server::new(Sample);
    let state = created("fine").await.state;
    let refused = [
        server.read_resource(THING, state.clone(), Private::default()).await,
        plan_and_apply(&server, &state, &Value::Null).await,
    ];
    for outcome in refused {
        assert_eq!(outcome.state, state);
        assert!(outcome.diagnostics.has_errors());
    }
    assert!(server.import_resource(THING, "id-1").await.diagnostics.has_errors());
    assert!(
        server
            .read_data_source("sample_lookup", &lookup("x"))
            .await
            .1
            .has_errors()
    );
}

#[test]
fn the_last_configuration_wins() {
    let server = configured();
    assert_eq!(server.configured().as_deref(), Some(&Duration::from_secs(5)));
    let provider = |seconds: Value, endpoint: Value| Value::object([("seconds", seconds), ("endpoint", endpoint)]);
    assert!(
        server.configure(&provider(Value::Unknown, Value::Unknown)).is_empty(),
        "unknown values are legal"
    );
    assert_eq!(server.configured().as_deref(), Some(&Duration::ZERO));
    assert!(server.configure(&provider(Value::Null, "bad".into())).has_errors());
    assert_eq!(server.configured(), None);
    assert!(
        server
            .validate_provider(&provider(Value::Number(Number::Double(0.5)), Value::Null))
            .has_errors()
    );
}

#[tokio::test]
async fn imports_and_moves_bring_an_object_or_a_reason() {
    let server = configured();
    let found = server.import_resource(THING, "id-9").await;
    assert_eq!(found.state.get("id"), &"id-9".into());
    assert_eq!(
        details(&server.import_resource(THING, "none").await.diagnostics),
        ["There is no such thing."]
    );
    let source = |type_name: &str| MoveSource {
        provider_address: "registry.terraform.io/other/other".to_owned(),
        type_name: type_name.to_owned(),
        schema_version: 0,
        state: serde_json::json!({ "id": "moved" }),
    };
    let unconfigured = Server::new(Sample);
    assert_eq!(
        unconfigured
            .move_resource(THING, &source("other_thing"))
            .state
            .get("id"),
        &"moved".into()
    );
    assert!(
        unconfigured
            .move_resource(THING, &source("foreign"))
            .diagnostics
            .has_errors()
    );
}

#[tokio::test]
async fn data_sources_see_defaults_and_keep_what_is_written() {
    let server = configured();
    let (value, diagnostics) = server.read_data_source("sample_lookup", &lookup("x")).await;
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(value.get("found"), &"2 levels deep".into());
    let (value, diagnostics) = server.read_data_source("sample_lookup", &lookup("missing")).await;
    assert!(value.is_null() && diagnostics.has_errors());
    let (_, diagnostics) = server.read_data_source("sample_lookup", &lookup("changed")).await;
    assert_eq!(bugs(&diagnostics), 1);
}

#[test]
fn stored_state_is_lifted_typed_and_exact() {
    let upgrade = |version: i64, json: &str| {
        Server::new(Sample).upgrade_resource(
            THING,
            RawState {
                version,
                json: json.as_bytes().to_vec(),
            },
        )
    };
    for (version, json) in [
        (0, r#"{"title":"x"}"#),
        (1, r#"{"heading":"x"}"#),
        (2, r#"{"name":"x","vanished":[1,{}]}"#),
    ] {
        let state = upgrade(version, json).expect(json);
        assert_eq!(state.get("name"), &"x".into(), "{json}");
        assert!(state.conforms(&Things.schema().value_type()), "{json}");
        assert_eq!(state.get("rule"), &Value::List(vec![]), "{json}");
    }
    let exact = upgrade(
        2,
        r#"{"exact":18446744073709551617,"ratio":0.1,"percent":"7","rule":[{"cidr":1}]}"#,
    )
    .expect("valid");
    assert_eq!(
        exact.get("exact"),
        &Value::Number(Number::Decimal("18446744073709551617".to_owned()))
    );
    assert_eq!(exact.get("ratio"), &Value::Number(Number::Decimal("0.1".to_owned())));
    assert_eq!(exact.get("percent"), &7.into());
    for (version, json) in [
        (3, "{}"),
        (2, "[]"),
        (2, r#"{"name":{}}"#),
        (2, "{"),
        (2, r#"{"percent":"x"}"#),
    ] {
        assert!(upgrade(version, json).is_err(), "{json}");
    }
}

#[test]
fn unknown_types_are_named_with_a_suggestion() {
    let server = Server::new(Sample);
    let diagnostics = server.validate_resource("sample_thingy", &Value::Null);
    assert_eq!(
        details(&diagnostics),
        ["This provider has no resource `sample_thingy`. Did you mean `sample_thing`?"]
    );
    assert!(server.validate_data_source("other", &Value::Null).has_errors());
}

#[test]
fn a_provider_configuration_is_never_computed() {
    let server = Server::new(Sample);
    let seconds = server.schema().provider.attribute("seconds").expect("declared");
    assert_eq!(seconds.mode, crate::schema::Mode::Optional);
}
