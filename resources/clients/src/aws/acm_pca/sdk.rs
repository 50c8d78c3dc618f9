//! The port on the AWS SDK.
//!
//! This file is long because the port has a method for each operation of the API.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_acmpca::error::BuildError;
use aws_sdk_acmpca::operation::get_certificate::GetCertificateError;
use aws_sdk_acmpca::operation::get_certificate_authority_csr::GetCertificateAuthorityCsrError;
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{
    ActionType, CertificateAuthorityConfiguration, CertificateAuthorityStatus, CertificateAuthorityType,
    CertificateAuthorityUsageMode, KeyAlgorithm, ResourceOwner, SigningAlgorithm, Tag, Validity, ValidityPeriodType,
};
use e2etls_engine::refusal::{Answer, Refusal};

use super::convert::{authority, sdk_revocation, sdk_subject, sdk_tags};
use super::{AcmPcaApi, Authority, IssueRequest, Issued, NewAuthority, Revocation};
use crate::aws::{Effect, refused, service};

/// The principal of ACM, which renews certificates that it manages.
const ACM: &str = "acm.amazonaws.com";

service! {
    /// AWS Private CA in one region.
    AcmPca, aws_sdk_acmpca, "acmpca"
}

#[async_trait]
impl AcmPcaApi for AcmPca {
    async fn list(&self) -> Result<Vec<Authority>, Refusal> {
        let mut pages = self
            .reads
            .list_certificate_authorities()
            .resource_owner(ResourceOwner::SelfValue)
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                refused(
                    "acm-pca:ListCertificateAuthorities",
                    self.aws.region(),
                    Effect::Read,
                    &error,
                )
            })?;
            found.extend(page.certificate_authorities().iter().map(authority));
        }
        Ok(found)
    }

    async fn describe(&self, arn: &str) -> Result<Option<Authority>, Refusal> {
        match self
            .reads
            .describe_certificate_authority()
            .certificate_authority_arn(arn)
            .send()
            .await
        {
            Ok(answer) => Ok(answer.certificate_authority().map(authority)),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_resource_not_found_exception()) =>
            {
                Ok(None)
            }
            Err(error) => Err(refused(
                "acm-pca:DescribeCertificateAuthority",
                arn,
                Effect::Read,
                &error,
            )),
        }
    }

    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, Refusal> {
        let mut pages = self
            .reads
            .list_tags()
            .certificate_authority_arn(arn)
            .into_paginator()
            .send();
        let mut tags = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refused("acm-pca:ListTags", arn, Effect::Read, &error))?;
            for tag in page.tags() {
                tags.insert(tag.key().to_owned(), tag.value().unwrap_or_default().to_owned());
            }
        }
        Ok(tags)
    }

    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
        if tags.is_empty() {
            return Ok(());
        }
        let call = self
            .writes
            .tag_certificate_authority()
            .certificate_authority_arn(arn)
            .set_tags(Some(sdk_tags(tags)));
        call.send()
            .await
            .map(drop)
            .map_err(|error| refused("acm-pca:TagCertificateAuthority", arn, Effect::Write, &error))
    }

    async fn untag(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        if keys.is_empty() {
            return Ok(());
        }
        let tags = keys
            .iter()
            .filter_map(|key| Tag::builder().key(*key).build().ok())
            .collect();
        let call = self
            .writes
            .untag_certificate_authority()
            .certificate_authority_arn(arn)
            .set_tags(Some(tags));
        call.send()
            .await
            .map(drop)
            .map_err(|error| refused("acm-pca:UntagCertificateAuthority", arn, Effect::Write, &error))
    }

    async fn create(&self, new: &NewAuthority) -> Result<String, Refusal> {
        let bad = |error: BuildError| invalid("acm-pca:CreateCertificateAuthority", self.aws.region(), &error);
        let configuration = CertificateAuthorityConfiguration::builder()
            .key_algorithm(KeyAlgorithm::from(new.key_algorithm.as_str()))
            .signing_algorithm(SigningAlgorithm::from(new.signing_algorithm.as_str()))
            .subject(sdk_subject(&new.subject))
            .build()
            .map_err(bad)?;
        let call = self
            .writes
            .create_certificate_authority()
            .certificate_authority_configuration(configuration)
            .certificate_authority_type(CertificateAuthorityType::from(new.ca_type.as_str()))
            .usage_mode(CertificateAuthorityUsageMode::from(new.usage_mode.as_str()))
            .revocation_configuration(sdk_revocation(&new.revocation).map_err(bad)?)
            .idempotency_token(&new.token)
            .set_tags(Some(sdk_tags(&new.tags)));
        let created = call.send().await;
        let created = created.map_err(|error| {
            refused(
                "acm-pca:CreateCertificateAuthority",
                self.aws.region(),
                Effect::Write,
                &error,
            )
        })?;
        Ok(created.certificate_authority_arn().unwrap_or_default().to_owned())
    }

    async fn csr(&self, arn: &str) -> Result<Option<String>, Refusal> {
        match self
            .reads
            .get_certificate_authority_csr()
            .certificate_authority_arn(arn)
            .send()
            .await
        {
            Ok(answer) => Ok(Some(answer.csr().unwrap_or_default().to_owned())),
            Err(error)
                if matches!(
                    error.as_service_error(),
                    Some(GetCertificateAuthorityCsrError::RequestInProgressException(_))
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(refused("acm-pca:GetCertificateAuthorityCsr", arn, Effect::Read, &error)),
        }
    }

    async fn certificate(&self, arn: &str) -> Result<Issued, Refusal> {
        let answer = self
            .reads
            .get_certificate_authority_certificate()
            .certificate_authority_arn(arn)
            .send()
            .await;
        let answer =
            answer.map_err(|error| refused("acm-pca:GetCertificateAuthorityCertificate", arn, Effect::Read, &error))?;
        Ok(Issued {
            certificate_pem: answer.certificate().unwrap_or_default().to_owned(),
            chain_pem: answer.certificate_chain().unwrap_or_default().to_owned(),
        })
    }

    async fn issue(&self, request: &IssueRequest<'_>) -> Result<String, Refusal> {
        let partition = request.ca_arn.split(':').nth(1).unwrap_or("aws");
        let validity = Validity::builder()
            .r#type(ValidityPeriodType::Days)
            .value(request.validity_days)
            .build();
        let validity = validity.map_err(|error| invalid("acm-pca:IssueCertificate", request.ca_arn, &error))?;
        let issued = self
            .writes
            .issue_certificate()
            .certificate_authority_arn(request.ca_arn)
            .csr(Blob::new(request.csr_pem))
            .signing_algorithm(SigningAlgorithm::from(request.signing_algorithm))
            .template_arn(format!("arn:{partition}:acm-pca:::template/{}", request.template))
            .validity(validity)
            .idempotency_token(request.token)
            .send()
            .await
            .map_err(|error| refused("acm-pca:IssueCertificate", request.ca_arn, Effect::Write, &error))?;
        Ok(issued.certificate_arn().unwrap_or_default().to_owned())
    }

    async fn issued(&self, ca_arn: &str, certificate_arn: &str) -> Result<Option<Issued>, Refusal> {
        let call = self
            .reads
            .get_certificate()
            .certificate_authority_arn(ca_arn)
            .certificate_arn(certificate_arn);
        match call.send().await {
            Ok(answer) => Ok(Some(Issued {
                certificate_pem: answer.certificate().unwrap_or_default().to_owned(),
                chain_pem: answer.certificate_chain().unwrap_or_default().to_owned(),
            })),
            Err(error)
                if matches!(
                    error.as_service_error(),
                    Some(GetCertificateError::RequestInProgressException(_))
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(refused("acm-pca:GetCertificate", ca_arn, Effect::Read, &error)),
        }
    }

    async fn import(&self, arn: &str, certificate: &Issued) -> Result<(), Refusal> {
        self.forget(arn).await;
        let chain = (!certificate.chain_pem.is_empty()).then(|| Blob::new(certificate.chain_pem.as_str()));
        let call = self
            .writes
            .import_certificate_authority_certificate()
            .certificate_authority_arn(arn)
            .certificate(Blob::new(certificate.certificate_pem.as_str()))
            .set_certificate_chain(chain);
        call.send().await.map(drop).map_err(|error| {
            refused(
                "acm-pca:ImportCertificateAuthorityCertificate",
                arn,
                Effect::Write,
                &error,
            )
        })
    }

    async fn set_enabled(&self, arn: &str, enabled: bool) -> Result<(), Refusal> {
        self.forget(arn).await;
        let status = if enabled {
            CertificateAuthorityStatus::Active
        } else {
            CertificateAuthorityStatus::Disabled
        };
        let call = self
            .writes
            .update_certificate_authority()
            .certificate_authority_arn(arn)
            .status(status);
        call.send()
            .await
            .map(drop)
            .map_err(|error| refused("acm-pca:UpdateCertificateAuthority", arn, Effect::Write, &error))
    }

    async fn set_revocation(&self, arn: &str, revocation: &Revocation) -> Result<(), Refusal> {
        let revocation =
            sdk_revocation(revocation).map_err(|error| invalid("acm-pca:UpdateCertificateAuthority", arn, &error))?;
        let call = self
            .writes
            .update_certificate_authority()
            .certificate_authority_arn(arn)
            .revocation_configuration(revocation);
        call.send()
            .await
            .map(drop)
            .map_err(|error| refused("acm-pca:UpdateCertificateAuthority", arn, Effect::Write, &error))
    }

    async fn delete(&self, arn: &str, days: i32) -> Result<(), Refusal> {
        self.forget(arn).await;
        let call = self
            .writes
            .delete_certificate_authority()
            .certificate_authority_arn(arn)
            .permanent_deletion_time_in_days(days);
        call.send()
            .await
            .map(drop)
            .map_err(|error| refused("acm-pca:DeleteCertificateAuthority", arn, Effect::Write, &error))
    }

    async fn restore(&self, arn: &str) -> Result<(), Refusal> {
        let call = self
            .writes
            .restore_certificate_authority()
            .certificate_authority_arn(arn);
        call.send()
            .await
            .map(drop)
            .map_err(|error| refused("acm-pca:RestoreCertificateAuthority", arn, Effect::Write, &error))
    }

    async fn acm_may_renew(&self, arn: &str) -> Result<bool, Refusal> {
        let answer = self
            .reads
            .list_permissions()
            .certificate_authority_arn(arn)
            .send()
            .await;
        let answer = answer.map_err(|error| refused("acm-pca:ListPermissions", arn, Effect::Read, &error))?;
        Ok(answer
            .permissions()
            .iter()
            .any(|permission| permission.principal() == Some(ACM)))
    }

    async fn let_acm_renew(&self, arn: &str, allowed: bool) -> Result<(), Refusal> {
        if allowed {
            let actions = [
                ActionType::IssueCertificate,
                ActionType::GetCertificate,
                ActionType::ListPermissions,
            ];
            let call = self
                .writes
                .create_permission()
                .certificate_authority_arn(arn)
                .principal(ACM)
                .set_actions(Some(actions.into()));
            call.send()
                .await
                .map(drop)
                .map_err(|error| refused("acm-pca:CreatePermission", arn, Effect::Write, &error))
        } else {
            let call = self
                .writes
                .delete_permission()
                .certificate_authority_arn(arn)
                .principal(ACM);
            call.send()
                .await
                .map(drop)
                .map_err(|error| refused("acm-pca:DeletePermission", arn, Effect::Write, &error))
        }
    }
}

/// The refusal of a request that can't be built.
fn invalid(operation: &str, target: &str, words: &impl std::fmt::Display) -> Refusal {
    Refusal::new(Answer::Invalid, operation, target, words.to_string())
}
