//! CloudWatch in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::{CloudWatchApi, MetricAlarm};
use crate::aws::fake::{Said, Service, identity};
use crate::aws::{Effect, Tags};
use crate::present;

/// An alarm of the fake.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// ARN.
    pub arn: String,
    /// As it was put.
    pub alarm: MetricAlarm,
    /// Tags.
    pub tags: Tags,
}

/// CloudWatch in memory: alarms that never go off.
#[derive(Debug)]
pub struct FakeCloudWatch {
    service: Service,
    kept: Mutex<BTreeMap<String, Kept>>,
}

identity!(FakeCloudWatch);

impl FakeCloudWatch {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All alarms, by name. Not a call.
    #[must_use]
    pub fn all(&self) -> Vec<Kept> {
        self.kept().values().cloned().collect()
    }

    /// Edits an alarm by hand. Not a call.
    pub fn edit(&self, name: &str, edit: impl FnOnce(&mut Kept)) {
        if let Some(kept) = self.kept().get_mut(name) {
            edit(kept);
        }
    }

    fn with<T>(
        &self,
        operation: &str,
        arn: &str,
        effect: Effect,
        run: impl FnOnce(&mut Kept) -> Result<T, Said>,
    ) -> Result<T, Refusal> {
        self.service.call(operation, arn, effect, || {
            let mut all = self.kept();
            let found = all.values_mut().find(|kept| kept.arn == arn);
            run(found.ok_or_else(|| absent(arn))?)
        })
    }

    fn arn(&self, name: &str) -> String {
        let (region, account) = (self.service.region(), self.service.account());
        format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}")
    }
}

fn absent(arn: &str) -> Said {
    let words = format!("Resource {arn} does not exist.");
    (404, "ResourceNotFoundException", words)
}

fn invalid(words: &str) -> Said {
    (400, "ValidationError", words.to_owned())
}

fn check(alarm: &MetricAlarm) -> Result<(), Said> {
    if !(1..=255).contains(&alarm.name.chars().count()) {
        return Err(invalid("The name must have 1 to 255 characters"));
    }
    if alarm.actions.len() > 5 {
        return Err(invalid("There are too many alarm actions"));
    }
    match alarm.metric.is_empty() || alarm.statistic.is_empty() {
        true => Err(invalid("The parameters MetricName and Statistic are required")),
        false => Ok(()),
    }
}

fn check_tags(tags: &Tags) -> Result<(), Said> {
    let is_bad = |(key, value): (&String, &String)| {
        key.starts_with("aws:") || key.is_empty() || key.len() > 128 || value.len() > 256
    };
    match tags.iter().any(is_bad) || tags.len() > 50 {
        true => Err((400, "InvalidParameterValue", "Tags are not valid".to_owned())),
        false => Ok(()),
    }
}

#[async_trait]
impl CloudWatchApi for FakeCloudWatch {
    async fn alarm(&self, name: &str) -> Result<Option<(String, MetricAlarm)>, Refusal> {
        self.service.call("cloudwatch:DescribeAlarms", name, Effect::Read, || {
            let found = self.kept().get(name).cloned();
            Ok(found.map(|kept| (kept.arn, kept.alarm)))
        })
    }

    async fn tags(&self, arn: &str) -> Result<Option<Tags>, Refusal> {
        present(self.with("cloudwatch:ListTagsForResource", arn, Effect::Read, |kept| {
            Ok(kept.tags.clone())
        }))
    }

    async fn put_alarm(&self, alarm: &MetricAlarm, tags: &Tags) -> Result<(), Refusal> {
        self.service
            .call("cloudwatch:PutMetricAlarm", &alarm.name, Effect::Write, || {
                check(alarm)?;
                check_tags(tags)?;
                let mut all = self.kept();
                match all.get_mut(&alarm.name) {
                    Some(kept) => kept.alarm = alarm.clone(),
                    None => {
                        let kept = Kept {
                            arn: self.arn(&alarm.name),
                            alarm: alarm.clone(),
                            tags: tags.clone(),
                        };
                        all.insert(alarm.name.clone(), kept);
                    }
                }
                Ok(())
            })
    }

    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        if tags.is_empty() {
            return Ok(());
        }
        self.with("cloudwatch:TagResource", arn, Effect::Write, |kept| {
            let mut all = kept.tags.clone();
            all.extend(tags.clone());
            check_tags(&all)?;
            kept.tags = all;
            Ok(())
        })
    }

    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        if keys.is_empty() {
            return Ok(());
        }
        self.with("cloudwatch:UntagResource", arn, Effect::Write, |kept| {
            kept.tags.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(())
        })
    }

    async fn delete_alarm(&self, name: &str) -> Result<(), Refusal> {
        self.service.call("cloudwatch:DeleteAlarms", name, Effect::Write, || {
            let gone = self.kept().remove(name).map(drop);
            gone.ok_or_else(|| (404, "ResourceNotFound", format!("Alarm {name} does not exist.")))
        })
    }
}
