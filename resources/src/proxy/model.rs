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
    /// Key of the provider's `clusters`; not needed where the provider has one `cluster`. Another key must lead to the
    /// same cluster: a resource does not move.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// UID of the namespace `kube-system`, which tells clusters apart.
    #[tf(computed, keep)]
    pub cluster_uid: Attr<String>,
    /// Name of the proxy and, with a suffix, of its objects: lower-case letters, digits and hyphens, a letter or digit
    /// first and last, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the proxy and of the app; it must exist.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// How the proxy stands to the app; `gateway`, the only one so far: Pods of their own in front of the app's
    /// Service.
    #[tf(required, replace)]
    pub mode: Attr<Mode>,
    /// DNS names that the proxy serves and the certificate is for: at least one, each once, in lower case; `*.` may be
    /// the first label.
    #[tf(required, check = syntax::dns_names)]
    pub server_names: Attr<Vec<String>>,
    /// The app that requests go to; at least one of `service` and `selector`.
    #[tf(required)]
    pub upstream: Attr<Upstream>,
    /// Where the proxy's certificate comes from: one of `issuer` and `secret_name`.
    #[tf(required)]
    pub certificate: Attr<ProxyCertificate>,
    /// Which TLS clients are offered; the profile `intermediate` if absent.
    #[tf(optional)]
    pub tls: Attr<Tls>,
    /// HTTP limits and headers, each with a default of its own.
    #[tf(optional)]
    pub http: Attr<Http>,
    /// Who may reach the app and the proxy.
    #[tf(required)]
    pub isolation: Attr<Isolation>,
    /// Number of the proxy's Pods, 1 to 1000. Leave it out with `autoscaled`.
    #[tf(optional, default = 2, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// True if an autoscaler decides the number of Pods: this resource then never sets it.
    #[tf(optional, default = false)]
    pub autoscaled: Attr<bool>,
    /// What the Pods of the proxy need beside what they need to work, such as tolerations.
    #[tf(optional)]
    pub pod: Attr<Pod>,
    /// Other names for single objects, by address: `proxy/config` (otherwise `NAME-proxy-config`), `proxy/certificate`,
    /// `proxy/deployment`, `proxy/service`, `proxy/pdb` (otherwise `NAME-proxy`), `proxy/secret` (`NAME-proxy-tls`),
    /// `proxy/upstream` (`NAME-upstream`), `isolation/app` (`NAME-app-isolation`), `isolation/proxy`
    /// (`NAME-proxy-isolation`).
    #[tf(optional, check = syntax::object_names)]
    pub object_names: Attr<BTreeMap<String, String>>,
    /// Version of what is rendered, so far only `1`. If absent, a create takes the newest and keeps it, also when a
    /// later provider has a newer one.
    #[tf(optional, computed, keep, check = crate::proxy::template_version)]
    pub template_version: Attr<i64>,
    /// Take over fields that another field manager holds. If false, such a field is an error, unless the plan showed it
    /// as drifted or changing.
    #[tf(optional, default = false)]
    pub force_conflicts: Attr<bool>,
    /// How long operations may take.
    #[tf(optional)]
    pub timeouts: Attr<Timeouts>,
    /// The Service that serves TLS, for a load balancer to point at.
    #[tf(computed)]
    pub service: Attr<ServiceRef>,
    /// SHA-256 of the NGINX configuration, in hex; another one has the Pods replaced one after the other.
    #[tf(computed)]
    pub config_sha256: Attr<String>,
    /// The hops that this configuration yields, from the client to the proxy and from there to the app; known at plan.
    #[tf(computed)]
    pub expected_hops: Attr<Vec<Hop>>,
    /// What the resource is made of, by address such as `proxy/deployment`; a changed digest in a plan says which
    /// objects will change.
    #[tf(computed)]
    pub parts: Attr<BTreeMap<String, PartState>>,
    /// Fields that were seen to differ from what was applied, by address and path; empty if none. An apply sets them
    /// back.
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
    /// Name of the app's Service in the same namespace. If absent, a Service for `selector` is made.
    #[tf(optional, check = syntax::service_name)]
    pub service: Attr<String>,
    /// Labels of the app's Pods, at least one. With `isolation.mode = "enforce"` it is needed, also beside `service`:
    /// the policy selects these Pods.
    #[tf(optional, check = syntax::labels)]
    pub selector: Attr<BTreeMap<String, String>>,
    /// Port (1 to 65535) of the Service or, without `service`, of the Pods.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
    /// `http` (if absent): plain; `https`: over TLS, with the app's certificate verified.
    #[tf(optional)]
    pub protocol: Attr<Protocol>,
    /// CA certificates in PEM form that the app's certificate is verified against; needed with `https`, and used with
    /// it only.
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
    /// The issuer: `e2etls_issuer.x.ref`, or any issuer of cert-manager. The proxy then has a Certificate of its own.
    #[tf(optional)]
    pub issuer: Attr<IssuerRef>,
    /// Name of a Secret of type `kubernetes.io/tls` in the namespace, which somebody else keeps.
    #[tf(optional, check = syntax::subdomain_name)]
    pub secret_name: Attr<String>,
    /// Lifetime of each certificate, as a Go duration of at least `1h`; `144h` if absent. A CA for short-lived
    /// certificates gives at most `168h`. Not with `secret_name`.
    #[tf(optional, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
}

/// TLS as clients see it.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Tls {
    /// Mozilla's profile: `intermediate` (TLS 1.2 and 1.3; if absent) or `modern` (TLS 1.3 only).
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
    /// Largest request body, such as `512k`, `10m` or `1g`; `1m` if absent, `0` for no limit.
    #[tf(optional, check = syntax::nginx_size)]
    pub max_body_size: Attr<String>,
    /// Longest silence of the app while it answers, such as `500ms`, `60s` or `5m`; `60s` if absent.
    #[tf(optional, check = syntax::nginx_time)]
    pub read_timeout: Attr<String>,
    /// Longest silence of the app while it takes a request, such as `60s`; `60s` if absent.
    #[tf(optional, check = syntax::nginx_time)]
    pub send_timeout: Attr<String>,
    /// Longest time to connect to the app, such as `5s`; `5s` if absent.
    #[tf(optional, check = syntax::nginx_time)]
    pub connect_timeout: Attr<String>,
    /// Buffer requests and the app's answers; true if absent. False passes them on as they come.
    #[tf(optional)]
    pub buffering: Attr<bool>,
    /// Pass WebSocket upgrades; false if absent.
    #[tf(optional)]
    pub websocket: Attr<bool>,
    /// Offer HTTP/2; true if absent.
    #[tf(optional)]
    pub http2: Attr<bool>,
    /// Value of `Strict-Transport-Security`, such as `max-age=31536000`; no header if absent.
    #[tf(optional, check = syntax::header_value)]
    pub hsts: Attr<String>,
    /// Networks, such as `10.0.16.0/20`, whose `X-Forwarded-For` (or PROXY header) is believed; none if absent.
    #[tf(optional, check = syntax::cidrs)]
    pub real_ip_cidrs: Attr<Vec<String>>,
    /// Expect a PROXY protocol header on every connection, as a load balancer sends it; false if absent.
    #[tf(optional)]
    pub proxy_protocol: Attr<bool>,
    /// NGINX directives that are added to the `server` block as they are. Refused are those that the proxy sets itself,
    /// such as `listen` and `ssl_certificate`.
    #[tf(optional, check = syntax::nginx_directives)]
    pub extra_config: Attr<String>,
}

/// Who may reach the app and the proxy.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Isolation {
    /// `enforce`: network policies let only the proxy (and `allow_from`) reach the app; `audit` and `off`: there are
    /// none.
    #[tf(required)]
    pub mode: Attr<IsolationMode>,
    /// Labels of Pods in the namespace that may reach app and proxy too, one map for each kind of Pods. With it the app
    /// no longer counts as confined.
    #[tf(optional, check = syntax::label_sets)]
    pub allow_from: Attr<Vec<BTreeMap<String, String>>>,
    /// Networks of the load balancer that may reach the proxy, such as `10.0.16.0/20`; needed with `enforce`, `[]` for
    /// none.
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
    /// Image with NGINX 1.27.4 or later, `sh`, the command `openssl` and the stop signal `SIGQUIT`, best pinned by
    /// digest; the one of the template version if absent.
    #[tf(optional)]
    pub image: Attr<String>,
    /// Names of Secrets to pull the image with.
    #[tf(optional)]
    pub pull_secrets: Attr<Vec<String>>,
    /// Requests and limits as JSON, in the notation of a container's `resources`; if absent, 50m CPU and 64Mi are
    /// requested, and 512Mi are the limit.
    #[tf(optional, check = syntax::json_object)]
    pub resources_json: Attr<String>,
    /// Tolerations as a JSON list: `jsonencode([…])`.
    #[tf(optional, check = syntax::json_array)]
    pub tolerations_json: Attr<String>,
    /// Labels that the nodes must have.
    #[tf(optional)]
    pub node_selector: Attr<BTreeMap<String, String>>,
    /// Topology spread constraints as a JSON list, in place of the default (one Pod per zone and node, if possible).
    #[tf(optional, check = syntax::json_array)]
    pub topology_spread_json: Attr<String>,
    /// Name of a PriorityClass.
    #[tf(optional)]
    pub priority_class: Attr<String>,
    /// Name of a ServiceAccount; its token is not mounted. The namespace's `default` if absent.
    #[tf(optional)]
    pub service_account: Attr<String>,
    /// Labels added to the Pods of the proxy.
    #[tf(optional, check = syntax::labels)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// Annotations added to the Pods of the proxy.
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
    /// Who sends: `client` or `proxy`.
    #[tf(computed)]
    pub from: Attr<String>,
    /// Who receives: `proxy` or `app`.
    #[tf(computed)]
    pub to: Attr<String>,
    /// Encrypted by TLS: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub tls: Attr<String>,
    /// The sender checks the receiver's certificate: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub peer_verified: Attr<String>,
    /// A network policy lets only the previous hop in: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub confined: Attr<String>,
    /// Encrypted below TLS, between nodes: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub link: Attr<String>,
    /// What the facets come to, the best first: `authenticated`, `encrypted`, `confined`, `unknown` or `plaintext`.
    #[tf(computed)]
    pub verdict: Attr<String>,
    /// What the facets rest on, in sentences.
    #[tf(computed)]
    pub evidence: Attr<Vec<String>>,
}
