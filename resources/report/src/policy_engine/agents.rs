//! The Pods that enforce policies on a Node.

use super::sentences::unknown;
use crate::objects::{Container, Pod};

/// What was seen ready on a Node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Agents {
    /// That of the VPC CNI.
    pub(super) agent: Option<Agent>,
    /// Another engine, and why it leaves the outcome open.
    pub(super) other: Option<&'static str>,
}

/// The agent of the VPC CNI, the weakest first: while a Pod replaces another, both must have it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agent {
    /// The Pod has no such container.
    Missing,
    /// It is not switched on.
    Off,
    /// It is switched on.
    On,
}

impl Agents {
    /// Takes a ready Pod of the Node into account.
    pub(super) fn see(&mut self, pod: &Pod) {
        match pod.labels.get("k8s-app").map(String::as_str) {
            // In any other namespace, the label could be anybody's.
            Some("aws-node") if pod.namespace == "kube-system" => {
                let seen = agent(pod);
                self.agent = Some(self.agent.map_or(seen, |other| other.min(seen)));
            }
            // These may be installed into any namespace. That they are there makes nothing look better.
            Some("calico-node") => self.other = Some(unknown::CALICO),
            Some("cilium") => self.other = Some(unknown::CILIUM),
            _ => {}
        }
    }
}

fn agent(pod: &Pod) -> Agent {
    let agent = pod
        .containers
        .iter()
        .find(|container| container.name == "aws-eks-nodeagent");
    match agent {
        None => Agent::Missing,
        Some(container) if is_on(container) => Agent::On,
        Some(_) => Agent::Off,
    }
}

/// The last occurrence counts, as for the agent.
fn is_on(container: &Container) -> bool {
    let mut values = container.command.iter().rev();
    values.find_map(|argument| argument.strip_prefix("--enable-network-policy=")) == Some("true")
}
