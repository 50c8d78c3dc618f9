//! From the Ingresses of a stack to one application load balancer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::{Ingress, IngressBackend, IngressRule};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::ResourceExt as _;
use serde_json::Value;

use super::annotations::{Annotations, INGRESS};
use super::member::{Classed, Member};
use super::stack::{Flavour, Owner, Stack};
use super::{Action, Balancer, Listener, Model, Pairs, Rule, TargetGroup, group, listeners, names, params, rules};
use crate::lab::{Context as _, Error, Result};

const DEFAULT_POLICY: &str = "ELBSecurityPolicy-2016-08";

/// Finds Services by namespace and name.
pub(crate) type Services<'a> = dyn Fn(&str, &str) -> Option<Arc<Service>> + 'a;

/// Builds the model; its words are those of the real controller, as far as they are known.
pub(crate) fn build(stack: &Stack, ingresses: &[Classed], services: &Services<'_>) -> Result<Model> {
    let mut members: Vec<Member<'_>> = ingresses.iter().map(Member::of).collect();
    members.sort_by_key(|member| (member.own.number("group.order", 0).unwrap_or_default(), member.key()));
    for member in &members {
        member
            .own
            .require_of_ingress()
            .context(format!("ingress: {}", member.key()))?;
    }
    let balancer = balancer(stack, &members)?;
    let mut builder = Builder {
        stack,
        services,
        groups: BTreeMap::new(),
    };
    let listeners = builder.listeners(&members)?;
    Ok(Model {
        balancer,
        groups: builder.groups.into_values().collect(),
        listeners,
    })
}

fn balancer(stack: &Stack, members: &[Member<'_>]) -> Result<Balancer> {
    let merged = agreed(members)?;
    let scheme = merged.choice("scheme", "internal", &["internal", "internet-facing"])?;
    let mut tags = Pairs::new();
    for member in members {
        tags.extend(member.own.pairs("tags")?);
    }
    let named = merged.get("load-balancer-name").map(str::to_owned);
    if named.as_ref().is_some_and(|name| name.len() > 32) {
        return Err(Error::new("load balancer name cannot be longer than 32 characters"));
    }
    let subnets = merged.list("subnets");
    if subnets.len() == 1 {
        return Err(Error::new("subnets count less than minimal required count: 1 < 2"));
    }
    Ok(Balancer {
        name: named.unwrap_or_else(|| names::balancer(stack, &scheme)),
        is_network: false,
        is_internal: scheme == "internal",
        ip_address_type: merged.choice("ip-address-type", "ipv4", &["ipv4", "dualstack"])?,
        subnets,
        security_groups: merged.list("security-groups"),
        inbound: merged.list("inbound-cidrs"),
        attributes: merged.pairs("load-balancer-attributes")?,
        tags,
        web_acl: merged.get("wafv2-acl-arn").map(str::to_owned),
    })
}

/// The settings of the load balancer itself, on which the members of a group must agree.
fn agreed(members: &[Member<'_>]) -> Result<Annotations> {
    const SHARED: [&str; 8] = [
        "inbound-cidrs",
        "scheme",
        "ip-address-type",
        "subnets",
        "security-groups",
        "load-balancer-name",
        "ssl-redirect",
        "wafv2-acl-arn",
    ];
    let mut merged = Annotations::default();
    for key in SHARED {
        let values: BTreeSet<&str> = members.iter().filter_map(|member| member.own.get(key)).collect();
        if values.len() > 1 {
            let values: Vec<&str> = values.into_iter().collect();
            return Err(Error::new(format!("conflicting {key}: {}", values.join(" | "))));
        }
    }
    for member in members {
        merged = merged.over(&member.own);
    }
    Ok(merged)
}

struct Builder<'a> {
    stack: &'a Stack,
    services: &'a Services<'a>,
    groups: BTreeMap<String, TargetGroup>,
}

impl Builder<'_> {
    fn listeners(&mut self, members: &[Member<'_>]) -> Result<Vec<Listener>> {
        let mut by_port: BTreeMap<u16, (Listener, Vec<&Member<'_>>)> = BTreeMap::new();
        for member in members {
            for listener in listeners::wanted(member).context(format!("ingress: {}", member.key()))? {
                let port = listener.port;
                match by_port.get_mut(&port) {
                    None => drop(by_port.insert(port, (listener, vec![member]))),
                    Some((merged, its)) => {
                        listeners::merge(merged, listener)
                            .context(format!("failed to merge listenPort config for port: {port}"))?;
                        its.push(member);
                    }
                }
            }
        }
        let redirect = redirect(members, &by_port)?;
        for (listener, its) in by_port.values_mut() {
            match redirect {
                Some(port) if listener.protocol == "HTTP" => listener.default = Action::Redirect(port),
                _ => self.fill(listener, its)?,
            }
            if listener.protocol == "HTTPS" && listener.policy.is_none() {
                listener.policy = Some(DEFAULT_POLICY.to_owned());
            }
        }
        Ok(by_port.into_values().map(|(listener, _)| listener).collect())
    }

    fn fill(&mut self, listener: &mut Listener, members: &[&Member<'_>]) -> Result<()> {
        let mut defaults = Vec::new();
        for member in members {
            for rule in member.rules() {
                let paths = rule.http.as_ref().map_or(&[][..], |http| &http.paths);
                for path in rules::sorted(paths) {
                    let made = self.rule(member, rule, path);
                    listener.rules.push(made.context(format!("ingress: {}", member.key()))?);
                }
            }
            let spec = member.ingress.spec.as_ref();
            defaults.extend(spec.and_then(|spec| Some((member, spec.default_backend.as_ref()?))));
        }
        match defaults.as_slice() {
            [] => {}
            [(member, backend)] => listener.default = self.action(member, backend)?,
            _ => {
                let keys: Vec<String> = defaults.iter().map(|(member, _)| member.key()).collect();
                let keys = keys.join(" ");
                return Err(Error::new(format!(
                    "multiple ingress defined default backend: [{keys}]"
                )));
            }
        }
        Ok(())
    }

    fn rule(
        &mut self,
        member: &Member<'_>,
        rule: &IngressRule,
        path: &k8s_openapi::api::networking::v1::HTTPIngressPath,
    ) -> Result<Rule> {
        let hosts: Vec<String> = rule.host.iter().filter(|host| !host.is_empty()).cloned().collect();
        let mut paths = rules::patterns(path)?;
        if hosts.is_empty() && paths.is_empty() {
            paths.push("/*".to_owned());
        }
        Ok(Rule {
            hosts,
            paths,
            action: self.action(member, &path.backend)?,
        })
    }

    fn action(&mut self, member: &Member<'_>, backend: &IngressBackend) -> Result<Action> {
        let backend = backend.service.as_ref().context("missing required \"service\" field")?;
        let namespace = member.ingress.namespace().unwrap_or_default();
        let Some(service) = (self.services)(&namespace, &backend.name) else {
            return Ok(Action::Fixed(
                "503".to_owned(),
                "Backend service does not exist".to_owned(),
            ));
        };
        let port = backend.port.as_ref().context("missing required \"port\" field")?;
        let port = match (&port.name, port.number) {
            (Some(name), _) => IntOrString::String(name.clone()),
            (None, number) => IntOrString::Int(number.unwrap_or_default()),
        };
        let group = group::of_ingress(self.stack, &member.key(), &member.own, &service, port)?;
        let id = group.id.clone();
        self.groups.insert(id.clone(), group);
        Ok(Action::Forward(id))
    }
}

fn redirect(members: &[Member<'_>], by_port: &BTreeMap<u16, (Listener, Vec<&Member<'_>>)>) -> Result<Option<u16>> {
    let Some(text) = members.iter().find_map(|member| member.own.get("ssl-redirect")) else {
        return Ok(None);
    };
    let port: u16 = text
        .parse()
        .context(format!("failed to parse int64 annotation, ssl-redirect: {text}"))?;
    match by_port.get(&port) {
        None => Err(Error::new(format!(
            "listener does not exist for SSLRedirect port: {port}"
        ))),
        Some((listener, _)) if listener.protocol != "HTTPS" => Err(Error::new(format!(
            "listener protocol non-SSL for SSLRedirect port: {port}"
        ))),
        Some(_) => Ok(Some(port)),
    }
}

/// The stack of an Ingress of this class, whose parameters may name a group.
pub(crate) fn stack(ingress: &Ingress, flavour: Flavour, params: Option<&Value>) -> Stack {
    let mut own = Annotations::of(ingress.metadata.annotations.as_ref(), INGRESS);
    if flavour == Flavour::Auto {
        own = own.without("group.name");
    }
    let owner = match params::over(params, own).get("group.name") {
        Some(group) => Owner::Group(group.to_owned()),
        None => Owner::Ingress(ingress.namespace().unwrap_or_default(), ingress.name_any()),
    };
    Stack { flavour, owner }
}
