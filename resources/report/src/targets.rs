//! Target groups: whether they lead to the Pods of a Service, and how they speak to them.

use std::collections::BTreeSet;

use crate::aws::{LoadBalancer, TargetGroup, is_tls};
use crate::confined::Expected;
use crate::entrance::{Entrance, port_of};
use crate::facet::Facet;
use crate::hop::MOVING;
use crate::world::World;

/// Of every hop from a load balancer to its targets.
pub(crate) const UNVERIFIED: &str = "declared: load balancers do not verify the certificates of their targets";

/// What target groups do.
pub(crate) struct ToTargets<'a> {
    /// How they speak to the Pods.
    pub(crate) tls: Facet,
    /// What that is based on.
    pub(crate) evidence: Vec<String>,
    /// Whose connections come to the Pods.
    pub(crate) expected: Expected<'a>,
    /// Some targets are not Pods of the Service: what they take is not known.
    pub(crate) strangers: bool,
}

/// How the target groups of a load balancer speak to the Pods.
pub(crate) fn to_targets<'a>(balancer: &'a LoadBalancer, groups: &[&TargetGroup], targets: &Targets) -> ToTargets<'a> {
    let (mut tls, mut evidence, mut expected, mut strangers) =
        (Facet::Yes, Vec::new(), Expected::Edge(Some(balancer)), false);
    for group in groups {
        tls = tls.and(Facet::of(is_tls(&group.protocol)));
        let states: BTreeSet<&str> = group.targets.iter().map(|(_, _, state)| state.as_str()).collect();
        let states: Vec<&str> = states.into_iter().collect();
        evidence.push(format!("api: the target group's protocol is {}", group.protocol));
        evidence.push(format!("{MOVING}the targets of the group are {}", states.join(", ")));
        let through = group.targets.iter().any(|(id, ..)| id.starts_with("i-"));
        if through {
            expected = Expected::Nodes;
            evidence.push("api: its targets are instances: connections come through a NodePort".to_owned());
        }
        let is_other = |(id, port, state): &&(String, i32, String)| {
            // Instances are Nodes: which Pods they lead to, the NodePort says.
            let is_own = match id.starts_with("i-") {
                true => Some(*port) == targets.node_port,
                false => targets.is(id, *port),
            };
            state != "draining" && !is_own
        };
        let others = group.targets.iter().filter(is_other).count();
        if others > 0 {
            strangers = true;
            evidence.push(format!(
                "api: targets that are not Pods of {}: {others}",
                targets.service
            ));
        }
    }
    evidence.push(UNVERIFIED.to_owned());
    ToTargets {
        tls,
        evidence,
        expected,
        strangers,
    }
}

/// What a target group that leads to a Service holds.
pub(crate) struct Targets {
    /// Name of the Service, in words.
    pub(crate) service: String,
    /// Addresses, and ports where they are known.
    addresses: BTreeSet<(String, Option<i32>)>,
    node_port: Option<i32>,
}

impl Targets {
    pub(crate) fn of(world: &World<'_>, entrance: &Entrance) -> Self {
        let (namespace, name) = &entrance.service;
        let found = port_of(world, entrance).ok();
        let addresses = found.map(|(service, port)| {
            let behind = world.behind(service, port);
            let pods = behind.pods.iter().flat_map(|(pod, port)| {
                let port = port.map(i32::from);
                pod.addresses.iter().map(move |address| (address.to_string(), port))
            });
            pods.chain(behind.strangers.iter().map(|address| (address.clone(), None)))
                .collect()
        });
        Self {
            service: format!("Service {namespace}/{name}"),
            addresses: addresses.unwrap_or_default(),
            node_port: found.and_then(|(_, port)| port.node_port),
        }
    }

    fn is(&self, id: &str, port: i32) -> bool {
        let of = |port| self.addresses.contains(&(id.to_owned(), port));
        of(Some(port)) || of(None)
    }

    /// One of the targets is a Pod, or the Service's port of an instance.
    pub(crate) fn are_in(&self, group: &TargetGroup) -> bool {
        let is = |(id, port, _): &(String, i32, String)| {
            self.is(id, *port) || (id.starts_with("i-") && Some(*port) == self.node_port)
        };
        group.targets.iter().any(is)
    }
}
