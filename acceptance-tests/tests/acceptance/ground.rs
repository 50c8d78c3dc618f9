//! What a test stands on: the shared lab, a namespace, a session, a workspace and an app.

use std::path::PathBuf;
use std::time::Duration;

use e2etls_lab::lab::kinds::{self, MADE, WRITTEN};
use e2etls_lab::lab::{CLUSTER, Call, Lab, Options, Recorder, SessionEndpoints, apply::apply};
use e2etls_lab::terraform::{Provider, Workspace};
use kube::api::{Api, DynamicObject, ListParams};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// The documented permissions, as users bind them.
pub(crate) const PERMISSIONS: &str = include_str!("../../../examples/permissions/cluster-reader.yaml");

static LAB: OnceCell<Lab> = OnceCell::const_new();
static TOKEN: OnceCell<String> = OnceCell::const_new();

/// The lab that all tests share.
async fn lab() -> &'static Lab {
    LAB.get_or_init(|| async { Lab::start(Options::default()).await.expect("the lab starts") })
        .await
}

async fn account(lab: &Lab, name: &str, permissions: &str) -> String {
    lab.service_account("e2etls", name, permissions)
        .await
        .expect("a service account")
}

/// The token of an account with the documented permissions.
async fn token() -> &'static str {
    let new = || async { account(lab().await, "provider", PERMISSIONS).await };
    TOKEN.get_or_init(new).await
}

/// The provider of this repository, built once.
pub(crate) async fn provider() -> Provider {
    tokio::task::spawn_blocking(Provider::e2etls)
        .await
        .expect("no panic")
        .expect("a provider")
}

/// A namespace of the lab's cluster, for tests of clients without a host.
pub(crate) struct Place {
    pub(crate) kube: kube::Client,
    /// Of an account with the documented permissions.
    pub(crate) kubeconfig: PathBuf,
    pub(crate) namespace: String,
}

impl Place {
    pub(crate) async fn new(namespace: &str) -> Self {
        let (lab, token) = (lab().await, token().await);
        let session = lab.session().await.expect("a session");
        let place = Self {
            kube: lab.kube().await.expect("a client"),
            kubeconfig: lab.kubeconfig(&session, token).expect("a kubeconfig"),
            namespace: namespace.to_owned(),
        };
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        place.apply(namespace).await;
        place
    }

    /// Applies an object as admin.
    pub(crate) async fn apply(&self, object: Value) {
        apply(&self.kube, object).await.expect("the object is applied");
    }
}

/// One test's ground.
pub(crate) struct Ground {
    pub(crate) lab: &'static Lab,
    pub(crate) session: SessionEndpoints,
    pub(crate) kube: kube::Client,
    /// As whom the provider speaks to the cluster.
    pub(crate) kubeconfig: PathBuf,
    pub(crate) namespace: String,
    pub(crate) terraform: Workspace,
    /// More arguments of the provider.
    pub(crate) settings: String,
}

impl Ground {
    /// A ground with a namespace of this name and the provider under the documented permissions.
    pub(crate) async fn new(namespace: &str) -> Self {
        Self::of(lab().await, namespace, token().await).await
    }

    /// A ground in a cluster of its own, for what a cluster has once.
    pub(crate) async fn alone(namespace: &str, options: Options) -> Self {
        let lab: &'static Lab = Box::leak(Box::new(Lab::start(options).await.expect("the lab starts")));
        let token = account(lab, "provider", PERMISSIONS).await;
        Self::of(lab, namespace, &token).await
    }

    /// The same with an identity that has these permissions.
    pub(crate) async fn with_permissions(namespace: &str, permissions: &str) -> Self {
        let token = account(lab().await, namespace, permissions).await;
        Self::of(lab().await, namespace, &token).await
    }

    async fn of(lab: &'static Lab, namespace: &str, token: &str) -> Self {
        let session = lab.session().await.expect("a session");
        let kubeconfig = lab.kubeconfig(&session, token).expect("a kubeconfig");
        let provider = provider().await;
        let terraform = Workspace::new(&provider)
            .expect("a workspace")
            .in_lab(lab, &session, &kubeconfig);
        let kube = lab.kube().await.expect("a client");
        let ground = Self {
            lab,
            session,
            kube,
            kubeconfig,
            namespace: namespace.to_owned(),
            terraform,
            settings: String::new(),
        };
        ground
            .apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))
            .await;
        ground
    }

    /// Whether its cluster is reached by its EKS name, and is no other test's.
    pub(crate) fn is_alone(&self) -> bool {
        !self.settings.is_empty()
    }

    /// The same without a kubeconfig: the provider reaches the cluster by its EKS name alone.
    pub(crate) fn without_kubeconfig(self) -> Self {
        Self {
            terraform: self.terraform.env("KUBE_CONFIG_PATH", ""),
            settings: format!("\n  cluster = {{ name = {CLUSTER:?} }}"),
            ..self
        }
    }

    /// Writes the configuration after the usual head: provider with an `owner_id` of this test.
    pub(crate) fn write(&self, resources: &str) {
        let head = format!(
            "terraform {{\n  required_providers {{\n    e2etls = {{ source = \"e2etls/e2etls\" }}\n  }}\n}}\n\
             provider \"e2etls\" {{\n  owner_id = \"{}\"{}\n}}\n",
            self.namespace, self.settings
        );
        self.terraform
            .write("main.tf", &(head + resources))
            .expect("the configuration is written");
    }

    /// A CA that may be destroyed.
    pub(crate) fn ca(&self, more: &str) -> String {
        format!(
            r#"
resource "e2etls_private_ca" "ca" {{
  name                = "{0}"
  type                = "ROOT"
  usage_mode          = "SHORT_LIVED_CERTIFICATE"
  subject             = {{ common_name = "{0} root" }}
  validity_days       = 3650
  deletion_protection = false
  {more}
}}
"#,
            self.namespace
        )
    }

    /// An issuer of that CA.
    pub(crate) fn issuer(&self) -> String {
        format!(
            r#"
resource "e2etls_issuer" "apps" {{
  name      = "apps"
  kind      = "AWSPCAIssuer"
  namespace = "{}"
  ca_arn    = e2etls_private_ca.ca.arn
}}
"#,
            self.namespace
        )
    }

    /// Applies an object as admin.
    pub(crate) async fn apply(&self, object: Value) {
        apply(&self.kube, object).await.expect("the object is applied");
    }

    /// The objects of a kind in the namespace, or in the cluster.
    pub(crate) fn api(&self, group: &str, version: &str, kind: &str, plural: &str) -> Api<DynamicObject> {
        kinds::api(&self.kube, &self.namespace, (group, version, kind, plural))
    }

    /// An app that speaks plain HTTP, with a Service.
    pub(crate) async fn app(&self) {
        let labels = json!({"app": "hello"});
        self.apply(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "hello", "namespace": self.namespace},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": "e2etls.lab/hello", "ports": [{"containerPort": 8080}]}]},
            }},
        }))
        .await;
    }

    /// Everything in the namespace of the kinds that we render, as `Kind/name`, but for what is outside any comparison.
    pub(crate) async fn listing(&self) -> Vec<String> {
        let mut names = Vec::new();
        for kind in WRITTEN.iter().chain(&MADE) {
            let list = kinds::api(&self.kube, &self.namespace, *kind)
                .list(&ListParams::default())
                .await
                .expect("a list");
            names.extend(
                list.items
                    .iter()
                    .filter_map(|object| object.metadata.name.as_ref())
                    .map(|name| format!("{}/{name}", kind.2)),
            );
        }
        names.retain(|name| name != "ConfigMap/kube-root-ca.crt");
        names.sort();
        names
    }

    /// The listing without what controllers make and take away by themselves: kinds such as `Pod/`.
    pub(crate) async fn settled(&self, without: &[&str]) -> Vec<String> {
        let mut names = self.listing().await;
        names.retain(|name| !without.iter().any(|kind| name.starts_with(kind)));
        names
    }

    /// The 127 address on which the lab serves a Service.
    pub(crate) async fn service_address(&self, name: &str) -> String {
        let service = self
            .api("", "v1", "Service", "services")
            .get(name)
            .await
            .expect("the Service");
        let address = service.data["spec"]["clusterIP"]
            .as_str()
            .expect("a cluster IP")
            .parse()
            .expect("an address");
        e2etls_lab::kubelet::to_loopback(address).to_string()
    }

    /// Waits for something of the cluster.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, what: &str, mut check: impl FnMut() -> F) {
        for _ in 0..150 {
            if check().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("waited 30 s for {what}");
    }

    /// Waits until the namespace holds exactly this.
    pub(crate) async fn until_listing(&self, wanted: &[String]) {
        self.until_settled(wanted, &[]).await;
    }

    /// Waits until the namespace holds exactly this, but for kinds such as `Pod/`.
    pub(crate) async fn until_settled(&self, wanted: &[String], without: &[&str]) {
        let mut seen = Vec::new();
        for _ in 0..150 {
            seen = self.settled(without).await;
            if seen == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("waited 30 s for {wanted:?}, there is {seen:?}");
    }
}

/// What was written; the dry-run delete that looks for a Secret is no write.
pub(crate) async fn writes(recorder: &Recorder) -> Vec<Call> {
    let calls = recorder.calls().await.expect("the recorder answers");
    calls.into_iter().filter(Call::is_mutating).collect()
}
