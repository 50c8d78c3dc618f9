//! Between the arguments and AWS Private CA's own types.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tfplugin_framework::Attr;

use super::model::{CrlModel, ObjectAcl, OcspModel, PrivateCa, RevocationModel, SubjectModel};
use crate::kinds::aws::marks::{CREATING as CREATING_TAG, INSTANCE as INSTANCE_TAG, OWNER as OWNER_TAG};
use e2etls_clients::aws::acm_pca::{Authority, Crl, NewAuthority, Revocation, Subject};
use e2etls_engine::owner::Owner;

/// Longest idempotency token of AWS Private CA.
const TOKEN: usize = 36;

pub(super) fn subject(model: &SubjectModel) -> Subject {
    Subject {
        common_name: model.common_name.known().cloned(),
        organization: model.organization.known().cloned(),
        organizational_unit: model.organizational_unit.known().cloned(),
        country: model.country.known().cloned(),
        state: model.state.known().cloned(),
        locality: model.locality.known().cloned(),
    }
}

pub(super) fn subject_model(subject: &Subject) -> SubjectModel {
    SubjectModel {
        common_name: subject.common_name.clone().into(),
        organization: subject.organization.clone().into(),
        organizational_unit: subject.organizational_unit.clone().into(),
        country: subject.country.clone().into(),
        state: subject.state.clone().into(),
        locality: subject.locality.clone().into(),
    }
}

pub(super) fn revocation(model: &PrivateCa) -> Revocation {
    let Some(revocation) = model.revocation.known() else {
        return Revocation::default();
    };
    let crl = revocation.crl.known().map(|crl| Crl {
        s3_bucket_name: crl.s3_bucket_name.as_str().unwrap_or_default().to_owned(),
        expiration_in_days: crl
            .expiration_in_days
            .known()
            .and_then(|days| i32::try_from(*days).ok())
            .unwrap_or(7),
        custom_cname: crl.custom_cname.known().cloned(),
        s3_object_acl: crl
            .s3_object_acl
            .known()
            .unwrap_or(&ObjectAcl::BucketOwnerFullControl)
            .as_str()
            .to_owned(),
    });
    let ocsp = revocation
        .ocsp
        .known()
        .map(|ocsp| ocsp.custom_cname.as_str().unwrap_or_default().to_owned());
    Revocation { crl, ocsp }
}

/// The revocation as the user would write it.
pub(super) fn revocation_model(revocation: &Revocation) -> Attr<RevocationModel> {
    if *revocation == Revocation::default() {
        return Attr::Null;
    }
    let crl = revocation.crl.as_ref().map(|crl| CrlModel {
        s3_bucket_name: crl.s3_bucket_name.clone().into(),
        expiration_in_days: i64::from(crl.expiration_in_days).into(),
        custom_cname: crl.custom_cname.clone().into(),
        s3_object_acl: if crl.s3_object_acl == ObjectAcl::PublicRead.as_str() {
            ObjectAcl::PublicRead.into()
        } else {
            Attr::Null
        },
    });
    let ocsp = revocation.ocsp.as_ref().map(|cname| OcspModel {
        custom_cname: if cname.is_empty() {
            Attr::Null
        } else {
            cname.clone().into()
        },
    });
    Attr::Known(RevocationModel {
        crl: crl.into(),
        ocsp: ocsp.into(),
    })
}

/// True if a CA has what can't be changed later.
pub(super) fn is_alike(model: &PrivateCa, found: &Authority) -> bool {
    let spelled = |attr: Option<&str>, found: &str| attr == Some(found);
    spelled(model.r#type.known().map(|kind| kind.as_str()), &found.ca_type)
        && spelled(model.usage_mode.known().map(|mode| mode.as_str()), &found.usage_mode)
        && spelled(
            model.key_algorithm.known().map(|key| key.as_str()),
            &found.key_algorithm,
        )
        && model
            .subject
            .known()
            .is_some_and(|model| subject(model) == found.subject)
}

pub(super) fn new_authority(model: &PrivateCa, token: String, tags: BTreeMap<String, String>) -> NewAuthority {
    let key = model
        .key_algorithm
        .known()
        .copied()
        .unwrap_or(super::model::KeyAlgorithm::P256);
    NewAuthority {
        ca_type: model.r#type.known().map_or("ROOT", |kind| kind.as_str()).to_owned(),
        usage_mode: model
            .usage_mode
            .known()
            .map_or("GENERAL_PURPOSE", |mode| mode.as_str())
            .to_owned(),
        key_algorithm: key.as_str().to_owned(),
        signing_algorithm: key.signing_algorithm().to_owned(),
        subject: model.subject.known().map(subject).unwrap_or_default(),
        revocation: revocation(model),
        token,
        tags,
    }
}

/// The user's tags over the provider's.
pub(super) fn user_tags(default_tags: &BTreeMap<String, String>, model: &PrivateCa) -> BTreeMap<String, String> {
    let mut tags = default_tags.clone();
    tags.extend(model.tags.known().cloned().unwrap_or_default());
    tags
}

/// The marks of ownership; with `creating` the one of an unfinished create.
pub(super) fn marks(owner: &Owner, instance: &str, creating: Option<&str>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        (OWNER_TAG.to_owned(), owner.to_string()),
        (INSTANCE_TAG.to_owned(), instance.to_owned()),
    ]);
    if let Some(at) = creating {
        tags.insert(CREATING_TAG.to_owned(), at.to_owned());
    }
    tags
}

/// An idempotency token: the same for the same create, another once a CA of this content was deleted or is being replaced.
pub(super) fn token(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    let mut number = u128::from_be_bytes(hash.finalize()[..16].try_into().unwrap_or_default());
    let mut text = String::new();
    while number > 0 && text.len() < TOKEN {
        text.push(char::from(
            b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(number % 36).unwrap_or_default()],
        ));
        number /= 36;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_changes_with_each_of_its_parts_and_fits() {
        assert_eq!(token(&["a", "b"]), token(&["a", "b"]));
        assert_ne!(token(&["a", "b"]), token(&["ab", ""]));
        assert!(token(&["x"]).len() <= TOKEN);
    }
}
