//! The port on the AWS SDK.

use async_trait::async_trait;
use aws_sdk_cloudwatch::types::{AlarmType, ComparisonOperator, StandardUnit, Statistic, WarmUpConfiguration};
use e2etls_engine::refusal::Refusal;

use super::convert::{self, sdk_dimensions, sdk_tags};
use super::{CloudWatchApi, MetricAlarm};
use crate::aws::{Effect, Tags, refused, service, text};
use crate::present;

service! {
    /// CloudWatch in the Region of an identity.
    CloudWatch, aws_sdk_cloudwatch, "cloudwatch"
}

/// A text that is there.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[async_trait]
impl CloudWatchApi for CloudWatch {
    async fn alarm(&self, name: &str) -> Result<Option<(String, MetricAlarm)>, Refusal> {
        let call = self.reads.describe_alarms().alarm_types(AlarmType::MetricAlarm);
        let answer = call.alarm_names(name).send().await;
        let answer = answer.map_err(|error| refused("cloudwatch:DescribeAlarms", name, Effect::Read, &error))?;
        Ok(answer.metric_alarms().first().map(convert::alarm))
    }

    async fn tags(&self, arn: &str) -> Result<Option<Tags>, Refusal> {
        let answer = self.reads.list_tags_for_resource().resource_arn(arn).send().await;
        let answer = answer.map_err(|error| refused("cloudwatch:ListTagsForResource", arn, Effect::Read, &error));
        Ok(present(answer)?.map(|answer| {
            let tags = answer.tags().iter();
            tags.map(|tag| (text(tag.key()), text(tag.value()))).collect()
        }))
    }

    async fn put_alarm(&self, alarm: &MetricAlarm, tags: &Tags) -> Result<(), Refusal> {
        let warm_up = || {
            WarmUpConfiguration::builder()
                .warm_up_period_duration_in_minutes(alarm.warm_up)
                .build()
        };
        let call = self
            .writes
            .put_metric_alarm()
            .alarm_name(&alarm.name)
            .set_alarm_description(given(&alarm.description).map(str::to_owned))
            .namespace(&alarm.namespace)
            .metric_name(&alarm.metric)
            .set_dimensions(Some(sdk_dimensions(&alarm.dimensions)))
            .set_statistic(given(&alarm.statistic).map(Statistic::from))
            .set_unit(given(&alarm.unit).map(StandardUnit::from))
            .period(alarm.period)
            .evaluation_periods(alarm.periods)
            .set_comparison_operator(given(&alarm.comparison).map(ComparisonOperator::from))
            .threshold(alarm.threshold)
            .set_treat_missing_data(given(&alarm.missing_data).map(str::to_owned))
            .set_warm_up_configuration((alarm.warm_up > 0).then(warm_up))
            .actions_enabled(alarm.acts)
            .set_alarm_actions(Some(alarm.actions.clone()))
            .set_ok_actions(Some(alarm.ok_actions.clone()))
            .set_insufficient_data_actions(Some(alarm.no_data_actions.clone()))
            .set_tags((!tags.is_empty()).then(|| sdk_tags(tags)));
        let answer = call.send().await.map(drop);
        answer.map_err(|error| refused("cloudwatch:PutMetricAlarm", &alarm.name, Effect::Write, &error))
    }

    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        if tags.is_empty() {
            return Ok(());
        }
        let call = self.writes.tag_resource().resource_arn(arn);
        let answer = call.set_tags(Some(sdk_tags(tags))).send().await.map(drop);
        answer.map_err(|error| refused("cloudwatch:TagResource", arn, Effect::Write, &error))
    }

    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        if keys.is_empty() {
            return Ok(());
        }
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let call = self.writes.untag_resource().resource_arn(arn);
        let answer = call.set_tag_keys(Some(keys)).send().await.map(drop);
        answer.map_err(|error| refused("cloudwatch:UntagResource", arn, Effect::Write, &error))
    }

    async fn delete_alarm(&self, name: &str) -> Result<(), Refusal> {
        let answer = self.writes.delete_alarms().alarm_names(name).send().await.map(drop);
        answer.map_err(|error| refused("cloudwatch:DeleteAlarms", name, Effect::Write, &error))
    }
}
