//! What a killed create left in a cluster, and what of it can be deleted.

use std::time::Duration;

use e2etls_clients::faults::Fate;
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds::{CERTIFICATE, CERTIFICATE_REQUEST, CONFIG_MAP, NAMESPACE, SECRET};
use e2etls_engine::failure::Trouble;
use e2etls_engine::kind::Consent;
use e2etls_engine::leftovers::{self, Leftover};
use e2etls_engine::marks::{Creating, Marks};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_engine::remove::Removed;
use e2etls_engine::table::Asked;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Case, NAMESPACE as SHOP, operation, part, samples};
use crate::kinds::Clients;
use crate::kinds::kube::marks::{CANARY_LABEL, OWNER_LABEL, label};

/// The namespace that the create made.
const MADE: &str = "shop-web";

/// A create that was killed in its own namespace, which bears the mark, once cert-manager had written the Secret.
async fn killed() -> FakeCluster {
    let space = Case::new("Namespace");
    make(&space, true).await;
    for kind in ["ConfigMap", "Certificate"] {
        let inside = part("inside", samples::manifest(kind, MADE, "web"));
        let inside = Case {
            part: inside,
            ..space.of("prod")
        };
        make(&inside, false).await;
    }
    put(&space.cluster, "Secret", "tls");
    space.cluster
}

async fn make(case: &Case, is_holder: bool) {
    let creating = Creating {
        since: "2020-01-01T00:00:00Z".to_owned(),
        attempts: vec!["i1".to_owned()],
    };
    let marks = Marks {
        creating: is_holder.then_some(creating),
        ..case.marks()
    };
    let consent = Consent::default();
    let put = e2etls_engine::kind::Put {
        part: &case.part,
        marks: &marks,
        over: None,
        consent: &consent,
        unfinished: None,
        made: &e2etls_engine::kind::Made::default(),
    };
    case.kind().put(&case.op, put).await.expect("it is made");
}

fn put(cluster: &FakeCluster, kind: &str, name: &str) {
    cluster.put(
        if kind == "Secret" { SECRET } else { CONFIG_MAP },
        &object(kind, MADE, name),
    );
}

fn object(kind: &str, namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}})
}

fn command(cluster: &FakeCluster) -> Operation<Clients> {
    let mut op = operation(cluster, Asked::Delete, "prod");
    op.owner.namespace = None;
    op.owner.name.clear();
    op
}

async fn found(op: &Operation<Clients>) -> Leftover<Clients> {
    let found = leftovers::find(op, SignedDuration::ZERO, Timestamp::now()).await;
    found.expect("an answer").pop().expect("leftovers")
}

async fn delete(cluster: &FakeCluster) -> Removed {
    let op = command(cluster);
    let found = found(&op).await;
    leftovers::delete(&op, found).await
}

fn names(removed: &Removed) -> Vec<&str> {
    let mut names: Vec<&str> = removed.gone.iter().map(|gone| gone.reference.as_str()).collect();
    names.sort_unstable();
    names
}

fn is_there(cluster: &FakeCluster) -> bool {
    cluster.get(NAMESPACE, None, MADE).is_some()
}

#[tokio::test]
async fn a_namespace_goes_with_the_secret_that_cert_manager_made_in_it() {
    let cluster = killed().await;
    let removed = delete(&cluster).await;
    assert_eq!(removed.failures, []);
    assert!(!is_there(&cluster));
    let expected = [
        "Certificate shop-web/web",
        "ConfigMap shop-web/web",
        "Namespace shop-web",
        "Secret shop-web/tls",
    ];
    assert_eq!(names(&removed), expected);
}

#[tokio::test]
async fn a_secret_that_is_written_while_its_certificate_goes_does_not_stay() {
    let case = Case::new("Certificate");
    make(&case, true).await;
    let cluster = &case.cluster;
    let cert_manager = async {
        while cluster.get(CERTIFICATE, Some(SHOP), "web").is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        cluster.put(SECRET, &object("Secret", SHOP, "tls"));
    };
    let (removed, ()) = tokio::join!(delete(cluster), cert_manager);
    assert_eq!(
        (removed.failures.as_slice(), removed.notices.as_slice()),
        (&[][..], &[][..])
    );
    assert_eq!(names(&removed), ["Certificate shop/web", "Secret shop/tls"]);
    assert!(cluster.get(SECRET, Some(SHOP), "tls").is_none());
}

#[tokio::test]
async fn nobody_waits_for_a_secret_that_may_not_be_looked_at() {
    let case = Case::new("Certificate");
    make(&case, true).await;
    case.cluster.faults.rule(|call| {
        if call.operation.contains("/secrets/") {
            Fate::Refused(Answer::Forbidden(Denial::Permission))
        } else {
            Fate::Answered
        }
    });
    let began = std::time::Instant::now();
    let removed = delete(&case.cluster).await;
    assert_eq!(names(&removed), ["Certificate shop/web"]);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_canary_of_its_own_keeps_no_namespace() {
    let cluster = killed().await;
    let owner = label(&operation(&cluster, Asked::Create, "prod").owner.to_string());
    let canary = json!({"apiVersion": CERTIFICATE_REQUEST.api_version(), "kind": "CertificateRequest",
        "metadata": {"name": "e2etls-canary-x", "namespace": MADE,
                     "labels": {CANARY_LABEL: "true", OWNER_LABEL: owner}}});
    cluster.put(CERTIFICATE_REQUEST, &canary);
    assert_eq!(delete(&cluster).await.failures, []);
    assert!(!is_there(&cluster));
}

#[tokio::test]
async fn what_others_put_into_a_namespace_keeps_that_alone() {
    let cluster = killed().await;
    put(&cluster, "ConfigMap", "theirs");
    let removed = delete(&cluster).await;
    let troubles: Vec<&Trouble> = removed.failures.iter().map(|failure| &failure.trouble).collect();
    let held = Trouble::Holds {
        held: vec![format!("ConfigMap {MADE}/theirs")],
    };
    assert_eq!(troubles, [&held]);
    assert_eq!(names(&removed).len(), 3, "{:?}", removed.gone);
    assert!(is_there(&cluster) && cluster.get(CONFIG_MAP, Some(MADE), "web").is_none());
    // The mark is still there to tell of it.
    assert_eq!(found(&command(&cluster)).await.objects.len(), 1);
}

#[tokio::test]
async fn a_failure_spares_the_mark_and_nothing_else() {
    let cluster = killed().await;
    cluster.faults.rule(|call| {
        if call.operation.starts_with("DELETE") && call.operation.ends_with("configmaps/web") {
            Fate::Refused(Answer::Forbidden(Denial::Permission))
        } else {
            Fate::Answered
        }
    });
    let removed = delete(&cluster).await;
    assert_eq!(removed.failures.len(), 1, "{:?}", removed.failures);
    assert!(cluster.get(CERTIFICATE, Some(MADE), "web").is_none());
    assert!(is_there(&cluster));
}
