//! Between the SDK's types and ours.

use aws_sdk_acm::primitives::DateTime;
use aws_sdk_acm::types::{
    CertificateDetail, CertificateStatus, CertificateSummary, CertificateType, DomainStatus, DomainValidation,
    FailureReason, Tag,
};
use jiff::Timestamp;

use super::{Certificate, Record, Summary, ValidationRecord};
use crate::aws::{Tags, text};

fn timestamp(time: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(time?.secs()).ok()
}

/// ACM answers `RSA-2048` where it takes `RSA_2048`.
fn key_algorithm(spelled: Option<&str>) -> String {
    text(spelled).replace('-', "_")
}

pub(super) fn certificate(found: &CertificateDetail) -> Certificate {
    Certificate {
        arn: text(found.certificate_arn()),
        status: text(found.status().map(CertificateStatus::as_str)),
        domain: text(found.domain_name()),
        sans: found.subject_alternative_names().to_vec(),
        key_algorithm: key_algorithm(found.key_algorithm().map(|key| key.as_str())),
        validation: found.domain_validation_options().iter().map(validation).collect(),
        in_use_by: found.in_use_by().to_vec(),
        created_at: timestamp(found.created_at()),
        not_after: timestamp(found.not_after()),
        failure_reason: found.failure_reason().map(FailureReason::as_str).map(str::to_owned),
        certificate_type: text(found.r#type().map(CertificateType::as_str)),
    }
}

fn validation(found: &DomainValidation) -> ValidationRecord {
    ValidationRecord {
        domain: found.domain_name().to_owned(),
        status: text(found.validation_status().map(DomainStatus::as_str)),
        record: found.resource_record().map(|record| Record {
            name: record.name().to_owned(),
            record_type: record.r#type().as_str().to_owned(),
            value: record.value().to_owned(),
        }),
    }
}

pub(super) fn summary(found: &CertificateSummary) -> Summary {
    Summary {
        arn: text(found.certificate_arn()),
        status: text(found.status().map(CertificateStatus::as_str)),
        domain: text(found.domain_name()),
        sans: found.subject_alternative_name_summaries().to_vec(),
        has_more_sans: found.has_additional_subject_alternative_names() == Some(true),
        key_algorithm: key_algorithm(found.key_algorithm().map(|key| key.as_str())),
        certificate_type: text(found.r#type().map(CertificateType::as_str)),
        in_use: found.in_use() == Some(true),
        created_at: timestamp(found.created_at()),
        not_after: timestamp(found.not_after()),
    }
}

pub(super) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}
