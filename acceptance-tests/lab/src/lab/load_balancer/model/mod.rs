//! What AWS objects an Ingress, a group of them, or a Service asks for.

pub(crate) mod annotations;
pub(crate) mod group;
pub(crate) mod ingress;
mod listeners;
pub(crate) mod member;
pub(crate) mod names;
mod params;
pub(crate) mod parse;
pub(crate) mod rules;
pub(crate) mod service;
pub(crate) mod stack;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

pub(crate) use stack::{Flavour, Stack};

/// Keys and values of attributes or tags.
pub(crate) type Pairs = BTreeMap<String, String>;

/// Everything that one load balancer consists of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub(crate) balancer: Balancer,
    pub(crate) groups: Vec<TargetGroup>,
    pub(crate) listeners: Vec<Listener>,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Balancer {
    pub(crate) name: String,
    pub(crate) is_network: bool,
    pub(crate) is_internal: bool,
    pub(crate) ip_address_type: String,
    /// None: the cluster's own.
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    /// Who may connect; none: everybody.
    pub(crate) inbound: Vec<String>,
    pub(crate) attributes: Pairs,
    /// Tags that annotations ask for, for every object.
    pub(crate) tags: Pairs,
    pub(crate) web_acl: Option<String>,
}

/// A target group, and whose Pods are in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TargetGroup {
    /// The controller's own name for it, unique in its stack.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) protocol: String,
    pub(crate) version: Option<String>,
    pub(crate) port: u16,
    pub(crate) check: HealthCheck,
    pub(crate) attributes: Pairs,
    pub(crate) namespace: String,
    pub(crate) service: String,
    pub(crate) service_port: IntOrString,
}

/// How targets are asked for their health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HealthCheck {
    pub(crate) protocol: String,
    pub(crate) port: String,
    pub(crate) path: Option<String>,
    pub(crate) codes: Option<String>,
    pub(crate) interval: i32,
    pub(crate) timeout: i32,
    pub(crate) healthy: i32,
    pub(crate) unhealthy: i32,
}

/// A listener with its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    pub(crate) port: u16,
    pub(crate) protocol: String,
    pub(crate) policy: Option<String>,
    /// The first is the default one.
    pub(crate) certificates: Vec<String>,
    pub(crate) alpn: Option<String>,
    pub(crate) authentication: Option<Authentication>,
    pub(crate) default: Action,
    pub(crate) rules: Vec<Rule>,
}

/// What a listener does with certificates of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authentication {
    pub(crate) mode: String,
    pub(crate) trust_store: Option<String>,
    pub(crate) ignore_expiry: Option<bool>,
    pub(crate) advertise_names: Option<String>,
}

/// What is done with requests that a rule matches, in the order of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) hosts: Vec<String>,
    pub(crate) paths: Vec<String>,
    pub(crate) action: Action,
}

/// What is done with a request or a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A fixed response: status code and body.
    Fixed(String, String),
    /// A permanent redirect to HTTPS at this port.
    Redirect(u16),
    /// On to the target group with this id.
    Forward(String),
}

#[cfg(test)]
mod tests;
