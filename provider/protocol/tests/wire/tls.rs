//! Mutual TLS: who gets in.

use std::time::Duration;

use tfplugin_proto::health::HealthCheckRequest;
use tfplugin_proto::health::health_client::HealthClient;
use tfplugin_protocol::host::{ClientIdentity, Host, HostError, TlsVersion};
use tokio::net::UnixStream;
use tonic::transport::Channel;

use crate::example::launch;

/// A call over `channel`: in TLS 1.3 a refused client learns of it only then.
async fn reaches(channel: Result<Channel, HostError>) -> bool {
    let Ok(channel) = channel else { return false };
    HealthClient::new(channel)
        .check(HealthCheckRequest {
            service: "plugin".to_owned(),
        })
        .await
        .is_ok()
}

#[tokio::test]
async fn the_hosts_own_certificate_is_accepted_over_both_versions() {
    let host = Host::start(&launch()).await.unwrap();
    assert!(reaches(host.channel_over(TlsVersion::Tls12).await).await);
    assert!(reaches(host.channel_over(TlsVersion::Tls13).await).await);
}

#[tokio::test]
async fn any_other_certificate_and_none_are_refused() {
    let host = Host::start(&launch()).await.unwrap();
    let other = ClientIdentity::new().unwrap();
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        assert!(
            !reaches(host.channel_as(Some(&other), Some(version)).await).await,
            "{version:?}, another certificate"
        );
        assert!(
            !reaches(host.channel_as(None, Some(version)).await).await,
            "{version:?}, none"
        );
    }
    assert!(reaches(host.channel().await).await, "and the host itself still gets in");
}

#[tokio::test]
async fn who_connects_and_says_nothing_holds_up_nobody() {
    let host = Host::start(&launch()).await.unwrap();
    let socket = &host.line().socket;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(UnixStream::connect(socket).await.unwrap());
        drop(UnixStream::connect(socket).await.unwrap());
    }
    let called = tokio::time::timeout(Duration::from_secs(2), async { reaches(host.channel().await).await });
    assert!(called.await.unwrap());
}
