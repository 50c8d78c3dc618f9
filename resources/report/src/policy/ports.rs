//! Which ports a rule opens.

use k8s_openapi::api::networking::v1::NetworkPolicyPort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::target::{Protocol, Target};

/// One entry of `ports`.
#[derive(Clone, Debug)]
pub(super) struct Ports {
    /// `None` for one that the API does not know, which may be read as any.
    protocol: Option<Protocol>,
    numbers: Numbers,
}

#[derive(Clone, Debug)]
enum Numbers {
    All,
    /// First and last.
    Range(u16, u16),
    Named(String),
}

impl Ports {
    pub(super) fn new(port: &NetworkPolicyPort) -> Self {
        Self {
            protocol: match port.protocol.as_deref() {
                None => Some(Protocol::Tcp),
                Some(name) => Protocol::named(name),
            },
            // What the API server would refuse opens every port: it must not look narrower than it may be taken.
            numbers: numbers(port).unwrap_or(Numbers::All),
        }
    }

    /// Whether it opens this port. A name is looked up among the ports that the target's containers declare.
    pub(super) fn open(&self, target: &Target<'_>) -> bool {
        if self.protocol.is_some_and(|protocol| protocol != target.protocol) {
            return false;
        }
        match &self.numbers {
            Numbers::All => true,
            Numbers::Range(first, last) => (*first..=*last).contains(&target.port),
            Numbers::Named(name) => {
                let mut declared = target.pod.containers.iter().flat_map(|container| &container.ports);
                let protocol = target.protocol.name();
                declared.any(|port| port.name == *name && port.number == target.port && port.protocol == protocol)
            }
        }
    }
}

/// `None` for what the API server would refuse.
fn numbers(port: &NetworkPolicyPort) -> Option<Numbers> {
    match (&port.port, port.end_port) {
        (None, None) => Some(Numbers::All),
        (Some(IntOrString::Int(first)), last) => {
            let (first, last) = (number(*first)?, number(last.unwrap_or(*first))?);
            (first <= last).then_some(Numbers::Range(first, last))
        }
        (Some(IntOrString::String(name)), None) if is_name(name) => Some(Numbers::Named(name.clone())),
        _ => None,
    }
}

fn number(number: i32) -> Option<u16> {
    u16::try_from(number).ok().filter(|number| *number > 0)
}

/// Whether the API server takes this as the name of a port: a service name of RFC 6335, in lower case.
fn is_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let has_letter = name.bytes().any(|byte| byte.is_ascii_lowercase());
    let hyphens = name.starts_with('-') || name.ends_with('-') || name.contains("--");
    name.len() <= 15 && name.bytes().all(legal) && has_letter && !hyphens
}
