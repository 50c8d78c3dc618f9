//! What somebody breaks by hand: the report says so, and a probe shows it.

use serde_json::{Value, json};

use super::{GOOD, NAMESPACE, Seen, engine, report};
use crate::edge::{address_of, ask};
use crate::ground::Ground;
use crate::isolation::{pod, reaches, reaches_pod, run};

/// Each way to break it, and back.
pub(super) async fn all(ground: &Ground, stranger: &str, app: &str) {
    wide_policy(ground, stranger, app).await;
    node_port(ground, app).await;
    host_network(ground, app).await;
    plain_listener(ground).await;
    changed_configuration(ground).await;
    no_policy(ground, stranger, app).await;
    no_engine(ground, stranger).await;
}

async fn object(ground: &Ground, object: Value) {
    ground.apply(object).await;
}

async fn delete(ground: &Ground, group: &str, version: &str, kind: &str, plural: &str, name: &str) {
    let api = ground.api(group, version, kind, plural);
    drop(
        api.delete(name, &kube::api::DeleteParams::default())
            .await
            .expect("it is deleted"),
    );
    let gone = || async { api.get_opt(name).await.expect("an answer").is_none() };
    ground.until("the deletion", gone).await;
}

/// The app's hop carries no TLS and is not confined, for this reason.
fn is_open(seen: &Seen, why: &str) {
    assert_eq!(
        seen.hops().last().map(String::as_str),
        Some("proxy→app no no plaintext"),
        "{why}: {:#}",
        seen.0
    );
    assert!(seen.evidence().contains(why), "{why}: {:#}", seen.0);
    assert_eq!(seen.0["matches"], false, "{why}");
    let findings = seen.0["findings"].to_string();
    assert!(
        findings.contains("the hop from proxy to app is plaintext, and confined was expected"),
        "{findings}"
    );
}

async fn is_whole_again(ground: &Ground) {
    let seen = report(ground).await;
    assert_eq!(seen.hops(), GOOD, "{:#}", seen.0);
}

/// A policy beside ours that admits everybody of the namespace.
async fn wide_policy(ground: &Ground, stranger: &str, app: &str) {
    object(
        ground,
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"namespace": NAMESPACE, "name": "wide"},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]}}),
    )
    .await;
    let admitted = || async { reaches_pod(stranger, app) };
    ground.until("the other policy", admitted).await;
    is_open(&report(ground).await, "NetworkPolicies also admit Pod report/stranger");
    delete(
        ground,
        "networking.k8s.io",
        "v1",
        "NetworkPolicy",
        "networkpolicies",
        "wide",
    )
    .await;
    let refused = || async { !reaches_pod(stranger, app) };
    ground.until("the policy", refused).await;
    is_whole_again(ground).await;
}

/// A port of the node, for whoever reaches the node.
async fn node_port(ground: &Ground, app: &str) {
    object(
        ground,
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": NAMESPACE, "name": "through"},
            "spec": {"type": "NodePort", "selector": {"e2etls.dev/app": "shop"}, "ports": [{"port": 8080, "targetPort": 8080}]}}),
    )
    .await;
    let service = ground
        .api("", "v1", "Service", "services")
        .get("through")
        .await
        .expect("an answer");
    let port = service.data["spec"]["ports"][0]["nodePort"].as_u64().expect("a port");
    let octet = app.split('.').nth(1).expect("an address");
    let url = format!("http://127.{octet}.255.254:{port}/");
    let answered = || async { reaches("127.201.0.5", &url, None) };
    ground.until("the NodePort", answered).await;
    let seen = report(ground).await;
    is_open(&seen, &format!("port {port} of every Node leads to the Pods"));
    assert!(
        seen.0["findings"]
            .to_string()
            .contains(&format!("opens port {port} of every Node")),
        "{:#}",
        seen.0
    );
    delete(ground, "", "v1", "Service", "services", "through").await;
    is_whole_again(ground).await;
}

/// A Pod with the network of the node, as agents have.
async fn host_network(ground: &Ground, app: &str) {
    run(ground, "host", &json!({"hostNetwork": true}), 8081).await;
    let host = pod(ground, "app=host").await;
    assert!(reaches_pod(&host, app), "the engine lets it in");
    is_open(
        &report(ground).await,
        "no policy keeps out Pods with `hostNetwork` on the same Node",
    );
    delete(ground, "apps", "v1", "Deployment", "deployments", "host").await;
    let pods = ground.api("", "v1", "Pod", "pods");
    let gone = || async {
        let selector = kube::api::ListParams::default().labels("app=host");
        pods.list(&selector).await.expect("a list").items.is_empty()
    };
    ground.until("the end of the Pod", gone).await;
    is_whole_again(ground).await;
}

/// Somebody takes the redirect away: port 80 of the load balancer serves the application.
async fn plain_listener(ground: &Ground) {
    let ingresses = ground.api("networking.k8s.io", "v1", "Ingress", "ingresses");
    let found = ingresses.list(&kube::api::ListParams::default()).await.expect("a list");
    let ingress = found.items.first().expect("an Ingress");
    let name = ingress.metadata.name.clone().expect("a name");
    let redirect = "alb.ingress.kubernetes.io/ssl-redirect";
    let before = ingress.metadata.annotations.as_ref().expect("annotations")[redirect].clone();
    let annotate = async |value: Value| {
        let patch = json!({"metadata": {"annotations": {redirect: value}}});
        let by_hand = kube::api::PatchParams::apply("kubectl-annotate");
        let patched = ingresses.patch(&name, &by_hand, &kube::api::Patch::Merge(&patch)).await;
        drop(patched.expect("it is patched"));
    };
    annotate(Value::Null).await;
    let stack = ground
        .terraform
        .values(crate::edge::stack::STACK)
        .await
        .expect("an answer");
    let hostname = stack["lb_hostname"].as_str().expect("a host name").to_owned();
    let plain = || async {
        ask(
            &address_of(ground, &hostname, 80).await,
            "http",
            "shop.report.example",
            &[],
        )
        .contains(" 200 ")
    };
    ground.until("plain HTTP", plain).await;
    let seen = report(ground).await;
    let hops = seen.hops();
    assert!(hops.contains(&"client→edge no no plaintext".to_owned()), "{:#}", seen.0);
    assert_eq!(seen.0["verdict"], "plaintext");
    assert!(seen.evidence().contains("\"HTTP:80\""), "{:#}", seen.0);
    annotate(before.into()).await;
    let redirected = || async {
        ask(
            &address_of(ground, &hostname, 80).await,
            "http",
            "shop.report.example",
            &[],
        )
        .contains(" 301 ")
    };
    ground.until("the redirect", redirected).await;
    is_whole_again(ground).await;
}

/// Somebody edits the configuration: what the Pods run is not what the ConfigMap says.
async fn changed_configuration(ground: &Ground) {
    let configs = ground.api("", "v1", "ConfigMap", "configmaps");
    let before = configs.get("shop-proxy-config").await.expect("an answer").data["data"]["nginx.conf"].clone();
    let text = before
        .as_str()
        .expect("text")
        .replace("proxy_pass http://", "proxy_pass https://");
    let edit = async |text: Value| {
        let patch = json!({"data": {"nginx.conf": text}});
        let by_hand = kube::api::PatchParams::apply("kubectl-edit");
        let patched = configs
            .patch("shop-proxy-config", &by_hand, &kube::api::Patch::Merge(&patch))
            .await;
        drop(patched.expect("it is patched"));
    };
    edit(text.into()).await;
    let is_not_loaded = |seen: &Seen| {
        let last = seen.hops().pop().expect("a hop");
        assert_eq!(last, "proxy→app unknown yes confined", "{:#}", seen.0);
    };
    is_not_loaded(&report(ground).await);
    // A Pod may have started in between: that the content is the old one again shows nothing.
    edit(before).await;
    is_not_loaded(&report(ground).await);
    let pods = ground.api("", "v1", "Pod", "pods");
    let of_proxy = kube::api::ListParams::default().labels("e2etls.dev/proxy=shop");
    let at_once = kube::api::DeleteParams::default().grace_period(0);
    drop(
        pods.delete_collection(&at_once, &of_proxy)
            .await
            .expect("they are deleted"),
    );
    let are_new = || async {
        let listed = pods.list(&of_proxy).await.expect("a list").items;
        let is_new = |pod: &kube::api::DynamicObject| {
            let mut conditions = pod.data["status"]["conditions"].as_array().into_iter().flatten();
            let is_ready = conditions.any(|found| found["type"] == "Ready" && found["status"] == "True");
            is_ready && pod.metadata.deletion_timestamp.is_none()
        };
        !listed.is_empty() && listed.iter().all(is_new)
    };
    ground.until("new Pods", are_new).await;
    is_whole_again(ground).await;
}

/// Ours is deleted.
async fn no_policy(ground: &Ground, stranger: &str, app: &str) {
    delete(
        ground,
        "networking.k8s.io",
        "v1",
        "NetworkPolicy",
        "networkpolicies",
        "shop-app-isolation",
    )
    .await;
    let admitted = || async { reaches_pod(stranger, app) };
    ground.until("no policy", admitted).await;
    is_open(&report(ground).await, "no NetworkPolicy selects the Pod for ingress");
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    is_whole_again(ground).await;
}

/// The engine is switched off: the policies are all there. It counts for Pods that start.
async fn no_engine(ground: &Ground, stranger: &str) {
    engine(ground, false).await;
    let pods = ground.api("", "v1", "Pod", "pods");
    let of_app = kube::api::ListParams::default().labels("e2etls.dev/app=shop");
    drop(
        pods.delete_collection(&kube::api::DeleteParams::default(), &of_app)
            .await
            .expect("they are deleted"),
    );
    let admitted = || async { reaches_pod(stranger, &pod(ground, "e2etls.dev/app=shop").await) };
    ground.until("a Pod without a filter", admitted).await;
    is_open(&report(ground).await, "EKS Auto Mode does not enforce policies");
    engine(ground, true).await;
}
