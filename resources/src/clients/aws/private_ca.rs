//! AWS Private CA, with only the calls that are used, in the product's own types.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_acmpca::operation::get_certificate::GetCertificateError;
use aws_sdk_acmpca::operation::get_certificate_authority_csr::GetCertificateAuthorityCsrError;
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{
    ActionType, Asn1Subject, CertificateAuthority, CertificateAuthorityConfiguration, CertificateAuthorityStatus,
    CertificateAuthorityType, CertificateAuthorityUsageMode, CrlConfiguration, KeyAlgorithm, OcspConfiguration,
    ResourceOwner, RevocationConfiguration, S3ObjectAcl, SigningAlgorithm, Tag, Validity, ValidityPeriodType,
};
use jiff::Timestamp;
use tfplugin_framework::Diagnostics;

use super::Aws;

/// The principal of ACM, which renews certificates that it manages.
const ACM: &str = "acm.amazonaws.com";

/// AWS Private CA in one region.
#[derive(Clone)]
pub struct PrivateCa {
    aws: Arc<Aws>,
    client: aws_sdk_acmpca::Client,
}

/// A CA as `DescribeCertificateAuthority` and `ListCertificateAuthorities` tell of it; closed sets in the API's spelling.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct Authority {
    pub arn: String,
    pub owner_account: String,
    pub status: String,
    pub ca_type: String,
    pub usage_mode: String,
    pub key_algorithm: String,
    pub signing_algorithm: String,
    pub subject: Subject,
    pub created_at: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
    pub failure_reason: Option<String>,
    pub revocation: Revocation,
}

/// A distinguished name (RFC 5280 §4.1.2.4); absent parts are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the attributes of X.520, named as there")]
pub struct Subject {
    pub common_name: Option<String>,
    pub organization: Option<String>,
    pub organizational_unit: Option<String>,
    pub country: Option<String>,
    pub state: Option<String>,
    pub locality: Option<String>,
}

/// How a CA tells of revoked certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revocation {
    /// A list in S3.
    pub crl: Option<Crl>,
    /// Answers of OCSP; the text is a custom CNAME, empty for AWS's own.
    pub ocsp: Option<String>,
}

/// A certificate revocation list in S3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct Crl {
    pub s3_bucket_name: String,
    pub expiration_in_days: i32,
    pub custom_cname: Option<String>,
    pub s3_object_acl: String,
}

/// What a CA is created from.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct NewAuthority {
    pub ca_type: String,
    pub usage_mode: String,
    pub key_algorithm: String,
    pub signing_algorithm: String,
    pub subject: Subject,
    pub revocation: Revocation,
    pub token: String,
    pub tags: BTreeMap<String, String>,
}

/// A certificate to be issued.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of the API, named as there")]
pub struct IssueRequest<'a> {
    pub ca_arn: &'a str,
    pub csr_pem: &'a str,
    pub template: &'a str,
    pub signing_algorithm: &'a str,
    pub validity_days: i64,
    pub token: &'a str,
}

/// A certificate and the chain above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate.
    pub certificate_pem: String,
    /// What stands above it, up to the root; empty for a root.
    pub chain_pem: String,
}

impl PrivateCa {
    /// The service under one identity.
    #[must_use]
    pub fn new(aws: Arc<Aws>) -> Self {
        Self { client: aws.acm_pca(), aws }
    }

    /// The identity and region.
    #[must_use]
    pub fn aws(&self) -> &Aws {
        &self.aws
    }

    /// All CAs of the account in the region, deleted ones included.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn list(&self) -> Result<Vec<Authority>, Diagnostics> {
        let mut pages = self.client.list_certificate_authorities().resource_owner(ResourceOwner::SelfValue).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.aws.refused("acm-pca:ListCertificateAuthorities", self.aws.region(), &error))?;
            found.extend(page.certificate_authorities().iter().map(authority));
        }
        Ok(found)
    }

    /// The CA, or `None` if there is none of this ARN.
    ///
    /// # Errors
    /// Any other refusal.
    pub async fn describe(&self, arn: &str) -> Result<Option<Authority>, Diagnostics> {
        match self.client.describe_certificate_authority().certificate_authority_arn(arn).send().await {
            Ok(answer) => Ok(answer.certificate_authority().map(authority)),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => Ok(None),
            Err(error) => Err(self.aws.refused("acm-pca:DescribeCertificateAuthority", arn, &error)),
        }
    }

    /// The tags of a CA.
    ///
    /// # Errors
    /// Any refusal; deleted CAs may refuse.
    pub async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, Diagnostics> {
        let mut pages = self.client.list_tags().certificate_authority_arn(arn).into_paginator().send();
        let mut tags = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.aws.refused("acm-pca:ListTags", arn, &error))?;
            for tag in page.tags() {
                tags.insert(tag.key().to_owned(), tag.value().unwrap_or_default().to_owned());
            }
        }
        Ok(tags)
    }

    /// Sets tags.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), Diagnostics> {
        if tags.is_empty() {
            return Ok(());
        }
        let call = self.client.tag_certificate_authority().certificate_authority_arn(arn).set_tags(Some(sdk_tags(tags)));
        call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:TagCertificateAuthority", arn, &error))
    }

    /// Removes tags.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn untag(&self, arn: &str, keys: &[&str]) -> Result<(), Diagnostics> {
        if keys.is_empty() {
            return Ok(());
        }
        let tags = keys.iter().filter_map(|key| Tag::builder().key(*key).build().ok()).collect();
        let call = self.client.untag_certificate_authority().certificate_authority_arn(arn).set_tags(Some(tags));
        call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:UntagCertificateAuthority", arn, &error))
    }

    /// Creates a CA and returns its ARN. Within five minutes the same token gives the same CA.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn create(&self, new: &NewAuthority) -> Result<String, Diagnostics> {
        let refused = |words: String| {
            let mut diagnostics = Diagnostics::new();
            diagnostics.bug(words);
            diagnostics
        };
        let configuration = CertificateAuthorityConfiguration::builder()
            .key_algorithm(KeyAlgorithm::from(new.key_algorithm.as_str()))
            .signing_algorithm(SigningAlgorithm::from(new.signing_algorithm.as_str()))
            .subject(sdk_subject(&new.subject))
            .build()
            .map_err(|error| refused(error.to_string()))?;
        let call = self
            .client
            .create_certificate_authority()
            .certificate_authority_configuration(configuration)
            .certificate_authority_type(CertificateAuthorityType::from(new.ca_type.as_str()))
            .usage_mode(CertificateAuthorityUsageMode::from(new.usage_mode.as_str()))
            .revocation_configuration(sdk_revocation(&new.revocation).map_err(refused)?)
            .idempotency_token(&new.token)
            .set_tags(Some(sdk_tags(&new.tags)));
        let created = call.send().await;
        let created = created.map_err(|error| self.aws.refused("acm-pca:CreateCertificateAuthority", self.aws.region(), &error))?;
        Ok(created.certificate_authority_arn().unwrap_or_default().to_owned())
    }

    /// The CA's signing request; `None` while it is still being made.
    ///
    /// # Errors
    /// Any other refusal.
    pub async fn csr(&self, arn: &str) -> Result<Option<String>, Diagnostics> {
        match self.client.get_certificate_authority_csr().certificate_authority_arn(arn).send().await {
            Ok(answer) => Ok(Some(answer.csr().unwrap_or_default().to_owned())),
            Err(error) if matches!(error.as_service_error(), Some(GetCertificateAuthorityCsrError::RequestInProgressException(_))) => Ok(None),
            Err(error) => Err(self.aws.refused("acm-pca:GetCertificateAuthorityCsr", arn, &error)),
        }
    }

    /// The CA's own certificate and chain.
    ///
    /// # Errors
    /// Any refusal, also of a CA that has none yet.
    pub async fn certificate(&self, arn: &str) -> Result<Issued, Diagnostics> {
        let answer = self.client.get_certificate_authority_certificate().certificate_authority_arn(arn).send().await;
        let answer = answer.map_err(|error| self.aws.refused("acm-pca:GetCertificateAuthorityCertificate", arn, &error))?;
        Ok(Issued {
            certificate_pem: answer.certificate().unwrap_or_default().to_owned(),
            chain_pem: answer.certificate_chain().unwrap_or_default().to_owned(),
        })
    }

    /// Asks for a certificate and returns its ARN.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn issue(&self, request: &IssueRequest<'_>) -> Result<String, Diagnostics> {
        let partition = request.ca_arn.split(':').nth(1).unwrap_or("aws");
        let validity = Validity::builder().r#type(ValidityPeriodType::Days).value(request.validity_days).build();
        let validity = validity.map_err(|error| bug(&error))?;
        let issued = self
            .client
            .issue_certificate()
            .certificate_authority_arn(request.ca_arn)
            .csr(Blob::new(request.csr_pem))
            .signing_algorithm(SigningAlgorithm::from(request.signing_algorithm))
            .template_arn(format!("arn:{partition}:acm-pca:::template/{}", request.template))
            .validity(validity)
            .idempotency_token(request.token)
            .send()
            .await
            .map_err(|error| self.aws.refused("acm-pca:IssueCertificate", request.ca_arn, &error))?;
        Ok(issued.certificate_arn().unwrap_or_default().to_owned())
    }

    /// A certificate that was asked for; `None` while it is being issued.
    ///
    /// # Errors
    /// Any other refusal.
    pub async fn issued(&self, ca_arn: &str, certificate_arn: &str) -> Result<Option<Issued>, Diagnostics> {
        let call = self.client.get_certificate().certificate_authority_arn(ca_arn).certificate_arn(certificate_arn);
        match call.send().await {
            Ok(answer) => Ok(Some(Issued {
                certificate_pem: answer.certificate().unwrap_or_default().to_owned(),
                chain_pem: answer.certificate_chain().unwrap_or_default().to_owned(),
            })),
            Err(error) if matches!(error.as_service_error(), Some(GetCertificateError::RequestInProgressException(_))) => Ok(None),
            Err(error) => Err(self.aws.refused("acm-pca:GetCertificate", ca_arn, &error)),
        }
    }

    /// Installs the CA's certificate.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn import(&self, arn: &str, certificate: &Issued) -> Result<(), Diagnostics> {
        let chain = (!certificate.chain_pem.is_empty()).then(|| Blob::new(certificate.chain_pem.as_str()));
        let call = self
            .client
            .import_certificate_authority_certificate()
            .certificate_authority_arn(arn)
            .certificate(Blob::new(certificate.certificate_pem.as_str()))
            .set_certificate_chain(chain);
        call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:ImportCertificateAuthorityCertificate", arn, &error))
    }

    /// Enables or disables a CA.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn set_enabled(&self, arn: &str, enabled: bool) -> Result<(), Diagnostics> {
        let status = if enabled { CertificateAuthorityStatus::Active } else { CertificateAuthorityStatus::Disabled };
        let call = self.client.update_certificate_authority().certificate_authority_arn(arn).status(status);
        call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:UpdateCertificateAuthority", arn, &error))
    }

    /// Changes how the CA tells of revoked certificates.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn set_revocation(&self, arn: &str, revocation: &Revocation) -> Result<(), Diagnostics> {
        let revocation = sdk_revocation(revocation).map_err(|words| bug(&words))?;
        let call = self.client.update_certificate_authority().certificate_authority_arn(arn).revocation_configuration(revocation);
        call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:UpdateCertificateAuthority", arn, &error))
    }

    /// Deletes a CA; it can be restored for `days` (7 to 30).
    ///
    /// # Errors
    /// Any refusal, such as of an ACTIVE CA.
    pub async fn delete(&self, arn: &str, days: i32) -> Result<(), Diagnostics> {
        let call = self.client.delete_certificate_authority().certificate_authority_arn(arn).permanent_deletion_time_in_days(days);
        call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:DeleteCertificateAuthority", arn, &error))
    }

    /// Takes a deletion back; the CA is then as it was before it.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn restore(&self, arn: &str) -> Result<(), Diagnostics> {
        let call = self.client.restore_certificate_authority().certificate_authority_arn(arn);
        call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:RestoreCertificateAuthority", arn, &error))
    }

    /// Whether ACM may renew what it manages from this CA.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn acm_may_renew(&self, arn: &str) -> Result<bool, Diagnostics> {
        let answer = self.client.list_permissions().certificate_authority_arn(arn).send().await;
        let answer = answer.map_err(|error| self.aws.refused("acm-pca:ListPermissions", arn, &error))?;
        Ok(answer.permissions().iter().any(|permission| permission.principal() == Some(ACM)))
    }

    /// Lets ACM renew what it manages from this CA, or forbids it.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn let_acm_renew(&self, arn: &str, allowed: bool) -> Result<(), Diagnostics> {
        if allowed {
            let actions = [ActionType::IssueCertificate, ActionType::GetCertificate, ActionType::ListPermissions];
            let call = self.client.create_permission().certificate_authority_arn(arn).principal(ACM).set_actions(Some(actions.into()));
            call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:CreatePermission", arn, &error))
        } else {
            let call = self.client.delete_permission().certificate_authority_arn(arn).principal(ACM);
            call.send().await.map(drop).map_err(|error| self.aws.refused("acm-pca:DeletePermission", arn, &error))
        }
    }
}

fn bug(words: &impl std::fmt::Display) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.bug(words);
    diagnostics
}

fn timestamp(time: Option<&aws_sdk_acmpca::primitives::DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(time?.secs()).ok()
}

fn authority(found: &CertificateAuthority) -> Authority {
    let configuration = found.certificate_authority_configuration();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Authority {
        arn: text(found.arn()),
        owner_account: text(found.owner_account()),
        status: text(found.status().map(CertificateAuthorityStatus::as_str)),
        ca_type: text(found.r#type().map(CertificateAuthorityType::as_str)),
        usage_mode: text(found.usage_mode().map(CertificateAuthorityUsageMode::as_str)),
        key_algorithm: text(configuration.map(|configuration| configuration.key_algorithm().as_str())),
        signing_algorithm: text(configuration.map(|configuration| configuration.signing_algorithm().as_str())),
        subject: configuration.and_then(|configuration| configuration.subject()).map(subject).unwrap_or_default(),
        created_at: timestamp(found.created_at()),
        not_after: timestamp(found.not_after()),
        failure_reason: found.failure_reason().map(|reason| reason.as_str().to_owned()),
        revocation: found.revocation_configuration().map(revocation).unwrap_or_default(),
    }
}

fn subject(found: &Asn1Subject) -> Subject {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Subject {
        common_name: own(found.common_name()),
        organization: own(found.organization()),
        organizational_unit: own(found.organizational_unit()),
        country: own(found.country()),
        state: own(found.state()),
        locality: own(found.locality()),
    }
}

fn sdk_subject(subject: &Subject) -> Asn1Subject {
    Asn1Subject::builder()
        .set_common_name(subject.common_name.clone())
        .set_organization(subject.organization.clone())
        .set_organizational_unit(subject.organizational_unit.clone())
        .set_country(subject.country.clone())
        .set_state(subject.state.clone())
        .set_locality(subject.locality.clone())
        .build()
}

fn revocation(found: &RevocationConfiguration) -> Revocation {
    let crl = found.crl_configuration().filter(|crl| crl.enabled()).map(|crl| Crl {
        s3_bucket_name: crl.s3_bucket_name().unwrap_or_default().to_owned(),
        expiration_in_days: crl.expiration_in_days().unwrap_or_default(),
        custom_cname: crl.custom_cname().map(str::to_owned),
        s3_object_acl: crl.s3_object_acl().map(|acl| acl.as_str().to_owned()).unwrap_or_default(),
    });
    let ocsp = found.ocsp_configuration().filter(|ocsp| ocsp.enabled());
    Revocation { crl, ocsp: ocsp.map(|ocsp| ocsp.ocsp_custom_cname().unwrap_or_default().to_owned()) }
}

fn sdk_revocation(revocation: &Revocation) -> Result<RevocationConfiguration, String> {
    let mut crl = CrlConfiguration::builder().enabled(revocation.crl.is_some());
    if let Some(list) = &revocation.crl {
        crl = crl
            .s3_bucket_name(&list.s3_bucket_name)
            .expiration_in_days(list.expiration_in_days)
            .set_custom_cname(list.custom_cname.clone())
            .s3_object_acl(S3ObjectAcl::from(list.s3_object_acl.as_str()));
    }
    let mut ocsp = OcspConfiguration::builder().enabled(revocation.ocsp.is_some());
    if let Some(cname) = revocation.ocsp.as_ref().filter(|cname| !cname.is_empty()) {
        ocsp = ocsp.ocsp_custom_cname(cname);
    }
    Ok(RevocationConfiguration::builder()
        .crl_configuration(crl.build().map_err(|error| error.to_string())?)
        .ocsp_configuration(ocsp.build().map_err(|error| error.to_string())?)
        .build())
}

fn sdk_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}
