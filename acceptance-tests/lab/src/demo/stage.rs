//! What the steps stand on: a lab, a workspace, and what both hold.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use e2etls_lab::kubelet::to_loopback;
use e2etls_lab::lab::apply::{api, apply};
use e2etls_lab::lab::{Context as _, Error, Lab, Options, Result, SessionEndpoints};
use e2etls_lab::terraform::{Output, Provider, Workspace};
use kube::api::{Api, DynamicObject, ListParams};
use kube::core::TypeMeta;
use serde_json::{Value, json};

use super::check;

/// The documented permissions, as users bind them.
const PERMISSIONS: &str = include_str!("../../../../examples/permissions/cluster-reader.yaml");
const CONFIGURATION: &str = include_str!("main.tf");

/// The name that the app is served under.
pub(crate) const HOST: &str = "shop.example.com";
/// What nobody on the way from client to app should read.
pub(crate) const SECRET: &str = "card-4111-1111";
/// The namespace of the app.
pub(crate) const NAMESPACE: &str = "shop";
/// The stack's address in the configuration.
pub(crate) const STACK: &str = "e2etls_stack.shop";

/// The kinds that the listings compare.
const KINDS: [(&str, &str); 12] = [
    ("v1", "ConfigMap"),
    ("v1", "Service"),
    ("v1", "Secret"),
    ("v1", "Pod"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("policy/v1", "PodDisruptionBudget"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("cert-manager.io/v1", "Certificate"),
    ("cert-manager.io/v1", "CertificateRequest"),
    ("awspca.cert-manager.io/v1beta1", "AWSPCAIssuer"),
];

/// The stage.
pub(crate) struct Stage {
    pub(crate) lab: Lab,
    pub(crate) session: SessionEndpoints,
    pub(crate) kube: kube::Client,
    pub(crate) terraform: Workspace,
    pub(crate) provider: Provider,
    /// The provider's own, with the rights of the documented role.
    pub(crate) kubeconfig: PathBuf,
    started: Instant,
}

impl Stage {
    /// Builds the provider and starts a lab with a namespace and the rights of the documented role.
    pub(crate) async fn build() -> Result<Self> {
        say("Building the provider and the lab (the first time: minutes; progress below).");
        let provider = building("the provider", Provider::e2etls).await?;
        let binary = building("the lab", e2etls_lab::lab::binary).await?;
        let lab = Lab::start_with(&binary, Options::default()).await?;
        let started = Instant::now();
        let token = lab.service_account("e2etls", "provider", PERMISSIONS).await?;
        let session = lab.session().await?;
        let kubeconfig = lab.kubeconfig(&session, &token)?;
        let terraform = Workspace::new(&provider)?.in_lab(&lab, &session, &kubeconfig);
        terraform.write("main.tf", CONFIGURATION)?;
        let kube = lab.kube().await?;
        let stage = Self {
            lab,
            session,
            kube,
            terraform,
            provider,
            kubeconfig,
            started,
        };
        stage
            .apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}))
            .await?;
        say("The lab is up: a Kubernetes API server, cert-manager, the Private CA connector, and moto in AWS's place.");
        Ok(stage)
    }

    /// Seconds since the lab was up.
    pub(crate) fn seconds(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    /// The headline of a step.
    pub(crate) fn step(&self, number: u8, title: &str) {
        say(&format!("\n{number}. {title}   [{} s]", self.seconds()));
    }

    /// Applies an object as admin.
    pub(crate) async fn apply(&self, object: Value) -> Result<DynamicObject> {
        apply(&self.kube, object).await
    }

    /// The objects of a kind in the namespace.
    pub(crate) async fn api(&self, version: &str, kind: &str) -> Result<Api<DynamicObject>> {
        let types = TypeMeta {
            api_version: version.to_owned(),
            kind: kind.to_owned(),
        };
        api(&self.kube, &types, Some(NAMESPACE)).await
    }

    /// All objects of a kind in the namespace.
    pub(crate) async fn list(&self, version: &str, kind: &str) -> Result<Vec<DynamicObject>> {
        let list = self.api(version, kind).await?.list(&ListParams::default()).await;
        Ok(list.context(format!("listing {kind}"))?.items)
    }

    /// Everything in the namespace as (`Kind/name`, uid), but for what no apply of ours decides.
    pub(crate) async fn listing(&self) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        for (version, kind) in KINDS {
            for object in self.list(version, kind).await? {
                let name = object.metadata.name.unwrap_or_default();
                found.push((format!("{kind}/{name}"), object.metadata.uid.unwrap_or_default()));
            }
        }
        found.retain(|(name, _)| name != "ConfigMap/kube-root-ca.crt");
        found.sort();
        Ok(found)
    }

    /// The 127 address on which the lab serves a Service of the namespace.
    pub(crate) async fn service_address(&self, name: &str) -> Result<String> {
        let service = self.api("v1", "Service").await?.get(name).await.context(name)?;
        loopback(&service.data["spec"]["clusterIP"])
    }

    /// Waits up to half a minute.
    pub(crate) async fn until<T, F: Future<Output = Result<Option<T>>>>(
        &self,
        what: &str,
        mut look: impl FnMut() -> F,
    ) -> Result<T> {
        for _ in 0..300 {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Error::new(format!("waited 30 s for {what}")))
    }

    /// A plan with nothing to do.
    pub(crate) async fn nothing_to_do(&self) -> Result<()> {
        let (output, _) = self.terraform.try_plan(&[]).await?;
        check(output.code == Some(0), || format!("the plan should be empty: {output}"))
    }
}

/// Builds something, and says every ten seconds that it still does.
async fn building<T: Send + 'static>(what: &str, build: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let started = Instant::now();
    let mut built = tokio::task::spawn_blocking(build);
    loop {
        match tokio::time::timeout(Duration::from_secs(10), &mut built).await {
            Ok(built) => return built.context("building")?,
            Err(_) => say(&format!("   building {what}: {} s", started.elapsed().as_secs())),
        }
    }
}

/// The address of this machine that stands for one of the cluster.
pub(crate) fn loopback(address: &Value) -> Result<String> {
    let address = address.as_str().context("an address is missing")?;
    Ok(to_loopback(address.parse().context(address)?).to_string())
}

/// This output, if the command succeeded.
pub(crate) fn succeeded(output: Output) -> Result<Output> {
    check(output.code == Some(0), || format!("should have succeeded: {output}"))?;
    Ok(output)
}

/// A line of the narration.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
