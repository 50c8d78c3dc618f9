//! A provider that hosts attach to: every connection is a session of its own.

use tempfile::TempDir;
use tfplugin_framework::Value;
use tfplugin_protocol::host::Provider;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::example::{DOCUMENT, document, errors, launch, plan};
use tfplugin_protocol::host::ApplyRequest;

/// The example with `--debug`, and its socket.
async fn debugged() -> (Child, std::path::PathBuf) {
    let launch = launch().without("TF_PLUGIN_MAGIC_COOKIE").argument("--debug");
    let mut child = launch.command(None).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("a line with TF_REATTACH_PROVIDERS");
        if let Some(json) = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='") {
            let all: serde_json::Value = serde_json::from_str(json.trim_end_matches('\'')).unwrap();
            let one = &all["registry.terraform.io/example/example"];
            assert_eq!(
                (&one["Protocol"], &one["ProtocolVersion"], &one["Test"]),
                (&"grpc".into(), &6.into(), &true.into())
            );
            assert_eq!(one["Pid"], child.id().unwrap());
            return (child, one["Addr"]["String"].as_str().unwrap().into());
        }
    }
}

async fn attach(socket: &std::path::Path, folder: &TempDir) -> Provider {
    let provider = Provider::attach(socket).await.unwrap();
    let settings = Value::object([("directory", folder.path().to_str().unwrap().into())]);
    assert_eq!(provider.configure(&settings).await.unwrap(), []);
    provider
}

async fn create(provider: &Provider, path: &str) {
    let config = document(path, []);
    let planned = plan(provider, &Value::Null, &config, "".into()).await;
    let request = ApplyRequest {
        prior: Value::Null,
        planned: planned.state,
        config,
        private: planned.private,
    };
    let applied = provider.apply(DOCUMENT, request).await.unwrap();
    assert_eq!(
        errors(&applied.diagnostics),
        Vec::<&tfplugin_proto::tfplugin6::Diagnostic>::new()
    );
}

#[tokio::test]
async fn aliases_are_independent_and_the_process_outlives_its_hosts() {
    let (mut child, socket) = debugged().await;
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for run in ["first", "second"] {
        let (a, b) = (attach(&socket, &one).await, attach(&socket, &other).await);
        create(&a, run).await;
        create(&b, &format!("{run}-other")).await;
    }
    assert!(one.path().join("first").exists() && one.path().join("second").exists());
    assert!(other.path().join("first-other").exists() && other.path().join("second-other").exists());
    assert!(child.try_wait().unwrap().is_none(), "still there");

    let kill = tokio::process::Command::new("kill")
        .args(["-s", "INT", &child.id().unwrap().to_string()])
        .status();
    assert!(kill.await.unwrap().success());
    assert_eq!(child.wait().await.unwrap().code(), Some(0), "a person's Ctrl-C ends it");
    assert!(!socket.exists());
}
