//! Whom a rule admits.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::NetworkPolicyPeer;

use super::block::Block;
use super::selector::{Match, Selector};
use crate::objects::{Labels, Pod};

/// The label by which the API server makes a namespace's name selectable.
const NAME: &str = "kubernetes.io/metadata.name";

/// Whom a rule admits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// Everybody, also what is no Pod.
    Everybody,
    /// Pods that match, in namespaces that match.
    Pods {
        /// Their namespaces.
        namespaces: Namespaces,
        /// What selects them there.
        pods: Selector,
    },
    /// Addresses.
    Block(Block),
}

/// Namespaces of a peer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespaces {
    /// The one of the policy, by its name.
    Own(String),
    /// Those that match.
    Selected(Selector),
}

impl Peer {
    /// What one entry of `from` admits, in a policy of the namespace `own`.
    ///
    /// The API server refuses an entry that sets nothing, which is read as everybody, and one that sets both an `ipBlock`
    /// and a selector, which is read as either.
    pub(super) fn of(peer: &NetworkPolicyPeer, own: &str) -> Vec<Self> {
        let mut found: Vec<Self> = peer
            .ip_block
            .iter()
            .map(|block| Self::Block(Block::new(block)))
            .collect();
        if peer.pod_selector.is_some() || peer.namespace_selector.is_some() {
            let selected = peer.namespace_selector.as_ref().map(Selector::new);
            found.push(Self::Pods {
                namespaces: selected.map_or_else(|| Namespaces::Own(own.to_owned()), Namespaces::Selected),
                pods: peer.pod_selector.as_ref().map(Selector::new).unwrap_or_default(),
            });
        }
        if found.is_empty() {
            found.push(Self::Everybody);
        }
        found
    }

    /// Whether it may admit Pods of the namespace with this name and these labels.
    pub(super) fn reaches(&self, namespace: &str, labels: &Labels) -> bool {
        match self {
            Self::Everybody | Self::Block(_) => true,
            Self::Pods { namespaces, .. } => match namespaces {
                Namespaces::Own(own) => own == namespace,
                Namespaces::Selected(selector) => selector.matches(labels) != Match::No,
            },
        }
    }

    /// Whether it admits this Pod, of whose namespace it is known that it is reached.
    pub(super) fn admits(&self, pod: &Pod) -> bool {
        match self {
            Self::Everybody => true,
            Self::Pods { pods, .. } => pods.matches(&pod.labels) != Match::No,
            Self::Block(block) => pod.addresses.iter().any(|address| block.holds(*address)),
        }
    }

    /// Whether it admits this address, which is no Pod's.
    #[must_use]
    pub fn admits_address(&self, address: IpAddr) -> bool {
        match self {
            Self::Everybody => true,
            Self::Pods { .. } => false,
            Self::Block(block) => block.holds(address),
        }
    }
}

/// Labels of all namespaces by their names.
#[derive(Clone, Debug, Default)]
pub(super) struct NamespaceLabels(BTreeMap<String, Labels>);

impl NamespaceLabels {
    pub(super) fn new(namespaces: &[Namespace]) -> Self {
        let named = namespaces.iter().filter_map(|namespace| {
            let name = namespace.metadata.name.clone()?;
            let labels = namespace.metadata.labels.clone().unwrap_or_default();
            Some((name.clone(), with_name(labels, &name)))
        });
        Self(named.collect())
    }

    /// A namespace that was not listed has the one label that all have.
    pub(super) fn of(&self, namespace: &str) -> Labels {
        let listed = self.0.get(namespace).cloned();
        listed.unwrap_or_else(|| with_name(Labels::new(), namespace))
    }
}

/// The API server sets this label on every namespace, and nobody can change it.
fn with_name(mut labels: Labels, name: &str) -> Labels {
    labels.insert(NAME.to_owned(), name.to_owned());
    labels
}

impl fmt::Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => out.write_str("everybody"),
            Self::Pods { namespaces, pods } => write!(out, "Pods ({pods}) in {namespaces}"),
            Self::Block(block) => write!(out, "{block}"),
        }
    }
}

impl fmt::Display for Namespaces {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(name) => write!(out, "the namespace {name}"),
            Self::Selected(selector) => write!(out, "namespaces ({selector})"),
        }
    }
}
