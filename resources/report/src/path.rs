//! The hops of one way in: from the client over the load balancer and proxies to what answers.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::ServicePort;

use crate::answers::{Answers, unloaded};
use crate::confined::{Expected, confined};
use crate::facet::Facet;
use crate::hop::{Hop, MOVING};
use crate::nginx::{Pass, Scheme, Target, is_within, normal};
use crate::objects::Pod;
use crate::runs::Nginx;
use crate::world::{Behind, Led, World, named};

/// How many proxies one behind the other are followed.
const DEPTH: usize = 4;

/// What is noted on the way.
#[derive(Default)]
pub(crate) struct Noted<'a> {
    /// Pods that answer.
    pub(crate) ends: Vec<&'a Pod>,
    /// Pods that take part, those that answer too.
    pub(crate) pods: Vec<&'a Pod>,
    /// What stands out.
    pub(crate) findings: Vec<String>,
}

/// Who sends to the next hop.
pub(crate) struct Sender<'a> {
    /// `client`, `edge` or `proxy`.
    pub(crate) role: &'static str,
    /// How it speaks to the next one, as far as it is decided there; `None` if the receiver decides.
    pub(crate) tls: Option<Facet>,
    /// It verifies the receiver.
    pub(crate) verifies: Facet,
    /// Why.
    pub(crate) evidence: Vec<String>,
    /// Whose connections are the previous hop's.
    pub(crate) expected: Expected<'a>,
}

/// The hops from a sender to the Pods behind a port of a Service, and on.
pub(crate) fn hops_to<'a>(
    world: &World<'a>,
    sender: Sender<'a>,
    to: Led<'a>,
    depth: usize,
    noted: &mut Noted<'a>,
) -> Vec<Hop> {
    let Led { service, port, behind } = to;
    let name = named(service);
    if behind.pods.is_empty() {
        let why = match behind.strangers.as_slice() {
            [] => format!("no Pod is behind {name}"),
            strangers => format!(
                "{name} leads to addresses that do not belong to Pods: {}",
                strangers.join(", ")
            ),
        };
        return vec![nowhere(sender, &why)];
    }
    noted.pods.extend(behind.each());
    let mut evidence = sender.evidence;
    evidence.push(format!("{MOVING}{name} leads to {}", pods(&behind)));
    let found = confined(world, &behind, Some(service), &port, &sender.expected);
    evidence.extend(found.evidence.iter().cloned());
    let answer = Answers::at(world, &behind);
    noted.findings.extend(answer.plain_elsewhere(&behind));
    // A configuration of NGINX says what it does with TCP.
    let is_tcp = port.protocol.as_deref().is_none_or(|protocol| protocol == "TCP");
    let tls = sender.tls.unwrap_or_else(|| match is_tcp {
        true => answer.tls(&behind, &mut evidence),
        false => Facet::Unknown,
    });
    let to = |to: &'static str, evidence| {
        let facets = [tls, sender.verifies, found.facet, Facet::Unknown];
        let hop = Hop::new(sender.role, to, facets, evidence).with_except(&found.except);
        // What answers is not known of addresses that no Pod has.
        let at = if is_tcp && behind.strangers.is_empty() {
            behind.ports()
        } else {
            Vec::new()
        };
        hop.with_ports(at)
    };
    if !answer.may_pass_on() {
        noted.ends.extend(behind.each());
        evidence.extend(answer.unknown.iter().map(|why| format!("api: {}", why.text)));
        return vec![to("app", evidence)];
    }
    if depth >= DEPTH {
        evidence.push(format!(
            "api: more than {DEPTH} proxies follow one another; the way was not followed further"
        ));
        return vec![to("proxy", evidence), nobody_knows(Vec::new())];
    }
    let mut hops = vec![to("proxy", evidence)];
    hops.extend(onward(world, &behind, &answer, depth, noted));
    hops
}

/// Where requests go on to is not known.
fn nobody_knows(evidence: Vec<String>) -> Hop {
    Hop::new("proxy", "app", [Facet::Unknown; 4], evidence)
}

/// From the proxies to what they pass requests on to.
fn onward<'a>(
    world: &World<'a>,
    behind: &Behind<'a>,
    proxies: &Answers,
    depth: usize,
    noted: &mut Noted<'a>,
) -> Vec<Hop> {
    let mut hops: Vec<Vec<Hop>> = Vec::new();
    for nginx in &proxies.nginx {
        let ports = behind.pods.iter().filter_map(|(_, port)| *port);
        // Many locations may pass on to the same place in the same way.
        let mut followed: Vec<(&Target, Scheme, bool)> = Vec::new();
        for (pass, target) in nginx.forwarding.leaving(ports) {
            let way = (target, pass.scheme, pass.verified);
            if followed.contains(&way) {
                continue;
            }
            followed.push(way);
            hops.push(passed(world, behind, nginx, pass, target, depth, noted));
        }
        if !nginx.is_loaded || !nginx.forwarding.unread.is_empty() {
            let evidence = vec![format!(
                "api: NGINX with {} may forward to more targets{}",
                nginx.name,
                unloaded(nginx)
            )];
            hops.push(vec![nobody_knows(evidence)]);
        }
    }
    if !proxies.unknown.is_empty() {
        let evidence = proxies.unknown.iter().map(|why| format!("api: {}", why.text)).collect();
        hops.push(vec![nobody_knows(evidence)]);
    }
    hops.sort_by_key(|hops| hops.iter().map(|hop| hop.verdict).min());
    let mut all: Vec<Hop> = Vec::new();
    for hop in hops.into_iter().flatten() {
        if !all.contains(&hop) {
            all.push(hop);
        }
    }
    all
}

fn passed<'a>(
    world: &World<'a>,
    behind: &Behind<'a>,
    nginx: &Nginx,
    pass: &Pass,
    target: &Target,
    depth: usize,
    noted: &mut Noted<'a>,
) -> Vec<Hop> {
    let (mut tls, word) = match pass.scheme {
        Scheme::Plain => (Facet::No, "without TLS"),
        Scheme::Tls => (Facet::Yes, "with TLS"),
        Scheme::Variable => (Facet::Unknown, "with or without TLS, depending on a variable"),
    };
    let mut verifies = match pass.scheme {
        Scheme::Tls if pass.verified => Facet::Yes,
        Scheme::Variable => Facet::Unknown,
        _ => Facet::No,
    };
    if !nginx.is_loaded {
        (tls, verifies) = (Facet::Unknown, Facet::Unknown);
    }
    // What was not read may hold other directives for the same place.
    if !nginx.forwarding.unread.is_empty() {
        (tls, verifies) = (tls.and(Facet::Unknown), verifies.and(Facet::Unknown));
    }
    let verified = match pass.verified {
        true => ", and verifies the certificate",
        false if pass.scheme == Scheme::Tls => ", and does not verify the certificate",
        false => "",
    };
    let place = match target {
        Target::Host(host, port) => format!("{host}:{port}"),
        Target::Socket(_) => "a Unix socket".to_owned(),
        Target::Variable(name) => format!("what the variable {name} holds"),
    };
    let evidence = vec![format!(
        "api: NGINX with {} forwards to {place} {word}{verified}{}",
        nginx.name,
        unloaded(nginx)
    )];
    let proxies: Vec<&Pod> = behind.each().collect();
    let sender = Sender {
        role: "proxy",
        tls: Some(tls),
        verifies,
        evidence,
        expected: Expected::Pods(proxies),
    };
    if target.is_loopback() {
        return vec![within(world, behind, sender, target, noted)];
    }
    let Target::Host(host, port) = target else {
        return vec![nowhere(sender, "a variable decides where requests go")];
    };
    let namespace = behind.pods.first().map_or("", |(pod, _)| pod.namespace.as_str());
    match world.leads(host, *port, namespace) {
        Some(led) => hops_to(world, sender, led, depth + 1, noted),
        None => vec![nowhere(
            sender,
            &format!("{place} is not a port of a Service in this cluster"),
        )],
    }
}

/// To a container of the same Pod. The loopback interface carries nothing out of it, and others may still get to the port.
fn within<'a>(
    world: &World<'_>,
    behind: &Behind<'a>,
    sender: Sender<'_>,
    target: &Target,
    noted: &mut Noted<'a>,
) -> Hop {
    let mut evidence = sender.evidence;
    let tls = sender.tls.unwrap_or(Facet::Unknown);
    let mut at = Vec::new();
    let (facet, except) = match target {
        Target::Host(_, port) => {
            let same = Behind {
                pods: behind.pods.iter().map(|(pod, _)| (*pod, Some(*port))).collect(),
                ..Behind::default()
            };
            noted.ends.extend(same.each());
            at = same.ports();
            evidence.push("api: the loopback interface carries it, and it never leaves the Pod".to_owned());
            let found = confined(world, &same, None, &ServicePort::default(), &Expected::Nobody);
            evidence.extend(found.evidence);
            (found.facet, found.except)
        }
        Target::Socket(path) if behind.each().any(|pod| is_shared(pod, path)) => {
            evidence.push(format!(
                "api: the Unix socket {path} is on a volume that is not the Pod's alone, and who else opens it is not known"
            ));
            (Facet::Unknown, BTreeSet::new())
        }
        _ => {
            evidence.push("api: a Unix socket carries it, and it never leaves the Pod".to_owned());
            (Facet::Yes, BTreeSet::new())
        }
    };
    Hop::new(
        sender.role,
        "app",
        [tls, sender.verifies, facet, Facet::Unknown],
        evidence,
    )
    .with_except(&except)
    .with_ports(at)
}

/// A container of the Pod has mounted a volume there that is not the Pod's alone.
fn is_shared(pod: &Pod, path: &str) -> bool {
    // `/var/run` is a link to `/run` in most images.
    let real = |path: &str| {
        let path = normal(path);
        path.strip_prefix("/var")
            .filter(|rest| is_within(rest, "/run"))
            .map_or(path.clone(), str::to_owned)
    };
    let mounts = pod.containers.iter().flat_map(|container| &container.mounts);
    let mut shared = mounts.filter(|mount| pod.shared.contains(&mount.volume));
    shared.any(|mount| is_within(&real(path), &real(&mount.path)))
}

/// To what is not known.
pub(crate) fn nowhere(sender: Sender<'_>, why: &str) -> Hop {
    let mut evidence = sender.evidence;
    evidence.push(format!("api: {why}"));
    let tls = sender.tls.unwrap_or(Facet::Unknown);
    Hop::new(
        sender.role,
        "app",
        [tls, sender.verifies, Facet::Unknown, Facet::Unknown],
        evidence,
    )
}

/// How many Pods there are, and the first of their names.
fn pods(behind: &Behind<'_>) -> String {
    let mut names: Vec<&str> = behind.pods.iter().map(|(pod, _)| pod.name.as_str()).collect();
    names.sort_unstable();
    let count = names.len();
    let more = if count > 3 { ", …" } else { "" };
    names.truncate(3);
    let word = if count == 1 { "Pod" } else { "Pods" };
    format!("{count} {word} ({}{more})", names.join(", "))
}
