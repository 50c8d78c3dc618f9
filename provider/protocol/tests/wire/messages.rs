//! Panics: inside a call a message, outside the end.

use tfplugin_framework::Value;
use tfplugin_proto::tfplugin6 as wire;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tfplugin_protocol::host::{ApplyRequest, Host, HostError, Launch};

use crate::example::{binary, errors, logged};

fn broken() -> Launch {
    Launch::new(binary("terraform-provider-broken"))
}

#[tokio::test]
async fn a_panic_in_a_hook_is_a_message_and_ends_nothing() {
    let host = Host::start(&broken()).await.unwrap();
    let provider = host.provider().await.unwrap();
    let told = provider
        .configure(&Value::object([("panic", "configure".into())]))
        .await
        .unwrap();
    assert!(errors(&told)[0].detail.contains("no configuration today"), "{told:?}");
    assert_eq!(provider.configure(&Value::object([])).await.unwrap(), []);

    let thing = Value::object([("name", "x".into())]);
    let request = ApplyRequest {
        prior: Value::Null,
        planned: thing.clone(),
        config: thing.clone(),
        private: "".into(),
    };
    let applied = provider.apply("broken_thing", request).await.unwrap();
    assert!(errors(&applied.diagnostics)[0].detail.contains("no creation today"));
    let read = provider.read("broken_thing", &thing, "{\"k\":1}".into()).await.unwrap();
    assert_eq!((read.state, read.private.as_ref()), (thing, &b"{\"k\":1}"[..]), "kept");
    let line = logged(&host, "no reading today").await;
    assert!(line.contains("\"@level\":\"error\""), "{line}");
}

#[tokio::test]
async fn a_panic_outside_of_hooks_is_a_message_too() {
    let host = Host::start(&broken().variable("BROKEN_SCHEMA", "1")).await.unwrap();
    let mut client = ProviderClient::new(host.channel().await.unwrap());
    for _ in 0..2 {
        let answer = client
            .get_provider_schema(wire::get_provider_schema::Request {})
            .await
            .unwrap()
            .into_inner();
        assert!(errors(&answer.diagnostics)[0].detail.contains("no schema today"));
    }
}

#[tokio::test]
async fn a_fatal_panic_is_shown_as_hosts_expect_it() {
    let mut host = Host::start(&broken().variable("BROKEN_START", "1")).await.unwrap();
    assert!(!host.wait().await.unwrap().success());
    assert!(matches!(host.channel().await, Err(HostError::Connection(_))));
    assert!(logged(&host, "panic: ").await.starts_with("panic: no start today"));
    assert!(!host.line().socket.exists());
}
