//! Ways in over Nodes, which no policy of EKS keeps out.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Service, ServicePort};

use super::found::{Confined, pods};
use crate::entrance::is_balanced;
use crate::facet::Facet;
use crate::objects::Pod;
use crate::policy::Target;
use crate::world::{World, named, place};

/// Where the agents of a cluster run, which belong to whoever runs the Nodes.
const AGENTS: &str = "kube-system";

/// Ports of Nodes that lead to the Pods. No policy of EKS keeps a Node out.
pub(crate) fn other_ways(world: &World<'_>, own: Option<&Service>, targets: &[Target<'_>], found: &mut Confined) {
    for target in targets {
        let mut ports = target.pod.containers.iter().flat_map(|container| &container.ports);
        if let Some(host) = ports.find_map(|port| port.host.filter(|_| port.number == target.port)) {
            found.and(
                Facet::No,
                format!("port {host} of its Nodes leads to the Pods (`hostPort`)"),
            );
        }
    }
    for service in &world.objects.services {
        let Some(spec) = &service.spec else { continue };
        let is_own = own.is_some_and(|own| place(&own.metadata) == place(&service.metadata));
        for port in spec.ports.iter().flatten() {
            let outside = spec
                .external_ips
                .as_ref()
                .is_some_and(|addresses| !addresses.is_empty());
            let balanced = is_balanced(service) && !is_own;
            if (port.node_port.is_none() && !outside && !balanced) || !leads(world, service, port, targets) {
                continue;
            }
            let how = match (port.node_port, outside) {
                (Some(number), _) => format!("port {number} of every Node leads to the Pods"),
                (None, true) => "its external addresses lead to the Pods".to_owned(),
                (None, false) => "its load balancer leads to the Pods".to_owned(),
            };
            found.and(Facet::No, format!("{how} ({})", named(service)));
        }
    }
}

fn leads(world: &World<'_>, service: &Service, port: &ServicePort, targets: &[Target<'_>]) -> bool {
    let behind = world.behind(service, port);
    behind.pods.iter().any(|(pod, number)| {
        let is =
            |target: &Target<'_>| std::ptr::eq(target.pod, *pod) && number.is_none_or(|number| number == target.port);
        targets.iter().any(is)
    })
}

/// Pods on the network of a Node have its address, and no policy keeps the Node of a Pod out.
pub(crate) fn neighbours(world: &World<'_>, targets: &[Target<'_>], found: &mut Confined) {
    let nodes: BTreeSet<&str> = targets.iter().map(|target| target.pod.node.as_str()).collect();
    let own = |pod: &Pod| targets.iter().any(|target| std::ptr::eq(target.pod, pod));
    let neighbours: Vec<&Pod> = world
        .on_nodes
        .iter()
        .copied()
        .filter(|pod| pod.namespace != AGENTS && nodes.contains(pod.node.as_str()) && !own(pod))
        .collect();
    if !neighbours.is_empty() {
        found.and(
            Facet::No,
            format!(
                "no policy keeps out Pods with `hostNetwork` on the same Node: {}",
                pods(&neighbours)
            ),
        );
    }
}
