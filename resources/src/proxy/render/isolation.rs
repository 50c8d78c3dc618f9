//! Network policies: on the app's Pods and on the proxy's, never on a whole namespace.

use serde_json::{Value, json};

use super::enforced;
use super::names::Names;
use super::nginx::PORT;
use super::spec::{Isolation, Labels, Mode, ProxySpec, Source};
use e2etls_engine::value::UNKNOWN;

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
    let ingress = std::iter::once(proxy).chain(to_app(spec)).collect();
    Some(policy(names, "isolation/app", &json!(app), ingress))
}

/// Rules for `allow_from` to the ports of the app.
fn to_app(spec: &ProxySpec) -> impl Iterator<Item = Value> {
    spec.isolation.allow_from.iter().filter_map(|source| {
        let ports = app_ports(spec, source);
        if ports.is_empty() && !source.ports.is_empty() {
            return None;
        }
        rule("from", source, &ports)
    })
}

/// A rule for one end of connections, `from` or `to`, on these TCP ports, or on all; `None` if it would be for everybody.
#[must_use]
pub fn rule(end: &str, source: &Source, ports: &[Value]) -> Option<Value> {
    let peers = peers(source);
    if peers.is_empty() {
        return None;
    }
    let mut rule = json!({end: peers});
    if !ports.is_empty() {
        rule["ports"] = ports.iter().map(port).collect();
    }
    Some(rule)
}

/// The ports of the app that a source names: the port of the metrics is the proxy's. While that is not known, neither are they.
pub(super) fn app_ports(spec: &ProxySpec, source: &Source) -> Vec<Value> {
    match &spec.http.metrics_port {
        Some(metrics) if *metrics == UNKNOWN && !source.ports.is_empty() => vec![metrics.clone()],
        metrics => {
            let of_app = source.ports.iter().filter(|port| Some(*port) != metrics.as_ref());
            of_app.cloned().collect()
        }
    }
}

fn port(port: &Value) -> Value {
    json!({"protocol": "TCP", "port": port})
}

/// A network as a peer.
#[must_use]
pub fn network(cidr: &String) -> Value {
    json!({"ipBlock": {"cidr": cidr}})
}

/// Admits only `lb_cidrs`, and those in `allow_from` that are not bound to ports, to the proxy, on the port that serves TLS;
/// and to the metrics, where there are any, only those in `allow_from` that name their port. The Pods of a sidecar are the
/// app's too: what `allow_from` admits to the app stands here.
pub(super) fn of_proxy(spec: &ProxySpec, names: &Names<'_>) -> Option<Value> {
    if !enforced(spec) {
        return None;
    }
    let networks = spec.isolation.lb_cidrs.iter().map(network);
    let sources = spec
        .isolation
        .allow_from
        .iter()
        .filter(|source| source.ports.is_empty());
    let from: Vec<Value> = sources.flat_map(peers).chain(networks).collect();
    // A rule without sources would admit everybody; without any rule, nobody is admitted.
    let tls = (from, Value::from(PORT));
    let metrics = spec.http.metrics_port.iter();
    let ingress = std::iter::once(tls)
        .chain(metrics.map(|port| (metrics_peers(spec, port), port.clone())))
        .filter(|(from, _)| !from.is_empty())
        .map(|(from, at)| json!({"from": from, "ports": [port(&at)]}))
        .chain(to_app(spec).filter(|_| spec.mode == Mode::Sidecar))
        .chain(is_undecided(spec).then(|| json!({"from": [UNKNOWN]})))
        .collect();
    Some(policy(names, "isolation/proxy", &names.selector(), ingress))
}

/// Who names the port of the metrics.
fn metrics_peers(spec: &ProxySpec, metrics: &Value) -> Vec<Value> {
    let sources = spec.isolation.allow_from.iter();
    let named = sources.filter(|source| source.ports.contains(metrics));
    named.flat_map(peers).collect()
}

/// True while it is not known which ports of the proxy a source names.
fn is_undecided(spec: &ProxySpec) -> bool {
    let unknown = Value::from(UNKNOWN);
    let metrics = spec.http.metrics_port.as_ref() == Some(&unknown);
    let mut sources = spec.isolation.allow_from.iter();
    sources.any(|source| source.ports.contains(&unknown) || (metrics && !source.ports.is_empty()))
}

/// True while it is not known whom `allow_from` admits, or where to.
pub(super) fn unknown_sources(isolation: &Isolation) -> bool {
    let unknown = |labels: &Option<Labels>| {
        let mut pairs = labels.iter().flatten();
        pairs.any(|(key, value)| key.contains(UNKNOWN) || value.contains(UNKNOWN))
    };
    isolation.allow_from.iter().any(|source| {
        unknown(&source.pods)
            || unknown(&source.namespaces)
            || source.cidrs.iter().any(|network| network.contains(UNKNOWN))
            || source.ports.contains(&Value::from(UNKNOWN))
    })
}

/// A selector without labels would be every Pod or every namespace: it is never one of the peers.
fn peers(source: &Source) -> Vec<Value> {
    let networks = source.cidrs.iter().map(network);
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
    let content = json!({"podSelector": {"matchLabels": pods}, "policyTypes": ["Ingress"], "ingress": ingress});
    manifest(&names.metadata(address), &content)
}

/// A NetworkPolicy.
#[must_use]
pub fn manifest(metadata: &Value, spec: &Value) -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec})
}
