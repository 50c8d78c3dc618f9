//! Where clients come in: rules of Ingresses, routes, Services of type LoadBalancer, and Services that a report is asked about.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::api::networking::v1::{Ingress, IngressBackend};

use crate::aws::is_like;
use crate::objects::{Objects, Pod, Route, ServicePortRef};
use crate::world::{World, named, place};

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A host name of Ingresses and routes.
    Hostname(String),
    /// An Ingress, by namespace and name.
    Ingress(String, String),
    /// A Service, by namespace and name, and all that leads to it.
    Service(String, String),
    /// All that leads into a namespace.
    Namespace(String),
    /// The cluster.
    All,
}

/// A way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entrance {
    /// Host name; `None` for all.
    pub(crate) host: Option<String>,
    /// The object that opens it, such as `Ingress shop/web`.
    pub(crate) object: String,
    /// What clients come through.
    pub(crate) through: Through,
    /// Namespace and name of the Service that it leads to.
    pub(crate) service: (String, String),
    /// The port of that Service, by name or number.
    pub(crate) port: ServicePortRef,
}

/// What clients come through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// Load balancers, by their DNS names; none while there is none.
    Balancers(Vec<String>),
    /// Nothing: a Service that has none by design.
    Nothing,
    /// It is not known, and why.
    Unknown(String),
}

/// DNS names of the load balancers that a scope leads through: what Elastic Load Balancing says of them makes a
/// [`World`](crate::World) whole.
#[must_use]
pub fn balancers(objects: &Objects, scope: &Scope) -> BTreeSet<String> {
    let names = entrances(objects, scope)
        .into_iter()
        .filter_map(|entrance| match entrance.through {
            Through::Balancers(names) => Some(names),
            Through::Nothing | Through::Unknown(_) => None,
        });
    names.flatten().collect()
}

/// All ways in that a scope covers, each once.
pub(crate) fn entrances(objects: &Objects, scope: &Scope) -> Vec<Entrance> {
    let mut found: Vec<Entrance> = Vec::new();
    for ingress in &objects.ingresses {
        found.extend(of_ingress(ingress));
    }
    for service in objects.services.iter().filter(|service| is_balanced(service)) {
        found.extend(of_service(service));
    }
    found.extend(objects.routes.iter().flat_map(of_route));
    let services = match scope {
        Scope::Service(namespace, name) => leading_alike(objects, namespace, name),
        _ => BTreeSet::new(),
    };
    found.retain(|entrance| covers(scope, &services, entrance));
    if let (Scope::Service(namespace, name), true) = (scope, found.is_empty()) {
        found.extend(objects.service(namespace, name).into_iter().flat_map(of_service));
    }
    let mut once: Vec<Entrance> = Vec::with_capacity(found.len());
    for entrance in found {
        if !once.contains(&entrance) {
            once.push(entrance);
        }
    }
    once
}

/// The Service, and those of its namespace that select a Pod which it selects, too. The one of a Network Load Balancer stands
/// beside the one within the cluster, and leads to the same.
fn leading_alike<'a>(objects: &'a Objects, namespace: &str, name: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([name]);
    let selector = |service: &'a Service| {
        service
            .spec
            .as_ref()?
            .selector
            .as_ref()
            .filter(|labels| !labels.is_empty())
    };
    let Some(own) = objects.service(namespace, name).and_then(selector) else {
        return found;
    };
    let within = objects.pods.iter().filter(|pod| pod.namespace == namespace);
    let pods: Vec<&Pod> = within.filter(|pod| pod.bears(own)).collect();
    let beside = objects
        .services
        .iter()
        .filter(|service| place(&service.metadata).0 == namespace);
    let alike =
        beside.filter(|service| selector(service).is_some_and(|labels| pods.iter().any(|pod| pod.bears(labels))));
    found.extend(alike.map(|service| place(&service.metadata).1));
    found
}

/// Whether a scope covers a way in; `services` are those that lead to the Pods of its Service.
fn covers(scope: &Scope, services: &BTreeSet<&str>, entrance: &Entrance) -> bool {
    let (within, service) = &entrance.service;
    match scope {
        Scope::All => true,
        Scope::Namespace(namespace) => within == namespace,
        Scope::Service(namespace, _) => within == namespace && services.contains(service.as_str()),
        Scope::Ingress(namespace, name) => entrance.object == format!("Ingress {namespace}/{name}"),
        Scope::Hostname(wanted) => {
            let has_hosts = !entrance.object.starts_with("Service ");
            has_hosts && entrance.host.as_ref().is_none_or(|host| is_like(host, wanted))
        }
    }
}

/// A load balancer that the Service asks for, or has.
pub(crate) fn is_balanced(service: &Service) -> bool {
    let kind = service.spec.as_ref().and_then(|spec| spec.type_.as_deref());
    kind == Some("LoadBalancer")
}

fn of_ingress(ingress: &Ingress) -> Vec<Entrance> {
    let (namespace, name) = place(&ingress.metadata);
    let status = ingress.status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let points = status.and_then(|status| status.ingress.as_ref());
    let balancers: Vec<String> = points
        .into_iter()
        .flatten()
        .filter_map(|point| point.hostname.clone().or_else(|| point.ip.clone()))
        .collect();
    let mut found = Vec::new();
    let mut add = |host: Option<&String>, backend: &IngressBackend| {
        let Some(service) = &backend.service else { return };
        let port = service.port.as_ref();
        let number = port.and_then(|port| port.number).map(ServicePortRef::Number);
        let port = number.or_else(|| port.and_then(|port| port.name.clone()).map(ServicePortRef::Name));
        found.push(Entrance {
            host: host.filter(|host| !host.is_empty()).cloned(),
            object: format!("Ingress {namespace}/{name}"),
            through: Through::Balancers(balancers.clone()),
            service: (namespace.to_owned(), service.name.clone()),
            port: port.unwrap_or(ServicePortRef::Number(0)),
        });
    };
    let Some(spec) = &ingress.spec else { return found };
    for rule in spec.rules.iter().flatten() {
        for path in rule.http.iter().flat_map(|http| &http.paths) {
            add(rule.host.as_ref(), &path.backend);
        }
    }
    if let Some(backend) = &spec.default_backend {
        add(None, backend);
    }
    found
}

/// One way in for each host name.
fn of_route(route: &Route) -> Vec<Entrance> {
    let entrance = |host: Option<&String>| Entrance {
        host: host.cloned(),
        object: route.object.clone(),
        through: match &route.balancers {
            Ok(names) => Through::Balancers(names.clone()),
            Err(why) => Through::Unknown(why.clone()),
        },
        service: route.service.clone(),
        port: route.port.clone(),
    };
    if route.hosts.is_empty() {
        return vec![entrance(None)];
    }
    route.hosts.iter().map(|host| entrance(Some(host))).collect()
}

/// Each port of a Service is a way in.
fn of_service(service: &Service) -> Vec<Entrance> {
    let (namespace, name) = place(&service.metadata);
    let status = service.status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let points = status.and_then(|status| status.ingress.as_ref());
    let balancers = points
        .into_iter()
        .flatten()
        .filter_map(|point| point.hostname.clone().or_else(|| point.ip.clone()))
        .collect();
    let through = match is_balanced(service) {
        true => Through::Balancers(balancers),
        false => Through::Nothing,
    };
    let ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
    ports
        .map(|port| Entrance {
            host: None,
            object: format!("Service {namespace}/{name}"),
            through: through.clone(),
            service: (namespace.to_owned(), name.to_owned()),
            port: ServicePortRef::Number(port.port),
        })
        .collect()
}

/// The port of a Service that a way in leads to, or why there is none.
pub(crate) fn port_of<'a>(world: &World<'a>, entrance: &Entrance) -> Result<(&'a Service, &'a ServicePort), String> {
    let (namespace, name) = &entrance.service;
    let service = world
        .service(namespace, name)
        .ok_or_else(|| format!("there is no Service {namespace}/{name}"))?;
    let port = entrance.port.of(service);
    port.map(|port| (service, port)).ok_or_else(|| {
        format!(
            "{} does not have the port that {} refers to",
            named(service),
            entrance.object
        )
    })
}
