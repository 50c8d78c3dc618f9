//! What a proxy is rendered from: plain values, none of which needs a framework or a client.
//!
//! A string that is not known yet is [`UNKNOWN`]; a list or map of which nothing is known holds that one string; a
//! number or JSON document is then the JSON string of it. Choices are [`Input`]s. Whatever an unknown value goes into
//! is unknown.

mod http;

use std::collections::BTreeMap;

use serde_json::Value;

pub use crate::cert_manager::reference::Reference;
use e2etls_engine::value::UNKNOWN;
pub use http::{Http, PathSettings, RateLimit};

/// A choice or switch that may not be known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<T> {
    /// It is decided.
    Known(T),
    /// A plan does not know it yet.
    Unknown,
}

impl<T> From<T> for Input<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl Input<bool> {
    /// One of two texts, or [`UNKNOWN`].
    pub(super) fn pick<'a>(self, yes: &'a str, no: &'a str) -> &'a str {
        match self {
            Self::Known(true) => yes,
            Self::Known(false) => no,
            Self::Unknown => UNKNOWN,
        }
    }
}

/// Labels of Kubernetes objects.
pub type Labels = BTreeMap<String, String>;

/// Everything that decides what a proxy is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ProxySpec {
    /// Version of what is rendered: one of [`super::TEMPLATE_VERSIONS`].
    pub template_version: u32,
    /// Name of the proxy; its objects have it with suffixes.
    pub name: String,
    /// Namespace of all objects.
    pub namespace: String,
    /// Where the proxy runs.
    pub mode: Mode,
    /// DNS names of the certificate.
    pub server_names: Vec<String>,
    /// Where requests go.
    pub upstream: Upstream,
    /// Where the certificate comes from.
    pub certificate: Certificate,
    /// TLS as clients see it.
    pub profile: Input<Profile>,
    /// HTTP limits and headers.
    pub http: Http,
    /// Who may reach the app and the proxy.
    pub isolation: Isolation,
    /// Number of Pods; `None` if an autoscaler decides it. The JSON string [`UNKNOWN`] if not known.
    pub replicas: Option<Value>,
    /// How long a new Pod of its own must be ready before an old one goes; `None` for no time, and in a sidecar.
    pub min_ready: Option<String>,
    /// Settings for the Pods beyond what the proxy needs to work.
    pub pod: Pod,
    /// Names of single objects, by address; see [`super::ADDRESSES`].
    pub object_names: BTreeMap<String, String>,
}

/// Where the proxy runs. It decides which objects there are, so it is never unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In Pods of its own.
    Gateway,
    /// In the Pods of the app, whose Deployment somebody else renders: see [`super::sidecar`].
    Sidecar,
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq)]
pub struct Upstream {
    /// Name of a Service in the same namespace; `None`: a Service for `selector` is a part. A sidecar has neither.
    pub service: Option<String>,
    /// Labels of the app's Pods.
    pub selector: Option<Labels>,
    /// Port of the Service, or of the Pods if there is no `service`.
    pub port: Value,
    /// Protocol between proxy and app.
    pub protocol: Input<Protocol>,
    /// CA certificates that the app's certificate is verified against.
    pub ca_pem: Option<String>,
    /// Name that the app's certificate is verified for and that it is asked by; `None`: that of its Service.
    pub server_name: Option<String>,
    /// Secret with the certificate that the proxy shows to the app.
    pub client_certificate_secret: Option<String>,
}

/// Protocol between proxy and app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Plain HTTP.
    Http,
    /// HTTP over verified TLS.
    Https,
    /// gRPC over plain HTTP/2.
    Grpc,
    /// gRPC over verified TLS.
    Grpcs,
}

impl Input<Protocol> {
    /// Whether the app speaks TLS.
    pub(super) fn is_tls(self) -> Input<bool> {
        match self {
            Self::Known(protocol) => Input::Known(matches!(protocol, Protocol::Https | Protocol::Grpcs)),
            Self::Unknown => Input::Unknown,
        }
    }
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// Who issues it, or who maintains the Secret.
    pub source: CertificateSource,
    /// Lifetime, as a Go duration.
    pub duration: String,
    /// Share of the lifetime that is left when a new one is issued.
    pub renew_before_percentage: i64,
    /// Key usages, in cert-manager's words.
    pub usages: Vec<String>,
    /// Algorithm of the key: `ECDSA`, `RSA` or `Ed25519`.
    pub key_algorithm: String,
    /// Size of the key; not rendered for Ed25519.
    pub key_size: i64,
    /// `Always` or `Never`.
    pub key_rotation: String,
}

impl Certificate {
    /// A certificate with the default lifetime (144 h), usages (`server auth`) and key (ECDSA P-256, always new).
    #[must_use]
    pub fn new(source: CertificateSource) -> Self {
        Self {
            source,
            duration: "144h".to_owned(),
            renew_before_percentage: 50,
            usages: vec!["server auth".to_owned()],
            key_algorithm: "ECDSA".to_owned(),
            key_size: 256,
            key_rotation: "Always".to_owned(),
        }
    }
}

/// Who issues the certificate.
#[derive(Clone, Debug, PartialEq)]
pub enum CertificateSource {
    /// An issuer: the Certificate is a part.
    Issuer(Reference),
    /// Somebody else maintains the certificate in this Secret.
    Secret(String),
}

/// Mozilla's TLS profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// TLS 1.2 and 1.3.
    Intermediate,
    /// TLS 1.3 only.
    Modern,
}

/// Who may reach the app and the proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct Isolation {
    /// Whether policies are made.
    pub mode: Input<IsolationMode>,
    /// Who else may reach the app.
    pub allow_from: Vec<Source>,
    /// Networks that may reach the proxy.
    pub lb_cidrs: Vec<String>,
}

/// Who may reach the app beside the proxy: Pods, networks, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// Labels of Pods; of any Pod if only `namespaces` is given.
    pub pods: Option<Labels>,
    /// Labels of the namespaces of the Pods; the proxy's own namespace if not given.
    pub namespaces: Option<Labels>,
    /// Networks.
    pub cidrs: Vec<String>,
    /// Ports of the app's Pods; if none are given, all of them and the proxy's.
    pub ports: Vec<Value>,
}

/// Whether policies are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsolationMode {
    /// None.
    Off,
    /// None, but the Deployment says that they are intended.
    Audit,
    /// On the app's and the proxy's Pods.
    Enforce,
}

/// Settings for the Pods beyond what the proxy needs to work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    /// Another image than the one that the template version pins. It needs NGINX 1.29.3 or later, which has
    /// `add_header_inherit`, a stop signal of `SIGQUIT`, `sh`, and the command `openssl`: Debian's variant has it, as
    /// its `ca-certificates` depends on it; Alpine's has the library alone.
    pub image: Option<String>,
    /// How long a stopping Pod serves as before, in place of the default.
    pub pre_stop: Option<String>,
    /// Seconds that a stopping Pod has for its last requests, in place of the default.
    pub termination_grace: Option<String>,
    /// Names of Secrets to pull the image with.
    pub pull_secrets: Vec<String>,
    /// `resources` of the container, in place of the default.
    pub resources: Option<Value>,
    /// Tolerations.
    pub tolerations: Option<Value>,
    /// Labels that nodes must have.
    pub node_selector: Labels,
    /// Topology spread constraints, in place of the default.
    pub topology_spread: Option<Value>,
    /// Name of a PriorityClass.
    pub priority_class: Option<String>,
    /// Name of a ServiceAccount.
    pub service_account: Option<String>,
    /// Labels added to the Pods.
    pub labels: Labels,
    /// Annotations added to the Pods.
    pub annotations: Labels,
}
