//! The arguments and attributes of the data source `e2etls_encryption_report`.

use tfplugin_framework::{Attr, Choice, Model};

use crate::syntax;

/// What is encrypted on the way to applications in a cluster, as the APIs of Kubernetes and AWS show it right now.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct EncryptionReport {
    /// Key of the provider's `clusters`. Not needed if the provider has a single `cluster`.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// What the report covers. Set exactly one of its arguments.
    #[tf(required)]
    pub scope: Attr<Scope>,
    /// The verdict that is expected, such as `e2etls_stack.x.expected_verdict`. It decides `matches_expectation`.
    #[tf(optional)]
    pub expected_verdict: Attr<Expected>,
    /// Whether Pods are probed. With `port_forward`, the report makes a TLS handshake with every ready Pod on the way and sends it
    /// a plain HTTP request, through the API server. This shows what the port of a Pod speaks, not who can reach it, and needs
    /// additional permissions. `none` if omitted.
    #[tf(optional)]
    pub probe: Attr<Probe>,
    /// CA certificates in PEM form. With `probe`, `findings` says if the certificate of a Pod does not lead to one of them. If
    /// omitted, this is not checked.
    #[tf(optional, check = syntax::certificates_pem)]
    pub ca_pem: Attr<String>,
    /// ID of the report: the UID of the cluster and the scope.
    #[tf(computed)]
    pub id: Attr<String>,
    /// The weakest verdict of all hops, best first: `authenticated`, `encrypted`, `confined`, `unknown` or `plaintext`. It is
    /// `unknown` if nothing leads to what the report covers.
    #[tf(computed)]
    pub verdict: Attr<String>,
    /// Whether `verdict` is at least as good as `expected_verdict`; null without `expected_verdict`.
    #[tf(computed)]
    pub matches_expectation: Attr<bool>,
    /// The hops of every way from a client to an application, grouped by way.
    #[tf(computed)]
    pub hops: Attr<Vec<ReportedHop>>,
    /// What needs attention: hops with a verdict below `expected_verdict`; certificates that have expired, expire soon, are not
    /// ready, are not for the host name, or do not lead to a CA in `ca_pem`; security policies that may accept TLS 1.0 or 1.1;
    /// ports without TLS; and other ways to the same Pods.
    #[tf(computed)]
    pub findings: Attr<Vec<String>>,
    /// What could not be read, and what is needed to read it. What depends on it is `unknown`; ways that begin there are missing.
    #[tf(computed)]
    pub incomplete: Attr<Vec<String>>,
    /// The report as JSON, with what the hops are based on and the time at which it was made. It changes with each read.
    #[tf(computed)]
    pub evidence_json: Attr<String>,
}

/// What a report covers.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Scope {
    /// A host name of Ingresses.
    #[tf(optional, check = syntax::host_name)]
    pub hostname: Attr<String>,
    /// An Ingress.
    #[tf(optional)]
    pub ingress: Attr<Place>,
    /// A Service, with all that leads to it.
    #[tf(optional)]
    pub service: Attr<Place>,
    /// An `e2etls_stack` or `e2etls_proxy`.
    #[tf(optional)]
    pub stack: Attr<Place>,
    /// A namespace: all Ingresses and Services of type `LoadBalancer` that lead into it.
    #[tf(optional, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// True for all Ingresses and Services of type `LoadBalancer` in the cluster.
    #[tf(optional)]
    pub all: Attr<bool>,
}

/// An object in a namespace.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Place {
    /// Its namespace.
    #[tf(required, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Its name.
    #[tf(required, check = syntax::not_empty)]
    pub name: Attr<String>,
}

/// From where Pods are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Probe {
    /// Not at all.
    #[tf(rename = "none")]
    None,
    /// From within the Pod, through the API server.
    #[tf(rename = "port_forward")]
    PortForward,
}

/// A verdict that can be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Expected {
    /// Encrypted by TLS to a receiver whose certificate is verified.
    #[tf(rename = "authenticated")]
    Authenticated,
    /// Encrypted.
    #[tf(rename = "encrypted")]
    Encrypted,
    /// Not encrypted, but only the previous hop gets there.
    #[tf(rename = "confined")]
    Confined,
    /// Not known.
    #[tf(rename = "unknown")]
    Unknown,
    /// Neither encrypted nor confined.
    #[tf(rename = "plaintext")]
    Plaintext,
}

/// One hop of the way from a client to an application.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct ReportedHop {
    /// The Ingress or Service at which the way begins, such as `Ingress shop/web`.
    #[tf(computed)]
    pub object: Attr<String>,
    /// Host name that clients ask for; null if the way is the same for all host names.
    #[tf(computed)]
    pub host: Attr<String>,
    /// Listener of the load balancer, such as `HTTPS:443`; null without a load balancer.
    #[tf(computed)]
    pub listener: Attr<String>,
    /// Sender: `client`, `edge` (the load balancer) or `proxy`.
    #[tf(computed)]
    pub from: Attr<String>,
    /// Receiver: `edge` (the load balancer), `proxy` or `app` (the application).
    #[tf(computed)]
    pub to: Attr<String>,
    /// Whether the hop is encrypted by TLS: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub tls: Attr<String>,
    /// Whether the sender verifies the receiver's certificate: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub peer_verified: Attr<String>,
    /// Whether only the previous hop can connect, because network policies that are enforced admit nothing else, or because it is
    /// a Unix socket: `yes`, `no` or `unknown`.
    #[tf(computed)]
    pub confined: Attr<String>,
    /// Whether traffic between nodes is encrypted below TLS: `yes`, `no` or `unknown`. It is always `unknown`, because nothing that the report
    /// reads shows it.
    #[tf(computed)]
    pub link: Attr<String>,
    /// Sources to which `confined` does not apply even if it is `yes`, because no network policy stops them. Empty if `confined`
    /// is not `yes`.
    #[tf(computed)]
    pub except: Attr<Vec<String>>,
    /// What the facets add up to, best first: `authenticated`, `encrypted`, `confined`, `unknown` or `plaintext`.
    #[tf(computed)]
    pub verdict: Attr<String>,
    /// What the facets are based on, in sentences that begin with `api:` for what was read, `probe:` for what a
    /// handshake showed, and `declared:` for what is only stated. What changes with each rollout, such as names of Pods, is in `evidence_json` only, where it begins with `seen:`.
    #[tf(computed)]
    pub evidence: Attr<Vec<String>>,
}
