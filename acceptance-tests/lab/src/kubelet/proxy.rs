//! kube-proxy's stand-in: listens on each Service's address, and on the node's for NodePorts, and forwards to a ready
//! endpoint.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::address::{Ports, cluster_ip, parse_loopback};
use super::events::{Events, reference};
use super::relay::{connect, relay};
use super::store::Cluster;

const SETTLE: Duration = Duration::from_millis(30);
const CONNECT: Duration = Duration::from_secs(2);

/// Services whose ports could not be bound.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<BTreeMap<String, String>>);

impl Faults {
    /// One line for each.
    pub(crate) fn text(&self) -> String {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.iter().map(|(at, why)| format!("{at} {why}\n")).collect()
    }

    /// Notes a fault; true if it is a new one.
    fn add(&self, at: String, why: String) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(at, why)
            .is_none()
    }

    fn keep(&self, wanted: &BTreeSet<SocketAddrV4>) {
        let wanted: BTreeSet<_> = wanted.iter().map(ToString::to_string).collect();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|at, _| wanted.contains(at));
    }
}

/// The forwarder of all Services.
pub(crate) struct Proxy {
    pub(crate) cluster: Cluster,
    pub(crate) ports: Ports,
    /// The address of the node on the machine.
    pub(crate) node: Ipv4Addr,
    pub(crate) events: Events,
    pub(crate) faults: Arc<Faults>,
}

/// A port of a Service.
#[derive(Clone)]
struct Route {
    namespace: String,
    service: String,
    port: Option<String>,
    /// From where its endpoints are connected to, if not from the client's address.
    source: Option<Ipv4Addr>,
}

impl Proxy {
    /// Keeps the listeners in step with the Services until dropped.
    pub(crate) async fn run(self) {
        let mut listeners: HashMap<SocketAddrV4, AbortOnDropHandle<()>> = HashMap::new();
        let mut changes = self.cluster.route_changes();
        loop {
            changes.mark_unchanged();
            let wanted = self.wanted();
            let addresses: BTreeSet<_> = wanted.iter().map(|(at, ..)| *at).collect();
            listeners.retain(|at, _| addresses.contains(at));
            self.faults.keep(&addresses);
            for (at, route, service) in wanted {
                if let std::collections::hash_map::Entry::Vacant(free) = listeners.entry(at) {
                    match TcpListener::bind(at).await {
                        Ok(listener) => drop(free.insert(self.listen(listener, route))),
                        Err(error) => self.fault(at, &service, &error).await,
                    }
                }
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
            tokio::time::sleep(SETTLE).await;
        }
    }

    /// Every TCP port of every Service that has an address.
    fn wanted(&self) -> Vec<(SocketAddrV4, Route, Arc<Service>)> {
        let mut wanted = Vec::new();
        for service in self.cluster.services() {
            let Some(address) = cluster_ip(&service).filter(|ip| ip.is_loopback()) else {
                continue;
            };
            let ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
            for port in ports.filter(|port| port.protocol.as_deref().is_none_or(|p| p == "TCP")) {
                let Some((at, route)) = self.route(&service, address, port) else {
                    continue;
                };
                let at_node = self.node_port(&service, port, &route);
                let routes = std::iter::once((at, route)).chain(at_node);
                wanted.extend(routes.map(|(at, route)| (at, route, Arc::clone(&service))));
            }
        }
        wanted
    }

    fn route(&self, service: &Service, address: Ipv4Addr, port: &ServicePort) -> Option<(SocketAddrV4, Route)> {
        let number = u16::try_from(port.port).ok()?;
        let route = Route {
            namespace: service.metadata.namespace.clone()?,
            service: service.metadata.name.clone()?,
            port: port.name.clone().filter(|name| !name.is_empty()),
            source: None,
        };
        Some((SocketAddrV4::new(address, self.ports.lab_port(number)), route))
    }

    /// The way in through the node. With the policy `Cluster`, as by default, connections come from the node's address.
    fn node_port(&self, service: &Service, port: &ServicePort, route: &Route) -> Option<(SocketAddrV4, Route)> {
        let number = port.node_port.and_then(|number| u16::try_from(number).ok())?;
        let policy = service.spec.as_ref()?.external_traffic_policy.as_deref();
        let route = Route {
            source: (policy != Some("Local")).then_some(self.node),
            ..route.clone()
        };
        Some((SocketAddrV4::new(self.node, number), route))
    }

    async fn fault(&self, at: SocketAddrV4, service: &Service, error: &io::Error) {
        if self.faults.add(at.to_string(), error.to_string()) {
            let note = format!("the lab can't listen on {at}: {error}");
            self.events.warn(&reference(service), "PortNotBound", note).await;
        }
    }

    fn listen(&self, listener: TcpListener, route: Route) -> AbortOnDropHandle<()> {
        let (cluster, ports) = (self.cluster.clone(), self.ports);
        let turn = Arc::new(AtomicUsize::new(0));
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let Ok((client, from)) = listener.accept().await else {
                    continue;
                };
                let endpoints = endpoints(
                    &cluster.slices(&route.namespace, &route.service),
                    route.port.as_deref(),
                    ports,
                );
                let first = turn.fetch_add(1, Ordering::Relaxed);
                let source = route.source.map_or(from.ip(), IpAddr::V4);
                tokio::spawn(forward(client, source, endpoints, first));
            }
        }))
    }
}

/// Whether an endpoint takes new connections.
pub(crate) fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint
        .conditions
        .as_ref()
        .and_then(|conditions| conditions.ready)
        .unwrap_or(true)
}

/// Where the port of a Service leads: ready endpoints, or terminating ones that still serve when none is ready.
fn endpoints(slices: &[Arc<EndpointSlice>], port: Option<&str>, ports: Ports) -> Vec<SocketAddrV4> {
    let serving = |endpoint: &Endpoint| endpoint.conditions.as_ref().and_then(|c| c.serving).unwrap_or(false);
    let ready = collect(slices, port, ports, is_ready);
    if ready.is_empty() {
        collect(slices, port, ports, serving)
    } else {
        ready
    }
}

fn collect(
    slices: &[Arc<EndpointSlice>],
    port: Option<&str>,
    ports: Ports,
    wanted: impl Fn(&Endpoint) -> bool,
) -> Vec<SocketAddrV4> {
    let mut found = BTreeSet::new();
    for slice in slices {
        let named = |name: &Option<String>| name.as_deref().filter(|name| !name.is_empty()) == port;
        let Some(number) = slice
            .ports
            .iter()
            .flatten()
            .find(|p| named(&p.name))
            .and_then(|p| u16::try_from(p.port?).ok())
        else {
            continue;
        };
        let addresses = slice
            .endpoints
            .iter()
            .filter(|endpoint| wanted(endpoint))
            .flat_map(|endpoint| &endpoint.addresses);
        found.extend(
            addresses
                .filter_map(|a| parse_loopback(a))
                .map(|ip| SocketAddrV4::new(ip, ports.lab_port(number))),
        );
    }
    found.into_iter().collect()
}

/// Forwards one connection; tries each endpoint once, beginning with the one whose turn it is.
async fn forward(mut client: TcpStream, from: IpAddr, endpoints: Vec<SocketAddrV4>, first: usize) {
    for turn in 0..endpoints.len() {
        let endpoint = endpoints[first.wrapping_add(turn) % endpoints.len()];
        // kube-proxy keeps the client's address, unless a Pod reaches itself.
        let source = Some(from).filter(|source| *source != IpAddr::V4(*endpoint.ip()));
        if let Ok(Ok(mut upstream)) = tokio::time::timeout(CONNECT, connect(source, endpoint)).await {
            relay(&mut client, &mut upstream).await;
            return;
        }
    }
    // kube-proxy rejects a connection to a Service without endpoints; here it is reset after the handshake.
    let _ = client.set_zero_linger();
}

#[cfg(test)]
mod tests;
