//! A report: the chains of a scope, and what else an auditor wants to know of them.

use serde::Serialize;

use crate::certificates::{self, Item};
use crate::chain::{Chain, chains};
use crate::entrance::{Scope, entrances};
use crate::facet::Verdict;
use crate::hop::overall;
use crate::objects::Pod;
use crate::path::Noted;
use crate::world::{World, place};

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The weakest verdict of all chains; `unknown` without any.
    pub verdict: Verdict,
    /// There is what the scope names. Without it, nothing was examined.
    pub found: bool,
    /// All ways in that the scope covers.
    pub chains: Vec<Chain>,
    /// Other ways to the applications at their ends, which the scope does not cover, and what else stands out.
    pub findings: Vec<String>,
    /// Certificates on the way, by what manages them.
    pub inventory: Vec<Item>,
}

/// What a scope comes to.
#[must_use]
pub fn report(world: &World<'_>, scope: &Scope) -> Report {
    let mut noted = Noted::default();
    let chains = chains(world, scope, &mut noted);
    let inventory = certificates::inventory(world, scope, &noted.pods);
    let mut findings = other_ways(world, scope, &chains, &noted.ends);
    findings.append(&mut noted.findings);
    findings.extend(certificates::of_pods(world, &noted.pods));
    findings.sort_unstable();
    findings.dedup();
    Report {
        found: is_there(world, scope, &chains),
        verdict: overall(chains.iter().flat_map(|chain| &chain.hops)),
        chains,
        findings,
        inventory,
    }
}

/// Whether there is what the scope names; of what could not be listed that is not known, and it is not missed.
fn is_there(world: &World<'_>, scope: &Scope, chains: &[Chain]) -> bool {
    let objects = world.objects;
    match scope {
        Scope::All => true,
        Scope::Hostname(_) => !chains.is_empty() || !objects.is_read("ingresses"),
        Scope::Namespace(wanted) => {
            let mut namespaces = objects.namespaces.iter();
            !objects.is_read("namespaces")
                || namespaces.any(|namespace| namespace.metadata.name.as_ref() == Some(wanted))
        }
        Scope::Ingress(namespace, name) => {
            let mut ingresses = objects.ingresses.iter();
            !objects.is_read("ingresses") || ingresses.any(|ingress| place(&ingress.metadata) == (namespace, name))
        }
        Scope::Service(namespace, name) => !objects.is_read("services") || world.service(namespace, name).is_some(),
    }
}

/// Ways in that the scope does not cover and that lead to the same Pods.
fn other_ways(world: &World<'_>, scope: &Scope, chains: &[Chain], ends: &[&Pod]) -> Vec<String> {
    let mut found = Vec::new();
    let is_known = |object: &str| chains.iter().any(|chain| chain.object == object);
    for entrance in entrances(world.objects, &Scope::All) {
        let (namespace, name) = &entrance.service;
        let Some(service) = world.service(namespace, name) else {
            continue;
        };
        let Some(port) = entrance.port.of(service) else {
            continue;
        };
        let behind = world.behind(service, port);
        if !is_known(&entrance.object) && behind.pods.iter().any(|(pod, _)| is_end(ends, pod)) {
            found.push(format!("{} also leads to Pods of the application", entrance.object));
        }
    }
    for service in &world.objects.services {
        let (namespace, name) = place(&service.metadata);
        let spec = service.spec.as_ref();
        for port in spec.into_iter().flat_map(|spec| spec.ports.iter().flatten()) {
            let Some(number) = port.node_port else { continue };
            if world
                .behind(service, port)
                .pods
                .iter()
                .any(|(pod, _)| is_end(ends, pod))
            {
                found.push(format!(
                    "Service {namespace}/{name} opens port {number} of every Node to Pods of the application"
                ));
            }
        }
    }
    if *scope != Scope::All && chains.is_empty() {
        found.push("nothing in the cluster leads to what was asked about".to_owned());
    }
    found
}

fn is_end(ends: &[&Pod], pod: &Pod) -> bool {
    ends.iter().any(|end| std::ptr::eq(*end, pod))
}
