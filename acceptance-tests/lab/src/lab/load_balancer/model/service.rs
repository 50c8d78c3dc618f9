//! From a Service to one network load balancer.

use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::ResourceExt as _;

use super::annotations::{Annotations, SERVICE};
use super::group::{check_port, target_port};
use super::stack::Flavour;
use super::{Action, Balancer, HealthCheck, Listener, Model, Pairs, Stack, TargetGroup, names};
use crate::lab::{Context as _, Error, Result};

const DEFAULT_POLICY: &str = "ELBSecurityPolicy-2016-08";

const KNOWN: [&str; 25] = [
    "manage-backend-security-group-rules",
    "scheme",
    "nlb-target-type",
    "ssl-cert",
    "ssl-ports",
    "ssl-negotiation-policy",
    "backend-protocol",
    "alpn-policy",
    "target-group-attributes",
    "attributes",
    "subnets",
    "security-groups",
    "healthcheck-protocol",
    "healthcheck-port",
    "healthcheck-path",
    "healthcheck-interval",
    "healthcheck-timeout",
    "healthcheck-healthy-threshold",
    "healthcheck-unhealthy-threshold",
    "healthcheck-success-codes",
    "additional-resource-tags",
    "name",
    "ip-address-type",
    "source-ranges",
    "proxy-protocol",
];

/// Builds the model; its words are those of the real controller, as far as they are known.
pub(crate) fn build(stack: &Stack, service: &Service) -> Result<Model> {
    let own = Annotations::of(service.metadata.annotations.as_ref(), SERVICE);
    let is_auto = stack.flavour == Flavour::Auto;
    own.require(SERVICE, |key| {
        KNOWN.contains(&key) && !(is_auto && key == "proxy-protocol")
    })?;
    if own.choice("nlb-target-type", "instance", &["instance", "ip"])? == "instance" {
        return Err(Error::new("the lab has no instances: nlb-target-type must be ip"));
    }
    let spec = service.spec.as_ref().context("a Service without spec")?;
    let mut inbound = spec.load_balancer_source_ranges.clone().unwrap_or_default();
    if inbound.is_empty() {
        inbound = own.list("source-ranges");
    }
    for range in &inbound {
        let parsed = range.parse::<ipnet::IpNet>();
        parsed.context(format!("invalid loadBalancerSourceRanges: {range}"))?;
    }
    let mut groups = Vec::new();
    let mut listeners = Vec::new();
    for port in spec.ports.iter().flatten() {
        let (group, listener) = port_pair(stack, service, &own, port)?;
        groups.push(group);
        listeners.push(listener);
    }
    Ok(Model {
        balancer: balancer(stack, &own, inbound)?,
        groups,
        listeners,
    })
}

fn balancer(stack: &Stack, own: &Annotations, inbound: Vec<String>) -> Result<Balancer> {
    let scheme = own.choice("scheme", "internal", &["internal", "internet-facing"])?;
    Ok(Balancer {
        name: match own.get("name") {
            Some(name) if name.len() > 32 => {
                return Err(Error::new("load balancer name cannot be longer than 32 characters"));
            }
            Some(name) => name.to_owned(),
            None => names::balancer(stack, &scheme),
        },
        is_network: true,
        is_internal: scheme == "internal",
        ip_address_type: own.choice("ip-address-type", "ipv4", &["ipv4", "dualstack"])?,
        subnets: own.list("subnets"),
        security_groups: own.list("security-groups"),
        inbound,
        attributes: own.pairs("attributes")?,
        tags: own.pairs("additional-resource-tags")?,
        web_acl: None,
    })
}

/// One port of the Service: its listener and its target group.
fn port_pair(
    stack: &Stack,
    service: &Service,
    own: &Annotations,
    port: &ServicePort,
) -> Result<(TargetGroup, Listener)> {
    let number = u16::try_from(port.port).context(format!("port {}", port.port))?;
    if port.protocol.as_deref().is_some_and(|protocol| protocol != "TCP") {
        return Err(Error::new(format!("the lab balances TCP alone, not port {number}")));
    }
    let certificates = own.list("ssl-cert");
    let ports = own.list("ssl-ports");
    let is_named = |wanted: &String| *wanted == number.to_string() || Some(wanted) == port.name.as_ref();
    let is_tls = !certificates.is_empty() && (ports.is_empty() || ports.iter().any(is_named));
    let backend = own.choice("backend-protocol", "tcp", &["tcp", "ssl"])?;
    let group = group(
        stack,
        service,
        own,
        port,
        if is_tls && backend == "ssl" { "TLS" } else { "TCP" },
    )?;
    let policies = ["None", "HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred"];
    let alpn = own.choice("alpn-policy", "None", &policies)?;
    let policy = own.get("ssl-negotiation-policy").unwrap_or(DEFAULT_POLICY);
    let listener = Listener {
        port: number,
        protocol: if is_tls { "TLS" } else { "TCP" }.to_owned(),
        policy: is_tls.then(|| policy.to_owned()),
        certificates: if is_tls { certificates } else { Vec::new() },
        alpn: own.get("alpn-policy").is_some_and(|_| is_tls).then_some(alpn),
        authentication: None,
        default: Action::Forward(group.id.clone()),
        rules: Vec::new(),
    };
    Ok((group, listener))
}

fn group(
    stack: &Stack,
    service: &Service,
    own: &Annotations,
    port: &ServicePort,
    protocol: &str,
) -> Result<TargetGroup> {
    let (namespace, name) = (service.namespace().unwrap_or_default(), service.name_any());
    let target_port = target_port(port);
    let uid = service.metadata.uid.clone().unwrap_or_default();
    let (port_text, target_text) = (port.port.to_string(), target_port.to_string());
    let identity = [uid.as_str(), &port_text, &target_text, "ip", protocol];
    let mut attributes = own.pairs("target-group-attributes")?;
    match own.get("proxy-protocol") {
        None => {}
        Some("*") => drop(attributes.insert("proxy_protocol_v2.enabled".to_owned(), "true".to_owned())),
        Some(other) => {
            return Err(Error::new(format!(
                "invalid value {other} for Load Balancer proxy protocol v2 annotation, only value currently supported is *"
            )));
        }
    }
    Ok(TargetGroup {
        id: format!("{namespace}/{name}:{port_text}"),
        name: names::group(stack, &namespace, &name, &identity),
        protocol: protocol.to_owned(),
        version: None,
        port: target_port,
        check: check(own, service)?,
        attributes: with_default(attributes),
        namespace,
        service: name,
        service_port: IntOrString::Int(port.port),
    })
}

/// The controller always says whether it wants the PROXY protocol.
fn with_default(mut attributes: Pairs) -> Pairs {
    let name = "proxy_protocol_v2.enabled".to_owned();
    attributes.entry(name).or_insert_with(|| "false".to_owned());
    attributes
}

fn check(own: &Annotations, service: &Service) -> Result<HealthCheck> {
    let protocol = own.get("healthcheck-protocol").unwrap_or("tcp").to_uppercase();
    let is_http = match protocol.as_str() {
        "TCP" => false,
        "HTTP" | "HTTPS" => true,
        other => return Err(Error::new(format!("Unsupported health check protocol {other}"))),
    };
    let if_http = |key: &str, default: &str| is_http.then(|| own.get(key).unwrap_or(default).to_owned());
    Ok(HealthCheck {
        port: check_port(own.get("healthcheck-port"), service)?,
        path: if_http("healthcheck-path", "/"),
        codes: if_http("healthcheck-success-codes", "200-399"),
        interval: own.number("healthcheck-interval", 10)?,
        timeout: own.number("healthcheck-timeout", if protocol == "HTTP" { 6 } else { 10 })?,
        healthy: own.number("healthcheck-healthy-threshold", 3)?,
        unhealthy: own.number("healthcheck-unhealthy-threshold", 3)?,
        protocol,
    })
}
