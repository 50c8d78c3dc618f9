//! The port on the AWS SDK.

use async_trait::async_trait;
use aws_sdk_route53::error::{BuildError, ProvideErrorMetadata as _};
use aws_sdk_route53::operation::change_resource_record_sets::ChangeResourceRecordSetsError;
use aws_sdk_route53::types::{
    AliasTarget, Change as SdkChange, ChangeAction, ChangeBatch, ChangeStatus, ResourceRecord, ResourceRecordSet,
    RrType,
};
use e2etls_engine::refusal::{Answer, Refusal};

use super::{Action, Alias, Change, RecordSet, Route53Api, Zone, canonical};
use crate::aws::{Effect, refused, refused_with, service};
use crate::present;

const CHANGE: &str = "route53:ChangeResourceRecordSets";

service! {
    /// Route 53 under one identity; the Region says nothing.
    Route53, aws_sdk_route53, "route53"
}

#[async_trait]
impl Route53Api for Route53 {
    async fn zone(&self, id: &str) -> Result<Option<Zone>, Refusal> {
        let answer = self.reads.get_hosted_zone().id(id).send().await;
        let answer = answer.map_err(|error| refused("route53:GetHostedZone", id, Effect::Read, &error));
        let found = present(answer)?.and_then(|answer| answer.hosted_zone);
        Ok(found.map(|zone| Zone {
            id: zone.id().trim_start_matches("/hostedzone/").to_owned(),
            name: canonical(zone.name()),
            private: zone.config().is_some_and(|config| config.private_zone()),
        }))
    }

    async fn records(&self, zone: &str, name: &str, record_type: Option<&str>) -> Result<Vec<RecordSet>, Refusal> {
        let name = canonical(name);
        let mut found = Vec::new();
        let (mut start_type, mut start_id) = (record_type.map(RrType::from), None);
        // Records come in the order of their names: the first of another name is the end.
        loop {
            let call = self
                .reads
                .list_resource_record_sets()
                .hosted_zone_id(zone)
                .start_record_name(&name)
                .set_start_record_type(start_type)
                .set_start_record_identifier(start_id);
            let page = call.send().await;
            let page = page.map_err(|error| refused("route53:ListResourceRecordSets", zone, Effect::Read, &error))?;
            let sets = page.resource_record_sets().iter().map(record_set);
            found.extend(
                sets.filter(|set| set.name == name && record_type.is_none_or(|wanted| set.record_type == wanted)),
            );
            let goes_on = page.next_record_name().is_some_and(|next| canonical(next) == name);
            let same_type = |next: &RrType| record_type.is_none_or(|wanted| next.as_str() == wanted);
            if !goes_on || !page.next_record_type().is_some_and(same_type) {
                return Ok(found);
            }
            start_type = page.next_record_type().cloned();
            start_id = page.next_record_identifier().map(str::to_owned);
        }
    }

    async fn change(&self, zone: &str, changes: &[Change]) -> Result<String, Refusal> {
        let invalid = |error: BuildError| Refusal::new(Answer::Invalid, CHANGE, zone, error.to_string());
        let changes = changes.iter().map(sdk_change).collect::<Result<Vec<_>, _>>();
        let batch = ChangeBatch::builder()
            .set_changes(Some(changes.map_err(invalid)?))
            .build();
        let call = self
            .writes
            .change_resource_record_sets()
            .hosted_zone_id(zone)
            .change_batch(batch.map_err(invalid)?);
        let answer = call.send().await;
        let answer = answer.map_err(|error| {
            // Route 53 has two forms of this error: with one message, or with a list of them.
            let listed = match error.as_service_error() {
                Some(ChangeResourceRecordSetsError::InvalidChangeBatch(batch)) => batch.messages().join(", "),
                _ => String::new(),
            };
            let message = if listed.is_empty() {
                error.message().unwrap_or_default()
            } else {
                &listed
            };
            refused_with(CHANGE, zone, Effect::Write, &error, message)
        })?;
        let id = answer.change_info().map(|change| change.id()).unwrap_or_default();
        Ok(id.trim_start_matches("/change/").to_owned())
    }

    async fn is_in_sync(&self, change: &str) -> Result<bool, Refusal> {
        let answer = self.reads.get_change().id(change).send().await;
        let answer = answer.map_err(|error| refused("route53:GetChange", change, Effect::Read, &error))?;
        Ok(answer.change_info().map(|change| change.status()) == Some(&ChangeStatus::Insync))
    }
}

fn record_set(found: &ResourceRecordSet) -> RecordSet {
    RecordSet {
        name: canonical(found.name()),
        record_type: found.r#type().as_str().to_owned(),
        ttl: found.ttl(),
        values: found
            .resource_records()
            .iter()
            .map(|record| record.value().to_owned())
            .collect(),
        alias: found.alias_target().map(|alias| Alias {
            zone_id: alias.hosted_zone_id().to_owned(),
            dns_name: canonical(alias.dns_name()),
            evaluate_target_health: alias.evaluate_target_health(),
        }),
        set_identifier: found.set_identifier().map(str::to_owned),
    }
}

fn sdk_change(change: &Change) -> Result<SdkChange, BuildError> {
    let action = match change.action {
        Action::Create => ChangeAction::Create,
        Action::Upsert => ChangeAction::Upsert,
        Action::Delete => ChangeAction::Delete,
    };
    let record = &change.record;
    let values = record
        .values
        .iter()
        .map(|value| ResourceRecord::builder().value(value).build());
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let alias = record.alias.as_ref().map(|alias| {
        AliasTarget::builder()
            .hosted_zone_id(&alias.zone_id)
            .dns_name(&alias.dns_name)
            .evaluate_target_health(alias.evaluate_target_health)
            .build()
    });
    let set = ResourceRecordSet::builder()
        .name(&record.name)
        .r#type(RrType::from(record.record_type.as_str()))
        .set_ttl(record.ttl)
        .set_resource_records((!values.is_empty()).then_some(values))
        .set_alias_target(alias.transpose()?)
        .set_set_identifier(record.set_identifier.clone())
        .build()?;
    SdkChange::builder().action(action).resource_record_set(set).build()
}
