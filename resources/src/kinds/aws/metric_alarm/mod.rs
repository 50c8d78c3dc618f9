//! Alarms of CloudWatch on one metric.
//!
//! Content: what `PutMetricAlarm` takes, by names of our own ([`content`]); a write replaces all of it. The name of the part is
//! that of the alarm, of which an account and Region have one.
//!
//! CloudWatch has no create that fails: where an alarm of the name exists, it replaces it, and ignores the tags. So a create looks
//! first. Who makes an alarm of the same name between the two calls loses it; the names that we give hold the cluster, the
//! namespace and the resource, which nobody else has a use for. What another run of ours makes there, the look of the next
//! apply finds.
//!
//! The ARN says nothing but the name, and the time of the last change is another after each write. So a create adds a tag with a
//! random number, and the uid is made of both.

mod content;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_clients::aws::Tags;
use e2etls_clients::aws::cloudwatch::{CloudWatchApi, MetricAlarm};
use e2etls_clients::present;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;

use super::super::Clients;
use super::content::{consented, is_here, is_same};
use super::marks::{self, new_number};

pub use content::expiry;

/// The kind.
pub static METRIC_ALARM: MetricAlarms = MetricAlarms;

/// Alarms on one metric.
pub struct MetricAlarms;

/// What the names of all alarms of ours begin with: permissions can be limited to these.
pub const PREFIX: &str = "e2etls-";
/// Key of the number of an alarm.
const NUMBER: &str = "e2etls:alarm";
/// Output: the ARN.
const ARN: &str = "arn";

const PUT: &str = "cloudwatch:PutMetricAlarm";

#[async_trait]
impl Kind<Clients> for MetricAlarms {
    fn name(&self) -> &'static str {
        "CloudWatch alarm"
    }

    fn identity(&self) -> Identity {
        Identity::Named
    }

    /// Last: it watches for as long as anything is served.
    fn order(&self) -> u8 {
        0
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        content::differing(desired, live)
    }

    async fn look(&self, op: &Operation<Clients>, target: Target<'_>, _: Reading) -> Result<Option<Observed>, Refusal> {
        let api = op.remotes.cloudwatch().await?;
        if let Some(found) = see(&*api, target.name).await? {
            return Ok(Some(found.observed));
        }
        let known = target.uid.and_then(|uid| op.remotes.known.get(uid));
        if let Some(arn) = known.and_then(|outputs| outputs.get(ARN)) {
            is_here(&*api, "cloudwatch:DescribeAlarms", arn).await?;
        }
        Ok(None)
    }

    /// None: parts name them, and a resource without alarms needs no permission to list any.
    async fn of_owner(
        &self,
        _: &Operation<Clients>,
        _: Option<&str>,
        _: Option<&Part<Clients>>,
        _: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        Ok(Vec::new())
    }

    async fn put(&self, op: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        let api = op.remotes.cloudwatch().await?;
        match put.over {
            None => make(op, &put, &*api).await,
            Some(over) => change(op, &put, over, &*api).await,
        }
    }

    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        let api = op.remotes.cloudwatch().await?;
        let Some(found) = see(&*api, &object.name).await? else {
            return Ok(true);
        };
        is_same("alarm", &found.observed.uid, object, "cloudwatch:DeleteAlarms")?;
        present(api.delete_alarm(&object.name).await)?;
        Ok(true)
    }

    async fn release(&self, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
        let api = op.remotes.cloudwatch().await?;
        let Some(found) = see(&*api, &object.name).await? else {
            return Ok(());
        };
        is_same("alarm", &found.observed.uid, object, "cloudwatch:UntagResource")?;
        api.remove_tags(&found.arn, &marks::ours(&found.tags)).await
    }
}

/// An alarm that is there.
struct Found {
    arn: String,
    tags: Tags,
    observed: Observed,
}

impl Found {
    fn new(arn: String, alarm: &MetricAlarm, tags: Tags) -> Self {
        let observed = Observed {
            name: alarm.name.clone(),
            uid: match tags.get(NUMBER) {
                Some(number) => format!("{arn}/{number}"),
                None => arn.clone(),
            },
            content: content::of(alarm),
            marks: Some(marks::marks(&tags)),
            outputs: [(ARN.to_owned(), arn.clone())].into(),
            ..Observed::default()
        };
        Self { arn, tags, observed }
    }
}

/// The alarm of this name.
async fn see(api: &dyn CloudWatchApi, name: &str) -> Result<Option<Found>, Refusal> {
    let Some((arn, alarm)) = api.alarm(name).await? else {
        return Ok(None);
    };
    // Deleted since.
    let Some(tags) = api.tags(&arn).await? else {
        return Ok(None);
    };
    Ok(Some(Found::new(arn, &alarm, tags)))
}

/// Creates the alarm, with the marks, where there is none. Nothing is read afterwards: it may not be seen yet.
async fn make(op: &Operation<Clients>, put: &Put<'_, Clients>, api: &dyn CloudWatchApi) -> Result<Observed, Refusal> {
    let name = put.part.name.as_str();
    if api.alarm(name).await?.is_some() {
        let words = "There is an alarm of this name.";
        return Err(Refusal::new(Answer::Exists, PUT, name, words));
    }
    let alarm = content::alarm(name, &put.part.content);
    let arn = arn(api, &alarm).await?;
    let mut tags = marks::wanted(op, put);
    tags.insert(NUMBER.to_owned(), new_number());
    api.put_alarm(&alarm, &tags).await?;
    Ok(Found::new(arn, &alarm, tags).observed)
}

/// The ARN of an alarm that is being created. It is in the partition of what it watches.
async fn arn(api: &dyn CloudWatchApi, alarm: &MetricAlarm) -> Result<String, Refusal> {
    let watched = alarm.dimensions.values().next();
    let partition = watched.and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    let (region, account) = (api.region(), api.account().await?);
    Ok(format!(
        "arn:{partition}:cloudwatch:{region}:{account}:alarm:{}",
        alarm.name
    ))
}

/// Replaces what differs in the alarm that was seen as `over`. The marks come first, and their removal last.
async fn change(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    over: &Observed,
    api: &dyn CloudWatchApi,
) -> Result<Observed, Refusal> {
    let name = put.part.name.as_str();
    let gone = || Refusal::new(Answer::Absent, PUT, name, "The alarm was deleted after the plan.");
    let found = see(api, name).await?.ok_or_else(gone)?;
    is_same("alarm", &found.observed.uid, over, PUT)?;
    let differing = content::differing(&put.part.content, &found.observed.content);
    consented(put, &differing, &[""])?;
    let mut wanted = marks::wanted(op, put);
    let number = found.tags.get(NUMBER).cloned().unwrap_or_else(new_number);
    wanted.insert(NUMBER.to_owned(), number);
    let change = marks::written(op, put, &found.tags, &wanted);
    api.add_tags(&found.arn, &change.set).await?;
    let alarm = content::alarm(name, &put.part.content);
    if !differing.is_empty() {
        api.put_alarm(&alarm, &Tags::new()).await?;
    }
    let remove: Vec<&str> = change.remove.iter().map(String::as_str).collect();
    api.remove_tags(&found.arn, &remove).await?;
    Ok(Found::new(found.arn, &alarm, change.apply(&found.tags)).observed)
}
