mod apply;
mod conformance;
mod labels;
mod leftovers;
mod namespace;
mod samples;
mod waits;

use std::sync::Arc;

use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::kind::{Consent, Kind, Observed, Put, Reading};
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::Refusal;
use e2etls_engine::table::Asked;
use serde_json::{Value, json};

use super::{KINDS, MANIFESTS, marks, part};
use crate::kinds::Clients;
use crate::testkit;

const NAMESPACE: &str = "shop";

/// A cluster with the namespace `shop`.
fn cluster() -> FakeCluster {
    let cluster = FakeCluster::default();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    cluster.put(kinds::NAMESPACE, &namespace);
    cluster
}

/// An operation of the owner that `owner_id` tells apart.
fn operation(cluster: &FakeCluster, asked: Asked, owner_id: &str) -> Operation<Clients> {
    let remotes = Clients {
        cluster: Some(Arc::new(cluster.cluster(marks::OWNER_LABEL))),
        ..Clients::default()
    };
    let mut op = testkit::operation(asked, remotes, &KINDS, "proxy");
    op.owner.owner_id = Some(owner_id.to_owned());
    op.owner.namespace = Some(NAMESPACE.to_owned());
    op
}

/// A part and an operation on it.
struct Case {
    cluster: FakeCluster,
    op: Operation<Clients>,
    part: Part<Clients>,
}

impl Case {
    fn new(kind: &str) -> Self {
        let cluster = cluster();
        Self {
            op: operation(&cluster, Asked::Update, "prod"),
            part: part("it", samples::manifest(kind, NAMESPACE, "web")),
            cluster,
        }
    }

    /// The same object, asked about by another owner.
    fn of(&self, owner_id: &str) -> Self {
        Self {
            cluster: self.cluster.clone(),
            op: operation(&self.cluster, Asked::Update, owner_id),
            part: self.part.clone(),
        }
    }

    fn kind(&self) -> &'static dyn Kind<Clients> {
        self.part.kind.expect("an object")
    }

    fn marks(&self) -> Marks {
        Marks {
            owner: Some(self.op.owner.to_string()),
            instance: Some("i1".to_owned()),
            address: Some(self.part.address.clone()),
            ..Marks::default()
        }
    }

    async fn put(&self, over: Option<&Observed>, consent: &Consent) -> Result<Observed, Refusal> {
        let put = Put {
            part: &self.part,
            marks: &self.marks(),
            over,
            consent,
            unfinished: None,
            made: &e2etls_engine::kind::Made::default(),
        };
        self.kind().put(&self.op, put).await
    }

    async fn make(&self) -> Observed {
        self.put(None, &Consent::default()).await.expect("it is made")
    }

    async fn look(&self) -> Option<Observed> {
        let look = self.kind().look(&self.op, self.part.target(None), Reading::Fresh);
        look.await.expect("an answer")
    }

    async fn now(&self) -> Observed {
        self.look().await.expect("it is there")
    }

    /// Method and last step of the path of each request so far, and forgets them.
    fn requests(&self) -> Vec<String> {
        let calls = self.cluster.faults.calls();
        self.cluster.faults.reset();
        let short = |operation: &str| {
            let (method, path) = operation.split_once(' ').unwrap_or((operation, ""));
            format!("{method} {}", path.rsplit('/').next().unwrap_or_default())
        };
        calls.iter().map(|call| short(&call.operation)).collect()
    }
}

fn paths(paths: &[&str]) -> Consent {
    Consent {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        force: false,
    }
}

/// The field managers of an object.
fn managers(object: &Value) -> Vec<&str> {
    let entries = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["manager"].as_str()).collect()
}

#[test]
fn every_kind_that_is_rendered_is_in_the_table_once() {
    for kind in kinds::RENDERED {
        let found = KINDS.iter().filter(|one| one.name() == kind.kind);
        assert_eq!(found.count(), 1, "{}", kind.kind);
    }
    assert_eq!(KINDS.len(), MANIFESTS.len() + 1);
}

#[test]
fn a_part_has_the_reference_of_its_object() {
    for (kind, reference) in [("Service", "Service shop/web"), ("Namespace", "Namespace shop-web")] {
        assert_eq!(
            part("it", samples::manifest(kind, NAMESPACE, "web")).reference(),
            reference
        );
    }
}
