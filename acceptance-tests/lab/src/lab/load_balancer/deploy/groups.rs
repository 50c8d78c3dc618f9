//! Target groups: created, and their health checks and attributes changed in place.

use aws_sdk_elasticloadbalancingv2::types::{Matcher, ProtocolEnum, TargetGroup as Group, TargetTypeEnum};

use super::existing::Found;
use super::{Aws, convert, refused, tags};
use crate::lab::load_balancer::model::{Model, Pairs, Stack, TargetGroup};
use crate::lab::{Context as _, Result};

impl Aws {
    /// The model's target groups with their ARNs.
    pub(super) async fn groups(
        &self,
        stack: &Stack,
        model: &Model,
        existing: &[Found<Group>],
    ) -> Result<Vec<(String, TargetGroup)>> {
        let mut groups = Vec::new();
        for wanted in &model.groups {
            let tags = tags(stack, &model.balancer.tags, &wanted.id);
            // The name says everything that can't be changed in place.
            let kept = existing
                .iter()
                .find(|it| it.object.target_group_name() == Some(&wanted.name));
            let arn = match kept {
                Some(found) => {
                    self.change_group(found, wanted).await?;
                    self.retag(&found.arn, &found.tags, &tags).await?;
                    found.arn.clone()
                }
                None => self.create_group(wanted, &tags).await?,
            };
            self.group_attributes(&arn, &wanted.attributes).await?;
            groups.push((arn, wanted.clone()));
        }
        Ok(groups)
    }

    async fn create_group(&self, wanted: &TargetGroup, tags: &Pairs) -> Result<String> {
        let check = &wanted.check;
        let call = self
            .client
            .create_target_group()
            .name(&wanted.name)
            .protocol(wanted.protocol.as_str().into())
            .set_protocol_version(wanted.version.clone())
            .port(wanted.port.into())
            .vpc_id(self.vpc.ensure().await?.id)
            .target_type(TargetTypeEnum::Ip)
            .health_check_enabled(true)
            .health_check_protocol(check.protocol.as_str().into())
            .health_check_port(&check.port)
            .set_health_check_path(check.path.clone())
            .health_check_interval_seconds(check.interval)
            .health_check_timeout_seconds(check.timeout)
            .healthy_threshold_count(check.healthy)
            .unhealthy_threshold_count(check.unhealthy)
            .set_matcher(matcher(wanted))
            .set_tags(Some(convert::tags(tags)));
        let made = call.send().await.map_err(|error| refused("CreateTargetGroup", error))?;
        let made = made.target_groups.unwrap_or_default().pop();
        let made = made.and_then(|group| group.target_group_arn);
        made.context("CreateTargetGroup answered nothing")
    }

    async fn change_group(&self, found: &Found<Group>, wanted: &TargetGroup) -> Result<()> {
        let (old, check) = (&found.object, &wanted.check);
        let codes =
            |matcher: Option<&Matcher>| matcher.and_then(|it| it.http_code().or(it.grpc_code()).map(str::to_owned));
        let is_same = old.health_check_protocol().map(ProtocolEnum::as_str) == Some(&check.protocol)
            && old.health_check_port() == Some(&check.port)
            && (check.path.is_none() || old.health_check_path() == check.path.as_deref())
            && old.health_check_interval_seconds() == Some(check.interval)
            && old.health_check_timeout_seconds() == Some(check.timeout)
            && old.healthy_threshold_count() == Some(check.healthy)
            && old.unhealthy_threshold_count() == Some(check.unhealthy)
            && (check.codes.is_none() || codes(old.matcher()) == check.codes);
        if is_same {
            return Ok(());
        }
        let call = self
            .client
            .modify_target_group()
            .target_group_arn(&found.arn)
            .health_check_protocol(check.protocol.as_str().into())
            .health_check_port(&check.port)
            .set_health_check_path(check.path.clone())
            .health_check_interval_seconds(check.interval)
            .health_check_timeout_seconds(check.timeout)
            .healthy_threshold_count(check.healthy)
            .unhealthy_threshold_count(check.unhealthy)
            .set_matcher(matcher(wanted));
        let sent = call.send().await;
        sent.map(drop).map_err(|error| refused("ModifyTargetGroup", error))
    }

    async fn group_attributes(&self, arn: &str, wanted: &Pairs) -> Result<()> {
        let call = self.client.describe_target_group_attributes().target_group_arn(arn);
        let sent = call.send().await;
        let found = sent.map_err(|error| refused("DescribeTargetGroupAttributes", error))?;
        let has = |name: &String, value: &String| {
            let mut attributes = found.attributes().iter();
            attributes.any(|it| it.key() == Some(name) && it.value() == Some(value))
        };
        if wanted.iter().all(|(name, value)| has(name, value)) {
            return Ok(());
        }
        let call = self.client.modify_target_group_attributes().target_group_arn(arn);
        let sent = call
            .set_attributes(Some(convert::group_attributes(wanted)))
            .send()
            .await;
        sent.map(drop)
            .map_err(|error| refused("ModifyTargetGroupAttributes", error))
    }

    pub(super) async fn delete_group(&self, arn: &str) -> Result<()> {
        let sent = self.client.delete_target_group().target_group_arn(arn).send().await;
        sent.map(drop).map_err(|error| refused("DeleteTargetGroup", error))
    }
}

fn matcher(wanted: &TargetGroup) -> Option<Matcher> {
    let codes = wanted.check.codes.clone()?;
    let matcher = Matcher::builder();
    Some(match wanted.version.as_deref() {
        Some("GRPC") => matcher.grpc_code(codes).build(),
        _ => matcher.http_code(codes).build(),
    })
}
