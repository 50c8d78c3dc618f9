//! The suite that every kind has to pass, on the API server in memory. The acceptance tests run it on the real one.

use async_trait::async_trait;
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::kind::{Kind, Observed};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, conform};
use serde_json::json;

use super::{MANIFESTS, NAMESPACE, cluster, operation, part, samples};
use crate::kinds::Clients;
use crate::kinds::kube::SECRET;
use crate::kinds::kube::manifest::{ManifestKind, place};

struct Manifest {
    kind: &'static ManifestKind,
    cluster: FakeCluster,
}

#[async_trait]
impl Subject<Clients> for Manifest {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        self.kind
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        operation(&self.cluster, asked, owner_id)
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        part(topic, samples::manifest(self.kind.kind.kind, NAMESPACE, topic))
    }

    fn changed(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        Some(part.with_content(samples::changed(&part.content)))
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        self.cluster.put(self.kind.kind, &samples::edited(&part.content));
    }

    async fn edit(&self, _: &Part<Clients>, object: &Observed) -> bool {
        let (namespace, name) = place(self.kind.kind, &object.name);
        self.cluster
            .edit(self.kind.kind, namespace, name, |live| *live = samples::edited(live));
        true
    }

    fn unserved(&self) -> Option<Operation<Clients>> {
        let other = cluster();
        other.unserve(self.kind.kind);
        Some(operation(&other, Asked::Create, "unserved"))
    }

    async fn settle(&self) {}
}

#[tokio::test]
async fn manifests_conform() {
    let checks = MANIFESTS.into_iter().map(|kind| async move {
        let subject = Manifest {
            kind,
            cluster: cluster(),
        };
        conform(&subject).await
    });
    let failed: Vec<String> = futures::future::join_all(checks)
        .await
        .into_iter()
        .filter_map(Result::err)
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

struct Secret {
    cluster: FakeCluster,
}

#[async_trait]
impl Subject<Clients> for Secret {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        &SECRET
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        operation(&self.cluster, asked, owner_id)
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        Part::new(topic, &SECRET, format!("{NAMESPACE}/{topic}"), json!({}))
    }

    fn changed(&self, _: &Part<Clients>) -> Option<Part<Clients>> {
        None
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        let secret = json!({"apiVersion": "v1", "kind": "Secret",
                            "metadata": {"name": part.address, "namespace": NAMESPACE}, "data": {"tls.key": "eA=="}});
        self.cluster.put(kinds::SECRET, &secret);
    }

    async fn edit(&self, _: &Part<Clients>, _: &Observed) -> bool {
        false
    }

    fn is_written(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn secrets_conform_and_are_never_read() {
    let subject = Secret { cluster: cluster() };
    conform(&subject).await.expect("conformance");
    let reads = |operation: &str| operation.starts_with("GET");
    assert!(!subject.cluster.faults.calls().iter().any(|call| reads(&call.operation)));
}
