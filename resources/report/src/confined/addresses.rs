//! Addresses that policies admit: of whom, is known where the cluster or AWS lists it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::Expected;
use super::found::Confined;
use crate::aws::{Answer, Interface, LoadBalancer, Vpc};
use crate::facet::Facet;
use crate::hop::MOVING;
use crate::policy::{Block, is_every_address};
use crate::world::World;

/// Whoever is in the subnets gets in.
const LATER: &str = "network interfaces that are created later in the IP ranges that a rule with an ipBlock admits";

pub(super) fn addresses(world: &World<'_>, blocks: &[&Block], expected: &Expected<'_>, found: &mut Confined) {
    let cidrs: BTreeSet<IpNet> = blocks.iter().filter_map(|block| block.cidr()).collect();
    let shown: Vec<String> = cidrs.iter().map(IpNet::to_string).collect();
    let shown = shown.join(", ");
    if is_every_address(blocks.iter().copied()) {
        found.and(Facet::No, format!("NetworkPolicies admit every address: {shown}"));
        return;
    }
    let holds = |address: &IpAddr| blocks.iter().any(|block| block.holds(*address));
    let node = world.objects.nodes.iter().find(|node| node.addresses.iter().any(holds));
    if let Some(node) = node {
        found.and(
            Facet::No,
            format!(
                "NetworkPolicies admit addresses that Nodes have, such as {}: {shown}",
                node.name
            ),
        );
        return;
    }
    let why = match expected {
        Expected::Edge(Some(balancer)) => match of_balancer(world, balancer, blocks) {
            Ok(others) => return interfaces(&others, &shown, found),
            Err(why) => format!("whether only the load balancer has addresses there is not known, because {why}"),
        },
        Expected::Edge(None) | Expected::Clients | Expected::Nodes => {
            "whether only the load balancer has addresses there is not known".to_owned()
        }
        Expected::Pods(_) | Expected::Nobody => "who has addresses there is not known".to_owned(),
    };
    found.and(
        Facet::Unknown,
        format!("NetworkPolicies admit IP ranges, and {why}: {shown}"),
    );
}

/// The network interfaces with addresses there that are not the load balancer's; or why they are not known.
fn of_balancer<'a>(
    world: &World<'a>,
    balancer: &LoadBalancer,
    blocks: &[&Block],
) -> Result<Vec<&'a Interface>, String> {
    let vpc = match world.aws.vpcs.get(&balancer.vpc) {
        Some(Answer::Seen(vpc)) => vpc,
        Some(Answer::Unread(why)) => return Err(format!("its VPC was not read ({why})")),
        Some(Answer::Absent) | None => return Err("its VPC was not read".to_owned()),
    };
    // Of subnets that are shared with it, an account sees its own network interfaces only.
    if !vpc.owners.iter().all(|owner| *owner == balancer.account) {
        return Err("its VPC belongs to another account".to_owned());
    }
    // Elsewhere, somebody else may have the addresses: in a network that the VPC is connected with.
    let is_in_subnet = |cidr: &IpNet| vpc.subnets.iter().any(|subnet| subnet.contains(cidr));
    if let Some(cidr) = blocks
        .iter()
        .filter_map(|block| block.cidr())
        .find(|cidr| !is_in_subnet(cidr))
    {
        return Err(format!("{cidr} is not within a subnet of its VPC"));
    }
    let (own, others): (Vec<&Interface>, Vec<&Interface>) =
        in_blocks(vpc, blocks).partition(|found| balancer.owns(found));
    if own.is_empty() {
        return Err("none of its network interfaces has an address there".to_owned());
    }
    Ok(others)
}

fn in_blocks<'a>(vpc: &'a Vpc, blocks: &[&Block]) -> impl Iterator<Item = &'a Interface> {
    let overlaps = |prefix: &IpNet| {
        let cidrs = blocks.iter().filter_map(|block| block.cidr());
        cidrs
            .into_iter()
            .any(|cidr| cidr.contains(prefix) || prefix.contains(&cidr))
    };
    vpc.interfaces.iter().filter(move |interface| {
        let holds = |address: &IpAddr| blocks.iter().any(|block| block.holds(*address));
        interface.addresses.iter().any(holds) || interface.prefixes.iter().any(overlaps)
    })
}

fn interfaces(others: &[&Interface], shown: &str, found: &mut Confined) {
    if others.is_empty() {
        found.except.insert(LATER);
        let evidence =
            format!("NetworkPolicies admit IP ranges in which only the load balancer has network interfaces: {shown}");
        return found.and(Facet::Yes, evidence);
    }
    found.and(
        Facet::No,
        format!("NetworkPolicies admit IP ranges in which the load balancer is not alone: {shown}"),
    );
    let named = others.iter().take(3).map(|other| match other.description.as_str() {
        "" => other.id.clone(),
        description => format!("{} ({description})", other.id),
    });
    let named: Vec<String> = named.collect();
    let more = match others.len().saturating_sub(named.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    found.evidence.push(format!(
        "{MOVING}other network interfaces there are {}{more}",
        named.join(", ")
    ));
}
