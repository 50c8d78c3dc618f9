//! Chains: for each way in, the hops from the client to the application.

use serde::Serialize;

use crate::aws::{Answer, Listener, LoadBalancer, TargetGroup, is_tls};
use crate::certificates;
use crate::confined::Expected;
use crate::entrance::{Entrance, Scope, Through, entrances, port_of};
use crate::facet::{Facet, Verdict};
use crate::hop::{Hop, overall};
use crate::path::{Noted, Sender, hops_to, nowhere};
use crate::targets::{Targets, UNVERIFIED, to_targets};
use crate::world::{Led, World};

/// One way from a client to an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// Host name that clients ask for; `None` if all lead here.
    pub host: Option<String>,
    /// The object that opens the way, such as `Ingress shop/web`.
    pub object: String,
    /// Listener of the load balancer, such as `HTTPS:443`; `None` without a load balancer.
    pub listener: Option<String>,
    /// The weakest verdict of its hops.
    pub verdict: Verdict,
    /// Its hops, from the client on.
    pub hops: Vec<Hop>,
}

/// All chains of a scope. A listener that redirects to HTTPS, and does nothing else, is none. What is noted on the way is
/// added to `noted`.
pub(crate) fn chains<'a>(world: &World<'a>, scope: &Scope, noted: &mut Noted<'a>) -> Vec<Chain> {
    let mut found = Vec::new();
    for entrance in entrances(world.objects, scope) {
        let listeners = match &entrance.through {
            Through::Nothing => vec![(None, direct(world, &entrance, client(Vec::new()), noted))],
            Through::Unknown(why) => {
                let mut hops = unknown(vec![format!(
                    "api: what {} leads through is not known: {why}",
                    entrance.object
                )]);
                hops.extend(direct(world, &entrance, edge(), noted));
                vec![(None, hops)]
            }
            Through::Balancers(names) if names.is_empty() => {
                let why = format!("api: {} has no load balancer yet", entrance.object);
                vec![(None, unknown(vec![why]))]
            }
            Through::Balancers(names) => names
                .iter()
                .flat_map(|name| balanced(world, &entrance, name, noted))
                .collect(),
        };
        found.extend(listeners.into_iter().map(|(listener, hops)| Chain {
            host: entrance.host.clone(),
            object: entrance.object.clone(),
            listener,
            verdict: overall(&hops),
            hops,
        }));
    }
    found
}

fn unknown(evidence: Vec<String>) -> Vec<Hop> {
    vec![Hop::new("client", "edge", [Facet::Unknown; 4], evidence)]
}

/// Of every hop from a client.
const CLIENTS: &str = "declared: clients decide whether they verify the certificate";

fn client<'a>(evidence: Vec<String>) -> Sender<'a> {
    Sender {
        role: "client",
        tls: None,
        verifies: Facet::Unknown,
        evidence: [evidence, vec![CLIENTS.to_owned()]].concat(),
        expected: Expected::Clients,
    }
}

/// A load balancer of which nothing is known.
fn edge<'a>() -> Sender<'a> {
    Sender {
        role: "edge",
        tls: Some(Facet::Unknown),
        verifies: Facet::No,
        evidence: vec![UNVERIFIED.to_owned()],
        expected: Expected::Edge(None),
    }
}

/// From a sender to the port of the Service that the way in leads to.
fn direct<'a>(world: &World<'a>, entrance: &Entrance, sender: Sender<'a>, noted: &mut Noted<'a>) -> Vec<Hop> {
    match port_of(world, entrance) {
        Ok((service, port)) => {
            let to = Led {
                service,
                port: port.clone(),
                behind: world.behind(service, port),
            };
            hops_to(world, sender, to, 0, noted)
        }
        Err(why) => vec![nowhere(sender, &why)],
    }
}

type Found = (Option<String>, Vec<Hop>);

/// One chain for each listener that forwards to the Pods.
fn balanced<'a>(world: &World<'a>, entrance: &Entrance, name: &str, noted: &mut Noted<'a>) -> Vec<Found> {
    let balancer = match world.aws.balancers.get(name) {
        Some(Answer::Seen(balancer)) => balancer,
        Some(Answer::Absent) => {
            return vec![(
                None,
                unknown(vec![format!(
                    "api: Elastic Load Balancing has no load balancer with the DNS name {name}"
                )]),
            )];
        }
        Some(Answer::Unread(why)) => return vec![(None, unread(world, entrance, name, why, noted))],
        None => {
            return vec![(
                None,
                unread(
                    world,
                    entrance,
                    name,
                    "its DNS name is not one of Elastic Load Balancing",
                    noted,
                ),
            )];
        }
    };
    let targets = Targets::of(world, entrance);
    let mut found = Vec::new();
    for listener in &balancer.listeners {
        let groups: Vec<&TargetGroup> = listener
            .groups_for(entrance.host.as_deref())
            .filter_map(|arn| balancer.groups.get(arn))
            .filter(|group| targets.are_in(group))
            .collect();
        if !groups.is_empty() {
            let label = format!("{}:{}", listener.protocol, listener.port);
            found.push((
                Some(label),
                through(world, entrance, balancer, listener, &groups, &targets, noted),
            ));
        }
    }
    if found.is_empty() {
        let why = format!(
            "api: no listener of the load balancer {} forwards to Pods of {}",
            balancer.name, targets.service
        );
        found.push((None, unknown(vec![why])));
    }
    found
}

/// Nothing is known of the load balancer; what is behind it is.
fn unread<'a>(world: &World<'a>, entrance: &Entrance, name: &str, why: &str, noted: &mut Noted<'a>) -> Vec<Hop> {
    let mut hops = unknown(vec![format!("api: the load balancer {name} was not read: {why}")]);
    hops.extend(direct(world, entrance, edge(), noted));
    hops
}

/// The hops through a listener to the target groups that it forwards to.
fn through<'a>(
    world: &World<'a>,
    entrance: &Entrance,
    balancer: &'a LoadBalancer,
    listener: &Listener,
    groups: &[&TargetGroup],
    targets: &Targets,
    noted: &mut Noted<'a>,
) -> Vec<Hop> {
    let policy = if listener.ssl_policy.is_empty() {
        String::new()
    } else {
        format!(" with the security policy {}", listener.ssl_policy)
    };
    let said = format!(
        "api: port {} of the load balancer {} ({}) serves {}{policy}",
        listener.port, balancer.name, balancer.scheme, listener.protocol
    );
    let mut evidence = vec![said, redirects(balancer)];
    if matches!(listener.client_auth.as_str(), "verify" | "passthrough") {
        evidence.push(format!(
            "api: the listener's mutual authentication mode is {}",
            listener.client_auth
        ));
    }
    let terminates = is_tls(&listener.protocol);
    if terminates {
        let found = certificates::of_listener(world.now, entrance.host.as_deref(), balancer, listener);
        evidence.extend(found.evidence);
        noted.findings.extend(found.findings);
    }
    let to_pods = to_targets(balancer, groups, targets);
    if is_passthrough(listener) {
        evidence.push("api: the listener forwards TCP connections without terminating TLS".to_owned());
        evidence.extend(to_pods.evidence);
        let mut sender = client(evidence);
        // Whoever reaches the load balancer is a client of the Pods.
        if let Expected::Nodes = to_pods.expected {
            sender.expected = Expected::Nodes;
        }
        let mut hops = direct(world, entrance, sender, noted);
        if let (true, Some(first)) = (to_pods.strangers, hops.first_mut()) {
            first.weaken();
        }
        return hops;
    }
    evidence.push(CLIENTS.to_owned());
    let mut hops = vec![Hop::new(
        "client",
        "edge",
        [Facet::of(terminates), Facet::Unknown, Facet::No, Facet::Unknown],
        evidence,
    )];
    let sender = Sender {
        role: "edge",
        tls: Some(to_pods.tls),
        verifies: Facet::No,
        evidence: to_pods.evidence,
        expected: to_pods.expected,
    };
    let mut behind = direct(world, entrance, sender, noted);
    if let (true, Some(first)) = (to_pods.strangers, behind.first_mut()) {
        first.weaken_confined();
    }
    hops.extend(behind);
    hops
}

fn is_passthrough(listener: &Listener) -> bool {
    matches!(listener.protocol.as_str(), "TCP" | "TCP_UDP")
}

/// What the load balancer does with plain HTTP.
fn redirects(balancer: &LoadBalancer) -> String {
    let mut plain = balancer
        .listeners
        .iter()
        .filter(|listener| listener.protocol == "HTTP")
        .peekable();
    if plain.peek().is_none() {
        return "api: no listener serves plain HTTP".to_owned();
    }
    let ports: Vec<String> = plain
        .map(|listener| {
            let only = listener.redirects && listener.rules.iter().all(|(_, groups)| groups.is_empty());
            format!(
                "port {} {}",
                listener.port,
                if only {
                    "redirects to HTTPS"
                } else {
                    "serves plain HTTP"
                }
            )
        })
        .collect();
    format!("api: {}", ports.join(", "))
}
