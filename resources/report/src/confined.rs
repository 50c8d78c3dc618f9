//! Whether only the previous hop gets to a port of Pods.

mod addresses;
mod found;
mod nodes;

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Service, ServicePort};

use self::addresses::addresses;
use self::found::pods;
use self::nodes::{neighbours, other_ways};
use crate::aws::LoadBalancer;
use crate::facet::Facet;
use crate::objects::Pod;
use crate::policy::{Block, Namespaces, Openings, Peer, Protocol, Target};
use crate::policy_engine::Enforcement;
use crate::world::{Behind, World};

pub(crate) use self::found::Confined;

/// Whose connections are the previous hop's.
pub(crate) enum Expected<'a> {
    /// Clients, wherever they are.
    Clients,
    /// A load balancer, if it is known which.
    Edge(Option<&'a LoadBalancer>),
    /// A load balancer that goes through Nodes.
    Nodes,
    /// These Pods.
    Pods(Vec<&'a Pod>),
    /// Nobody from outside of the Pod.
    Nobody,
}

/// Whether only the previous hop gets to the ports of the Pods that are behind a Service, or are meant without one.
pub(crate) fn confined(
    world: &World<'_>,
    behind: &Behind<'_>,
    service: Option<&Service>,
    port: &ServicePort,
    expected: &Expected<'_>,
) -> Confined {
    let mut found = Confined {
        facet: Facet::Yes,
        evidence: Vec::new(),
        except: BTreeSet::new(),
    };
    if !behind.strangers.is_empty() {
        let strangers = behind.strangers.join(", ");
        found.and(
            Facet::No,
            format!("no policy applies to addresses that do not belong to Pods: {strangers}"),
        );
    }
    if matches!(expected, Expected::Nodes) {
        found.and(Facet::No, "what comes through a NodePort has the address of a Node");
    }
    let mut targets = Vec::new();
    for (pod, number) in &behind.pods {
        match number {
            Some(number) => targets.push(Target {
                pod,
                port: *number,
                protocol: protocol(port),
            }),
            None => found.and(
                Facet::Unknown,
                format!("Pod {} does not declare the named port", pod.name),
            ),
        }
    }
    enforced(world, &targets, &mut found);
    other_ways(world, service, &targets, &mut found);
    admitted(world, &targets, expected, &mut found);
    neighbours(world, &targets, &mut found);
    found
}

fn protocol(port: &ServicePort) -> Protocol {
    match port.protocol.as_deref() {
        Some("UDP") => Protocol::Udp,
        Some("SCTP") => Protocol::Sctp,
        _ => Protocol::Tcp,
    }
}

/// Whether something enforces policies before the Pods.
fn enforced(world: &World<'_>, targets: &[Target<'_>], found: &mut Confined) {
    for plural in ["nodes", "networkpolicies", "namespaces", "services", "endpointslices"] {
        if !world.objects.is_read(plural) {
            found.and(Facet::Unknown, format!("{plural} were not listed"));
        }
    }
    for target in targets {
        match world.engines.enforcement(target.pod) {
            Enforcement::On { engine, except } => {
                found.except.extend(except);
                found.and(
                    Facet::Yes,
                    format!("NetworkPolicies are enforced on the Nodes of its Pods: {engine}"),
                );
            }
            Enforcement::Off(why) => found.and(
                Facet::No,
                format!("NetworkPolicies are not enforced for its Pods: {why}"),
            ),
            Enforcement::Unknown(why) => {
                found.and(
                    Facet::Unknown,
                    format!("whether NetworkPolicies are enforced is not known: {why}"),
                );
            }
        }
    }
}

/// Whom the policies let in.
fn admitted(world: &World<'_>, targets: &[Target<'_>], expected: &Expected<'_>, found: &mut Confined) {
    if !world.objects.is_read("networkpolicies") {
        return;
    }
    for plural in ["clusternetworkpolicies", "applicationnetworkpolicies"] {
        if !world.objects.is_read(plural) {
            found.and(Facet::Unknown, format!("{plural} were not listed"));
        }
    }
    for object in targets.iter().flat_map(|target| world.policies.admitting(target.pod)) {
        found.and(
            Facet::Unknown,
            format!("{object} may admit other sources than NetworkPolicies do; it is not evaluated"),
        );
    }
    let mut policies = BTreeSet::new();
    let mut peers: Vec<&Peer> = Vec::new();
    for target in targets {
        match world.policies.openings(target) {
            Openings::Everybody { reason } => {
                found.and(
                    Facet::No,
                    format!("any source can connect to Pod {}: {reason}", target.pod.name),
                );
                return;
            }
            Openings::Rules(rules) => {
                for rule in rules {
                    policies.insert(format!("{}/{}", rule.namespace, rule.name));
                    peers.extend(rule.peers);
                    if rule.peers.contains(&Peer::Everybody) {
                        let name = format!("{}/{}", rule.namespace, rule.name);
                        found.and(Facet::No, format!("NetworkPolicy {name} admits any source"));
                        return;
                    }
                }
            }
        }
    }
    let names: Vec<String> = policies.into_iter().collect();
    found.and(
        Facet::Yes,
        match names.as_slice() {
            [] => "NetworkPolicies admit no source to the port".to_owned(),
            names => format!(
                "only what these NetworkPolicies allow is admitted to the port: {}",
                names.join(", ")
            ),
        },
    );
    if peers.iter().any(|peer| is_elsewhere(peer)) {
        found.except.insert(LATER);
    }
    let previous: Vec<&Pod> = match expected {
        Expected::Pods(pods) => pods.clone(),
        _ => Vec::new(),
    };
    let others = match own_namespaces(&peers) {
        Some(namespaces) => world
            .policies
            .admitted(namespaces.into_iter().flat_map(|own| world.pods_of(own)), targets),
        None => world.policies.admitted(&world.objects.pods, targets),
    };
    let others: Vec<&Pod> = others
        .into_iter()
        .filter(|pod| !previous.iter().any(|known| std::ptr::eq(*known, *pod)))
        .collect();
    if !others.is_empty() {
        found.and(Facet::No, format!("NetworkPolicies also admit {}", pods(&others)));
    }
    let blocks = peers.iter().filter_map(|peer| match peer {
        Peer::Block(block) => Some(block),
        Peer::Everybody | Peer::Pods { .. } => None,
    });
    let blocks: Vec<&Block> = blocks.collect();
    if !blocks.is_empty() {
        addresses(world, &blocks, expected, found);
    }
}

/// Pods of other namespaces: who may create a Pod there gets in.
const LATER: &str = "Pods that are created later, in the namespaces and with the labels that a rule with a namespaceSelector \
                     admits";

const fn is_elsewhere(peer: &Peer) -> bool {
    matches!(
        peer,
        Peer::Pods {
            namespaces: Namespaces::Selected(_),
            ..
        }
    )
}

/// The namespaces of the peers, if each is of the policy's own: nobody else needs to be held against them.
fn own_namespaces<'a>(peers: &[&'a Peer]) -> Option<BTreeSet<&'a str>> {
    let own = peers.iter().map(|peer| match peer {
        Peer::Pods {
            namespaces: Namespaces::Own(own),
            ..
        } => Some(own.as_str()),
        _ => None,
    });
    own.collect()
}
