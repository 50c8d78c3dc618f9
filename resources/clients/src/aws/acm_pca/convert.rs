//! Between the SDK's types and ours.

use std::collections::BTreeMap;

use aws_sdk_acmpca::error::BuildError;
use aws_sdk_acmpca::types::{
    Asn1Subject, CertificateAuthority, CertificateAuthorityStatus, CertificateAuthorityType,
    CertificateAuthorityUsageMode, CrlConfiguration, CrlDistributionPointExtensionConfiguration, CrlType,
    OcspConfiguration, RevocationConfiguration, S3ObjectAcl, Tag,
};
use jiff::Timestamp;

use super::{Authority, Crl, OthersOfCrl, Revocation, Subject};

fn timestamp(time: Option<&aws_sdk_acmpca::primitives::DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(time?.secs()).ok()
}

pub(super) fn authority(found: &CertificateAuthority) -> Authority {
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
        subject: configuration
            .and_then(|configuration| configuration.subject())
            .map(subject)
            .unwrap_or_default(),
        created_at: timestamp(found.created_at()),
        not_after: timestamp(found.not_after()),
        failure_reason: found.failure_reason().map(|reason| reason.as_str().to_owned()),
        restorable_until: timestamp(found.restorable_until()),
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

pub(super) fn sdk_subject(subject: &Subject) -> Asn1Subject {
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
        s3_object_acl: crl
            .s3_object_acl()
            .map(|acl| acl.as_str().to_owned())
            .unwrap_or_default(),
        others: OthersOfCrl {
            custom_path: crl.custom_path().map(str::to_owned),
            crl_type: crl.crl_type().map(|of| of.as_str().to_owned()),
            omit_extension: crl
                .crl_distribution_point_extension_configuration()
                .map(|extension| extension.omit_extension()),
        },
    });
    let ocsp = found.ocsp_configuration().filter(|ocsp| ocsp.enabled());
    Revocation {
        crl,
        ocsp: ocsp.map(|ocsp| ocsp.ocsp_custom_cname().unwrap_or_default().to_owned()),
    }
}

pub(super) fn sdk_revocation(revocation: &Revocation) -> Result<RevocationConfiguration, BuildError> {
    let mut crl = CrlConfiguration::builder().enabled(revocation.crl.is_some());
    if let Some(list) = &revocation.crl {
        crl = crl
            .s3_bucket_name(&list.s3_bucket_name)
            .expiration_in_days(list.expiration_in_days)
            .set_custom_cname(list.custom_cname.clone())
            .s3_object_acl(S3ObjectAcl::from(list.s3_object_acl.as_str()))
            .set_custom_path(list.others.custom_path.clone())
            .set_crl_type(list.others.crl_type.as_deref().map(CrlType::from));
        if let Some(omit) = list.others.omit_extension {
            let extension = CrlDistributionPointExtensionConfiguration::builder().omit_extension(omit);
            crl = crl.crl_distribution_point_extension_configuration(extension.build()?);
        }
    }
    let mut ocsp = OcspConfiguration::builder().enabled(revocation.ocsp.is_some());
    if let Some(cname) = revocation.ocsp.as_ref().filter(|cname| !cname.is_empty()) {
        ocsp = ocsp.ocsp_custom_cname(cname);
    }
    Ok(RevocationConfiguration::builder()
        .crl_configuration(crl.build()?)
        .ocsp_configuration(ocsp.build()?)
        .build())
}

pub(super) fn sdk_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}
