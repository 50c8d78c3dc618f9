//! What NetworkPolicies say about one connection, as the API's documentation defines it.
//!
//! Only TCP, and only policies of the API `networking.k8s.io/v1`. What engines do differently stands in [`super`].
//!
//! This file is long because half of it are the documented cases, as one table.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use k8s_openapi::api::networking::v1::{IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

type Labels = BTreeMap<String, String>;

/// One end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// Its address in the API.
    pub(crate) address: Ipv4Addr,
    /// The Pod, if it is one.
    pub(crate) pod: Option<PodEnd>,
}

/// A Pod as policies see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct PodEnd {
    pub(crate) namespace: String,
    pub(crate) labels: Labels,
    pub(crate) namespace_labels: Labels,
    /// Its named TCP ports.
    pub(crate) ports: BTreeMap<String, u16>,
}

/// True if a connection from `from` to `port` of `to` is admitted: by the egress policies of the one and the ingress policies
/// of the other. What is no Pod has no policies.
pub(crate) fn admits(policies: &[NetworkPolicy], from: &End, to: &End, port: u16) -> bool {
    leaves(policies, from, to, port) && arrives(policies, from, to, port)
}

fn arrives(policies: &[NetworkPolicy], from: &End, to: &End, port: u16) -> bool {
    let Some(pod) = &to.pod else { return true };
    let mut selecting = selecting(policies, pod, "Ingress").peekable();
    selecting.peek().is_none()
        || selecting.any(|policy| {
            let rules = policy.spec.iter().flat_map(|spec| spec.ingress.iter().flatten());
            rules.into_iter().any(|rule| {
                is_port(rule.ports.as_deref(), to, port) && is_peer(rule.from.as_deref(), from, &pod.namespace)
            })
        })
}

fn leaves(policies: &[NetworkPolicy], from: &End, to: &End, port: u16) -> bool {
    let Some(pod) = &from.pod else { return true };
    let mut selecting = selecting(policies, pod, "Egress").peekable();
    selecting.peek().is_none()
        || selecting.any(|policy| {
            let rules = policy.spec.iter().flat_map(|spec| spec.egress.iter().flatten());
            rules
                .into_iter()
                .any(|rule| is_port(rule.ports.as_deref(), to, port) && is_peer(rule.to.as_deref(), to, &pod.namespace))
        })
}

/// The policies that say something about this direction of a Pod.
fn selecting<'a>(
    policies: &'a [NetworkPolicy],
    pod: &'a PodEnd,
    direction: &'static str,
) -> impl Iterator<Item = &'a NetworkPolicy> {
    policies.iter().filter(move |policy| {
        let Some(spec) = &policy.spec else { return false };
        policy.metadata.namespace.as_deref() == Some(pod.namespace.as_str())
            && spec
                .pod_selector
                .as_ref()
                .is_none_or(|selector| matches(selector, &pod.labels))
            && match &spec.policy_types {
                Some(types) if !types.is_empty() => types.iter().any(|it| it == direction),
                // Without types, a policy is about ingress, and about egress if it has rules for that.
                _ => direction == "Ingress" || spec.egress.as_ref().is_some_and(|rules| !rules.is_empty()),
            }
    })
}

/// Without ports, all are meant. A name is that of a port of the receiving Pod.
fn is_port(ports: Option<&[NetworkPolicyPort]>, to: &End, port: u16) -> bool {
    let Some(ports) = ports.filter(|ports| !ports.is_empty()) else {
        return true;
    };
    ports.iter().any(|item| {
        item.protocol.as_deref().is_none_or(|protocol| protocol == "TCP")
            && match &item.port {
                None => true,
                Some(IntOrString::Int(first)) => {
                    let last = item.end_port.unwrap_or(*first);
                    (*first..=last).contains(&i32::from(port))
                }
                Some(IntOrString::String(name)) => to.pod.as_ref().and_then(|pod| pod.ports.get(name)) == Some(&port),
            }
    })
}

/// Without peers, everybody is meant.
fn is_peer(peers: Option<&[NetworkPolicyPeer]>, end: &End, namespace: &str) -> bool {
    let Some(peers) = peers.filter(|peers| !peers.is_empty()) else {
        return true;
    };
    peers.iter().any(|peer| match (&peer.ip_block, &end.pod) {
        (Some(block), _) => is_in(block, end.address),
        (None, Some(pod)) => {
            let in_namespace = peer.namespace_selector.as_ref().map_or_else(
                || pod.namespace == namespace,
                |selector| matches(selector, &pod.namespace_labels),
            );
            in_namespace
                && peer
                    .pod_selector
                    .as_ref()
                    .is_none_or(|selector| matches(selector, &pod.labels))
        }
        (None, None) => false,
    })
}

fn is_in(block: &IPBlock, address: Ipv4Addr) -> bool {
    let contains = |network: &String| {
        network
            .parse::<IpNet>()
            .is_ok_and(|network| network.contains(&IpAddr::V4(address)))
    };
    contains(&block.cidr) && !block.except.iter().flatten().any(contains)
}

/// An empty selector selects everything.
fn matches(selector: &LabelSelector, labels: &Labels) -> bool {
    let mut wanted = selector.match_labels.iter().flatten();
    let mut expressions = selector.match_expressions.iter().flatten();
    wanted.all(|(key, value)| labels.get(key) == Some(value))
        && expressions.all(|expression| {
            let value = labels.get(&expression.key);
            let is_listed = value.is_some_and(|value| expression.values.iter().flatten().any(|it| it == value));
            match expression.operator.as_str() {
                "In" => is_listed,
                "NotIn" => !is_listed,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn pod(address: [u8; 4], namespace: &str, own: &[(&str, &str)]) -> End {
        End {
            address: address.into(),
            pod: Some(PodEnd {
                namespace: namespace.to_owned(),
                labels: labels(own),
                namespace_labels: labels(&[("kubernetes.io/metadata.name", namespace), ("project", namespace)]),
                ports: BTreeMap::from([("postgres".to_owned(), 6379)]),
            }),
        }
    }

    fn outside(address: [u8; 4]) -> End {
        End {
            address: address.into(),
            pod: None,
        }
    }

    fn policy(spec: Value) -> NetworkPolicy {
        let object = json!({"metadata": {"name": "p", "namespace": "default"}, "spec": spec});
        serde_json::from_value(object).expect("a policy")
    }

    fn database() -> End {
        pod([10, 0, 0, 1], "default", &[("role", "db")])
    }

    /// The example of "The NetworkPolicy resource" in the documentation of Kubernetes.
    fn documented() -> NetworkPolicy {
        policy(json!({
            "podSelector": {"matchLabels": {"role": "db"}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{
                "from": [
                    {"ipBlock": {"cidr": "172.17.0.0/16", "except": ["172.17.1.0/24"]}},
                    {"namespaceSelector": {"matchLabels": {"project": "myproject"}}},
                    {"podSelector": {"matchLabels": {"role": "frontend"}}},
                ],
                "ports": [{"protocol": "TCP", "port": 6379}],
            }],
            "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}], "ports": [{"protocol": "TCP", "port": 5978}]}],
        }))
    }

    #[test]
    fn the_documented_example() {
        let policies = [documented()];
        let frontend = [("role", "frontend")];
        for (from, admitted) in [
            (outside([172, 17, 0, 9]), true),
            (outside([172, 17, 1, 9]), false),
            (outside([172, 18, 0, 9]), false),
            (pod([10, 0, 9, 1], "myproject", &[]), true),
            (pod([10, 0, 9, 1], "default", &frontend), true),
            (pod([10, 0, 9, 1], "other", &frontend), false),
            (pod([10, 0, 9, 1], "default", &[]), false),
        ] {
            assert_eq!(admits(&policies, &from, &database(), 6379), admitted, "{from:?}");
            assert!(!admits(&policies, &from, &database(), 6380), "another port: {from:?}");
        }
        let (near, far) = (outside([10, 0, 0, 77]), outside([10, 0, 1, 77]));
        assert!(admits(&policies, &database(), &near, 5978));
        assert!(!admits(&policies, &database(), &near, 5979));
        assert!(!admits(&policies, &database(), &far, 5978));
        let other = pod([10, 0, 0, 2], "default", &[("role", "web")]);
        assert!(admits(&policies, &far, &other, 80), "a Pod that no policy selects");
        let twin = pod([10, 0, 0, 3], "other", &[("role", "db")]);
        assert!(
            admits(&policies, &far, &twin, 80),
            "a policy is about its own namespace"
        );
    }

    #[test]
    fn one_item_with_both_selectors_is_not_two_items() {
        let both = json!([{"namespaceSelector": {"matchLabels": {"project": "alice"}}, "podSelector": {"matchLabels": {"role": "client"}}}]);
        let either = json!([{"namespaceSelector": {"matchLabels": {"project": "alice"}}}, {"podSelector": {"matchLabels": {"role": "client"}}}]);
        let stranger = pod([10, 0, 9, 1], "alice", &[]);
        for (from, admitted) in [(both, false), (either, true)] {
            let policy = policy(json!({"podSelector": {}, "ingress": [{"from": from}]}));
            assert_eq!(admits(&[policy], &stranger, &database(), 80), admitted);
        }
    }

    #[test]
    fn defaults_deny_and_allow_as_documented() {
        let from = pod([10, 0, 9, 1], "default", &[]);
        let deny_ingress = policy(json!({"podSelector": {}, "policyTypes": ["Ingress"]}));
        let allow_ingress = policy(json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}));
        let deny_egress = policy(json!({"podSelector": {}, "policyTypes": ["Egress"]}));
        let allow_egress = policy(json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}));
        for (policies, admitted) in [
            (vec![], true),
            (vec![deny_ingress.clone()], false),
            (vec![deny_ingress.clone(), allow_ingress.clone()], true),
            (vec![deny_egress.clone()], false),
            (vec![deny_egress.clone(), allow_egress.clone()], true),
            (vec![allow_ingress, deny_egress], false),
            (vec![allow_egress, deny_ingress], false),
        ] {
            assert_eq!(admits(&policies, &from, &database(), 80), admitted, "{policies:?}");
        }
        let without_types = policy(json!({"podSelector": {}, "egress": []}));
        assert!(
            !admits(
                std::slice::from_ref(&without_types),
                &outside([10, 9, 9, 9]),
                &database(),
                80
            ),
            "ingress is denied"
        );
        assert!(
            admits(&[without_types], &database(), &outside([10, 9, 9, 9]), 80),
            "egress is not"
        );
    }

    #[test]
    fn ports_have_ranges_names_and_protocols() {
        let from = outside([10, 9, 9, 9]);
        for (ports, port, admitted) in [
            (json!([{"port": 32000, "endPort": 32768}]), 32500, true),
            (json!([{"port": 32000, "endPort": 32768}]), 32769, false),
            (json!([{"port": "postgres"}]), 6379, true),
            (json!([{"port": "postgres"}]), 6380, false),
            (json!([{"port": "unknown"}]), 6379, false),
            (json!([{"protocol": "UDP", "port": 6379}]), 6379, false),
            (json!([{"protocol": "UDP"}]), 6379, false),
            (json!([{"protocol": "TCP"}]), 6379, true),
            (json!([]), 6379, true),
        ] {
            let policy = policy(json!({"podSelector": {}, "ingress": [{"ports": ports}]}));
            assert_eq!(admits(&[policy], &from, &database(), port), admitted, "{ports} {port}");
        }
    }

    #[test]
    fn selectors_have_expressions() {
        for (operator, values, admitted) in [
            ("In", json!(["db", "x"]), true),
            ("In", json!(["x"]), false),
            ("NotIn", json!(["x"]), true),
            ("NotIn", json!(["db"]), false),
            ("Exists", Value::Null, true),
            ("DoesNotExist", Value::Null, false),
        ] {
            let expression = json!({"key": "role", "operator": operator, "values": values});
            let policy = policy(
                json!({"podSelector": {}, "ingress": [{"from": [{"podSelector": {"matchExpressions": [expression]}}]}]}),
            );
            assert_eq!(
                admits(&[policy], &database(), &pod([10, 0, 0, 9], "default", &[]), 80),
                admitted,
                "{operator}"
            );
        }
    }
}
