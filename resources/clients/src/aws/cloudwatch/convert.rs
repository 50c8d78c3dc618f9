//! Between the SDK's types and ours.

use aws_sdk_cloudwatch::types::{Dimension, MetricAlarm as Found, Tag};

use super::MetricAlarm;
use crate::aws::{Tags, text};

/// ARN and content of an alarm.
pub(super) fn alarm(found: &Found) -> (String, MetricAlarm) {
    let dimension = |one: &Dimension| (text(one.name()), text(one.value()));
    let warm_up = found.warm_up_configuration();
    let alarm = MetricAlarm {
        name: text(found.alarm_name()),
        description: text(found.alarm_description()),
        namespace: text(found.namespace()),
        metric: text(found.metric_name()),
        dimensions: found.dimensions().iter().map(dimension).collect(),
        statistic: text(found.statistic().map(|statistic| statistic.as_str())),
        unit: text(found.unit().map(|unit| unit.as_str())),
        period: found.period().unwrap_or_default(),
        periods: found.evaluation_periods().unwrap_or_default(),
        comparison: text(found.comparison_operator().map(|operator| operator.as_str())),
        threshold: found.threshold().unwrap_or_default(),
        missing_data: text(found.treat_missing_data()),
        warm_up: warm_up
            .and_then(|warm_up| warm_up.warm_up_period_duration_in_minutes())
            .unwrap_or_default(),
        acts: found.actions_enabled().unwrap_or(true),
        actions: found.alarm_actions().to_vec(),
        ok_actions: found.ok_actions().to_vec(),
        no_data_actions: found.insufficient_data_actions().to_vec(),
    };
    (text(found.alarm_arn()), alarm)
}

pub(super) fn sdk_dimensions(dimensions: &Tags) -> Vec<Dimension> {
    let one = |(name, value): (&String, &String)| Dimension::builder().name(name).value(value).build();
    dimensions.iter().map(one).collect()
}

pub(super) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    let one = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(one).collect()
}
