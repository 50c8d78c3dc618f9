//! A document's life, seen by a host: plan, apply, read, import, upgrade, stop, private state.

use std::time::Duration;

use bytes::Bytes;
use tfplugin_framework::{Number, Type, Value};
use tfplugin_protocol::host::{ApplyRequest, Host};

use crate::example::{DOCUMENT, Example, document, errors, launch, plan};

#[tokio::test]
async fn create_read_update_delete_and_nothing_in_between() {
    let example = Example::start().await;
    let config = document(
        "a",
        [
            ("content", "one".into()),
            ("weight", Value::Number(Number::Decimal("0.1".to_owned()))),
        ],
    );
    let made = example.create(&config).await;
    assert_eq!(made.diagnostics, []);
    assert!(made.state.is_wholly_known());

    let read = example
        .provider
        .read(DOCUMENT, &made.state, made.private.clone())
        .await
        .unwrap();
    assert_eq!((&read.state, &read.private), (&made.state, &made.private));
    let again = example.plan(&read.state, &config, read.private.clone()).await;
    assert_eq!(again.state, made.state, "nothing to do");

    let wanted = document("a", [("content", "two".into())]);
    let changed = example.change(&read.state, &wanted, read.private).await;
    assert_eq!(changed.state.get("revision"), &Value::from(2));
    assert_eq!(changed.state.get("id"), made.state.get("id"), "kept");

    let moved = example
        .plan(&changed.state, &document("b", []), changed.private.clone())
        .await;
    assert_eq!(moved.replace.len(), 1);

    let gone = example.change(&changed.state, &Value::Null, changed.private).await;
    assert_eq!((gone.state, gone.diagnostics), (Value::Null, vec![]));
    assert_eq!(std::fs::read_dir(example.folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_gone_is_null_and_what_cannot_be_read_stays() {
    let example = Example::start().await;
    let made = example.create(&document("a", [])).await;
    let file = example.folder.path().join("a");

    std::fs::write(&file, "no json").unwrap();
    let failed = example
        .provider
        .read(DOCUMENT, &made.state, made.private.clone())
        .await
        .unwrap();
    assert_eq!(errors(&failed.diagnostics).len(), 1);
    assert_eq!(
        (&failed.state, &failed.private),
        (&made.state, &made.private),
        "the old state, and its private bytes"
    );

    std::fs::remove_file(&file).unwrap();
    let gone = example
        .provider
        .read(DOCUMENT, &made.state, made.private)
        .await
        .unwrap();
    assert_eq!((gone.state, gone.diagnostics), (Value::Null, vec![]));
}

#[tokio::test]
async fn stop_ends_the_work_in_flight_and_nothing_else() {
    let example = Example::slow(2_000).await;
    let config = document("a", []);
    let planned = example.plan(&Value::Null, &config, Bytes::new()).await;
    let request = ApplyRequest {
        prior: Value::Null,
        planned: planned.state,
        config: config.clone(),
        private: planned.private,
    };
    let provider = example.provider.clone();
    let create = tokio::spawn(async move { provider.apply(DOCUMENT, request).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(300)).await;
    example.provider.stop().await.unwrap();
    let stopped = tokio::time::timeout(Duration::from_secs(1), create)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(errors(&stopped.diagnostics).len(), 1);
    assert_eq!(
        stopped.state.get("id"),
        &Value::from("document/a"),
        "what was made is in the state"
    );
    assert!(!stopped.private.is_empty());

    let next = example.create(&document("b", [])).await;
    assert_eq!(next.diagnostics, [], "later calls work");
}

#[tokio::test]
async fn an_import_brings_the_object_or_says_why_not() {
    let example = Example::start().await;
    let made = example.create(&document("a", [("content", "one".into())])).await;
    let imported = example.provider.import(DOCUMENT, "a").await.unwrap();
    let (state, _) = imported.found.unwrap();
    assert_eq!(state, made.state);

    let missing = example.provider.import(DOCUMENT, "b").await.unwrap();
    assert!(missing.found.is_none());
    assert!(errors(&missing.diagnostics)[0].detail.contains("`b`"));
}

#[tokio::test]
async fn stored_state_of_every_version_is_typed() {
    let host = Host::start(&launch()).await.unwrap();
    let provider = host.provider().await.unwrap();
    let old = r#"{"path": "a", "title": "t", "text": "one", "weight": 0.1, "removed": {"x": [1]}}"#;
    let (state, diagnostics) = provider.upgrade(DOCUMENT, 0, old).await.unwrap();
    assert_eq!(diagnostics, []);
    assert_eq!(state.get("content"), &Value::from("one"));
    assert_eq!(state.get("weight"), &Value::Number(Number::Decimal("0.1".to_owned())));

    let current = r#"{"path": "a", "content": "one", "weight": 18446744073709551617, "removed": 1}"#;
    let (state, diagnostics) = provider.upgrade(DOCUMENT, 1, current).await.unwrap();
    assert_eq!(diagnostics, []);
    assert_eq!(
        state.get("weight"),
        &Value::Number(Number::Decimal("18446744073709551617".to_owned()))
    );

    let (state, diagnostics) = provider.upgrade(DOCUMENT, 1, "no json").await.unwrap();
    assert_eq!((state, errors(&diagnostics).len()), (Value::Null, 1));
}

#[tokio::test]
async fn an_unknown_configuration_plans_and_touches_nothing() {
    let host = Host::start(&launch()).await.unwrap();
    let provider = host.provider().await.unwrap();
    assert_eq!(
        provider
            .configure(&Value::object([("directory", Value::Unknown)]))
            .await
            .unwrap(),
        []
    );
    let config = document("a", [("content", Value::Unknown), ("labels", Value::Unknown)]);
    assert_eq!(provider.validate(DOCUMENT, &config).await.unwrap(), []);
    let planned = plan(&provider, &Value::Null, &config, Bytes::new()).await;
    assert_eq!(planned.diagnostics, []);
    assert!(planned.state.get("sha256").is_unknown() && planned.state.get("labels").is_unknown());

    let request = ApplyRequest {
        prior: Value::Null,
        planned: planned.state,
        config,
        private: planned.private,
    };
    let applied = provider.apply(DOCUMENT, request).await.unwrap();
    assert_eq!(errors(&applied.diagnostics)[0].summary, "Directory is unknown");
}

#[tokio::test]
async fn values_of_every_kind_come_back_as_they_were_written() {
    let example = Example::start().await;
    let decomposed = "e\u{301}";
    let extra = Value::object([
        ("number", Value::Number(Number::Decimal("1e400".to_owned()))),
        ("text", decomposed.into()),
        ("none", Value::Null),
    ]);
    let extra_type = Type::Object(
        [("number", Type::Number), ("text", Type::String), ("none", Type::Bool)]
            .map(|(n, t)| (n.to_owned(), t))
            .into(),
    );
    let section = Value::object([
        ("heading", "h".into()),
        ("lines", Value::List(vec![Value::Null, decomposed.into()])),
        ("level", Value::Null),
    ]);
    let config = document(
        "a",
        [
            ("extra", Value::Dynamic(Box::new((extra_type, extra)))),
            ("sections", Value::List(vec![section])),
            ("tags", Value::List(vec!["b".into(), "a".into()])),
            (
                "weight",
                Value::Number(Number::Decimal("123456789012345678901234567890.5".to_owned())),
            ),
        ],
    );
    let made = example.create(&config).await;
    assert_eq!(made.diagnostics, []);
    for name in ["extra", "weight"] {
        assert_eq!(made.state.get(name), config.get(name), "{name}");
    }
    let Value::List(sections) = made.state.get("sections") else {
        panic!("no list")
    };
    assert_eq!(
        sections[0].get("lines"),
        &Value::List(vec![Value::Null, decomposed.into()])
    );
    assert_eq!(sections[0].get("level"), &Value::from(1), "the default inside");
    let again = example.plan(&made.state, &config, made.private.clone()).await;
    assert_eq!(again.state, made.state);
}

#[tokio::test]
async fn twenty_mebibytes_pass_both_ways() {
    let example = Example::start().await;
    let content = "x".repeat(20 * 1024 * 1024);
    let made = example
        .create(&document("a", [("content", content.as_str().into())]))
        .await;
    assert_eq!(made.diagnostics, []);
    let read = example
        .provider
        .read(DOCUMENT, &made.state, made.private)
        .await
        .unwrap();
    assert_eq!(read.state.get("content").as_str().map(str::len), Some(content.len()));
}

#[tokio::test]
async fn write_only_values_come_back_nowhere() {
    let example = Example::start().await;
    let config = document("a", [("stamp", "once".into()), ("passphrase", "kept".into())]);
    let planned = example.plan(&Value::Null, &config, Bytes::new()).await;
    assert_eq!(planned.state.get("stamp"), &Value::Null);
    let made = example.create(&config).await;
    assert_eq!(
        (made.state.get("stamp"), made.state.get("passphrase")),
        (&Value::Null, &Value::from("kept"))
    );
}
