//! What is offered is said, and what is not is a message or nothing.

use futures::StreamExt;
use tfplugin_proto::tfplugin6 as wire;

use crate::calls::{client, fails};
use crate::example::{DOCUMENT, errors};

#[tokio::test]
async fn what_is_not_offered_is_a_message_or_nothing() {
    let (_host, mut client) = client().await;
    let functions = client
        .get_functions(wire::get_functions::Request {})
        .await
        .unwrap()
        .into_inner();
    assert!(functions.functions.is_empty() && functions.diagnostics.is_empty());
    let identities = client
        .get_resource_identity_schemas(wire::get_resource_identity_schemas::Request {})
        .await
        .unwrap();
    assert_eq!(
        identities.into_inner(),
        wire::get_resource_identity_schemas::Response::default()
    );
    let called = client
        .call_function(wire::call_function::Request {
            name: "f".to_owned(),
            arguments: vec![],
        })
        .await
        .unwrap();
    assert!(called.into_inner().error.unwrap().text.contains("`f`"));

    fails!(
        client,
        validate_ephemeral_resource_config,
        wire::validate_ephemeral_resource_config::Request::default()
    );
    fails!(
        client,
        open_ephemeral_resource,
        wire::open_ephemeral_resource::Request::default()
    );
    fails!(
        client,
        renew_ephemeral_resource,
        wire::renew_ephemeral_resource::Request::default()
    );
    fails!(
        client,
        close_ephemeral_resource,
        wire::close_ephemeral_resource::Request::default()
    );
    fails!(
        client,
        validate_list_resource_config,
        wire::validate_list_resource_config::Request::default()
    );
    fails!(
        client,
        validate_action_config,
        wire::validate_action_config::Request::default()
    );
    fails!(client, plan_action, wire::plan_action::Request::default());
    fails!(
        client,
        validate_state_store_config,
        wire::validate_state_store_config::Request::default()
    );
    fails!(
        client,
        configure_state_store,
        wire::configure_state_store::Request::default()
    );
    fails!(client, lock_state, wire::lock_state::Request::default());
    fails!(client, unlock_state, wire::unlock_state::Request::default());
    fails!(client, get_states, wire::get_states::Request::default());
    fails!(client, delete_state, wire::delete_state::Request::default());
    let chunks = futures::stream::iter([wire::write_state_bytes::RequestChunk::default()]);
    fails!(client, write_state_bytes, chunks);
}

#[tokio::test]
async fn streams_of_what_is_not_offered_end_with_a_message() {
    let (_host, mut client) = client().await;
    let mut listed = client
        .list_resource(wire::list_resource::Request::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(errors(&listed.next().await.unwrap().unwrap().diagnostic).len(), 1);
    assert!(listed.next().await.is_none());
    let mut invoked = client
        .invoke_action(wire::invoke_action::Request::default())
        .await
        .unwrap()
        .into_inner();
    let Some(wire::invoke_action::event::Type::Completed(end)) = invoked.next().await.unwrap().unwrap().r#type else {
        panic!("an event without a type panics hosts");
    };
    assert_eq!(errors(&end.diagnostics).len(), 1);
    let mut read = client
        .read_state_bytes(wire::read_state_bytes::Request::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(errors(&read.next().await.unwrap().unwrap().diagnostics).len(), 1);
}

#[tokio::test]
async fn says_what_it_offers() {
    let (_host, mut client) = client().await;
    let metadata = client
        .get_metadata(wire::get_metadata::Request {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(metadata.resources[0].type_name, DOCUMENT);
    assert_eq!(metadata.data_sources[0].type_name, DOCUMENT);
    let schema = client
        .get_provider_schema(wire::get_provider_schema::Request {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(schema.server_capabilities, metadata.server_capabilities);
    let capabilities = schema.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional && capabilities.move_resource_state);
    assert_eq!(schema.provider_meta, None);
    assert_eq!(schema.resource_schemas[DOCUMENT].version, 1);
}
