//! What keeps a namespace, as discovery and lists show it.

use e2etls_clients::faults::Fate;
use e2etls_clients::kube::kinds::{CONFIG_MAP, Kind, SECRET};
use e2etls_engine::refusal::{Answer, Denial};
use serde_json::json;

use super::{Case, part, samples};

const WIDGET: Kind = Kind {
    group: "example.com",
    version: "v1",
    kind: "Widget",
    plural: "widgets",
    namespaced: true,
    add_on: "",
};

/// The namespace `shop-web`, ours, with something of ours in it.
async fn made() -> Case {
    let case = Case::new("Namespace");
    case.make().await;
    let inside = part("inside", samples::manifest("ConfigMap", "shop-web", "ours"));
    Case {
        part: inside,
        ..case.of("prod")
    }
    .make()
    .await;
    case
}

fn put(case: &Case, kind: Kind, name: &str) {
    let object = json!({"apiVersion": kind.api_version(), "kind": kind.kind,
                        "metadata": {"name": name, "namespace": "shop-web"}});
    case.cluster.put(kind, &object);
}

async fn held(case: &Case) -> Vec<String> {
    case.kind().holds(&case.op, &case.now().await).await.expect("an answer")
}

#[tokio::test]
async fn every_kind_of_others_keeps_a_namespace() {
    let case = made().await;
    put(&case, CONFIG_MAP, "kube-root-ca.crt");
    assert_eq!(held(&case).await, Vec::<String>::new());
    put(&case, SECRET, "password");
    put(&case, WIDGET, "custom");
    assert_eq!(
        held(&case).await,
        ["Secret shop-web/password", "Widget shop-web/custom"]
    );
}

#[tokio::test]
async fn a_kind_that_may_not_be_listed_keeps_a_namespace() {
    let case = made().await;
    put(&case, SECRET, "password");
    case.cluster.faults.rule(|call| {
        let refused = Fate::Refused(Answer::Forbidden(Denial::Permission));
        if call.operation.ends_with("/secrets") {
            refused
        } else {
            Fate::Answered
        }
    });
    assert_eq!(held(&case).await, ["Secret (can't be listed)"]);
}

#[tokio::test]
async fn a_list_that_fails_is_no_empty_namespace() {
    let case = made().await;
    let namespace = case.now().await;
    case.cluster.faults.rule(|call| {
        let refused = Fate::Refused(Answer::Invalid);
        if call.operation.ends_with("/configmaps") {
            refused
        } else {
            Fate::Answered
        }
    });
    let refused = case.kind().holds(&case.op, &namespace).await.expect_err("a refusal");
    assert_eq!(refused.answer, Answer::Invalid);
}

#[tokio::test]
async fn what_is_being_deleted_says_what_it_waits_for() {
    let case = made().await;
    let namespace = case.now().await;
    assert!(!case.kind().delete(&case.op, &namespace).await.expect("an answer"));
    case.cluster.react(e2etls_clients::kube::kinds::NAMESPACE, |_| {});
    case.cluster.edit(e2etls_clients::kube::kinds::NAMESPACE, None, "shop-web", |live| {
        live["spec"]["finalizers"] = json!(["kubernetes"]);
        live["status"]["conditions"] = json!([{"type": "NamespaceFinalizersRemaining", "status": "True",
            "message": "Some content in the namespace has finalizers remaining: example.com/stuck in 1 resource instances"}]);
    });
    let words = case.now().await.deleting.expect("it is being deleted");
    assert!(
        words.contains("finalizer kubernetes") && words.contains("example.com/stuck"),
        "{words}"
    );
}
