//! Amazon CloudWatch: alarms on one metric, and their tags.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/>. A name belongs to one alarm of an account and
//! Region; a write replaces the whole alarm of the name, and no write depends on what is there.

mod convert;
#[cfg(feature = "fake")]
pub mod fake;
mod sdk;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::{Identity, Tags};

pub use sdk::CloudWatch;

/// An alarm on one metric. What is a text is empty, and what is a number 0, where the alarm has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricAlarm {
    /// Name, unique among the alarms of an account and Region: 1 to 255 characters.
    pub name: String,
    /// Description of 1024 characters at most.
    pub description: String,
    /// Namespace of the metric.
    pub namespace: String,
    /// Name of the metric; empty for an alarm on an expression.
    pub metric: String,
    /// Dimensions of the metric, by name.
    pub dimensions: Tags,
    /// How the values of a period become one: `Minimum`, for example.
    pub statistic: String,
    /// Unit that values must have; empty for any.
    pub unit: String,
    /// Seconds of a period.
    pub period: i32,
    /// How many periods are compared.
    pub periods: i32,
    /// How the statistic is compared with the threshold: `LessThanThreshold`, for example.
    pub comparison: String,
    /// What it is compared with.
    pub threshold: f64,
    /// What a period without values counts as: `breaching`, `notBreaching`, `ignore` or `missing`.
    pub missing_data: String,
    /// How many minutes after its creation the alarm acts at the latest, while there are no values; 0 for at once.
    pub warm_up: i32,
    /// Whether it acts at all.
    pub acts: bool,
    /// ARNs of what is told when it goes off: 5 at most.
    pub actions: Vec<String>,
    /// The same when all is well again.
    pub ok_actions: Vec<String>,
    /// The same when there is too little data to tell.
    pub no_data_actions: Vec<String>,
}

/// CloudWatch in one account and Region.
///
/// # Errors
/// Every method: if the call is refused or not answered. Of an alarm that is not there, whoever does not say so itself answers
/// [`Absent`](e2etls_engine::refusal::Answer::Absent).
#[async_trait]
pub trait CloudWatchApi: Identity {
    /// The alarm with its ARN, or `None` if no alarm on metrics has the name (`cloudwatch:DescribeAlarms`).
    async fn alarm(&self, name: &str) -> Result<Option<(String, MetricAlarm)>, Refusal>;

    /// The tags of an alarm, or `None` if it is not there (`cloudwatch:ListTagsForResource`).
    async fn tags(&self, arn: &str) -> Result<Option<Tags>, Refusal>;

    /// Makes the alarm, or replaces the whole alarm of the name (`cloudwatch:PutMetricAlarm`, `cloudwatch:TagResource`). The
    /// tags are ignored where there is one.
    async fn put_alarm(&self, alarm: &MetricAlarm, tags: &Tags) -> Result<(), Refusal>;

    /// Sets tags; others stay (`cloudwatch:TagResource`). Nothing is called without tags.
    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal>;

    /// Removes tags (`cloudwatch:UntagResource`). Nothing is called without keys.
    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal>;

    /// Deletes the alarm of the name (`cloudwatch:DeleteAlarms`).
    async fn delete_alarm(&self, name: &str) -> Result<(), Refusal>;
}
