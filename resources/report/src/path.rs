//! The hops of one way in: from the client over the load balancer and proxies to what answers.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Service, ServicePort};

use crate::confined::{Expected, confined};
use crate::facet::Facet;
use crate::hop::Hop;
use crate::nginx::{Pass, Scheme, Target};
use crate::objects::Pod;
use crate::runs::{Nginx, Runs, Unknown, runs};
use crate::world::{Behind, World, place};

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
    service: &'a Service,
    port: &ServicePort,
    depth: usize,
    noted: &mut Noted<'a>,
) -> Vec<Hop> {
    let behind = world.behind(service, port);
    let name = named(service);
    if behind.pods.is_empty() {
        let mut evidence = sender.evidence;
        evidence.push(match behind.strangers.as_slice() {
            [] => format!("api: no Pod is behind {name}"),
            strangers => format!(
                "api: {name} leads to addresses that are no Pod's: {}",
                strangers.join(", ")
            ),
        });
        let tls = sender.tls.unwrap_or(Facet::Unknown);
        let facets = [tls, sender.verifies, Facet::Unknown, Facet::Unknown];
        return vec![Hop::new(sender.role, "app", facets, evidence)];
    }
    noted.pods.extend(behind.pods.iter().map(|(pod, _)| *pod));
    let mut evidence = sender.evidence;
    evidence.push(format!("api: {name} leads to {}", pods(&behind)));
    let found = confined(world, &behind, Some(service), port, &sender.expected);
    evidence.extend(found.evidence.iter().cloned());
    let answer = Answers::at(world, &behind);
    let tls = sender.tls.unwrap_or_else(|| answer.tls(&behind, &mut evidence));
    let to = |to: &'static str, evidence| {
        let facets = [tls, sender.verifies, found.facet, Facet::Unknown];
        Hop::new(sender.role, to, facets, evidence).with_except(&found.except)
    };
    if !answer.may_pass_on() {
        noted.ends.extend(behind.pods.iter().map(|(pod, _)| *pod));
        evidence.extend(answer.unknown.iter().map(|why| format!("api: {}", why.text)));
        return vec![to("app", evidence)];
    }
    if depth >= DEPTH {
        evidence.push(format!(
            "api: more than {DEPTH} proxies stand one behind the other, and were not followed"
        ));
        return vec![to("proxy", evidence), nobody_knows(Vec::new())];
    }
    let mut hops = vec![to("proxy", evidence)];
    hops.extend(onward(world, &behind, &answer, depth, noted));
    hops
}

/// What answers behind a Service.
struct Answers {
    /// NGINX, each configuration once: the Pods of a Deployment share one.
    nginx: Vec<Nginx>,
    /// Pods of which it is not known.
    unknown: Vec<Unknown>,
}

impl Answers {
    fn at(world: &World<'_>, behind: &Behind<'_>) -> Self {
        let mut nginx: BTreeMap<String, Nginx> = BTreeMap::new();
        let mut unknown: Vec<Unknown> = Vec::new();
        for (pod, port) in &behind.pods {
            match runs(world, pod, *port) {
                Runs::Nginx(found) => {
                    let known = nginx.entry(found.name.clone()).or_insert_with(|| found.clone());
                    known.is_loaded &= found.is_loaded;
                }
                Runs::Unknown(why) => {
                    if !unknown.iter().any(|known| known.text == why.text) {
                        unknown.push(why);
                    }
                }
            }
        }
        Self {
            nginx: nginx.into_values().collect(),
            unknown,
        }
    }

    /// It may not be the end of the way.
    fn may_pass_on(&self) -> bool {
        let passes = |nginx: &Nginx| !nginx.forwarding.passes.is_empty() || !nginx.forwarding.unread.is_empty();
        self.nginx.iter().any(passes) || self.unknown.iter().any(|why| why.may_pass_on)
    }

    /// Whether what is served there is TLS only.
    fn tls(&self, behind: &Behind<'_>, evidence: &mut Vec<String>) -> Facet {
        let known = if self.nginx.is_empty() {
            Facet::Unknown
        } else {
            listens(&self.nginx, behind, evidence)
        };
        if self.unknown.is_empty() {
            known
        } else {
            known.and(Facet::Unknown)
        }
    }
}

/// Where requests go on to is not known.
fn nobody_knows(evidence: Vec<String>) -> Hop {
    Hop::new("proxy", "app", [Facet::Unknown; 4], evidence)
}

/// Whether the ports that the Service leads to take TLS only.
fn listens(servers: &[Nginx], behind: &Behind<'_>, evidence: &mut Vec<String>) -> Facet {
    let mut facet = Facet::Yes;
    for nginx in servers {
        let is = |port: u16| behind.pods.iter().any(|(_, at)| *at == Some(port));
        let ports = nginx.forwarding.listens.iter().filter(|listen| is(listen.port));
        let plain = ports.clone().any(|listen| !listen.tls);
        let word = if plain { "not only TLS" } else { "TLS only" };
        evidence.push(format!(
            "api: {} takes {word} on the port{}",
            nginx.name,
            unloaded(nginx)
        ));
        facet = facet.and(match (nginx.is_loaded && nginx.forwarding.unread.is_empty(), plain) {
            (false, _) => Facet::Unknown,
            (true, true) => Facet::No,
            (true, false) => Facet::Yes,
        });
    }
    facet
}

fn unloaded(nginx: &Nginx) -> String {
    let mut text = String::new();
    if !nginx.is_loaded {
        text.push_str(", which its Pods may not have loaded: it was written after they started");
    }
    if !nginx.forwarding.unread.is_empty() {
        text.push_str(&format!(
            "; it also includes what was not read: {}",
            nginx.forwarding.unread.join(", ")
        ));
    }
    text
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
        let ports: Vec<u16> = behind.pods.iter().filter_map(|(_, port)| *port).collect();
        for pass in nginx
            .forwarding
            .passes
            .iter()
            .filter(|pass| pass.ports.iter().any(|port| ports.contains(port)))
        {
            for target in &pass.targets {
                hops.push(passed(world, behind, nginx, pass, target, depth, noted));
            }
        }
        if !nginx.forwarding.unread.is_empty() {
            let evidence = vec![format!("api: {}{}", nginx.name, unloaded(nginx))];
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
        Scheme::Variable => (Facet::Unknown, "in a way that a variable decides"),
    };
    let mut verifies = match pass.scheme {
        Scheme::Tls if pass.verified => Facet::Yes,
        Scheme::Variable => Facet::Unknown,
        _ => Facet::No,
    };
    if !nginx.is_loaded {
        (tls, verifies) = (Facet::Unknown, Facet::Unknown);
    }
    let verified = match pass.verified {
        true => ", and verifies the certificate",
        false if pass.scheme == Scheme::Tls => ", and does not verify the certificate",
        false => "",
    };
    let place = match target {
        Target::Host(host, port) => format!("{host}:{port}"),
        Target::Socket => "a Unix socket".to_owned(),
        Target::Variable(name) => format!("what the variable {name} holds"),
    };
    let evidence = vec![format!(
        "api: {} passes on to {place} {word}{verified}{}",
        nginx.name,
        unloaded(nginx)
    )];
    let proxies: Vec<&Pod> = behind.pods.iter().map(|(pod, _)| *pod).collect();
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
        return vec![nowhere(sender, "a variable decides where requests go".to_owned())];
    };
    let namespace = behind.pods.first().map_or("", |(pod, _)| pod.namespace.as_str());
    match leads(world, host, *port, namespace) {
        Some((service, port)) => hops_to(world, sender, service, port, depth + 1, noted),
        None => vec![nowhere(
            sender,
            format!("{place} is no port of a Service in this cluster"),
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
    let (facet, except) = match target {
        Target::Host(_, port) => {
            let same = Behind {
                pods: behind.pods.iter().map(|(pod, _)| (*pod, Some(*port))).collect(),
                strangers: Vec::new(),
            };
            noted.ends.extend(same.pods.iter().map(|(pod, _)| *pod));
            evidence.push("api: the loopback interface carries it, and it never leaves the Pod".to_owned());
            let found = confined(world, &same, None, &ServicePort::default(), &Expected::Nobody);
            evidence.extend(found.evidence);
            (found.facet, found.except)
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
}

fn nowhere(sender: Sender<'_>, why: String) -> Hop {
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

/// The Service and its port that a host name or an address stands for, from a Pod of `namespace`.
fn leads<'a>(world: &World<'a>, host: &str, port: u16, namespace: &str) -> Option<(&'a Service, &'a ServicePort)> {
    let services = &world.objects.services;
    let service = if host.parse::<std::net::IpAddr>().is_ok() {
        services.iter().find(|service| {
            let spec = service.spec.as_ref();
            spec.and_then(|spec| spec.cluster_ip.as_deref()) == Some(host)
        })
    } else {
        let mut labels = host.split('.');
        let name = labels.next()?;
        let of = labels.next().unwrap_or(namespace);
        // `NAME.NAMESPACE.svc` and what the cluster's domain adds; anything else is a name of somewhere else.
        let is_cluster = labels.next().is_none_or(|label| label == "svc");
        services
            .iter()
            .find(|service| is_cluster && place(&service.metadata) == (of, name))
    }?;
    let spec = service.spec.as_ref()?;
    let is = |found: &&ServicePort| u16::try_from(found.port) == Ok(port);
    // The name of a headless Service is that of its Pods: the port is theirs, whatever the Service calls it.
    let headless = spec.cluster_ip.as_deref() == Some("None");
    let ports = spec.ports.as_deref().unwrap_or_default();
    ports
        .iter()
        .find(is)
        .or_else(|| ports.first().filter(|_| headless))
        .map(|port| (service, port))
}

/// `Service NAMESPACE/NAME`.
pub(crate) fn named(service: &Service) -> String {
    let (namespace, name) = place(&service.metadata);
    format!("Service {namespace}/{name}")
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
