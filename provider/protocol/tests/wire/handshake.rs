//! Cookie, versions, line, socket, signals.

use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::process::Stdio;
use std::time::Duration;

use tfplugin_protocol::host::{Host, Launch};
use tokio::process::Command;

use crate::example::launch;

async fn refused(launch: Launch) {
    let output = launch.command(None).output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("This is a Terraform provider"));
}

#[tokio::test]
async fn without_the_cookie_it_explains_and_ends() {
    refused(launch().without("TF_PLUGIN_MAGIC_COOKIE")).await;
    refused(launch().variable("TF_PLUGIN_MAGIC_COOKIE", "other")).await;
}

#[tokio::test]
async fn any_offer_is_answered_with_one_line_that_announces_six() {
    for offer in [Some("6,5"), Some("5,6"), Some("5"), None] {
        let launch = match offer {
            Some(versions) => launch().variable("PLUGIN_PROTOCOL_VERSIONS", versions),
            None => launch().without("PLUGIN_PROTOCOL_VERSIONS"),
        };
        let host = Host::start(&launch).await.unwrap();
        assert_eq!(host.line().version, 6, "{offer:?}");
        assert_eq!(host.line().multiplexing, None);
        host.provider().await.unwrap();
        assert_eq!(host.printed(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn says_that_connections_are_not_shared_when_asked() {
    let host = Host::start(&launch().variable("PLUGIN_MULTIPLEX_GRPC", "true"))
        .await
        .unwrap();
    assert_eq!(host.line().multiplexing, Some(false));
}

#[tokio::test]
async fn a_host_may_do_without_tls() {
    let host = Host::start(&launch().plain()).await.unwrap();
    assert!(host.line().certificate.is_empty());
    host.provider().await.unwrap();
}

#[tokio::test]
async fn a_broken_client_certificate_is_refused_before_the_line() {
    let launch = launch().plain();
    let output = launch
        .command(None)
        .env("PLUGIN_CLIENT_CERT", "no certificate")
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("PLUGIN_CLIENT_CERT"));
}

#[tokio::test]
async fn the_socket_is_where_the_host_wants_it_and_goes_with_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let group = std::fs::metadata(folder.path()).unwrap().gid();
    let launch = launch()
        .variable("PLUGIN_UNIX_SOCKET_DIR", folder.path())
        .variable("PLUGIN_UNIX_SOCKET_GROUP", group.to_string());
    let host = Host::start(&launch).await.unwrap();
    let socket = host.line().socket.clone();
    assert_eq!(socket.parent(), Some(folder.path()));
    let metadata = std::fs::metadata(&socket).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!((metadata.mode() & 0o777, metadata.gid()), (0o660, group));
    host.shutdown().await.unwrap();
    assert!(!socket.exists());
}

async fn signal(name: &str, process: u32) {
    let sent = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status()
        .await
        .unwrap();
    assert!(sent.success());
}

#[tokio::test]
async fn an_interrupt_is_ignored_and_a_termination_ends_cleanly() {
    let mut host = Host::start(&launch()).await.unwrap();
    let process = host.id().unwrap();
    signal("INT", process).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    host.provider().await.unwrap();
    signal("TERM", process).await;
    assert_eq!(host.wait().await.unwrap().code(), Some(0));
    assert!(!host.line().socket.exists());
}

#[tokio::test]
async fn an_orphan_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let provider = launch()
        .plain()
        .variable("PLUGIN_UNIX_SOCKET_DIR", folder.path())
        .command(None);
    let mut parent = Command::new("sh");
    parent
        .arg("-c")
        .arg("\"$0\" & wait")
        .arg(provider.as_std().get_program());
    for (name, value) in provider.as_std().get_envs() {
        match value {
            Some(value) => parent.env(name, value),
            None => parent.env_remove(name),
        };
    }
    let mut parent = parent
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let sockets = || std::fs::read_dir(folder.path()).unwrap().count();
    wait_until(|| sockets() == 1).await;
    parent.kill().await.unwrap();
    wait_until(|| sockets() == 0).await;
}

async fn wait_until(condition: impl Fn() -> bool) {
    for _ in 0..200 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not in ten seconds");
}
