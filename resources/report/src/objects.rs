//! What the Kubernetes API lists, as far as a report needs it.
//!
//! The types are those of the API, but for Pods and Nodes: there are thousands of them, and most of each says nothing about
//! encryption.

mod pod;

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Node as ApiNode;
use k8s_openapi::api::core::v1::{Namespace, Service, ServicePort};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use self::pod::addresses;
pub use self::pod::{Container, Labels, Mount, Pod, PodPort, Port, Projected, has_ended};

/// All that was listed.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// All Namespaces.
    pub namespaces: Vec<Namespace>,
    /// All Nodes.
    pub nodes: Vec<Node>,
    /// All Pods that have not ended.
    pub pods: Vec<Pod>,
    /// All Services.
    pub services: Vec<Service>,
    /// All EndpointSlices.
    pub slices: Vec<EndpointSlice>,
    /// All Ingresses.
    pub ingresses: Vec<Ingress>,
    /// All NetworkPolicies.
    pub policies: Vec<NetworkPolicy>,
    /// Policies of other kinds that admit something to Pods.
    pub admitting: Vec<AdmittingPolicy>,
    /// Other objects that lead to Services.
    pub routes: Vec<Route>,
    /// ConfigMaps that hold a configuration of NGINX.
    pub configurations: Vec<Configuration>,
    /// cert-manager's Certificates.
    pub certificates: Vec<Certificate>,
    /// Plural names of the kinds that could not be listed. What depends on them is not known.
    pub unread: Vec<String>,
}

impl Objects {
    /// A Service by namespace and name.
    #[must_use]
    pub fn service(&self, namespace: &str, name: &str) -> Option<&Service> {
        let is = |service: &&Service| {
            let metadata = &service.metadata;
            metadata.namespace.as_deref() == Some(namespace) && metadata.name.as_deref() == Some(name)
        };
        self.services.iter().find(is)
    }

    /// Whether a kind could be listed, by its plural name.
    #[must_use]
    pub fn is_read(&self, plural: &str) -> bool {
        !self.unread.iter().any(|unread| unread == plural)
    }
}

/// A Node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Name.
    pub name: String,
    /// Labels.
    pub labels: Labels,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

/// A policy of another kind than NetworkPolicy that admits something to Pods, before NetworkPolicies are asked or beside them:
/// a ClusterNetworkPolicy of the tier Admin, or an ApplicationNetworkPolicy. What it admits is not evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdmittingPolicy {
    /// Kind and name, such as `ClusterNetworkPolicy monitoring`.
    pub object: String,
    /// The namespaces of the Pods.
    pub namespaces: LabelSelector,
    /// The Pods there.
    pub pods: LabelSelector,
}

/// An object that leads to a Service and is no Ingress, such as an HTTPRoute or a TargetGroupBinding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Kind, namespace and name, such as `HTTPRoute shop/web`.
    pub object: String,
    /// Host names that it is for; empty for all.
    pub hosts: Vec<String>,
    /// Namespace and name of the Service.
    pub service: (String, String),
    /// The port of the Service.
    pub port: ServicePortRef,
    /// DNS names of the load balancers that lead to it, or why they are not known.
    pub balancers: Result<Vec<String>, String>,
}

/// A port of a Service, as an Ingress or a route names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServicePortRef {
    /// By its name.
    Name(String),
    /// By its number.
    Number(i32),
}

impl ServicePortRef {
    /// The port that is meant.
    pub(crate) fn of<'a>(&self, service: &'a Service) -> Option<&'a ServicePort> {
        let mut ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
        ports.find(|port| match self {
            Self::Name(name) => port.name.as_ref() == Some(name),
            Self::Number(number) => port.port == *number,
        })
    }
}

/// cert-manager's Certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Name of the Secret that it is kept in.
    pub secret: String,
    /// Names that it is for.
    pub dns_names: Vec<String>,
    /// Kind and name of its issuer.
    pub issuer: String,
    /// End of the validity of what was issued last; `None` if nothing was.
    pub not_after: Option<Timestamp>,
    /// Why it is not ready; `None` if it is.
    pub not_ready: Option<String>,
}

/// A ConfigMap that holds a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// When it was last written; `None` if the API does not say.
    pub written: Option<Timestamp>,
    /// Digest of the files, to be compared with [`Pod::configured`].
    pub digest: String,
    /// Files by name.
    pub files: BTreeMap<String, String>,
    /// The one that is a script known to start NGINX with its `nginx.conf`, and with what that includes; `None` if there is none.
    /// Who lists the ConfigMaps knows the script.
    pub script: Option<&'static str>,
}

impl From<ApiNode> for Node {
    fn from(node: ApiNode) -> Self {
        let found = node.status.and_then(|status| status.addresses);
        Self {
            name: node.metadata.name.unwrap_or_default(),
            labels: node.metadata.labels.unwrap_or_default(),
            addresses: addresses(found.into_iter().flatten().map(|address| address.address)),
        }
    }
}
