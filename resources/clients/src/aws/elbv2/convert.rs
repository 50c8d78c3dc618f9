//! From the SDK's types to ours.

use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::{Listener, LoadBalancer, Rule, Target, TargetGroup};
use crate::aws::text;

pub(super) fn load_balancer(found: &sdk::LoadBalancer) -> LoadBalancer {
    let state = found.state();
    LoadBalancer {
        arn: text(found.load_balancer_arn()),
        dns_name: text(found.dns_name()).to_lowercase(),
        zone_id: text(found.canonical_hosted_zone_id()),
        vpc: text(found.vpc_id()),
        scheme: text(found.scheme().map(|scheme| scheme.as_str())),
        state: text(state.and_then(|state| state.code()).map(|code| code.as_str())),
        reason: text(state.and_then(|state| state.reason())),
    }
}

pub(super) fn listener(found: &sdk::Listener) -> Listener {
    let actions = found.default_actions();
    let redirects = |action: &sdk::Action| {
        let redirect = action.redirect_config();
        redirect.is_some_and(|redirect| redirect.protocol() == Some("HTTPS"))
    };
    Listener {
        arn: text(found.listener_arn()),
        port: found.port().unwrap_or_default(),
        protocol: text(found.protocol().map(|protocol| protocol.as_str())),
        ssl_policy: text(found.ssl_policy()),
        client_auth: text(found.mutual_authentication().and_then(|auth| auth.mode())),
        redirects: !actions.is_empty() && actions.iter().all(redirects),
        target_groups: forwards(actions),
    }
}

pub(super) fn rule(found: &sdk::Rule) -> Rule {
    let hosts = found.conditions().iter().flat_map(|condition| {
        let listed = condition.host_header_config().map(|hosts| hosts.values());
        // An old form of the same.
        let plain = (condition.field() == Some("host-header")).then(|| condition.values());
        listed.filter(|hosts| !hosts.is_empty()).or(plain).unwrap_or_default()
    });
    Rule {
        hosts: hosts.map(|host| host.to_lowercase()).collect(),
        target_groups: forwards(found.actions()),
    }
}

/// Target groups that actions forward to, each once.
fn forwards(actions: &[sdk::Action]) -> Vec<String> {
    let mut arns = Vec::new();
    for action in actions {
        let groups = action.forward_config().map(|forward| forward.target_groups());
        let groups = groups
            .into_iter()
            .flatten()
            .filter_map(|group| group.target_group_arn());
        for arn in action.target_group_arn().into_iter().chain(groups) {
            if !arns.iter().any(|known| known == arn) {
                arns.push(arn.to_owned());
            }
        }
    }
    arns
}

pub(super) fn target_group(found: &sdk::TargetGroup) -> TargetGroup {
    TargetGroup {
        arn: text(found.target_group_arn()),
        protocol: text(found.protocol().map(|protocol| protocol.as_str())),
        load_balancers: found.load_balancer_arns().to_vec(),
    }
}

pub(super) fn target(found: &sdk::TargetHealthDescription) -> Target {
    let (target, health) = (found.target(), found.target_health());
    Target {
        id: text(target.and_then(|target| target.id())),
        port: target.and_then(|target| target.port()).unwrap_or_default(),
        state: text(health.and_then(|health| health.state()).map(|state| state.as_str())),
        reason: text(health.and_then(|health| health.reason()).map(|reason| reason.as_str())),
        description: text(health.and_then(|health| health.description())),
    }
}
