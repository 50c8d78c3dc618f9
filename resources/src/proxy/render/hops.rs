//! What each hop of a configuration is worth to an auditor: four facets, and the verdict that follows from them.
//!
//! Computed from configuration alone, so every item of evidence is declared. Whether policies are enforced, or the app
//! speaks TLS, is for probes to say.

use serde_json::Value;

use super::SERVICE_PORT;
use super::isolation::{app_ports, unknown_sources};
use super::nginx::evidence;
use super::spec::{Input, IsolationMode, Mode, Profile, Protocol, ProxySpec};
use e2etls_engine::value::UNKNOWN;
use e2etls_report::facet::Facet;
use e2etls_report::hop::Hop;

/// The hops of a proxy: from its clients (or the load balancer) to it, and from it to the app.
///
/// `None` while an argument that decides a facet is not known: a facet shown in a plan is the one that apply finds.
#[must_use]
pub fn expected_hops(spec: &ProxySpec) -> Option<Vec<Hop>> {
    Some(vec![to_proxy(spec)?, to_app(spec)?])
}

fn to_proxy(spec: &ProxySpec) -> Option<Hop> {
    let (confined, policy) = proxy_confined(spec)?;
    let protocols = match spec.profile {
        Input::Known(Profile::Intermediate) => "TLS 1.2 and 1.3 (profile intermediate)",
        Input::Known(Profile::Modern) => "TLS 1.3 (profile modern)",
        Input::Unknown => return None,
    };
    let plain = match &spec.http.metrics_port {
        None => "no plaintext port is open".to_owned(),
        Some(port) if *port == UNKNOWN => return None,
        Some(port) => format!(
            "the only plaintext port is {port} of the Pods, which serves counters of NGINX and nothing of the application"
        ),
    };
    let mut evidence = vec![
        format!("declared: port {SERVICE_PORT} serves {protocols}; {plain}"),
        "declared: clients decide whether they verify the certificate; load balancers do not verify it".to_owned(),
        format!("declared: {policy}"),
        format!("declared: {}", evidence(spec)?),
    ];
    evidence.extend(engine(confined));
    Some(Hop::new(
        "client",
        "proxy",
        [Facet::Yes, Facet::Unknown, confined, Facet::Unknown],
        evidence,
    ))
}

fn to_app(spec: &ProxySpec) -> Option<Hop> {
    let (confined, policy) = app_confined(spec)?;
    let (tls, protocol) = match spec.upstream.protocol {
        Input::Known(Protocol::Https) => (
            Facet::Yes,
            "proxy_pass uses https, with proxy_ssl_verify on and the configured CA certificates",
        ),
        Input::Known(Protocol::Grpcs) => (
            Facet::Yes,
            "grpc_pass uses grpcs, with grpc_ssl_verify on and the configured CA certificates",
        ),
        Input::Known(Protocol::Http) if spec.mode == Mode::Sidecar => (
            Facet::No,
            "proxy_pass uses http over the loopback interface: this hop carries no TLS, and never leaves the Pod",
        ),
        Input::Known(Protocol::Http) => (Facet::No, "proxy_pass uses http: this hop carries no TLS"),
        Input::Known(Protocol::Grpc) => (Facet::No, "grpc_pass uses grpc: this hop carries no TLS"),
        Input::Unknown => return None,
    };
    let mut evidence = vec![format!("declared: {protocol}"), format!("declared: {policy}")];
    if spec.mode == Mode::Gateway {
        let nodes = "declared: the configuration does not say which nodes run the Pods, nor whether traffic between them is \
            encrypted";
        evidence.push(nodes.to_owned());
    }
    evidence.extend(engine(confined));
    Some(Hop::new("proxy", "app", [tls, tls, confined, Facet::Unknown], evidence))
}

/// What a policy needs to do anything.
fn engine(confined: Facet) -> Option<String> {
    let engine = "declared: network policies take effect only if the cluster enforces them, which the configuration does not show";
    (confined == Facet::Yes).then(|| engine.to_owned())
}

type Confined = (Facet, &'static str);

fn proxy_confined(spec: &ProxySpec) -> Option<Confined> {
    let isolation = &spec.isolation;
    if let Some(reason) = unenforced(isolation.mode)? {
        return Some((Facet::No, reason));
    }
    if isolation.lb_cidrs.iter().any(|network| network.contains(UNKNOWN)) || unknown_sources(isolation) {
        return None;
    }
    if isolation.lb_cidrs.iter().any(|network| network.ends_with("/0")) {
        return Some((Facet::No, "isolation.lb_cidrs admits every address to the proxy"));
    }
    // An item with ports is bound to those of the application.
    let mut unbound = isolation.allow_from.iter().filter(|source| source.ports.is_empty());
    if unbound.any(|source| source.cidrs.iter().any(|network| network.ends_with("/0"))) {
        return Some((Facet::No, "isolation.allow_from admits every address to the proxy"));
    }
    let policy = match spec.http.metrics_port {
        None => {
            "a network policy admits only lb_cidrs, and items of allow_from without ports, to the proxy, on its TLS port"
        }
        Some(_) => {
            "a network policy admits only lb_cidrs, and items of allow_from without ports, to the proxy, on its TLS port, \
             and to the port of http.metrics only items of allow_from that name it"
        }
    };
    Some((Facet::Yes, policy))
}

fn app_confined(spec: &ProxySpec) -> Option<Confined> {
    if let Some(reason) = unenforced(spec.isolation.mode)? {
        return Some((Facet::No, reason));
    }
    if unknown_sources(&spec.isolation) {
        return None;
    }
    let unknown = spec.upstream.port == UNKNOWN || spec.http.metrics_port.as_ref().is_some_and(|port| *port == UNKNOWN);
    if unknown && spec.isolation.allow_from.iter().any(|source| !source.ports.is_empty()) {
        return None;
    }
    if spec.mode == Mode::Gateway && spec.upstream.selector.as_ref().is_none_or(|labels| labels.is_empty()) {
        return Some((
            Facet::No,
            "without upstream.selector, no network policy selects the application's Pods",
        ));
    }
    if let Some(reach) = reach_of_others(spec) {
        return Some(reach);
    }
    let others = spec.isolation.allow_from.iter();
    let opens_ports = others.flat_map(|source| app_ports(spec, source)).next().is_some();
    let policy = match (spec.mode, opens_ports) {
        (Mode::Gateway, false) => "a network policy admits only the proxy's Pods to the application",
        (Mode::Gateway, true) => {
            "a network policy admits only the proxy's Pods to the application's port; isolation.allow_from admits others \
             to other ports of its Pods"
        }
        (Mode::Sidecar, false) => {
            "a network policy admits nobody to the application's port of the Pods, and the proxy needs none"
        }
        (Mode::Sidecar, true) => {
            "a network policy admits nobody to the application's port of the Pods, and the proxy needs none; \
             isolation.allow_from admits others to other ports of the Pods"
        }
    };
    Some((Facet::Yes, policy))
}

/// What `allow_from` opens of the app; `None` if it opens other ports than the app's alone.
fn reach_of_others(spec: &ProxySpec) -> Option<Confined> {
    let sources = &spec.isolation.allow_from;
    let opened: Vec<Value> = sources.iter().flat_map(|source| app_ports(spec, source)).collect();
    if sources.iter().any(|source| source.ports.is_empty()) || opened.contains(&spec.upstream.port) {
        return Some((
            Facet::No,
            "isolation.allow_from admits others than the proxy's Pods to the application",
        ));
    }
    if spec.upstream.service.is_some() && !opened.is_empty() {
        return Some((
            Facet::Unknown,
            "isolation.allow_from opens ports of the application's Pods, and the configuration does not say which port \
             upstream.service leads to",
        ));
    }
    None
}

/// Why there is no policy; `None` inside if there is one.
fn unenforced(mode: Input<IsolationMode>) -> Option<Option<&'static str>> {
    match mode {
        Input::Known(IsolationMode::Enforce) => Some(None),
        Input::Known(IsolationMode::Audit) => Some(Some("isolation is in mode audit: no network policy is created")),
        Input::Known(IsolationMode::Off) => Some(Some("isolation is off: no network policy is created")),
        Input::Unknown => None,
    }
}
