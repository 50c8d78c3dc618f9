//! The arguments and attributes of `e2etls_proxy`; the nested ones are shared with `e2etls_stack`.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Model, Timeouts};

use crate::issuer::IssuerRef;
use crate::orchestrate::part::PartState;
use crate::syntax;

/// An NGINX proxy that serves TLS with a certificate from cert-manager in front of an unmodified app.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Proxy {
    /// Identifies the proxy: UID of the cluster, namespace and name.
    #[tf(computed, keep)]
    pub id: Attr<String>,
    /// Random mark of the create that made or adopted the objects.
    #[tf(computed, keep)]
    pub instance: Attr<String>,
    /// Key of the provider's `clusters`; not needed where the provider has one `cluster`.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// UID of the namespace `kube-system`, which tells clusters apart.
    #[tf(computed, keep)]
    pub cluster_uid: Attr<String>,
    /// Name of the proxy and, with a suffix, of its objects.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the proxy and of the app; it must exist.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// `gateway`: Pods of their own in front of the app's Service.
    #[tf(required, replace)]
    pub mode: Attr<Mode>,
    /// DNS names that the certificate is for, wildcards included.
    #[tf(required, check = syntax::dns_names)]
    pub server_names: Attr<Vec<String>>,
    /// Where requests go.
    #[tf(required)]
    pub upstream: Attr<Upstream>,
    /// Where the certificate comes from.
    #[tf(required)]
    pub certificate: Attr<ProxyCertificate>,
    /// TLS as clients see it; the profile `intermediate` if absent.
    #[tf(optional)]
    pub tls: Attr<Tls>,
    /// HTTP limits and headers.
    #[tf(optional)]
    pub http: Attr<Http>,
    /// Who may reach the app and the proxy.
    #[tf(required)]
    pub isolation: Attr<Isolation>,
    /// Pods of the proxy. Not used while `autoscaled` is true.
    #[tf(optional, default = 2, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// True if an autoscaler decides the number of replicas: the field is then not ours.
    #[tf(optional, default = false)]
    pub autoscaled: Attr<bool>,
    /// What the Pods of the proxy need beside what they need to work.
    #[tf(optional)]
    pub pod: Attr<Pod>,
    /// Other names for single objects, by address such as `proxy/deployment`.
    #[tf(optional, check = syntax::object_names)]
    pub object_names: Attr<BTreeMap<String, String>>,
    /// Version of what is rendered. Null takes the newest at create and keeps it; a number moves to it.
    #[tf(optional, computed, keep)]
    pub template_version: Attr<i64>,
    /// Take over fields of other field managers.
    #[tf(optional, default = false)]
    pub force_conflicts: Attr<bool>,
    /// How long operations may take.
    #[tf(optional)]
    pub timeouts: Attr<Timeouts>,
    /// The Service that serves TLS.
    #[tf(computed)]
    pub service: Attr<ServiceRef>,
    /// SHA-256 of the NGINX configuration.
    #[tf(computed)]
    pub config_sha256: Attr<String>,
    /// The hops that this configuration yields, with their facets and verdicts; known at plan.
    #[tf(computed)]
    pub expected_hops: Attr<Vec<Hop>>,
    /// The objects: address → reference, uid and digest of the desired content.
    #[tf(computed)]
    pub parts: Attr<BTreeMap<String, PartState>>,
    /// Fields that were seen to differ from what was applied.
    #[tf(computed)]
    pub drift: Attr<Vec<String>>,
}

/// How the proxy stands to the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Mode {
    /// Pods of its own.
    #[tf(rename = "gateway")]
    Gateway,
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Upstream {
    /// Name of the app's Service in the same namespace. Either this or `selector`.
    #[tf(optional, check = syntax::service_name)]
    pub service: Attr<String>,
    /// Labels of the app's Pods; a Service for them is made. With `service` and isolation: the Pods that it selects.
    #[tf(optional, check = syntax::labels)]
    pub selector: Attr<BTreeMap<String, String>>,
    /// Port of the Service, or of the Pods with `selector`.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
    /// `http` (default) or `https`.
    #[tf(optional)]
    pub protocol: Attr<Protocol>,
    /// CA certificates that the app's certificate is verified against; needed with `https`.
    #[tf(optional)]
    pub ca_pem: Attr<String>,
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
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct ProxyCertificate {
    /// The issuer: `e2etls_issuer.x.ref`, or any issuer of cert-manager. Either this or `secret_name`.
    #[tf(optional)]
    pub issuer: Attr<IssuerRef>,
    /// A Secret of type `kubernetes.io/tls` that somebody else keeps.
    #[tf(optional, check = syntax::subdomain_name)]
    pub secret_name: Attr<String>,
    /// Lifetime of each certificate, as a Go duration; 144 h if absent.
    #[tf(optional, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
}

/// TLS as clients see it.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Tls {
    /// Mozilla's profile: `intermediate` (TLS 1.2 and 1.3, default) or `modern` (TLS 1.3).
    #[tf(optional)]
    pub profile: Attr<Profile>,
}

/// Mozilla's TLS profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Profile {
    /// TLS 1.2 and 1.3.
    #[tf(rename = "intermediate")]
    Intermediate,
    /// TLS 1.3 only.
    #[tf(rename = "modern")]
    Modern,
}

/// HTTP limits and headers.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Http {
    /// Largest request body, in NGINX's notation; `1m` if absent.
    #[tf(optional, check = syntax::nginx_size)]
    pub max_body_size: Attr<String>,
    /// Longest silence of the app while it answers; `60s` if absent.
    #[tf(optional, check = syntax::nginx_time)]
    pub read_timeout: Attr<String>,
    /// Longest silence of the app while it takes a request; `60s` if absent.
    #[tf(optional, check = syntax::nginx_time)]
    pub send_timeout: Attr<String>,
    /// Longest time to connect to the app; `5s` if absent.
    #[tf(optional, check = syntax::nginx_time)]
    pub connect_timeout: Attr<String>,
    /// Buffer the app's answers; true if absent.
    #[tf(optional)]
    pub buffering: Attr<bool>,
    /// Pass WebSocket upgrades; false if absent.
    #[tf(optional)]
    pub websocket: Attr<bool>,
    /// Offer HTTP/2; true if absent.
    #[tf(optional)]
    pub http2: Attr<bool>,
    /// Value of `Strict-Transport-Security`; no header if absent.
    #[tf(optional, check = syntax::header_value)]
    pub hsts: Attr<String>,
    /// Networks whose `X-Forwarded-For` (or PROXY header) is believed.
    #[tf(optional, check = syntax::cidrs)]
    pub real_ip_cidrs: Attr<Vec<String>>,
    /// Expect a PROXY protocol header on every connection; false if absent.
    #[tf(optional)]
    pub proxy_protocol: Attr<bool>,
    /// Directives added to the `server` block as they are.
    #[tf(optional, check = syntax::nginx_directives)]
    pub extra_config: Attr<String>,
}

/// Who may reach the app and the proxy.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Isolation {
    /// `enforce`: policies let only the proxy reach the app; `audit` and `off`: none.
    #[tf(required)]
    pub mode: Attr<IsolationMode>,
    /// Labels of Pods in the namespace that may reach app and proxy too.
    #[tf(optional, check = syntax::label_sets)]
    pub allow_from: Attr<Vec<BTreeMap<String, String>>>,
    /// Networks of the load balancer that may reach the proxy; needed with `enforce`.
    #[tf(optional, check = syntax::cidrs)]
    pub lb_cidrs: Attr<Vec<String>>,
}

/// Whether policies are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum IsolationMode {
    /// None, and no intention.
    #[tf(rename = "off")]
    Off,
    /// None, but the hops say what `enforce` would give.
    #[tf(rename = "audit")]
    Audit,
    /// Policies on the app's and the proxy's Pods.
    #[tf(rename = "enforce")]
    Enforce,
}

/// What the Pods of the proxy need beside what they need to work.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Pod {
    /// Image with NGINX, `sh` and `openssl`; best pinned by digest.
    #[tf(optional)]
    pub image: Attr<String>,
    /// Names of Secrets to pull the image with.
    #[tf(optional)]
    pub pull_secrets: Attr<Vec<String>>,
    /// Requests and limits as JSON, in the notation of a container's `resources`.
    #[tf(optional, check = syntax::json_object)]
    pub resources_json: Attr<String>,
    /// Tolerations as a JSON list.
    #[tf(optional, check = syntax::json_array)]
    pub tolerations_json: Attr<String>,
    /// Labels that the nodes must have.
    #[tf(optional)]
    pub node_selector: Attr<BTreeMap<String, String>>,
    /// Topology spread constraints as a JSON list, in place of the default (one per zone and node, if possible).
    #[tf(optional, check = syntax::json_array)]
    pub topology_spread_json: Attr<String>,
    /// Name of a PriorityClass.
    #[tf(optional)]
    pub priority_class: Attr<String>,
    /// Name of a ServiceAccount; its token is not mounted.
    #[tf(optional)]
    pub service_account: Attr<String>,
    /// Labels added to the Pods.
    #[tf(optional, check = syntax::labels)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// Annotations added to the Pods.
    #[tf(optional)]
    pub annotations: Attr<BTreeMap<String, String>>,
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

/// One hop of the way from client to app.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Hop {
    /// Who sends.
    #[tf(computed)]
    pub from: Attr<String>,
    /// Who receives.
    #[tf(computed)]
    pub to: Attr<String>,
    /// Encrypted by TLS: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub tls: Attr<String>,
    /// The sender checks the receiver's certificate: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub peer_verified: Attr<String>,
    /// Loopback, or an enforced policy lets only the previous hop in: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub confined: Attr<String>,
    /// Encrypted below TLS: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub link: Attr<String>,
    /// `authenticated`, `encrypted`, `confined`, `unknown` or `plaintext`.
    #[tf(computed)]
    pub verdict: Attr<String>,
    /// What the facets rest on.
    #[tf(computed)]
    pub evidence: Attr<Vec<String>>,
}
