//! What is said about engines, word for word.

/// For whom a policy does not hold that the VPC CNI enforces, on its own nodes and in EKS Auto Mode.
pub mod except {
    /// The API says it too: the Pod's own Node is always let in.
    pub const NODE: &str = "processes on the Pod's own node, Pods with hostNetwork on that node, and traffic that arrives \
        through a NodePort of that node";
    /// Rules of new Pods are worked out while they start.
    pub const START: &str = "any source while the Pod starts, until its rules are applied on the node, unless the node denies new \
        Pods all traffic until then (strict mode, or DefaultDeny in EKS Auto Mode)";
    /// The rules on a node belong to the Pod's name without what follows its last hyphen.
    pub const SHARED: &str = "sources that policies of another Pod admit, if that Pod is on the same node, in the same namespace, and \
        its name differs only after the last hyphen";
    /// Peers are resolved to addresses, and that of a Pod with hostNetwork is its node's.
    pub const HOST_PEER: &str = "everything on the node of a Pod with hostNetwork, if a rule admits that Pod";
    /// Names of ports are resolved once for a policy.
    pub const NAMED_PORT: &str = "sources that a rule with a named port admits, on every port number that this name has on any \
        Pod of the policy";
    /// Only said of a Pod that has an IPv6 address.
    pub const IPV4: &str =
        "what arrives at the Pod's IPv4 interface for egress: in an IPv6 cluster, policies do not apply there";
}

/// Why nothing is enforced for a Pod.
pub mod off {
    /// Whatever the engine.
    pub const HOST_NETWORK: &str = "the Pod uses the network of its node: policies do not apply to it";
    /// Only of the VPC CNI.
    pub const NO_OWNER: &str = "no controller owns the Pod: the VPC CNI enforces policies only for Pods that have one";
    /// By the Node's label.
    pub const FARGATE: &str = "the Pod runs on Fargate, where the VPC CNI enforces no policies";
    /// By the Node's label.
    pub const WINDOWS: &str = "the Pod runs on Windows, where the VPC CNI enforces no policies";
    /// By the ConfigMap.
    pub const AUTO_MODE: &str = "EKS Auto Mode does not enforce policies: the ConfigMap kube-system/amazon-vpc-cni does not set \
        enable-network-policy-controller: \"true\"";
    /// By the argument of the agent.
    pub const AGENT: &str = "the agent of the VPC CNI on the node does not have --enable-network-policy=true";
    /// The Pod of the VPC CNI is too old, or was changed.
    pub const NO_AGENT: &str = "the VPC CNI on the node has no container aws-eks-nodeagent";
    /// By the ConfigMap.
    pub const CONTROLLER: &str = "the controller of the VPC CNI is off: in the ConfigMap kube-system/amazon-vpc-cni, \
        enable-network-policy-controller is not \"true\"";
    /// No engine is known there.
    pub const NOTHING: &str = "nothing that enforces policies was seen ready on the node";
}

/// Why it can't be told whether the policies are enforced as they are written.
pub mod unknown {
    /// Its place decides.
    pub const NO_NODE: &str = "the Pod has no node yet";
    /// Nothing is known of it.
    pub const NODE: &str = "the Pod's node was not listed";
    /// The switch of Auto Mode.
    pub const AUTO_MODE: &str = "the ConfigMap kube-system/amazon-vpc-cni, which turns on network policies in EKS Auto Mode, could not be \
        read";
    /// The switch of the controller.
    pub const UNREAD: &str = "the agent of the VPC CNI is on, but the ConfigMap kube-system/amazon-vpc-cni, which turns on its \
        controller, could not be read";
    /// Agent and controller disagree.
    pub const CONTROLLER: &str = "the agent of the VPC CNI is on, but the ConfigMap kube-system/amazon-vpc-cni, which turns on its \
        controller, does not set enable-network-policy-controller";
    /// Its own kinds of policies change the outcome.
    pub const CALICO: &str =
        "Calico enforces policies on the node, including those of its own kinds, which are not evaluated";
    /// Its own kinds of policies change the outcome.
    pub const CILIUM: &str =
        "Cilium enforces policies on the node, including those of its own kinds, which are not evaluated";
}
