//! Checks of an API server.

use e2etls_engine::refusal::{Answer, Cause};
use serde_json::{Value, json};

use super::expect::refused;
use crate::kube::kinds::{CONFIG_MAP, Kind};
use crate::kube::objects::{ApplyOptions, Objects};

/// Name of the ConfigMap, and its label.
const NAME: &str = "conformance";

/// Checks a Kubernetes API server in a namespace; the ConfigMap `conformance` must not be there, and is not afterwards.
///
/// # Panics
/// Where the server does otherwise.
pub async fn kube(objects: &Objects, namespace: &str) {
    let place = Some(namespace);
    let manifest = |data: Value| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME, "namespace": namespace, "labels": {NAME: "me"}},
               "data": data})
    };
    let apply = |data: Value, manager: &'static str, force, dry_run| {
        let manifest = manifest(data);
        async move {
            objects
                .apply(CONFIG_MAP, &manifest, manager, ApplyOptions { force, dry_run })
                .await
        }
    };
    let dry = apply(json!({"a": "1"}), "one", false, true).await.expect("a dry run");
    assert!(dry.created && objects.get(CONFIG_MAP, place, NAME).await == Ok(None));
    let made = apply(json!({"a": "1", "b": "1"}), "one", false, false)
        .await
        .expect("it is made");
    assert!(made.created);
    assert!(
        !apply(json!({"a": "1"}), "one", false, false)
            .await
            .expect("it is changed")
            .created
    );
    let cause = Cause {
        field: ".data.a".to_owned(),
        manager: "one".to_owned(),
    };
    refused(
        apply(json!({"a": "2"}), "two", false, false).await,
        &Answer::Conflict(vec![cause]),
    );
    let forced = apply(json!({"a": "2", "c": "2"}), "two", true, false)
        .await
        .expect("it is forced");
    assert_eq!(forced.object["data"], json!({"a": "2", "c": "2"}));
    let again = objects.create(CONFIG_MAP, place, &manifest(json!({}))).await;
    refused(again, &Answer::Exists);
    let listed = objects
        .list(CONFIG_MAP, place, &format!("{NAME}=me"))
        .await
        .expect("a list");
    assert_eq!(listed.len(), 1);
    let stale = objects.hand_over(CONFIG_MAP, &made.object, "one", "three", &[]).await;
    refused(stale, &Answer::Conflict(Vec::new()));
    objects
        .hand_over(CONFIG_MAP, &forced.object, "two", "three", &[("labels", NAME)])
        .await
        .expect("handed over");
    let freed = apply(json!({"a": "2"}), "three", false, false)
        .await
        .expect("it is the heir's");
    assert_eq!(
        freed.object["data"],
        json!({"a": "2"}),
        "what the heir does not say goes"
    );
    let uid = objects
        .uid_by_dry_run_delete(CONFIG_MAP, place, NAME)
        .await
        .expect("an answer")
        .expect("a uid");
    refused(
        objects.delete(CONFIG_MAP, place, NAME, "other").await,
        &Answer::Conflict(Vec::new()),
    );
    assert_eq!(objects.delete(CONFIG_MAP, place, NAME, &uid).await, Ok(true));
    assert_eq!(objects.uid_by_dry_run_delete(CONFIG_MAP, place, NAME).await, Ok(None));
    let elsewhere = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME}});
    let nowhere = objects.create(CONFIG_MAP, Some("conformance-none"), &elsewhere);
    refused(nowhere.await, &Answer::Absent);
    let missing = Kind {
        group: "none.example.com",
        ..CONFIG_MAP
    };
    refused(objects.get(missing, place, NAME).await, &Answer::KindMissing);
    assert_ne!(objects.user().await.expect("a user"), "");
}
