//! The example provider as a process, configured for a directory of its own.

use std::path::PathBuf;

use bytes::Bytes;
use tempfile::TempDir;
use tfplugin_framework::Value;
use tfplugin_proto::tfplugin6::Diagnostic;
use tfplugin_protocol::host::{Applied, ApplyRequest, Host, Launch, PlanRequest, Planned, Provider};

pub(crate) const DOCUMENT: &str = "example_document";

/// The binary of an example; Cargo builds examples before it runs tests.
pub(crate) fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(
        path.exists(),
        "{} is missing: run `cargo build -p tfplugin-protocol --examples`",
        path.display()
    );
    path
}

/// How the example is started.
pub(crate) fn launch() -> Launch {
    Launch::new(binary("terraform-provider-example"))
}

/// A running, configured example.
pub(crate) struct Example {
    pub(crate) host: Host,
    pub(crate) provider: Provider,
    pub(crate) folder: TempDir,
}

impl Example {
    pub(crate) async fn start() -> Self {
        Self::slow(0).await
    }

    /// One whose writes take `milliseconds`.
    pub(crate) async fn slow(milliseconds: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = Host::start(&launch()).await.unwrap();
        let provider = host.provider().await.unwrap();
        let directory = folder.path().to_str().unwrap();
        let settings = Value::object([("directory", directory.into()), ("delay_ms", milliseconds.into())]);
        assert_eq!(provider.configure(&settings).await.unwrap(), []);
        Self { host, provider, folder }
    }

    pub(crate) async fn plan(&self, prior: &Value, config: &Value, private: Bytes) -> Planned {
        plan(&self.provider, prior, config, private).await
    }

    /// Plans and applies `config` over `prior`.
    pub(crate) async fn change(&self, prior: &Value, config: &Value, private: Bytes) -> Applied {
        let plan = self.plan(prior, config, private).await;
        assert_eq!(plan.diagnostics, [], "the plan");
        let request = ApplyRequest {
            prior: prior.clone(),
            planned: plan.state,
            config: config.clone(),
            private: plan.private,
        };
        self.provider.apply(DOCUMENT, request).await.unwrap()
    }

    pub(crate) async fn create(&self, config: &Value) -> Applied {
        self.change(&Value::Null, config, Bytes::new()).await
    }
}

pub(crate) async fn plan(provider: &Provider, prior: &Value, config: &Value, private: Bytes) -> Planned {
    let request = PlanRequest {
        prior: prior.clone(),
        proposed: config.clone(),
        config: config.clone(),
        private,
    };
    provider.plan(DOCUMENT, request).await.unwrap()
}

/// A configuration: the title, and what else is given.
pub(crate) fn document<const N: usize>(path: &str, others: [(&str, Value); N]) -> Value {
    let Value::Map(mut entries) = Value::object(others) else {
        unreachable!()
    };
    entries.insert("path".to_owned(), path.into());
    entries.entry("title".to_owned()).or_insert_with(|| "A title".into());
    Value::Map(entries)
}

/// The errors among messages, each with a severity that hosts understand.
pub(crate) fn errors(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    assert!(
        diagnostics
            .iter()
            .all(|diagnostic| matches!(diagnostic.severity, 1 | 2)),
        "{diagnostics:?}"
    );
    diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == 1)
        .collect()
}

/// The first log line with `part` in it; stderr arrives a little later than answers do.
pub(crate) async fn logged(host: &Host, part: &str) -> String {
    for _ in 0..100 {
        if let Some(line) = host.logged().into_iter().find(|line| line.contains(part)) {
            return line;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no line with `{part}` in {:#?}", host.logged());
}
