//! A provider that hosts attach to: every connection is a session of its own.

use tempfile::TempDir;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{Config, Diagnostics, Model, Registry, Value};
use tfplugin_protocol::host::{ApplyRequest, Provider};
use tfplugin_protocol::{InProcess, Options};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::example::{DOCUMENT, document, errors, launch, plan};

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

/// The smallest provider.
struct Nothing;

#[derive(Clone, Debug, Model)]
struct NoSettings {}

impl tfplugin_framework::Provider for Nothing {
    type Config = NoSettings;
    type Session = ();

    fn name(&self) -> &'static str {
        "nothing"
    }

    fn schema(&self) -> Schema {
        NoSettings::schema("Offers nothing.")
    }

    fn configure(&self, _config: Config<NoSettings>) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn registry(&self) -> Registry<()> {
        Registry::new()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_serves_a_provider_in_its_own_process() {
    let running = InProcess::start(|| Nothing, &Options::new("registry.terraform.io/example/nothing")).unwrap();
    let socket = running.reattach().socket().to_owned();
    let json = running.reattach().json();
    assert_eq!(
        json["registry.terraform.io/example/nothing"]["Addr"]["String"],
        socket.to_str().unwrap()
    );
    let provider = Provider::attach(&socket).await.unwrap();
    assert_eq!(provider.configure(&Value::object([])).await.unwrap(), []);
    running.stop().await.unwrap();
    assert!(!socket.exists());
}
