//! The model in the words of the SDK.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    Action as Sdk, ActionTypeEnum, FixedResponseActionConfig, ForwardActionConfig, HostHeaderConditionConfig,
    LoadBalancerAttribute, MutualAuthenticationAttributes, PathPatternConditionConfig, RedirectActionConfig,
    RedirectActionStatusCodeEnum, RuleCondition, Tag, TargetGroupAttribute, TargetGroupTuple,
};

use crate::lab::load_balancer::model::{Action, Authentication, Pairs, Rule};

pub(super) fn tags(pairs: &Pairs) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    pairs.iter().map(tag).collect()
}

pub(super) fn balancer_attributes(pairs: &Pairs) -> Vec<LoadBalancerAttribute> {
    let attribute = |(key, value): (&String, &String)| LoadBalancerAttribute::builder().key(key).value(value).build();
    pairs.iter().map(attribute).collect()
}

pub(super) fn group_attributes(pairs: &Pairs) -> Vec<TargetGroupAttribute> {
    let attribute = |(key, value): (&String, &String)| TargetGroupAttribute::builder().key(key).value(value).build();
    pairs.iter().map(attribute).collect()
}

pub(super) fn authentication(wanted: &Authentication) -> MutualAuthenticationAttributes {
    MutualAuthenticationAttributes::builder()
        .mode(&wanted.mode)
        .set_trust_store_arn(wanted.trust_store.clone())
        .set_ignore_client_certificate_expiry(wanted.ignore_expiry)
        .set_advertise_trust_store_ca_names(wanted.advertise_names.as_deref().map(Into::into))
        .build()
}

/// An action; `arns` are those of the target groups by id.
pub(super) fn action(wanted: &Action, arns: &BTreeMap<&str, &str>) -> Sdk {
    match wanted {
        Action::Fixed(code, body) => {
            let response = FixedResponseActionConfig::builder()
                .status_code(code)
                .content_type("text/plain")
                .set_message_body(Some(body.clone()).filter(|body| !body.is_empty()))
                .build();
            let action = Sdk::builder().r#type(ActionTypeEnum::FixedResponse);
            action.fixed_response_config(response).build()
        }
        Action::Redirect(port) => {
            let redirect = RedirectActionConfig::builder()
                .protocol("HTTPS")
                .port(port.to_string())
                .status_code(RedirectActionStatusCodeEnum::Http301)
                .build();
            let action = Sdk::builder().r#type(ActionTypeEnum::Redirect);
            action.redirect_config(redirect).build()
        }
        Action::Forward(id) => {
            let arn = arns.get(id.as_str()).copied().unwrap_or_default();
            let group = TargetGroupTuple::builder().target_group_arn(arn).weight(1).build();
            let forward = ForwardActionConfig::builder().target_groups(group).build();
            let action = Sdk::builder().r#type(ActionTypeEnum::Forward);
            action.forward_config(forward).build()
        }
    }
}

/// What of an action decides where requests go, for a comparison with what the service shows.
#[derive(PartialEq)]
pub(super) struct Forwarded<'a> {
    kind: Option<&'a ActionTypeEnum>,
    groups: Vec<&'a str>,
    redirect: Option<&'a str>,
    fixed: Option<(&'a str, &'a str)>,
}

impl<'a> Forwarded<'a> {
    fn of(action: &'a Sdk) -> Self {
        let forward = action.forward_config().map_or(&[][..], |it| it.target_groups());
        let mut groups: Vec<&str> = forward.iter().filter_map(|it| it.target_group_arn()).collect();
        if groups.is_empty() {
            groups.extend(action.target_group_arn());
        }
        let fixed = action.fixed_response_config();
        Self {
            kind: action.r#type(),
            groups,
            redirect: action.redirect_config().and_then(|it| it.port()),
            fixed: fixed.map(|it| {
                (
                    it.status_code().unwrap_or_default(),
                    it.message_body().unwrap_or_default(),
                )
            }),
        }
    }

    pub(super) fn same(old: &[Sdk], new: &Sdk) -> bool {
        matches!(old, [old] if Forwarded::of(old) == Forwarded::of(new))
    }
}

pub(super) fn conditions(rule: &Rule) -> Vec<RuleCondition> {
    let mut conditions = Vec::new();
    if !rule.hosts.is_empty() {
        let hosts = HostHeaderConditionConfig::builder().set_values(Some(rule.hosts.clone()));
        let condition = RuleCondition::builder().field("host-header");
        conditions.push(condition.host_header_config(hosts.build()).build());
    }
    if !rule.paths.is_empty() {
        let paths = PathPatternConditionConfig::builder().set_values(Some(rule.paths.clone()));
        let condition = RuleCondition::builder().field("path-pattern");
        conditions.push(condition.path_pattern_config(paths.build()).build());
    }
    conditions
}

/// True if two lists of conditions mean the same.
pub(super) fn same_conditions(old: &[RuleCondition], new: &[RuleCondition]) -> bool {
    fn values(conditions: &[RuleCondition]) -> BTreeMap<&str, Vec<&str>> {
        conditions
            .iter()
            .map(|it| {
                let hosts = it.host_header_config().map_or(&[][..], |it| it.values());
                let paths = it.path_pattern_config().map_or(&[][..], |it| it.values());
                let values = hosts.iter().chain(paths).map(String::as_str).collect();
                (it.field().unwrap_or_default(), values)
            })
            .collect()
    }
    values(old) == values(new)
}
