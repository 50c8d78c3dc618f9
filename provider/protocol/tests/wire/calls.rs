//! Every call answers, whatever it is asked: messages, never a status, and msgpack only.

use tfplugin_framework::Value;
use tfplugin_proto::tfplugin6 as wire;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tfplugin_protocol::host::Host;
use tonic::transport::Channel;

use crate::example::{DOCUMENT, Example, document, errors, launch};

fn dynamic(msgpack: &'static [u8]) -> Option<wire::DynamicValue> {
    Some(wire::DynamicValue {
        msgpack: msgpack.into(),
        ..Default::default()
    })
}

/// Calls `$call` with `$request` and expects errors and nothing else.
macro_rules! fails {
    ($client:expr, $call:ident, $request:expr) => {{
        let answer = $client
            .$call($request)
            .await
            .unwrap_or_else(|status| panic!("{}: {status}", stringify!($call)));
        let answer = answer.into_inner();
        assert!(
            !errors(&answer.diagnostics).is_empty(),
            "{} succeeded",
            stringify!($call)
        );
        answer
    }};
}

pub(crate) use fails;

pub(crate) async fn client() -> (Host, ProviderClient<Channel>) {
    let host = Host::start(&launch()).await.unwrap();
    let client = ProviderClient::new(host.channel().await.unwrap());
    (host, client)
}

#[tokio::test]
async fn broken_values_are_messages() {
    let (_host, mut client) = client().await;
    let type_name = DOCUMENT.to_owned();
    for broken in [
        &[0xc1_u8][..],
        &[0x81],
        b"\x81\xa1x\xc0",
        b"\x81\xa4path\x01",
        &[0xdf, 0xff, 0xff, 0xff, 0xff],
    ] {
        let value = || dynamic(broken);
        fails!(
            client,
            validate_provider_config,
            wire::validate_provider_config::Request { config: value() }
        );
        fails!(
            client,
            configure_provider,
            wire::configure_provider::Request {
                config: value(),
                ..Default::default()
            }
        );
        let request = wire::validate_resource_config::Request {
            type_name: type_name.clone(),
            config: value(),
            ..Default::default()
        };
        fails!(client, validate_resource_config, request);
        let request = wire::validate_data_resource_config::Request {
            type_name: type_name.clone(),
            config: value(),
        };
        fails!(client, validate_data_resource_config, request);
        let request = wire::read_resource::Request {
            type_name: type_name.clone(),
            current_state: value(),
            ..Default::default()
        };
        fails!(client, read_resource, request);
        let request = wire::plan_resource_change::Request {
            type_name: type_name.clone(),
            config: value(),
            ..Default::default()
        };
        fails!(client, plan_resource_change, request);
        let request = wire::apply_resource_change::Request {
            type_name: type_name.clone(),
            config: value(),
            ..Default::default()
        };
        fails!(client, apply_resource_change, request);
        let request = wire::read_data_source::Request {
            type_name: type_name.clone(),
            config: value(),
            ..Default::default()
        };
        fails!(client, read_data_source, request);
    }
    let json = wire::RawState {
        json: "[".into(),
        ..Default::default()
    };
    let request = wire::upgrade_resource_state::Request {
        type_name: type_name.clone(),
        version: 1,
        raw_state: Some(json.clone()),
    };
    fails!(client, upgrade_resource_state, request);
    fails!(
        client,
        upgrade_resource_state,
        wire::upgrade_resource_state::Request {
            type_name: type_name.clone(),
            ..Default::default()
        }
    );
    let flat = wire::RawState {
        flatmap: [("path".to_owned(), "a".to_owned())].into(),
        ..Default::default()
    };
    let request = wire::upgrade_resource_state::Request {
        type_name: type_name.clone(),
        version: 0,
        raw_state: Some(flat),
    };
    fails!(client, upgrade_resource_state, request);
    let request = wire::move_resource_state::Request {
        target_type_name: type_name,
        source_state: Some(json),
        ..Default::default()
    };
    fails!(client, move_resource_state, request);
}

#[tokio::test]
async fn a_broken_value_is_reported_at_its_path() {
    let (_host, mut client) = client().await;
    let config = dynamic(b"\x81\xa8sections\x91\x81\xa7heading\x01");
    let request = wire::validate_resource_config::Request {
        type_name: DOCUMENT.to_owned(),
        config,
        ..Default::default()
    };
    let answer = fails!(client, validate_resource_config, request);
    let steps = &answer.diagnostics[0].attribute.as_ref().unwrap().steps;
    assert_eq!(steps.len(), 3, "sections, 0, heading: {steps:?}");
}

#[tokio::test]
async fn unknown_names_are_messages() {
    let (_host, mut client) = client().await;
    let name = || "example_documnet".to_owned();
    fails!(
        client,
        validate_resource_config,
        wire::validate_resource_config::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        validate_data_resource_config,
        wire::validate_data_resource_config::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        upgrade_resource_state,
        wire::upgrade_resource_state::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        upgrade_resource_identity,
        wire::upgrade_resource_identity::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        read_resource,
        wire::read_resource::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        plan_resource_change,
        wire::plan_resource_change::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        apply_resource_change,
        wire::apply_resource_change::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        import_resource_state,
        wire::import_resource_state::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        move_resource_state,
        wire::move_resource_state::Request {
            target_type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        generate_resource_config,
        wire::generate_resource_config::Request {
            type_name: name(),
            ..Default::default()
        }
    );
    fails!(
        client,
        read_data_source,
        wire::read_data_source::Request {
            type_name: name(),
            ..Default::default()
        }
    );
}

#[tokio::test]
async fn json_is_accepted_wherever_a_value_arrives_and_msgpack_answered() {
    let example = Example::start().await;
    let made = example.create(&document("a", [("content", "one".into())])).await;
    let json = r#"{"path": "a", "title": "A title", "content": "one", "audience": "internal"}"#;
    let request = wire::read_resource::Request {
        type_name: DOCUMENT.to_owned(),
        current_state: Some(wire::DynamicValue {
            json: json.into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let answer = example
        .provider
        .client()
        .read_resource(request)
        .await
        .unwrap()
        .into_inner();
    let state = answer.new_state.unwrap();
    assert!(state.json.is_empty() && !state.msgpack.is_empty());
    let ty = example.provider.resource_type(DOCUMENT).unwrap();
    assert_eq!(
        tfplugin_protocol::decode(&state.msgpack, ty).unwrap().get("id"),
        made.state.get("id")
    );
}

#[tokio::test]
async fn mistakes_are_reported_all_at_once_at_their_paths() {
    let (host, _client) = client().await;
    let provider = host.provider().await.unwrap();
    let section = Value::object([("heading", " ".into()), ("level", 9.into())]);
    let config = document(
        "../a",
        [
            ("title", "".into()),
            ("audience", "publik".into()),
            ("sections", Value::List(vec![section])),
        ],
    );
    let diagnostics = provider.validate(DOCUMENT, &config).await.unwrap();
    let errors = errors(&diagnostics);
    assert_eq!(errors.len(), 5, "{errors:#?}");
    assert!(errors.iter().all(|error| error.attribute.is_some()));
    assert!(
        errors.iter().any(|error| error.detail.contains("public")),
        "did you mean"
    );
}
