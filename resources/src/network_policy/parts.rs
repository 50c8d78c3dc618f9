//! From the arguments to NetworkPolicies, and to the ConfigMap that shows them where they are not made.

use e2etls_engine::part::Part;
use e2etls_engine::value::UNKNOWN;
use serde_json::{Map, Value, json};
use tfplugin_framework::Attr;

use super::model::{DefaultDeny, Mode, NetworkPolicy, Peer};
use crate::kinds::Clients;
use crate::kinds::kube::part;
use crate::lifecycle::inputs::{labels, list, number, text};

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
    let word = match mode {
        Mode::Audit => "audit",
        Mode::Enforce => "enforce",
    };
    data.insert("mode".to_owned(), word.into());
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
    let networks: Vec<Value> = list(&policy.lb_cidrs).iter().map(network).collect();
    let port = json!([{"protocol": "TCP", "port": number(&app.port)}]);
    // A rule without sources would admit everybody.
    let balancer = (!networks.is_empty()).then(|| json!({"from": networks, "ports": port}));
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
    Some(manifest(metadata(policy, "-app"), spec))
}

/// What all Pods of the namespace are denied; `None` inside if nothing is.
fn default_deny(policy: &NetworkPolicy) -> Option<Option<Value>> {
    let types = match policy.default_deny {
        Attr::Unknown => return None,
        Attr::Known(DefaultDeny::All) => vec!["Ingress", "Egress"],
        Attr::Known(DefaultDeny::Ingress) => vec!["Ingress"],
        Attr::Known(DefaultDeny::None) | Attr::Null => return Some(None),
    };
    let mut spec = json!({"podSelector": {}, "policyTypes": types, "ingress": []});
    if types.len() == 2 {
        spec["egress"] = dns(policy).into_iter().collect();
    }
    Some(Some(manifest(metadata(policy, "-default-deny"), spec)))
}

fn manifest(metadata: Value, spec: Value) -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec})
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

fn network(cidr: &String) -> Value {
    json!({"ipBlock": {"cidr": cidr}})
}

/// A rule for each peer. One that names nobody would be everybody: it is refused before, and never rendered.
fn rules(direction: &str, peers: &Attr<Vec<Peer>>) -> Vec<Value> {
    let Attr::Known(peers) = peers else {
        return if peers.is_unknown() {
            vec![UNKNOWN.into()]
        } else {
            Vec::new()
        };
    };
    let rule = |peer: &Peer| {
        let mut pods = Map::new();
        for (field, given) in [("podSelector", &peer.pods), ("namespaceSelector", &peer.namespaces)] {
            if let Some(labels) = labels(given).filter(|labels| !labels.is_empty()) {
                pods.insert(field.to_owned(), json!({"matchLabels": labels}));
            }
        }
        let pods = (!pods.is_empty()).then_some(Value::Object(pods));
        let all: Vec<Value> = pods.into_iter().chain(list(&peer.cidrs).iter().map(network)).collect();
        if all.is_empty() {
            return None;
        }
        let mut rule = json!({direction: all});
        match &peer.ports {
            Attr::Known(ports) => {
                rule["ports"] = ports
                    .iter()
                    .map(|port| json!({"protocol": "TCP", "port": port}))
                    .collect();
            }
            Attr::Unknown => rule["ports"] = UNKNOWN.into(),
            Attr::Null => {}
        }
        Some(rule)
    };
    peers.iter().filter_map(rule).collect()
}
