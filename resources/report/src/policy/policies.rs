//! The questions: is this connection admitted, who opens a port, and to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::NetworkPolicy;

use super::peer::{NamespaceLabels, Peer};
use super::rules::Policy;
use super::selector::{Match, Selector};
use super::target::Target;
use crate::objects::{AdmittingPolicy, Pod};

/// All NetworkPolicies of a cluster, compiled.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// By namespace: a policy selects Pods of its own only.
    policies: BTreeMap<String, Vec<Policy>>,
    /// Policies of other kinds: their names, and the namespaces and Pods that they select.
    admitting: Vec<(String, Selector, Selector)>,
    namespaces: NamespaceLabels,
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A Pod.
    Pod(&'a Pod),
    /// An address that is no Pod's. One that is a Pod's would not be matched by selectors.
    Address(IpAddr),
}

/// Who can open a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Openings<'a> {
    /// Everybody.
    Everybody {
        /// Why.
        reason: &'static str,
    },
    /// Whom one of these rules admits; nobody if there are none.
    Rules(Vec<Opening<'a>>),
}

/// A rule that opens a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<'a> {
    /// Namespace of the policy.
    pub namespace: &'a str,
    /// Name of the policy.
    pub name: &'a str,
    /// Place of the rule in `ingress`, from 0.
    pub rule: usize,
    /// Whom it admits; nobody if there are none.
    pub peers: &'a [Peer],
}

const UNSELECTED: &str = "no NetworkPolicy selects the Pod for ingress";

impl Policies {
    /// Compiles policies. `namespaces` are those of the cluster: selectors of namespaces match their labels.
    #[must_use]
    pub fn new(policies: &[NetworkPolicy], namespaces: &[Namespace]) -> Self {
        let mut found: BTreeMap<String, Vec<Policy>> = BTreeMap::new();
        for policy in policies.iter().map(Policy::new) {
            found.entry(policy.namespace.clone()).or_default().push(policy);
        }
        Self {
            policies: found,
            admitting: Vec::new(),
            namespaces: NamespaceLabels::new(namespaces),
        }
    }

    /// The same, beside policies of other kinds.
    #[must_use]
    pub fn beside(mut self, admitting: &[AdmittingPolicy]) -> Self {
        let compiled = admitting.iter().map(|policy| {
            let (namespaces, pods) = (Selector::new(&policy.namespaces), Selector::new(&policy.pods));
            (policy.object.clone(), namespaces, pods)
        });
        self.admitting.extend(compiled);
        self
    }

    /// Policies of other kinds that admit something to this Pod, whatever NetworkPolicies say.
    pub fn admitting(&self, pod: &Pod) -> impl Iterator<Item = &str> {
        let selects = |(_, namespaces, pods): &&(String, Selector, Selector)| {
            pods.matches(&pod.labels) != Match::No
                && namespaces.matches(&self.namespaces.of(&pod.namespace)) != Match::No
        };
        let found = self.admitting.iter().filter(selects);
        found.map(|(object, ..)| object.as_str())
    }

    /// Whether the policies let a connection in. A Pod always reaches itself.
    #[must_use]
    pub fn admits(&self, source: Source<'_>, target: &Target<'_>) -> bool {
        if matches!(source, Source::Pod(pod) if identity(pod) == identity(target.pod)) {
            return true;
        }
        match self.openings(target) {
            Openings::Everybody { .. } => true,
            Openings::Rules(rules) => rules.iter().flat_map(|rule| rule.peers).any(|peer| match source {
                Source::Pod(pod) => self.is_peer(peer, pod),
                Source::Address(address) => peer.admits_address(address),
            }),
        }
    }

    /// Who can open a port, by the rules that open it: in the order of the policies as they were given.
    #[must_use]
    pub fn openings(&self, target: &Target<'_>) -> Openings<'_> {
        let (mut is_isolated, mut found) = (false, Vec::new());
        for policy in self.policies.get(&target.pod.namespace).into_iter().flatten() {
            let selects = policy.selects(target.pod);
            if selects == Match::No {
                continue;
            }
            // A policy that may not be taken as it is written opens what it says, but keeps nobody out.
            is_isolated |= selects == Match::Yes;
            let rules = policy.rules.iter().enumerate().filter(|(_, rule)| rule.opens(target));
            found.extend(rules.map(|(index, rule)| Opening {
                namespace: &policy.namespace,
                name: &policy.name,
                rule: index,
                peers: &rule.peers,
            }));
        }
        if is_isolated {
            Openings::Rules(found)
        } else {
            Openings::Everybody { reason: UNSELECTED }
        }
    }

    /// Whether a peer of an [`Opening`] is, or holds the address of, this Pod.
    #[must_use]
    pub fn is_peer(&self, peer: &Peer, pod: &Pod) -> bool {
        peer.reaches(&pod.namespace, &self.namespaces.of(&pod.namespace)) && peer.admits(pod)
    }

    /// Those of `pods` that are let in to at least one of `targets`, without the Pods of `targets` themselves, in the order
    /// in which they were given.
    ///
    /// The rules are looked up once for each target, namespaces are matched once for each distinct peer, and then each Pod
    /// is held against the distinct peers that reach its namespace.
    #[must_use]
    pub fn admitted<'p>(&self, pods: impl IntoIterator<Item = &'p Pod>, targets: &[Target<'_>]) -> Vec<&'p Pod> {
        let own: BTreeSet<_> = targets.iter().map(|target| identity(target.pod)).collect();
        let others = pods.into_iter().filter(|pod| !own.contains(&identity(pod)));
        let mut peers: BTreeSet<&Peer> = BTreeSet::new();
        for target in targets {
            match self.openings(target) {
                Openings::Everybody { .. } => {
                    peers.insert(&Peer::Everybody);
                }
                Openings::Rules(rules) => peers.extend(rules.iter().flat_map(|rule| rule.peers)),
            }
        }
        if peers.contains(&Peer::Everybody) {
            return others.collect();
        }
        let mut reaching: BTreeMap<&str, Vec<&Peer>> = BTreeMap::new();
        let is_admitted = |pod: &&'p Pod| {
            let peers = reaching.entry(&pod.namespace).or_insert_with(|| {
                let labels = self.namespaces.of(&pod.namespace);
                let reach = peers.iter().filter(|peer| peer.reaches(&pod.namespace, &labels));
                reach.copied().collect()
            });
            peers.iter().any(|peer| peer.admits(pod))
        };
        others.filter(is_admitted).collect()
    }
}

fn identity(pod: &Pod) -> (&str, &str) {
    (&pod.namespace, &pod.name)
}
