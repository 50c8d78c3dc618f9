//! From the arguments to NetworkPolicies, and to the ConfigMap that shows them where they are not made.

use e2etls_engine::part::Part;
use e2etls_engine::value::UNKNOWN;
use serde_json::{Map, Value, json};
use tfplugin_framework::{Attr, Choice as _};

use super::model::{DefaultDeny, Mode, NetworkPolicy, Peer};
use crate::kinds::Clients;
use crate::kinds::kube::part;
use crate::lifecycle::inputs::{labels, list, number, text};
use crate::proxy::render::isolation::{manifest, network, rule};
use crate::proxy::render::spec::Source;
use crate::proxy::spec;

/// Address of the ConfigMap.
pub(super) const CONFIGURATION: &str = "policy/config";
const APP: &str = "policy/app";
const DEFAULT_DENY: &str = "policy/default-deny";

/// All parts; `None` while an argument that decides which there are is unknown. The namespace is closed last: what the
/// application may do is allowed by then.
pub(super) fn parts(policy: &NetworkPolicy) -> Option<Vec<Part<Clients>>> {
    let mode = *policy.mode.known()?;
    let policies = policies(policy)?;
    let mut parts = vec![part(CONFIGURATION, config_map(policy, mode, &policies))];
    if mode == Mode::Enforce {
        for (address, object) in policies {
            let mut part = part(address, object);
            if address == DEFAULT_DENY {
                part.after.push(APP.to_owned());
            }
            parts.push(part);
        }
    }
    Some(parts)
}

/// The policies by address; `None` while it is not known which there are.
pub(super) fn policies(policy: &NetworkPolicy) -> Option<Vec<(&'static str, Value)>> {
    let mut policies = vec![(APP, of_app(policy)?)];
    if let Some(object) = default_deny(policy)? {
        policies.push((DEFAULT_DENY, object));
    }
    Some(policies)
}

fn config_map(policy: &NetworkPolicy, mode: Mode, policies: &[(&str, Value)]) -> Value {
    let shown = policies.iter().filter(|_| mode == Mode::Audit).map(|(_, object)| {
        let file = format!("{}.json", object["metadata"]["name"].as_str().unwrap_or_default());
        let text = if object.to_string().contains(UNKNOWN) {
            UNKNOWN.to_owned()
        } else {
            format!("{object:#}\n")
        };
        (file, Value::from(text))
    });
    let mut data = Map::from_iter(shown);
    data.insert("mode".to_owned(), mode.word().into());
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(policy, "-network-policy"), "data": data})
}

fn metadata(policy: &NetworkPolicy, suffix: &str) -> Value {
    json!({
        "name": format!("{}{suffix}", text(&policy.name)),
        "namespace": text(&policy.namespace),
        "labels": {"app.kubernetes.io/managed-by": "e2etls", "app.kubernetes.io/instance": text(&policy.name)},
        "annotations": {},
    })
}

/// Who reaches the application, and where it connects to if that is restricted.
fn of_app(policy: &NetworkPolicy) -> Option<Value> {
    let app = policy.app.known()?;
    let selector = labels(&app.selector).unwrap_or_default();
    let balancer = Source {
        cidrs: list(&policy.lb_cidrs),
        ..Source::default()
    };
    let balancer = rule("from", &balancer, &[number(&app.port).unwrap_or_default()]);
    let ingress: Vec<Value> = balancer.into_iter().chain(rules("from", &policy.allow_from)).collect();
    let mut spec = json!({
        "podSelector": {"matchLabels": selector},
        "policyTypes": ["Ingress"],
        "ingress": ingress,
    });
    if policy.allow_to.is_unknown() {
        spec["egress"] = UNKNOWN.into();
    } else if !policy.allow_to.is_null() {
        spec["policyTypes"] = json!(["Ingress", "Egress"]);
        spec["egress"] = rules("to", &policy.allow_to).into_iter().chain(dns(policy)).collect();
    }
    Some(manifest(&metadata(policy, "-app"), &spec))
}

/// What all Pods of the namespace are denied; `None` inside if nothing is.
fn default_deny(policy: &NetworkPolicy) -> Option<Option<Value>> {
    let mut spec = json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []});
    match policy.default_deny {
        Attr::Unknown => return None,
        Attr::Known(DefaultDeny::All) => {
            spec["policyTypes"] = json!(["Ingress", "Egress"]);
            spec["egress"] = dns(policy).into_iter().collect();
        }
        Attr::Known(DefaultDeny::Ingress) => {}
        Attr::Known(DefaultDeny::None) | Attr::Null => return Some(None),
    }
    Some(Some(manifest(&metadata(policy, "-default-deny"), &spec)))
}

/// The way to name servers.
fn dns(policy: &NetworkPolicy) -> Option<Value> {
    let pods = json!({
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    });
    let to: Vec<Value> = std::iter::once(pods)
        .chain(list(&policy.dns_cidrs).iter().map(network))
        .collect();
    let rule = json!({"to": to, "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]});
    match policy.dns {
        Attr::Known(true) => Some(rule),
        Attr::Unknown => Some(UNKNOWN.into()),
        Attr::Known(false) | Attr::Null => None,
    }
}

/// A rule for each peer.
fn rules(end: &str, peers: &Attr<Vec<Peer>>) -> Vec<Value> {
    match peers {
        Attr::Known(peers) => {
            let sources = peers.iter().map(source);
            sources.filter_map(|source| rule(end, &source, &source.ports)).collect()
        }
        Attr::Unknown => vec![UNKNOWN.into()],
        Attr::Null => Vec::new(),
    }
}

/// The Pods and networks that a peer names.
pub(super) fn source(peer: &Peer) -> Source {
    spec::source(&peer.pods, &peer.namespaces, &peer.cidrs, &peer.ports)
}
