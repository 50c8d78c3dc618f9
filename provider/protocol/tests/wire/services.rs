//! Health, stdio, broker and shutdown.

use std::time::Duration;

use tfplugin_proto::health::HealthCheckRequest;
use tfplugin_proto::health::health_check_response::ServingStatus;
use tfplugin_proto::health::health_client::HealthClient;
use tfplugin_proto::plugin::grpc_broker_client::GrpcBrokerClient;
use tfplugin_proto::plugin::grpc_stdio_client::GrpcStdioClient;
use tfplugin_protocol::host::Host;

use crate::example::{DOCUMENT, Example, document, launch, plan};
use tfplugin_framework::Value;
use tfplugin_protocol::host::ApplyRequest;

const QUIET: Duration = Duration::from_millis(300);

#[tokio::test]
async fn says_that_it_is_healthy() {
    let host = Host::start(&launch()).await.unwrap();
    let mut health = HealthClient::new(host.channel().await.unwrap());
    let asked = |service: &str| HealthCheckRequest {
        service: service.to_owned(),
    };
    for service in ["plugin", ""] {
        let answer = health.check(asked(service)).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving);
    }
    assert_eq!(
        health.check(asked("other")).await.unwrap_err().code(),
        tonic::Code::NotFound
    );
    let mut watched = health.watch(asked("plugin")).await.unwrap().into_inner();
    assert_eq!(
        watched.message().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );
    assert!(
        tokio::time::timeout(QUIET, watched.message()).await.is_err(),
        "and stays open"
    );
}

#[tokio::test]
async fn open_streams_stay_open_and_do_not_hold_up_the_end() {
    let host = Host::start(&launch()).await.unwrap();
    let socket = host.line().socket.clone();
    let channel = host.channel().await.unwrap();
    let mut stdio = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .unwrap()
        .into_inner();
    let outgoing = futures::stream::pending();
    let mut broker = GrpcBrokerClient::new(channel)
        .start_stream(outgoing)
        .await
        .unwrap()
        .into_inner();
    assert!(
        tokio::time::timeout(QUIET, stdio.message()).await.is_err(),
        "stdio ended or said something"
    );
    assert!(
        tokio::time::timeout(QUIET, broker.message()).await.is_err(),
        "the broker ended or said something"
    );

    let (status, took) = host.shutdown().await.unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(!socket.exists());
    assert!(
        stdio.message().await.is_ok_and(|message| message.is_none()),
        "stdio ended in order"
    );
}

#[tokio::test]
async fn work_in_flight_does_not_hold_up_the_end() {
    let example = Example::slow(60_000).await;
    let config = document("a", []);
    let planned = plan(&example.provider, &Value::Null, &config, bytes::Bytes::new()).await;
    let request = ApplyRequest {
        prior: Value::Null,
        planned: planned.state,
        config,
        private: planned.private,
    };
    let provider = example.provider.clone();
    let apply = tokio::spawn(async move { provider.apply(DOCUMENT, request).await });
    tokio::time::sleep(QUIET).await;
    let (status, took) = example.host.shutdown().await.unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
    let applied = apply.await.unwrap().expect("the answer was sent before the end");
    assert_eq!(
        applied.state.get("path"),
        &Value::from("a"),
        "what was made is reported"
    );
    assert_eq!(applied.diagnostics.len(), 1);
}
