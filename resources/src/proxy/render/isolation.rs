//! Network policies: on the app's Pods and on the proxy's, never on a whole namespace.

use serde_json::{Value, json};

use super::enforced;
use super::names::Names;
use super::pod::PORT;
use super::spec::ProxySpec;

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
    let others = allowed(spec);
    if !others.is_empty() {
        ingress.push(json!({"from": others}));
    }
    Some(policy(names, "isolation/app", &json!(app), ingress))
}

/// Admits only `lb_cidrs` and `allow_from` to the proxy, on the port that serves TLS.
pub(super) fn of_proxy(spec: &ProxySpec, names: &Names<'_>) -> Option<Value> {
    if !enforced(spec) {
        return None;
    }
    let networks = spec
        .isolation
        .lb_cidrs
        .iter()
        .map(|network| json!({"ipBlock": {"cidr": network}}));
    let from: Vec<Value> = allowed(spec).into_iter().chain(networks).collect();
    // A rule without sources would admit everybody; without any rule, nobody is admitted.
    let ingress = if from.is_empty() {
        Vec::new()
    } else {
        vec![json!({"from": from, "ports": [{"protocol": "TCP", "port": PORT}]})]
    };
    Some(policy(names, "isolation/proxy", &names.selector(), ingress))
}

/// An empty set of labels would be every Pod of the namespace: it is never one of the sources.
fn allowed(spec: &ProxySpec) -> Vec<Value> {
    let sets = spec.isolation.allow_from.iter().filter(|labels| !labels.is_empty());
    sets.map(|labels| json!({"podSelector": {"matchLabels": labels}}))
        .collect()
}

fn policy(names: &Names<'_>, address: &str, pods: &Value, ingress: Vec<Value>) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": names.metadata(address),
        "spec": {"podSelector": {"matchLabels": pods}, "policyTypes": ["Ingress"], "ingress": ingress},
    })
}
