//! Proofs against a real control plane, of the lab's programs.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Event, Pod, Secret, Service};
use kube::Client;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

mod control_plane;
mod manifests;

use control_plane::Lab;

/// Waits until `check` answers, for at most a minute.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut check: impl FnMut() -> F) -> T {
    for _ in 0..300 {
        if let Some(found) = check().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("never: {what}");
}

async fn create<K>(client: &Client, object: Value)
where
    K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + serde::Serialize
        + serde::de::DeserializeOwned
        + Clone
        + std::fmt::Debug,
{
    let api: Api<K> = Api::namespaced(client.clone(), "default");
    let object: K = serde_json::from_value(object).unwrap();
    api.create(&PostParams::default(), &object).await.unwrap();
}

async fn ready(client: &Client, name: &str, replicas: i32) {
    let api: Api<Deployment> = Api::namespaced(client.clone(), "default");
    until(name, || async {
        let status = api.get(name).await.ok()?.status?;
        (status.ready_replicas == Some(replicas)).then_some(())
    })
    .await;
}

async fn pods(client: &Client, app: &str) -> Vec<Pod> {
    let api: Api<Pod> = Api::namespaced(client.clone(), "default");
    api.list(&ListParams::default().labels(&format!("app={app}")))
        .await
        .unwrap()
        .items
}

async fn event(client: &Client, reason: &str, text: &str) {
    let api: Api<Event> = Api::namespaced(client.clone(), "default");
    until(reason, || async {
        let events = api
            .list(&ListParams::default().fields(&format!("reason={reason}")))
            .await
            .ok()?;
        events
            .items
            .iter()
            .any(|e| e.message.as_deref().is_some_and(|m| m.contains(text)))
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rendered_proxy_serves_rotates_and_ends() {
    let mut lab = Lab::start(231).await;
    let client = &lab.client.clone();
    create::<Deployment>(client, manifests::app()).await;
    create::<Service>(client, manifests::service("app", 80, 8080)).await;
    create::<ConfigMap>(client, manifests::config()).await;
    create::<Deployment>(client, manifests::proxy()).await;
    create::<Service>(client, manifests::service("proxy", 443, 8443)).await;

    event(client, "FailedMount", "secret \"tls\" not found").await;
    let secrets: Api<Secret> = Api::namespaced(client.clone(), "default");
    let first = lab.certificate("first").await;
    let secret: Secret = serde_json::from_value(first).unwrap();
    secrets.create(&PostParams::default(), &secret).await.unwrap();
    ready(client, "app", 1).await;
    ready(client, "proxy", 2).await;

    let text = until("an answer", || lab.get("proxy", 443, "/hi")).await;
    assert!(text.contains("hello from pod app-"), "{text}");
    assert!(
        text.contains("request: GET /hi") && text.contains("x-forwarded-proto: https"),
        "{text}"
    );
    let own = addresses(client).await;
    assert!(
        own.iter()
            .any(|ip| text.contains(&format!("peer: {}", ip.replacen("10.", "127.", 1)))),
        "{text}"
    );
    assert_eq!(lab.subject("proxy", 443).await.as_deref(), Some("first"));

    let second = lab.certificate("second").await;
    secrets
        .patch(
            "tls",
            &PatchParams::default(),
            &Patch::Merge(json!({ "data": second["data"] })),
        )
        .await
        .unwrap();
    until("the rotated certificate", || async {
        let subjects = [lab.subject("proxy", 443).await, lab.subject("proxy", 443).await];
        (subjects == [Some("second".into()), Some("second".into())]).then_some(())
    })
    .await;
    assert!(pods(client, "proxy").await.iter().all(|p| restarts(p) == 0));
    let name = pods(client, "proxy").await[0].metadata.name.clone().unwrap();
    until("the log", || async {
        lab.log(&name, "nginx").await.filter(|log| log.contains("reloaded"))
    })
    .await;

    let before = addresses(client).await;
    lab.restart().await;
    until("restarted containers", || async {
        let all = pods(client, "proxy").await;
        all.iter().all(|p| restarts(p) == 1).then_some(())
    })
    .await;
    ready(client, "proxy", 2).await;
    until("an answer after the restart", || lab.get("proxy", 443, "/hi")).await;
    assert_eq!(addresses(client).await, before);

    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "default");
    deployments.delete("proxy", &DeleteParams::background()).await.unwrap();
    until("no pod", || async {
        pods(client, "proxy").await.is_empty().then_some(())
    })
    .await;
    assert!(lab.get("proxy", 443, "/").await.is_none());
    lab.end().await;
}

async fn addresses(client: &Client) -> Vec<String> {
    let pods = pods(client, "proxy").await;
    pods.iter().filter_map(|p| p.status.as_ref()?.pod_ip.clone()).collect()
}

fn restarts(pod: &Pod) -> i32 {
    pod.status
        .iter()
        .flat_map(|s| s.container_statuses.iter().flatten())
        .map(|s| s.restart_count)
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn init_containers_sidecars_probes_and_crashes_are_reported() {
    let lab = Lab::start(232).await;
    let client = &lab.client;
    for pod in [manifests::job(), manifests::crash(), manifests::unhealthy()] {
        create::<Pod>(client, pod).await;
    }
    let api: Api<Pod> = Api::namespaced(client.clone(), "default");
    let phase = |name: &'static str| {
        let api = api.clone();
        async move { api.get(name).await.ok()?.status?.phase }
    };
    until("job done", || async { phase("job").await.filter(|p| p == "Succeeded") }).await;
    assert_eq!(
        lab.log("job", "main").await.unwrap().trim(),
        "made by init, sidecar too, value one, default"
    );
    event(client, "BackOff", "restarting failed container=main").await;
    until("a crash report", || async {
        let status = api.get("crash").await.ok()?.status?;
        let ended = status.container_statuses?.pop()?.last_state?.terminated?;
        (ended.exit_code == 7 && ended.message?.contains("no luck")).then_some(())
    })
    .await;
    event(client, "Unhealthy", "Liveness probe failed: exit code 1").await;
    until("a restart", || async {
        (restarts(&api.get("unhealthy").await.ok()?) > 0).then_some(())
    })
    .await;
    assert_eq!(phase("unhealthy").await.as_deref(), Some("Running"));
    for name in ["job", "crash", "unhealthy"] {
        api.delete(name, &DeleteParams::default()).await.unwrap();
    }
    until("no pod", || async {
        api.list(&ListParams::default())
            .await
            .ok()?
            .items
            .is_empty()
            .then_some(())
    })
    .await;
    lab.end().await;
}
