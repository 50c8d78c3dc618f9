//! What an alarm watches, as content.

use std::collections::BTreeMap;

use e2etls_clients::aws::cloudwatch::MetricAlarm;
use e2etls_engine::value::is_open;
use serde_json::{Value, json};

use super::super::content::differences;

/// Seconds of a day.
const DAY: i32 = 86_400;
/// Minutes after which the alarm acts without any value: ACM publishes the first within a day of the issuance.
const WARM_UP: i32 = 1440;

/// The content of an alarm that goes off once a certificate of ACM has fewer than `days` days left, or is expired: ACM publishes
/// the metric twice a day until the end, and nothing after it.
///
/// Source: <https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html>
#[must_use]
pub fn expiry(certificate: &str, days: &Value, actions: &[String]) -> Value {
    let mut actions = actions.to_vec();
    actions.sort();
    json!({
        "description": "A certificate that a load balancer serves ends soon, and was not renewed.",
        "namespace": "AWS/CertificateManager",
        "metric": "DaysToExpiry",
        "dimensions": {"CertificateArn": certificate},
        "statistic": "Minimum",
        "unit": "",
        "period": DAY,
        "periods": 1,
        "comparison": "LessThanThreshold",
        "threshold": days,
        "missing_data": "breaching",
        "warm_up": WARM_UP,
        "acts": true,
        "actions": actions,
        "ok_actions": [],
        "no_data_actions": [],
    })
}

/// The content of an alarm that is there. Lists of actions have no order.
pub(super) fn of(alarm: &MetricAlarm) -> Value {
    let sorted = |actions: &[String]| {
        let mut actions = actions.to_vec();
        actions.sort();
        actions
    };
    let mut content = json!({
        "description": alarm.description,
        "namespace": alarm.namespace,
        "metric": alarm.metric,
        "dimensions": alarm.dimensions,
        "statistic": alarm.statistic,
        "unit": alarm.unit,
        "period": alarm.period,
        "periods": alarm.periods,
        "comparison": alarm.comparison,
        "threshold": number(alarm.threshold),
        "missing_data": alarm.missing_data,
        "acts": alarm.acts,
        "actions": sorted(&alarm.actions),
        "ok_actions": sorted(&alarm.ok_actions),
        "no_data_actions": sorted(&alarm.no_data_actions),
    });
    // What is not shown is not compared: whether it is once it is over, the reference does not say.
    if alarm.warm_up > 0 {
        content["warm_up"] = json!(alarm.warm_up);
    }
    content
}

/// A whole number as the content of a part has it.
fn number(threshold: f64) -> Value {
    let text = threshold.to_string();
    text.parse::<i64>().map_or_else(|_| json!(threshold), Value::from)
}

/// The alarm of this content.
pub(super) fn alarm(name: &str, content: &Value) -> MetricAlarm {
    let text = |member: &str| content[member].as_str().unwrap_or_default().to_owned();
    let number = |member: &str| {
        let number = content[member].as_i64().unwrap_or_default();
        i32::try_from(number).unwrap_or_default()
    };
    let list = |member: &str| serde_json::from_value(content[member].clone()).unwrap_or_default();
    MetricAlarm {
        name: name.to_owned(),
        description: text("description"),
        namespace: text("namespace"),
        metric: text("metric"),
        dimensions: serde_json::from_value(content["dimensions"].clone()).unwrap_or_default(),
        statistic: text("statistic"),
        unit: text("unit"),
        period: number("period"),
        periods: number("periods"),
        comparison: text("comparison"),
        threshold: content["threshold"].as_f64().unwrap_or_default(),
        missing_data: text("missing_data"),
        warm_up: number("warm_up"),
        acts: content["acts"] == true,
        actions: list("actions"),
        ok_actions: list("ok_actions"),
        no_data_actions: list("no_data_actions"),
    }
}

/// Members that differ, with the live value: also a dimension more is another metric. What is not known yet does not differ.
pub(super) fn differing(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
    let mut wanted = desired.as_object().cloned().unwrap_or_default();
    wanted.retain(|_, value| !is_open(value));
    let mut found = BTreeMap::new();
    if let (Some(dimensions), Some(is)) = (wanted.remove("dimensions"), live.get("dimensions"))
        && dimensions != *is
    {
        found.insert("dimensions".to_owned(), is.clone());
    }
    found.extend(differences(&Value::Object(wanted), live));
    found
}
