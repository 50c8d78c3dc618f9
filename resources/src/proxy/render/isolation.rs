//! Network policies: on the app's Pods and on the proxy's, never on a whole namespace.

use serde_json::{Value, json};

use super::enforced;
use super::names::Names;
use super::nginx::PORT;
use super::spec::{ProxySpec, Source};

/// Admits only the proxy, and `allow_from`, to the app.
///
/// With a Service of its own, the app's port is that of the Pods, and the proxy is restricted to it; behind somebody
/// else's Service, the port of the Pods is not known here.
pub(super) fn of_app(spec: &ProxySpec, names: &Names<'_>) -> Option<Value> {
    let app = spec
        .upstream
        .selector
        .as_ref()
        .filter(|labels| enforced(spec) && !labels.is_empty())?;
    let mut proxy = json!({"from": [{"podSelector": {"matchLabels": names.selector()}}]});
    if spec.upstream.service.is_none() {
        proxy["ports"] = json!([{"protocol": "TCP", "port": spec.upstream.port}]);
    }
    let mut ingress = vec![proxy];
    for source in &spec.isolation.allow_from {
        let from = peers(source);
        if from.is_empty() {
            continue;
        }
        let mut rule = json!({"from": from});
        if !source.ports.is_empty() {
            let port = |port: &Value| json!({"protocol": "TCP", "port": port});
            rule["ports"] = source.ports.iter().map(port).collect();
        }
        ingress.push(rule);
    }
    Some(policy(names, "isolation/app", &json!(app), ingress))
}

/// Admits only `lb_cidrs`, and those in `allow_from` that are not bound to ports of the app, to the proxy, on the port that
/// serves TLS.
pub(super) fn of_proxy(spec: &ProxySpec, names: &Names<'_>) -> Option<Value> {
    if !enforced(spec) {
        return None;
    }
    let networks = spec
        .isolation
        .lb_cidrs
        .iter()
        .map(|network| json!({"ipBlock": {"cidr": network}}));
    let sources = spec
        .isolation
        .allow_from
        .iter()
        .filter(|source| source.ports.is_empty());
    let from: Vec<Value> = sources.flat_map(peers).chain(networks).collect();
    // A rule without sources would admit everybody; without any rule, nobody is admitted.
    let ingress = if from.is_empty() {
        Vec::new()
    } else {
        vec![json!({"from": from, "ports": [{"protocol": "TCP", "port": PORT}]})]
    };
    Some(policy(names, "isolation/proxy", &names.selector(), ingress))
}

/// A selector without labels would be every Pod or every namespace: it is never one of the peers.
fn peers(source: &Source) -> Vec<Value> {
    let networks = source.cidrs.iter().map(|network| json!({"ipBlock": {"cidr": network}}));
    let mut peer = json!({});
    let selectors = [("podSelector", &source.pods), ("namespaceSelector", &source.namespaces)];
    for (field, labels) in selectors {
        if let Some(labels) = labels.as_ref().filter(|labels| !labels.is_empty()) {
            peer[field] = json!({"matchLabels": labels});
        }
    }
    let pods = peer.as_object().is_some_and(|peer| !peer.is_empty()).then_some(peer);
    pods.into_iter().chain(networks).collect()
}

fn policy(names: &Names<'_>, address: &str, pods: &Value, ingress: Vec<Value>) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": names.metadata(address),
        "spec": {"podSelector": {"matchLabels": pods}, "policyTypes": ["Ingress"], "ingress": ingress},
    })
}
