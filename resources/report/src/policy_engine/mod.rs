//! What enforces NetworkPolicies on a Node, from listed objects alone, and for whom it does not.
//!
//! An API server takes policies whether or not anything enforces them. Nothing here says that they are enforced unless what
//! was read shows it.

mod agents;
mod sentences;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::objects::{Labels, Node, Pod};
use agents::{Agent, Agents};
pub use sentences::{except, off, unknown};

/// What enforces policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The agent of the Amazon VPC CNI, in the Pods `aws-node`.
    VpcCni,
    /// The same agent as a part of the nodes of EKS Auto Mode.
    AutoMode,
}

impl fmt::Display for Engine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::VpcCni => "the Amazon VPC CNI",
            Self::AutoMode => "EKS Auto Mode",
        })
    }
}

/// Whether policies are enforced for a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// They are.
    On {
        /// By this.
        engine: Engine,
        /// For whom they do not hold, each from [`except`].
        except: Vec<&'static str>,
    },
    /// They are not, as far as can be seen: one reason from [`off`].
    Off(&'static str),
    /// What is known does not tell: one reason from [`unknown`].
    Unknown(&'static str),
}

/// The engines of a cluster, by Node.
#[derive(Clone, Debug)]
pub struct Engines<'a> {
    nodes: BTreeMap<&'a str, &'a Labels>,
    agents: BTreeMap<&'a str, Agents>,
    controller: Controller,
}

/// What the ConfigMap says of the controller that works out the rules for the agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Controller {
    /// It could not be read.
    Unread,
    /// The ConfigMap, or the key, is missing.
    Missing,
    /// `"true"`.
    On,
    /// Anything else.
    Off,
}

impl<'a> Engines<'a> {
    /// Finds the engines. `pods` are those of all namespaces.
    ///
    /// `configuration` is the `data` of the ConfigMap `kube-system/amazon-vpc-cni`: empty if there is no such ConfigMap, and
    /// `None` if it could not be read.
    #[must_use]
    pub fn new(nodes: &'a [Node], pods: &'a [Pod], configuration: Option<&BTreeMap<String, String>>) -> Self {
        let mut agents: BTreeMap<&str, Agents> = BTreeMap::new();
        for pod in pods.iter().filter(|pod| pod.ready && !pod.node.is_empty()) {
            agents.entry(&pod.node).or_default().see(pod);
        }
        Self {
            nodes: nodes.iter().map(|node| (node.name.as_str(), &node.labels)).collect(),
            agents,
            controller: controller(configuration),
        }
    }

    /// Whether policies are enforced for this Pod as a target.
    #[must_use]
    pub fn enforcement(&self, target: &Pod) -> Enforcement {
        if target.host_network {
            return Enforcement::Off(off::HOST_NETWORK);
        }
        if target.node.is_empty() {
            return Enforcement::Unknown(unknown::NO_NODE);
        }
        match self.engine(&target.node) {
            Ok(_) if target.owner.is_none() => Enforcement::Off(off::NO_OWNER),
            Ok(engine) => Enforcement::On {
                engine,
                except: exceptions(target),
            },
            Err(other) => other,
        }
    }

    /// What enforces policies on a Node; `Err` if nothing does, or nothing can be told.
    fn engine(&self, node: &str) -> Result<Engine, Enforcement> {
        let Some(labels) = self.nodes.get(node) else {
            return Err(Enforcement::Unknown(unknown::NODE));
        };
        let compute = labels.get("eks.amazonaws.com/compute-type").map(String::as_str);
        if compute == Some("fargate") {
            return Err(Enforcement::Off(off::FARGATE));
        }
        if labels.get("kubernetes.io/os").map(String::as_str) == Some("windows") {
            return Err(Enforcement::Off(off::WINDOWS));
        }
        let agents = self.agents.get(node).copied().unwrap_or_default();
        if let Some(reason) = agents.other {
            return Err(Enforcement::Unknown(reason));
        }
        if compute == Some("auto") {
            self.auto_mode()
        } else {
            self.vpc_cni(agents.agent)
        }
    }

    fn auto_mode(&self) -> Result<Engine, Enforcement> {
        match self.controller {
            Controller::On => Ok(Engine::AutoMode),
            Controller::Off | Controller::Missing => Err(Enforcement::Off(off::AUTO_MODE)),
            Controller::Unread => Err(Enforcement::Unknown(unknown::AUTO_MODE)),
        }
    }

    /// The add-on switches agent and controller together. Where both were set by hand, they may disagree: without the
    /// controller, the agent has no rules.
    fn vpc_cni(&self, agent: Option<Agent>) -> Result<Engine, Enforcement> {
        match (agent, self.controller) {
            (None, _) => Err(Enforcement::Off(off::NOTHING)),
            (Some(Agent::Missing), _) => Err(Enforcement::Off(off::NO_AGENT)),
            (Some(Agent::Off), _) => Err(Enforcement::Off(off::AGENT)),
            (Some(Agent::On), Controller::Off) => Err(Enforcement::Off(off::CONTROLLER)),
            (Some(Agent::On), Controller::Missing) => Err(Enforcement::Unknown(unknown::CONTROLLER)),
            (Some(Agent::On), Controller::Unread) => Err(Enforcement::Unknown(unknown::UNREAD)),
            (Some(Agent::On), Controller::On) => Ok(Engine::VpcCni),
        }
    }
}

fn controller(configuration: Option<&BTreeMap<String, String>>) -> Controller {
    match configuration.map(|data| data.get("enable-network-policy-controller")) {
        None => Controller::Unread,
        Some(None) => Controller::Missing,
        Some(Some(value)) if value == "true" => Controller::On,
        Some(Some(_)) => Controller::Off,
    }
}

fn exceptions(target: &Pod) -> Vec<&'static str> {
    let mut found = vec![
        except::NODE,
        except::START,
        except::SHARED,
        except::HOST_PEER,
        except::NAMED_PORT,
    ];
    if target.addresses.iter().any(std::net::IpAddr::is_ipv6) {
        found.push(except::IPV4);
    }
    found
}
