//! The arguments and attributes of `e2etls_proxy`; the nested ones are shared with `e2etls_stack`.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Model};

use crate::cert_manager::reference::IssuerRef;
use crate::lifecycle::attributes::InCluster;
use crate::syntax;

/// An NGINX proxy that serves TLS with a certificate from cert-manager in front of an unmodified app.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Proxy {
    /// Attributes of every resource in a cluster.
    #[tf(flatten)]
    pub head: InCluster,
    /// Name of the proxy, and prefix of the names of its objects: lowercase letters, digits and hyphens, starting and
    /// ending with a letter or digit, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the proxy and of the application. It must exist.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Where the proxy runs. `gateway`, the only mode so far: in Pods of its own, in front of the application's
    /// Service.
    #[tf(required, replace)]
    pub mode: Attr<Mode>,
    /// DNS names that the proxy serves and that its certificate is for: at least one, without duplicates, in lowercase.
    /// The first label may be `*`.
    #[tf(required, check = syntax::dns_names)]
    pub server_names: Attr<Vec<String>>,
    /// The application that requests are passed to; at least one of `service` and `selector`.
    #[tf(required)]
    pub upstream: Attr<Upstream>,
    /// Where the proxy's certificate comes from: exactly one of `issuer` and `secret_name`.
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
    /// True if an autoscaler decides the number of Pods: the resource then never sets it.
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
    /// SHA-256 of the NGINX configuration, in hex. If it changes, the Pods are replaced one after the other.
    #[tf(computed)]
    pub config_sha256: Attr<String>,
    /// Hops that this configuration yields, from the client to the proxy and from there to the application; known in
    /// the plan.
    #[tf(computed)]
    pub expected_hops: Attr<Vec<Hop>>,
}

/// Where the proxy runs in relation to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Mode {
    /// Pods of its own.
    #[tf(rename = "gateway")]
    Gateway,
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
    /// `http` (if omitted): plain HTTP; `https`: HTTP over TLS, with the application's certificate verified.
    #[tf(optional)]
    pub protocol: Attr<Protocol>,
    /// CA certificates in PEM form that the application's certificate is verified against; required with `https`, and
    /// used only with it.
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
    /// Issuer: `e2etls_issuer.x.ref`, or any cert-manager issuer. The proxy then has a Certificate of its own.
    #[tf(optional)]
    pub issuer: Attr<IssuerRef>,
    /// Name of a Secret of type `kubernetes.io/tls` in the namespace, which somebody else maintains.
    #[tf(optional, check = syntax::subdomain_name)]
    pub secret_name: Attr<String>,
    /// Lifetime of each certificate, as a Go duration of at least `1h`; `144h` if omitted. A CA for short-lived
    /// certificates allows at most `168h`. Conflicts with `secret_name`.
    #[tf(optional, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
}

/// TLS as clients see it.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Tls {
    /// Mozilla's profile: `intermediate` (TLS 1.2 and 1.3; if omitted) or `modern` (TLS 1.3 only).
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
    /// Largest request body, such as `512k`, `10m` or `1g`; `1m` if omitted, `0` for no limit.
    #[tf(optional, check = syntax::nginx_size)]
    pub max_body_size: Attr<String>,
    /// Longest pause of the application while it responds, such as `500ms`, `60s` or `5m`; `60s` if omitted.
    #[tf(optional, check = syntax::nginx_time)]
    pub read_timeout: Attr<String>,
    /// Longest pause of the application while it receives a request, such as `60s`; `60s` if omitted.
    #[tf(optional, check = syntax::nginx_time)]
    pub send_timeout: Attr<String>,
    /// Longest time to connect to the application, such as `5s`; `5s` if omitted.
    #[tf(optional, check = syntax::nginx_time)]
    pub connect_timeout: Attr<String>,
    /// Buffer requests and responses; true if omitted. If false, they are passed on as they arrive.
    #[tf(optional)]
    pub buffering: Attr<bool>,
    /// Pass WebSocket upgrades; false if omitted.
    #[tf(optional)]
    pub websocket: Attr<bool>,
    /// Offer HTTP/2; true if omitted.
    #[tf(optional)]
    pub http2: Attr<bool>,
    /// Value of the header `Strict-Transport-Security`, such as `max-age=31536000`; no header if omitted.
    #[tf(optional, check = syntax::header_value)]
    pub hsts: Attr<String>,
    /// Networks, such as `10.0.16.0/20`, whose `X-Forwarded-For` (or PROXY header) is trusted; none if omitted.
    #[tf(optional, check = syntax::cidrs)]
    pub real_ip_cidrs: Attr<Vec<String>>,
    /// Expect a PROXY protocol header on every connection, such as load balancers send; false if omitted.
    #[tf(optional)]
    pub proxy_protocol: Attr<bool>,
    /// NGINX directives that are added to the `server` block unchanged. Directives that the proxy sets itself, such
    /// as `listen` and `ssl_certificate`, are refused.
    #[tf(optional, check = syntax::nginx_directives)]
    pub extra_config: Attr<String>,
}

/// Who may reach the app and the proxy.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Isolation {
    /// `enforce`: network policies let only the proxy (and `allow_from`) reach the application; `audit` and `off`:
    /// there are no policies.
    #[tf(required)]
    pub mode: Attr<IsolationMode>,
    /// Labels of Pods in the namespace that may also reach the application and the proxy, one map per group of Pods. If
    /// set, the application no longer counts as confined.
    #[tf(optional, check = syntax::label_sets)]
    pub allow_from: Attr<Vec<BTreeMap<String, String>>>,
    /// Networks of the load balancer that may reach the proxy, such as `10.0.16.0/20`; required with `enforce`, `[]`
    /// for none.
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

/// Settings for the Pods beyond what the proxy needs to work.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Pod {
    /// Image with NGINX 1.27.4 or later, `sh`, the command `openssl` and the stop signal `SIGQUIT`, preferably pinned
    /// by digest; the image of the template version if omitted.
    #[tf(optional)]
    pub image: Attr<String>,
    /// Names of Secrets for pulling the image.
    #[tf(optional)]
    pub pull_secrets: Attr<Vec<String>>,
    /// Requests and limits as JSON, in the format of a container's `resources`. If omitted, 50m CPU and 64Mi memory are
    /// requested, and the limit is 512Mi memory.
    #[tf(optional, check = syntax::json_object)]
    pub resources_json: Attr<String>,
    /// Tolerations as a JSON list: `jsonencode([…])`.
    #[tf(optional, check = syntax::json_array)]
    pub tolerations_json: Attr<String>,
    /// Labels that nodes must have.
    #[tf(optional)]
    pub node_selector: Attr<BTreeMap<String, String>>,
    /// Topology spread constraints as a JSON list, instead of the default (one Pod per zone and node, if possible).
    #[tf(optional, check = syntax::json_array)]
    pub topology_spread_json: Attr<String>,
    /// Name of a PriorityClass.
    #[tf(optional)]
    pub priority_class: Attr<String>,
    /// Name of a ServiceAccount, whose token is not mounted; the namespace's `default` if omitted.
    #[tf(optional)]
    pub service_account: Attr<String>,
    /// Additional labels for the Pods of the proxy.
    #[tf(optional, check = syntax::labels)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// Additional annotations for the Pods of the proxy.
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
    /// Sender: `client` or `proxy`.
    #[tf(computed)]
    pub from: Attr<String>,
    /// Receiver: `proxy` or `app`.
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
    /// What the facets add up to, best first: `authenticated`, `encrypted`, `confined`, `unknown` or `plaintext`.
    #[tf(computed)]
    pub verdict: Attr<String>,
    /// What the facets are based on, in sentences.
    #[tf(computed)]
    pub evidence: Attr<Vec<String>>,
}
