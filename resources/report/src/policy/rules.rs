//! One NetworkPolicy, compiled: no text is read again.

use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyIngressRule};

use super::peer::Peer;
use super::ports::Ports;
use super::selector::{Match, Selector};
use super::target::Target;
use crate::objects::Pod;

/// The ingress half of a policy.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) namespace: String,
    pub(super) name: String,
    /// Whether it is about ingress.
    ingress: Match,
    pods: Selector,
    pub(super) rules: Vec<Rule>,
}

/// One entry of `ingress`.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// All ports if it is empty.
    ports: Vec<Ports>,
    /// Nobody if it is empty.
    pub(super) peers: Vec<Peer>,
}

impl Policy {
    pub(super) fn new(policy: &NetworkPolicy) -> Self {
        let namespace = policy.metadata.namespace.clone().unwrap_or_default();
        // A field that is missing is what the API server takes it for: no rules, and a selector of all Pods.
        let spec = policy.spec.clone().unwrap_or_default();
        Self {
            name: policy.metadata.name.clone().unwrap_or_default(),
            ingress: is_ingress(spec.policy_types.as_deref().unwrap_or_default()),
            pods: spec.pod_selector.as_ref().map(Selector::new).unwrap_or_default(),
            rules: spec
                .ingress
                .iter()
                .flatten()
                .map(|rule| Rule::new(rule, &namespace))
                .collect(),
            namespace,
        }
    }

    /// Whether it selects this Pod, of its own namespace, for ingress.
    pub(super) fn selects(&self, pod: &Pod) -> Match {
        self.ingress.min(self.pods.matches(&pod.labels))
    }
}

impl Rule {
    fn new(rule: &NetworkPolicyIngressRule, namespace: &str) -> Self {
        let from = rule.from.as_deref().unwrap_or_default();
        let peers = from.iter().flat_map(|peer| Peer::of(peer, namespace));
        Self {
            ports: rule.ports.iter().flatten().map(Ports::new).collect(),
            peers: if from.is_empty() {
                vec![Peer::Everybody]
            } else {
                peers.collect()
            },
        }
    }

    pub(super) fn opens(&self, target: &Target<'_>) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|ports| ports.open(target))
    }
}

/// Every policy is about ingress unless its types say otherwise; of a type that the API does not know, nobody can tell.
fn is_ingress(types: &[String]) -> Match {
    if types.is_empty() || types.iter().any(|name| name == "Ingress") {
        Match::Yes
    } else if types.iter().all(|name| name == "Egress") {
        Match::No
    } else {
        Match::Perhaps
    }
}
