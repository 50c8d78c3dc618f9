//! The port on the AWS SDK.

use async_trait::async_trait;
use aws_sdk_acm::types::{CertificateStatus, Filters, KeyAlgorithm, Tag, ValidationMethod};
use e2etls_engine::refusal::{Answer, Refusal};

use super::convert::{certificate, sdk_tags, summary};
use super::{AcmApi, Certificate, NewCertificate, Summary};
use crate::aws::{Effect, Tags, refused, service};
use crate::present;

service! {
    /// ACM in the Region of an identity.
    Acm, aws_sdk_acm, "acm"
}

impl Acm {
    /// What uses the certificate; nothing if that is not known.
    async fn users(&self, arn: &str) -> Vec<String> {
        let found = self.describe(arn).await.ok().flatten();
        found.map(|found| found.in_use_by).unwrap_or_default()
    }
}

#[async_trait]
impl AcmApi for Acm {
    async fn request_certificate(&self, new: &NewCertificate) -> Result<String, Refusal> {
        let sans = (!new.sans.is_empty()).then(|| new.sans.clone());
        let tags = (!new.tags.is_empty()).then(|| sdk_tags(&new.tags));
        let call = self
            .writes
            .request_certificate()
            .domain_name(&new.domain)
            .set_subject_alternative_names(sans)
            .validation_method(ValidationMethod::Dns)
            .key_algorithm(KeyAlgorithm::from(new.key_algorithm.as_str()))
            .idempotency_token(&new.token)
            .set_tags(tags);
        let answer = call.send().await;
        let answer = answer.map_err(|error| refused("acm:RequestCertificate", &new.domain, Effect::Write, &error))?;
        Ok(answer.certificate_arn().unwrap_or_default().to_owned())
    }

    async fn describe(&self, arn: &str) -> Result<Option<Certificate>, Refusal> {
        let answer = self.reads.describe_certificate().certificate_arn(arn).send().await;
        let answer = answer.map_err(|error| refused("acm:DescribeCertificate", arn, Effect::Read, &error));
        Ok(present(answer)?.and_then(|answer| answer.certificate().map(certificate)))
    }

    async fn list(&self, statuses: &[&str]) -> Result<Vec<Summary>, Refusal> {
        let statuses: Vec<_> = statuses.iter().map(|status| CertificateStatus::from(*status)).collect();
        // Without a filter ACM lists RSA_1024 and RSA_2048 only.
        let all = KeyAlgorithm::values()
            .iter()
            .map(|name| KeyAlgorithm::from(*name))
            .collect();
        let mut pages = self
            .reads
            .list_certificates()
            .set_certificate_statuses((!statuses.is_empty()).then_some(statuses))
            .includes(Filters::builder().set_key_types(Some(all)).build())
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| refused("acm:ListCertificates", self.aws.region(), Effect::Read, &error))?;
            found.extend(page.certificate_summary_list().iter().map(summary));
        }
        Ok(found)
    }

    async fn tags(&self, arn: &str) -> Result<Tags, Refusal> {
        let answer = self.reads.list_tags_for_certificate().certificate_arn(arn).send().await;
        let answer = answer.map_err(|error| refused("acm:ListTagsForCertificate", arn, Effect::Read, &error))?;
        let pairs = answer.tags().iter();
        Ok(pairs
            .map(|tag| (tag.key().to_owned(), tag.value().unwrap_or_default().to_owned()))
            .collect())
    }

    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        if tags.is_empty() {
            return Ok(());
        }
        let call = self
            .writes
            .add_tags_to_certificate()
            .certificate_arn(arn)
            .set_tags(Some(sdk_tags(tags)));
        let answer = call.send().await.map(drop);
        answer.map_err(|error| refused("acm:AddTagsToCertificate", arn, Effect::Write, &error))
    }

    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        if keys.is_empty() {
            return Ok(());
        }
        let tags = keys.iter().filter_map(|key| Tag::builder().key(*key).build().ok());
        let call = self
            .writes
            .remove_tags_from_certificate()
            .certificate_arn(arn)
            .set_tags(Some(tags.collect()));
        let answer = call.send().await.map(drop);
        answer.map_err(|error| refused("acm:RemoveTagsFromCertificate", arn, Effect::Write, &error))
    }

    async fn delete(&self, arn: &str) -> Result<(), Refusal> {
        let answer = self.writes.delete_certificate().certificate_arn(arn).send().await;
        match answer.map_err(|error| refused("acm:DeleteCertificate", arn, Effect::Write, &error)) {
            Ok(_) => Ok(()),
            Err(refusal) if matches!(refusal.answer, Answer::InUse(_)) => Err(Refusal {
                answer: Answer::InUse(self.users(arn).await),
                ..refusal
            }),
            Err(refusal) => Err(refusal),
        }
    }
}
