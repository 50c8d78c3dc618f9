//! Who requests an issuance: cert-manager where it sees by itself what has changed, and else we.

use std::sync::Arc;
use std::time::Duration;

use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds::{CERTIFICATE, NAMESPACE};
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::part::Ready as _;
use e2etls_engine::table::Asked;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cert_manager::certificate::{CertificateSpec, KeySpec, render};
use crate::cert_manager::issued::IssuedBy;
use crate::cert_manager::reference::Reference;
use crate::cert_manager::renewal::Renewal;
use crate::kinds::Clients;
use crate::kinds::kube::{KINDS, marks, part};

fn spec() -> CertificateSpec {
    CertificateSpec {
        name: "web".to_owned(),
        namespace: "shop".to_owned(),
        dns_names: vec!["web.example.com".to_owned()],
        issuer: Reference {
            name: "corp".to_owned(),
            kind: "ClusterIssuer".to_owned(),
            group: "cert-manager.io".to_owned(),
            ca_arn: None,
        },
        duration: "144h".to_owned(),
        renewal: Renewal::Percentage(50),
        usages: vec!["server auth".to_owned()],
        key: KeySpec::default(),
        secret_name: "web-tls".to_owned(),
    }
}

/// A Certificate that was changed a moment ago, after its renewal failed.
fn changed() -> Value {
    let mut object = render(&spec());
    object["metadata"]["labels"] = json!({marks::OWNER_LABEL: "us"});
    object["status"] = json!({"revision": 1, "lastFailureTime": "2026-01-01T00:00:00Z", "failedIssuanceAttempts": 1,
        "conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "", "observedGeneration": 1}]});
    object
}

fn operation(cluster: &FakeCluster) -> Operation<Clients> {
    let began = Instant::now();
    Operation {
        remotes: Clients {
            cluster: Some(Arc::new(cluster.cluster(marks::OWNER_LABEL))),
            ..Clients::default()
        },
        kinds: &KINDS,
        owner: Owner {
            owner_id: None,
            resource: "certificate",
            place: "uid".to_owned(),
            namespace: Some("shop".to_owned()),
            name: "web".to_owned(),
        },
        asked: Asked::Update,
        began,
        deadline: began + Duration::from_secs(6),
        cancel: CancellationToken::new(),
        trace: None,
        now: "2026-01-01T00:00:00Z".to_owned(),
    }
}

/// Why the Certificate is being issued after a wait, if it is; cert-manager acts after `delay`.
async fn requested(delay: Option<Duration>) -> Value {
    let cluster = FakeCluster::default();
    cluster.put(
        NAMESPACE,
        &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    );
    cluster.put(CERTIFICATE, &changed());
    let object = cluster.get(CERTIFICATE, Some("shop"), "web").expect("it is there");
    if let Some(delay) = delay {
        let cluster = cluster.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let issuing = json!({"type": "Issuing", "status": "True", "reason": "RequestChanged"});
            cluster.edit(CERTIFICATE, Some("shop"), "web", |live| {
                if let Some(conditions) = live["status"]["conditions"].as_array_mut() {
                    conditions.push(issuing);
                }
            });
        });
    }
    let op = operation(&cluster);
    let observed = Observed {
        name: "shop/web".to_owned(),
        content: object,
        ..Observed::default()
    };
    let part = part("certificate", render(&spec()));
    drop(IssuedBy { spec: spec() }.wait(&op, &part, &observed).await);
    let live = cluster.get(CERTIFICATE, Some("shop"), "web").expect("it is there");
    let conditions = live["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let issuing: Vec<&Value> = conditions.iter().filter(|one| one["type"] == "Issuing").collect();
    assert!(issuing.len() < 2, "{conditions:?}");
    issuing.first().map_or(Value::Null, |one| one["reason"].clone())
}

#[tokio::test]
async fn cert_manager_comes_first() {
    assert_eq!(requested(Some(Duration::from_secs(2))).await, "RequestChanged");
}

#[tokio::test]
async fn what_cert_manager_does_not_see_is_requested() {
    assert_eq!(requested(None).await, "ManuallyTriggered");
}
