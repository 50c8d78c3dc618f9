//! A filter before the ports of a Pod: the lab's network policy engine.
//!
//! It stands before the Pods of namespaces that carry [`ENFORCED`]; everywhere else policies do nothing, as without an engine.
//! The processes of such a Pod listen behind it, on an address of their own. As on EKS, the Pod's node is always admitted, and
//! so are the Pods that use its network. Other than there, a connection that is refused is reset instead of ignored, and
//! only ports that a container declares can be reached.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::address::{Ports, before, behind, to_cluster};
use super::relay::{connect, relay};
use super::store::Cluster;
use policy::{End, PodEnd, admits};

mod policy;

/// Label of a namespace whose policies are enforced, with the value `true`. It counts when a Pod starts.
pub const ENFORCED: &str = "lab.e2etls.dev/network-policies";

/// The filter of one Pod.
pub(crate) struct Filter {
    pub(crate) cluster: Cluster,
    pub(crate) ports: Ports,
    /// The address that the Pod has for others.
    pub(crate) address: Ipv4Addr,
    /// The address of its node, in the API.
    pub(crate) node: Ipv4Addr,
}

impl Filter {
    /// True if the Pods of this namespace are to have one.
    pub(crate) fn is_wanted(cluster: &Cluster, namespace: &str) -> bool {
        let labels = cluster.namespace(namespace).and_then(|it| it.metadata.labels.clone());
        labels.is_some_and(|labels| labels.get(ENFORCED).is_some_and(|value| value == "true"))
    }

    /// Stands before every TCP port that the Pod declares until the token fires.
    pub(crate) async fn run(self, pod: Arc<Pod>, cancel: CancellationToken) {
        let filter = Arc::new(self);
        let mut listening = tokio::task::JoinSet::new();
        for port in declared(&pod).into_values().collect::<BTreeSet<u16>>() {
            let at = SocketAddrV4::new(filter.address, filter.ports.lab_port(port));
            match TcpListener::bind(at).await {
                Ok(listener) => drop(listening.spawn(Arc::clone(&filter).listen(listener, port))),
                Err(error) => tracing::error!(%error, %at, "no filter"),
            }
        }
        cancel.cancelled().await;
    }

    async fn listen(self: Arc<Self>, listener: TcpListener, port: u16) {
        loop {
            let Ok((client, from)) = listener.accept().await else {
                continue;
            };
            let filter = Arc::clone(&self);
            tokio::spawn(async move { filter.connection(client, from, port).await });
        }
    }

    async fn connection(&self, mut client: TcpStream, from: SocketAddr, port: u16) {
        let IpAddr::V4(source) = from.ip() else { return };
        if !self.is_admitted(to_cluster(source), port) {
            let _ = client.set_zero_linger();
            return;
        }
        let to = SocketAddrV4::new(behind(self.address), self.ports.lab_port(port));
        match connect(Some(from.ip()), to).await {
            Ok(mut upstream) => relay(&mut client, &mut upstream).await,
            Err(_) => drop(client.set_zero_linger()),
        }
    }

    fn is_admitted(&self, source: Ipv4Addr, port: u16) -> bool {
        if source == self.node {
            return true;
        }
        let pods = self.cluster.pods();
        let end = |address: Ipv4Addr| End {
            address,
            pod: pods
                .iter()
                .find(|pod| address_of(pod) == Some(address))
                .map(|pod| self.seen(pod)),
        };
        let (from, to) = (end(before(source)), end(to_cluster(self.address)));
        from.address == to.address || admits(&self.cluster.policies(), &from, &to, port)
    }

    fn seen(&self, pod: &Pod) -> PodEnd {
        let namespace = pod.metadata.namespace.clone().unwrap_or_default();
        let namespace_labels = self
            .cluster
            .namespace(&namespace)
            .and_then(|it| it.metadata.labels.clone());
        PodEnd {
            labels: pod.metadata.labels.clone().unwrap_or_default(),
            namespace_labels: namespace_labels.unwrap_or_default(),
            ports: declared(pod),
            namespace,
        }
    }
}

/// A Pod that has ended has none any more: another one may have it.
fn address_of(pod: &Pod) -> Option<Ipv4Addr> {
    let status = pod.status.as_ref()?;
    let is_over = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    status.pod_ip.as_deref().filter(|_| !is_over)?.parse().ok()
}

/// The TCP ports of the containers. A port without a name has its number as one.
fn declared(pod: &Pod) -> BTreeMap<String, u16> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let ports = containers.flat_map(|container| container.ports.iter().flatten());
    ports
        .filter(|port| port.protocol.as_deref().is_none_or(|protocol| protocol == "TCP"))
        .filter_map(|port| {
            let number = u16::try_from(port.container_port).ok()?;
            Some((port.name.clone().unwrap_or_else(|| number.to_string()), number))
        })
        .collect()
}
