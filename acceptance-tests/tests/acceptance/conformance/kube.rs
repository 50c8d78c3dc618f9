//! Kubernetes kinds on the lab's API server, under the documented permissions.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::connect::connect;
use e2etls_clients::kube::kinds;
use e2etls_clients::kube::settings::{ClusterSettings, Way};
use e2etls_engine::kind::{Consent, Kind, Made, Observed, Put};
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, conform};
use e2etls_resources::kinds::Clients;
use e2etls_resources::kinds::kube::manifest::ManifestKind;
use e2etls_resources::kinds::kube::{KINDS, MANIFESTS, NAMESPACE, SECRET, marks, part};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::samples;
use crate::ground::Place;

/// A namespace takes its time to go.
const PATIENCE: Duration = Duration::from_secs(180);

struct Remote {
    place: Place,
    cluster: Arc<Cluster>,
}

impl Remote {
    async fn new(namespace: &str) -> Self {
        let place = Place::new(namespace).await;
        let settings = ClusterSettings::from(Way::Kubeconfig {
            paths: place.kubeconfig.display().to_string(),
            context: None,
        });
        let connected = connect(&settings).await.expect("a client");
        let cluster = Arc::new(Cluster::new("", connected, None, marks::OWNER_LABEL));
        Self { place, cluster }
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        let began = Instant::now();
        Operation {
            remotes: Clients {
                cluster: Some(Arc::clone(&self.cluster)),
                ..Clients::default()
            },
            kinds: &KINDS,
            owner: Owner {
                owner_id: Some(owner_id.to_owned()),
                resource: "conformance",
                place: "uid".to_owned(),
                namespace: Some(self.place.namespace.clone()),
                name: "web".to_owned(),
            },
            asked,
            began,
            deadline: began + PATIENCE,
            cancel: CancellationToken::new(),
            trace: None,
            now: "2026-01-01T00:00:00Z".to_owned(),
        }
    }

    /// Merges `object` into what is there, as `kubectl edit` does.
    async fn edit(&self, object: &Value) {
        let types = serde_json::from_value(object.clone()).expect("a type");
        let namespace = object["metadata"]["namespace"].as_str();
        let api = e2etls_lab::lab::apply::api(&self.place.kube, &types, namespace).await;
        let by_hand = PatchParams {
            field_manager: Some("kubectl-edit".to_owned()),
            ..PatchParams::default()
        };
        let name = object["metadata"]["name"].as_str().expect("a name");
        let edited = api.expect("an API").patch(name, &by_hand, &Patch::Merge(object)).await;
        edited.expect("the object is edited");
    }
}

struct Manifest<'a> {
    kind: &'static ManifestKind,
    remote: &'a Remote,
}

#[async_trait]
impl Subject<Clients> for Manifest<'_> {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        self.kind
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        self.remote.operation(asked, owner_id)
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        let namespace = &self.remote.place.namespace;
        part(topic, samples::manifest(self.kind.kind.kind, namespace, topic))
    }

    fn changed(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        Some(part.with_content(samples::changed(&part.content)))
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        self.remote.place.apply(samples::edited(&part.content)).await;
    }

    async fn edit(&self, part: &Part<Clients>, _: &Observed) -> bool {
        self.remote.edit(&samples::edited(&part.content)).await;
        true
    }

    /// A busy API server carries out what it has taken, some time after its sender is gone.
    async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    /// A namespace takes seconds to go.
    fn kills(&self) -> usize {
        if self.kind.kind == kinds::NAMESPACE { 4 } else { 64 }
    }

    fn steady(&self, mut object: Observed) -> Observed {
        let content = object.content.as_object_mut().expect("an object");
        content.remove("status");
        let metadata = content["metadata"].as_object_mut().expect("metadata");
        // Nor is a ReplicaSet's number, or who wrote which status in which version.
        metadata.retain(|name, _| !["resourceVersion", "managedFields"].contains(&name.as_str()));
        let annotations = metadata.get_mut("annotations").and_then(Value::as_object_mut);
        if let Some(annotations) = annotations {
            annotations.remove("deployment.kubernetes.io/revision");
        }
        object
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_conform() {
    let remote = Remote::new("conformance").await;
    let remote = &remote;
    let checks = MANIFESTS
        .into_iter()
        .map(|kind| async move { conform(&Manifest { kind, remote }).await });
    let answered = futures::future::join_all(checks).await;
    let failed: Vec<String> = answered.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

struct Secret<'a> {
    remote: &'a Remote,
}

#[async_trait]
impl Subject<Clients> for Secret<'_> {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        &SECRET
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        self.remote.operation(asked, owner_id)
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        let name = format!("{}/{topic}", self.remote.place.namespace);
        Part::new(topic, &SECRET, name, json!({}))
    }

    fn changed(&self, _: &Part<Clients>) -> Option<Part<Clients>> {
        None
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        let metadata = json!({"name": part.address, "namespace": self.remote.place.namespace});
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"tls.key": "eA=="}});
        self.remote.place.apply(secret).await;
    }

    async fn edit(&self, _: &Part<Clients>, _: &Observed) -> bool {
        false
    }

    fn is_written(&self) -> bool {
        false
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_conform() {
    let remote = Remote::new("conformance-secrets").await;
    conform(&Secret { remote: &remote }).await.expect("conformance");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_others_keeps_a_namespace() {
    let remote = Remote::new("holds").await;
    let subject = Manifest {
        kind: &NAMESPACE,
        remote: &remote,
    };
    let (part, op) = (subject.part("made"), subject.operation(Asked::Create, "holds"));
    let marks = Marks {
        owner: Some(op.owner.to_string()),
        ..Marks::default()
    };
    let put = Put {
        part: &part,
        marks: &marks,
        over: None,
        consent: &Consent::default(),
        unfinished: None,
        made: &Made::default(),
    };
    let namespace = NAMESPACE.put(&op, put).await.expect("it is made");
    let held = async || NAMESPACE.holds(&op, &namespace).await.expect("an answer");
    assert_eq!(held().await, Vec::<String>::new());
    let job = json!({"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}}});
    for (api_version, kind, spec) in [
        ("v1", "Secret", Value::Null),
        (
            "batch/v1",
            "CronJob",
            json!({"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job}}),
        ),
        ("cert-manager.io/v1", "Issuer", json!({"selfSigned": {}})),
    ] {
        let metadata = json!({"name": "theirs", "namespace": part.name});
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata});
        if !spec.is_null() {
            object["spec"] = spec;
        }
        remote.place.apply(object).await;
    }
    let theirs = ["CronJob", "Issuer", "Secret"].map(|kind| format!("{kind} {}/theirs", part.name));
    assert_eq!(held().await, theirs);
    assert!(!NAMESPACE.delete(&op, &namespace).await.expect("it is deleted"));
}
