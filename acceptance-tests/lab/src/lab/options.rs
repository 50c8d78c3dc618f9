//! What a run of the lab consists of.

use serde::{Deserialize, Serialize};

/// Choices for one run of the lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// What runs the pods.
    pub node: Node,
    /// How cert-manager's controllers run.
    pub cert_manager: CertManager,
    /// How cert-manager's admission webhook runs.
    pub webhook: Webhook,
    /// Whether the EKS stand-in runs.
    pub eks: bool,
    /// Whether load balancers are made and served. Only where pods run, with [`Node::Kubelet`].
    pub load_balancers: bool,
    /// Whether the node answers port-forward. Only with [`Node::Kubelet`]; where the ports of a Pod lead is said by objects of the
    /// kind `PortForward` of KWOK, named like the Pod.
    pub port_forward: bool,
    /// How long a target of a load balancer is being registered before it is checked, in milliseconds.
    pub registration_millis: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            node: Node::Kubelet,
            cert_manager: CertManager::On,
            webhook: Webhook::On,
            eks: true,
            load_balancers: true,
            port_forward: false,
            registration_millis: 500,
        }
    }
}

impl Options {
    /// The choices for figures: simulated nodes, nothing that slows an answer.
    #[must_use]
    pub fn figures() -> Self {
        Self {
            node: Node::Kwok { nodes: 1 },
            load_balancers: false,
            ..Self::default()
        }
    }
}

/// What runs the pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// One node whose pods are processes of this machine.
    Kubelet,
    /// Simulated nodes: pods turn ready within about a second and run nothing.
    Kwok {
        /// How many.
        nodes: u16,
    },
    /// No node: pods stay pending.
    None,
}

/// How cert-manager's controllers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertManager {
    /// With the defaults of its own binary.
    On,
    /// With `--enable-certificate-owner-ref`.
    OwnerRef,
    /// Installed (CRDs) and not running.
    Off,
}

/// How cert-manager's admission webhook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Webhook {
    /// Registered and running.
    On,
    /// Registered; it runs once a test starts the part `cert-manager-webhook`.
    Late,
    /// Registered with a CA bundle that does not verify it.
    WrongCa,
    /// Neither registered nor running.
    Off,
}
