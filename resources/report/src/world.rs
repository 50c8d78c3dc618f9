//! All that was read, and who is behind what in it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::api::discovery::v1::{EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::aws::Aws;
use crate::objects::{Configuration, Labels, Objects, Pod, PodPort};
use crate::policy::Policies;
use crate::policy_engine::Engines;

/// All that was read.
#[derive(Debug)]
pub struct World<'a> {
    /// When it was read.
    pub(crate) now: Timestamp,
    /// What the cluster's API lists.
    pub(crate) objects: &'a Objects,
    pub(crate) aws: &'a Aws,
    pub(crate) policies: Policies,
    pub(crate) engines: Engines<'a>,
    /// Pods by namespace: most questions are about those of one.
    pods: BTreeMap<&'a str, Vec<&'a Pod>>,
    /// Pods by each address of their own.
    addresses: BTreeMap<IpAddr, &'a Pod>,
    /// Pods on the network of their Node.
    pub(crate) on_nodes: Vec<&'a Pod>,
    /// EndpointSlices by namespace and Service.
    slices: BTreeMap<(&'a str, &'a str), Vec<&'a EndpointSlice>>,
    /// Configurations by namespace and name.
    pub(crate) configurations: BTreeMap<(&'a str, &'a str), &'a Configuration>,
}

/// Who answers behind a port of a Service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behind<'a> {
    /// Pods, and the port of each; `None` where it is named and the Pod does not declare it.
    pub(crate) pods: Vec<(&'a Pod, Option<u16>)>,
    /// Addresses that are no Pod's.
    pub(crate) strangers: Vec<String>,
    /// Pods that are not ready are led to, too.
    pub(crate) unready: bool,
}

/// Where a name or an address leads.
pub(crate) struct Led<'a> {
    pub(crate) service: &'a Service,
    pub(crate) port: ServicePort,
    pub(crate) behind: Behind<'a>,
}

impl<'a> Behind<'a> {
    /// The Pods alone.
    pub(crate) fn each(&self) -> impl Iterator<Item = &'a Pod> {
        self.pods.iter().map(|(pod, _)| *pod)
    }

    /// The ports of all Pods that requests go to; none if a port is not known, or a Pod has an IPv6 address: the kubelet connects over IPv4
    /// first, and another server may listen there.
    pub(crate) fn ports(&self) -> Vec<PodPort> {
        let asked = self.pods.iter().filter(|(pod, _)| pod.ready || self.unready);
        let at = asked.map(|(pod, port)| {
            let port = port.filter(|_| pod.addresses.iter().all(IpAddr::is_ipv4));
            port.map(|port| PodPort {
                namespace: pod.namespace.clone(),
                pod: pod.name.clone(),
                port,
            })
        });
        at.collect::<Option<_>>().unwrap_or_default()
    }

    /// True if this port of a Pod is meant.
    pub(crate) fn is_at(&self, port: u16) -> bool {
        self.pods.iter().any(|(_, at)| *at == Some(port))
    }
}

impl<'a> World<'a> {
    /// What follows from what was listed, and from what AWS says of [`balancers`](crate::balancers).
    ///
    /// `now` decides what has expired. `vpc_cni` is what the ConfigMap `kube-system/amazon-vpc-cni` holds: empty if there is
    /// none, `None` if it was not read.
    #[must_use]
    pub fn new(objects: &'a Objects, vpc_cni: Option<&BTreeMap<String, String>>, aws: &'a Aws, now: Timestamp) -> Self {
        let mut pods: BTreeMap<&str, Vec<&Pod>> = BTreeMap::new();
        for pod in &objects.pods {
            pods.entry(&pod.namespace).or_default().push(pod);
        }
        let mut slices: BTreeMap<(&str, &str), Vec<&EndpointSlice>> = BTreeMap::new();
        for slice in &objects.slices {
            let labels = slice.metadata.labels.as_ref();
            if let Some(service) = labels.and_then(|labels| labels.get("kubernetes.io/service-name")) {
                slices
                    .entry((place(&slice.metadata).0, service))
                    .or_default()
                    .push(slice);
            }
        }
        let (on_nodes, own): (Vec<&Pod>, Vec<&Pod>) = objects.pods.iter().partition(|pod| pod.host_network);
        let named = |found: &'a Configuration| ((found.namespace.as_str(), found.name.as_str()), found);
        Self {
            now,
            objects,
            pods,
            addresses: own
                .into_iter()
                .flat_map(|pod| pod.addresses.iter().map(move |address| (*address, pod)))
                .collect(),
            on_nodes,
            slices,
            configurations: objects.configurations.iter().map(named).collect(),
            aws,
            policies: Policies::new(&objects.policies, &objects.namespaces).beside(&objects.admitting),
            engines: Engines::new(&objects.nodes, &objects.pods, vpc_cni),
        }
    }

    /// A Service by namespace and name.
    pub(crate) fn service(&self, namespace: &str, name: &str) -> Option<&'a Service> {
        self.objects.service(namespace, name)
    }

    /// Who answers behind a port of a Service: the Pods that it selects, and what its EndpointSlices list. Whoever may write
    /// these adds to what the selector finds.
    pub(crate) fn behind(&self, service: &Service, port: &ServicePort) -> Behind<'a> {
        let named = |found: &EndpointPort| {
            found.name.as_deref().unwrap_or_default() == port.name.as_deref().unwrap_or_default()
        };
        self.at(
            service,
            |pod| target_port(port, pod),
            |ports| {
                ports
                    .iter()
                    .filter(|found| named(found))
                    .map(|found| found.port)
                    .collect()
            },
        )
    }

    /// Who answers if a client connects to this port of the addresses that the name of a Service stands for. A headless Service
    /// has those of its Pods, and the port is theirs, whatever the Service calls it.
    fn named(&self, service: &Service, port: u16) -> Behind<'a> {
        self.at(service, |_| Some(port), |_| vec![Some(i32::from(port))])
    }

    fn at(
        &self,
        service: &Service,
        port: impl Fn(&Pod) -> Option<u16>,
        listed: impl Fn(&[EndpointPort]) -> Vec<Option<i32>>,
    ) -> Behind<'a> {
        let (namespace, name) = place(&service.metadata);
        let Some(spec) = &service.spec else {
            return Behind::default();
        };
        if spec.type_.as_deref() == Some("ExternalName") {
            return Behind {
                strangers: vec![spec.external_name.clone().unwrap_or_default()],
                ..Behind::default()
            };
        }
        let mut found = self.listed(namespace, name, listed);
        found.unready = spec.publish_not_ready_addresses == Some(true);
        let listed = std::mem::take(&mut found.pods);
        if let Some(selector) = spec.selector.as_ref().filter(|selector| !selector.is_empty()) {
            found.pods = self.selected(namespace, selector).map(|pod| (pod, port(pod))).collect();
        }
        for (pod, number) in listed {
            let is = |(known, at): &(&Pod, Option<u16>)| std::ptr::eq(*known, pod) && *at == number;
            if !found.pods.iter().any(is) {
                found.pods.push((pod, number));
            }
        }
        found
    }

    /// The Service that a host name or an address stands for, from a Pod of `namespace`, with its port and who is behind.
    pub(crate) fn leads(&self, host: &str, port: u16, namespace: &str) -> Option<Led<'a>> {
        let services = &self.objects.services;
        let service = if host.parse::<std::net::IpAddr>().is_ok() {
            services.iter().find(|service| {
                let spec = service.spec.as_ref();
                spec.and_then(|spec| spec.cluster_ip.as_deref()) == Some(host)
            })
        } else {
            let mut labels = host.split('.');
            let name = labels.next()?;
            let of = labels.next().unwrap_or(namespace);
            // `NAME.NAMESPACE.svc` and the cluster's domain, which EKS does not let anybody choose; anything else is a name of
            // somewhere else.
            let rest: Vec<&str> = labels.collect();
            let is_cluster = matches!(rest[..], [] | ["svc"] | ["svc", "cluster", "local"]);
            services
                .iter()
                .find(|service| is_cluster && place(&service.metadata) == (of, name))
        }?;
        let spec = service.spec.as_ref()?;
        let ports = spec.ports.as_deref().unwrap_or_default();
        let is_tcp = |found: &&ServicePort| found.protocol.as_deref().is_none_or(|protocol| protocol == "TCP");
        let found = ports
            .iter()
            .filter(is_tcp)
            .find(|found| u16::try_from(found.port) == Ok(port));
        if spec.cluster_ip.as_deref() == Some("None") {
            return Some(Led {
                service,
                port: found.cloned().unwrap_or_default(),
                behind: self.named(service, port),
            });
        }
        found.map(|found| Led {
            service,
            port: found.clone(),
            behind: self.behind(service, found),
        })
    }

    /// Pods of a namespace that bear these labels.
    fn selected(&self, namespace: &str, selector: &Labels) -> impl Iterator<Item = &'a Pod> {
        self.pods_of(namespace).filter(move |pod| pod.bears(selector))
    }

    /// The Pods of a namespace.
    pub(crate) fn pods_of(&self, namespace: &str) -> impl Iterator<Item = &'a Pod> {
        self.pods.get(namespace).into_iter().flatten().copied()
    }

    /// What the EndpointSlices of a Service list, at the ports that `of` takes of each.
    fn listed(&self, namespace: &str, name: &str, of: impl Fn(&[EndpointPort]) -> Vec<Option<i32>>) -> Behind<'a> {
        let mut found = Behind::default();
        for slice in self.slices.get(&(namespace, name)).into_iter().flatten() {
            let ports = of(slice.ports.as_deref().unwrap_or_default()).into_iter();
            let ports: Vec<Option<u16>> = ports.map(|port| u16::try_from(port?).ok()).collect();
            let addresses = slice.endpoints.iter().flat_map(|endpoint| &endpoint.addresses);
            for address in addresses.filter(|_| !ports.is_empty()) {
                match address.parse().ok().and_then(|address| self.pod_at(address)) {
                    Some(pod) => found.pods.extend(ports.iter().map(|port| (pod, *port))),
                    None => found.strangers.push(address.clone()),
                }
            }
        }
        found
    }

    /// The Pod that has an address of its own: one that uses its Node's shares it with others.
    pub(crate) fn pod_at(&self, address: IpAddr) -> Option<&'a Pod> {
        self.addresses.get(&address).copied()
    }
}

/// Namespace and name of an object.
pub(crate) fn place(metadata: &k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta) -> (&str, &str) {
    (
        metadata.namespace.as_deref().unwrap_or_default(),
        metadata.name.as_deref().unwrap_or_default(),
    )
}

/// `Service NAMESPACE/NAME`.
pub(crate) fn named(service: &Service) -> String {
    let (namespace, name) = place(&service.metadata);
    format!("Service {namespace}/{name}")
}

/// The port of a Pod that a port of a Service leads to.
fn target_port(port: &ServicePort, pod: &Pod) -> Option<u16> {
    match &port.target_port {
        None => u16::try_from(port.port).ok(),
        Some(IntOrString::Int(number)) => u16::try_from(*number).ok(),
        Some(IntOrString::String(name)) => {
            let protocol = port.protocol.as_deref().unwrap_or("TCP");
            let mut ports = pod.containers.iter().flat_map(|container| &container.ports);
            ports
                .find(|port| port.name == *name && port.protocol == protocol)
                .map(|port| port.number)
        }
    }
}
