//! The arguments and attributes of `e2etls_proxy`; the nested ones are shared with `e2etls_stack`.

mod http;
mod pods;

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Model};

use crate::cert_manager::reference::IssuerRef;
use crate::lifecycle::attributes::{InCluster, OnPlatform};
use crate::syntax;

pub use http::{Http, Metrics, PathSettings, Profile, RateLimit, Tls};
pub use pods::{AllowFrom, ImageUpdates, Isolation, IsolationMode, Pod};

/// An NGINX proxy that serves TLS with a certificate from cert-manager in front of an unmodified app.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Proxy {
    /// Attributes of every resource in a cluster.
    #[tf(flatten)]
    pub head: InCluster,
    /// The order of resources that Terraform can't see.
    #[tf(flatten)]
    pub on_platform: OnPlatform,
    /// Name of the proxy, and prefix of the names of its objects: lowercase letters, digits and hyphens, starting and
    /// ending with a letter or digit, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the proxy and of the application. It must exist.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Where the proxy runs: `gateway`, in Pods of its own, in front of the application's Service. Only a stack can run it
    /// in the application's Pods (`sidecar`).
    #[tf(required, replace)]
    pub mode: Attr<Mode>,
    /// DNS names that the proxy serves and that its certificate is for: at least one, without duplicates, in lowercase.
    /// The first label may be `*`.
    #[tf(required, check = syntax::dns_names)]
    pub server_names: Attr<Vec<String>>,
    /// The application that requests are passed to: at least one of `service` and `selector` is required.
    #[tf(required)]
    pub upstream: Attr<Upstream>,
    /// Where the proxy's certificate comes from: exactly one of `issuer` and `secret_name` is required.
    #[tf(required)]
    pub certificate: Attr<ProxyCertificate>,
    /// Which TLS clients are accepted; the profile `intermediate` if omitted.
    #[tf(optional)]
    pub tls: Attr<Tls>,
    /// HTTP limits and headers, each with its own default.
    #[tf(optional)]
    pub http: Attr<Http>,
    /// Who may reach the application and the proxy.
    #[tf(required)]
    pub isolation: Attr<Isolation>,
    /// Number of Pods of the proxy, 1 to 1000. Omit it with `autoscaled`.
    #[tf(optional, default = 2, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// How long a new Pod must be ready before an old one is stopped, such as `2m`, at most `15m`; no waiting time if
    /// omitted. Set it to the time that a load balancer needs to register a Pod: Kubernetes does not wait for that on its own.
    #[tf(optional, check = syntax::pod_time)]
    pub min_ready: Attr<String>,
    /// True if an autoscaler sets the number of Pods: the resource then never sets it.
    #[tf(optional, default = false)]
    pub autoscaled: Attr<bool>,
    /// Settings for the Pods of the proxy beyond what it needs to work, such as tolerations.
    #[tf(optional)]
    pub pod: Attr<Pod>,
    /// Other names for individual objects, by address. The addresses, with their default names: `proxy/config`
    /// (`NAME-proxy-config`); `proxy/certificate`, `proxy/deployment`, `proxy/service` and `proxy/pdb` (`NAME-proxy`);
    /// `proxy/secret` (`NAME-proxy-tls`); `proxy/upstream` (`NAME-upstream`); `isolation/app` (`NAME-app-isolation`);
    /// `isolation/proxy` (`NAME-proxy-isolation`).
    #[tf(optional, check = syntax::object_names)]
    pub object_names: Attr<BTreeMap<String, String>>,
    /// Service that serves TLS, for a load balancer to point at.
    #[tf(computed)]
    pub service: Attr<ServiceRef>,
    /// Pods that serve TLS, for a Network Load Balancer to point at.
    #[tf(computed)]
    pub pods: Attr<PodsRef>,
    /// Image of the proxy's Pods: `pod.image`, or the one that the provider chooses, from its `image_registry`. If it
    /// changes, the Pods are replaced one after the other.
    #[tf(computed)]
    pub image: Attr<String>,
    /// SHA-256 of the NGINX configuration, in hex. If it changes, the Pods are replaced one after the other.
    #[tf(computed)]
    pub config_sha256: Attr<String>,
    /// Hops of this configuration, from the client to the proxy and from there to the application; known in the plan.
    #[tf(computed)]
    pub expected_hops: Attr<Vec<Hop>>,
}

/// Where the proxy runs in relation to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Mode {
    /// Pods of its own.
    #[tf(rename = "gateway")]
    Gateway,
    /// The Pods of the app.
    #[tf(rename = "sidecar")]
    Sidecar,
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Upstream {
    /// Name of the application's Service in the same namespace. If omitted, a Service for `selector` is created.
    #[tf(optional, check = syntax::service_name)]
    pub service: Attr<String>,
    /// Labels of the application's Pods, at least one. Required with `isolation.mode = "enforce"`, even if `service` is
    /// set: the policy selects these Pods.
    #[tf(optional, check = syntax::labels)]
    pub selector: Attr<BTreeMap<String, String>>,
    /// Port (1 to 65535) of the Service or, without `service`, of the Pods.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
    /// `http` (if omitted): plain HTTP; `https`: HTTP over TLS, with the application's certificate verified; `grpc`:
    /// gRPC over plain HTTP/2; `grpcs`: gRPC over TLS, also verified.
    #[tf(optional)]
    pub protocol: Attr<Protocol>,
    /// CA certificates in PEM form that the application's certificate is verified against; required with `https` and
    /// `grpcs`, and used only with them.
    #[tf(optional, check = syntax::certificates_pem)]
    pub ca_pem: Attr<String>,
    /// DNS name that the application's certificate must be for, and that the proxy asks for by SNI; if omitted,
    /// `SERVICE.NAMESPACE.svc.cluster.local`. Only with `https` and `grpcs`.
    #[tf(optional, check = syntax::host_name)]
    pub server_name: Attr<String>,
    /// Name of a Secret of type `kubernetes.io/tls` in the namespace, whose certificate the proxy presents to an
    /// application that asks for one. A renewed certificate is loaded. Only with `https` and `grpcs`.
    #[tf(optional, check = syntax::subdomain_name)]
    pub client_certificate_secret: Attr<String>,
}

/// Protocol between the proxy and the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Protocol {
    /// Plain HTTP.
    #[tf(rename = "http")]
    Http,
    /// HTTP over verified TLS.
    #[tf(rename = "https")]
    Https,
    /// gRPC over plain HTTP/2.
    #[tf(rename = "grpc")]
    Grpc,
    /// gRPC over verified TLS.
    #[tf(rename = "grpcs")]
    Grpcs,
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct ProxyCertificate {
    /// Issuer: `e2etls_issuer.x.ref`, or any cert-manager issuer. The proxy then has a Certificate of its own.
    #[tf(optional)]
    pub issuer: Attr<IssuerRef>,
    /// Name of a Secret of type `kubernetes.io/tls` in the namespace, which is maintained outside this resource.
    #[tf(optional, check = syntax::subdomain_name)]
    pub secret_name: Attr<String>,
    /// Lifetime of each certificate, as a Go duration of at least `1h`; `144h` if omitted. A CA for short-lived
    /// certificates allows at most `168h`. Conflicts with `secret_name`.
    #[tf(optional, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
}

/// A Service and its port.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct ServiceRef {
    /// Name, in the resource's namespace.
    #[tf(computed)]
    pub name: Attr<String>,
    /// Port that serves TLS.
    #[tf(computed)]
    pub port: Attr<i64>,
}

/// Pods and their port.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct PodsRef {
    /// Labels that only these Pods have, in the resource's namespace.
    #[tf(computed)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// Port of the Pods that serves TLS.
    #[tf(computed)]
    pub port: Attr<i64>,
}

/// One hop of the way from client to app.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Hop {
    /// Sender: `client`, `edge` or `proxy`.
    #[tf(computed)]
    pub from: Attr<String>,
    /// Receiver: `edge`, `target`, `proxy` or `app`.
    #[tf(computed)]
    pub to: Attr<String>,
    /// Whether the hop is encrypted by TLS: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub tls: Attr<String>,
    /// Whether the sender verifies the receiver's certificate: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub peer_verified: Attr<String>,
    /// Whether a network policy admits only the previous hop: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub confined: Attr<String>,
    /// Whether traffic between nodes is encrypted below TLS: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub link: Attr<String>,
    /// Sources to which `confined` does not apply even if it is `yes`, because no network policy stops them. Empty if `confined` is
    /// not `yes`.
    #[tf(computed)]
    pub except: Attr<Vec<String>>,
    /// What the facets add up to, best first: `authenticated`, `encrypted`, `confined`, `unknown` or `plaintext`.
    #[tf(computed)]
    pub verdict: Attr<String>,
    /// What the facets are based on, in sentences.
    #[tf(computed)]
    pub evidence: Attr<Vec<String>>,
}
