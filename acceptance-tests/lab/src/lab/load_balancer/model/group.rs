//! Target groups: what a Service's port becomes.

use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::ResourceExt as _;

use super::annotations::{Annotations, INGRESS};
use super::stack::Stack;
use super::{HealthCheck, TargetGroup, names};
use crate::lab::{Context as _, Error, Result};

/// The target group of a Service's port behind an Ingress, `ingress`. What the Service says of it comes first.
pub(crate) fn of_ingress(
    stack: &Stack,
    ingress: &str,
    own: &Annotations,
    service: &Service,
    port: IntOrString,
) -> Result<TargetGroup> {
    let of_service = Annotations::of(service.metadata.annotations.as_ref(), INGRESS);
    of_service.require_of_group()?;
    let merged = of_service.over(own);
    let (namespace, name) = (service.namespace().unwrap_or_default(), service.name_any());
    let found = service_port(service, &port)?;
    if merged.choice("target-type", "instance", &["instance", "ip"])? == "instance" {
        return Err(Error::new("the lab has no instances: target-type must be ip"));
    }
    let protocol = merged.choice("backend-protocol", "HTTP", &["HTTP", "HTTPS"])?;
    let version = merged.choice("backend-protocol-version", "HTTP1", &["HTTP1", "HTTP2", "GRPC"])?;
    let target_port = target_port(found);
    let (port_text, target_text) = (text(&port), target_port.to_string());
    let uid = service.metadata.uid.clone().unwrap_or_default();
    let identity = [ingress, &uid, &port_text, &target_text, "ip", &protocol, &version];
    Ok(TargetGroup {
        id: format!("{ingress}-{name}:{port_text}"),
        name: names::group(stack, &namespace, &name, &identity),
        check: check(&merged, service, &protocol, &version)?,
        protocol,
        version: Some(version),
        port: target_port,
        attributes: merged.pairs("target-group-attributes")?,
        namespace,
        service: name,
        service_port: port,
    })
}

fn check(merged: &Annotations, service: &Service, protocol: &str, version: &str) -> Result<HealthCheck> {
    let path = if version == "GRPC" { "/AWS.ALB/healthcheck" } else { "/" };
    let codes = if version == "GRPC" { "12" } else { "200" };
    Ok(HealthCheck {
        protocol: merged.choice("healthcheck-protocol", protocol, &["HTTP", "HTTPS"])?,
        port: check_port(merged.get("healthcheck-port"), service)?,
        path: Some(merged.get("healthcheck-path").unwrap_or(path).to_owned()),
        codes: Some(merged.get("success-codes").unwrap_or(codes).to_owned()),
        interval: merged.number("healthcheck-interval-seconds", 15)?,
        timeout: merged.number("healthcheck-timeout-seconds", 5)?,
        healthy: merged.number("healthy-threshold-count", 2)?,
        unhealthy: merged.number("unhealthy-threshold-count", 2)?,
    })
}

/// A number, `traffic-port`, or the name of a Service's port.
pub(crate) fn check_port(wanted: Option<&str>, service: &Service) -> Result<String> {
    match wanted {
        None | Some("traffic-port") => Ok("traffic-port".to_owned()),
        Some(number) if number.parse::<u16>().is_ok() => Ok(number.to_owned()),
        Some(name) => {
            let port = service_port(service, &IntOrString::String(name.to_owned()))
                .context("failed to resolve healthCheckPort")?;
            match &port.target_port {
                Some(IntOrString::Int(number)) => Ok(number.to_string()),
                Some(IntOrString::String(_)) => Err(Error::new(
                    "cannot use named healthCheckPort for IP TargetType when service's targetPort is a named port",
                )),
                None => Ok(port.port.to_string()),
            }
        }
    }
}

/// The port of a Service by name or number.
pub(crate) fn service_port<'a>(service: &'a Service, wanted: &IntOrString) -> Result<&'a ServicePort> {
    let mut ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
    let is_it = |port: &&ServicePort| match wanted {
        IntOrString::Int(number) => port.port == *number,
        IntOrString::String(name) => port.name.as_ref() == Some(name),
    };
    ports.find(is_it).context(format!(
        "unable to find port {} on service {}/{}",
        text(wanted),
        service.namespace().unwrap_or_default(),
        service.name_any()
    ))
}

/// The port of a target group. It isn't used, and 1 where Pods may differ.
pub(crate) fn target_port(port: &ServicePort) -> u16 {
    match &port.target_port {
        Some(IntOrString::Int(number)) => u16::try_from(*number).unwrap_or(1),
        Some(IntOrString::String(_)) => 1,
        None => u16::try_from(port.port).unwrap_or(1),
    }
}

/// A port by name or number, as text.
pub(crate) fn text(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}
