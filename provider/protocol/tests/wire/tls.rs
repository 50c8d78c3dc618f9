//! Mutual TLS: who gets in.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tfplugin_proto::health::HealthCheckRequest;
use tfplugin_proto::health::health_client::HealthClient;
use tfplugin_protocol::host::{ClientIdentity, Host, HostError, TlsVersion};
use tokio::net::UnixStream;
use tokio::process::Command;
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

/// A second implementation judges the handshake, with each hash that it may choose in TLS 1.2: Go takes the first of ours.
#[tokio::test]
async fn openssl_shakes_hands_too() {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate, server) = (
        folder.path().join("key"),
        folder.path().join("own"),
        folder.path().join("server"),
    );
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:secp521r1",
            "-nodes",
            "-sha512",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-days",
            "2",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .await
        .expect("this test needs `openssl` on PATH");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let pem = std::fs::read_to_string(&certificate).unwrap();
    let host = Host::start(&launch().plain().variable("PLUGIN_CLIENT_CERT", pem))
        .await
        .unwrap();
    std::fs::write(&server, &host.line().certificate).unwrap();
    for choice in [
        &["-tls1_3"][..],
        &["-tls1_2", "-sigalgs", "ECDSA+SHA256"],
        &["-tls1_2", "-sigalgs", "ECDSA+SHA384:ECDSA+SHA256"],
        &["-tls1_2", "-sigalgs", "ECDSA+SHA512:ECDSA+SHA256"],
    ] {
        let mut client = Command::new("openssl");
        client.args([
            "s_client",
            "-brief",
            "-alpn",
            "h2",
            "-verify_return_error",
            "-verify_hostname",
            "localhost",
            "-CAfile",
        ]);
        client
            .arg(pem_of(&server))
            .arg("-key")
            .arg(&key)
            .arg("-cert")
            .arg(&certificate)
            .args(choice);
        let output = client
            .arg("-unix")
            .arg(&host.line().socket)
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && text.contains("Verification: OK"),
            "{choice:?}: {text}"
        );
    }
}

/// The certificate in `der` as PEM, beside it.
fn pem_of(der: &Path) -> PathBuf {
    let pem = der.with_extension("pem");
    let converted = std::process::Command::new("openssl")
        .args(["x509", "-inform", "DER", "-in"])
        .arg(der)
        .arg("-out")
        .arg(&pem)
        .status();
    assert!(converted.unwrap().success());
    pem
}
