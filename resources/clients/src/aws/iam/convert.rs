//! Between the SDK's types and ours.

use aws_sdk_iam::types::{Role, Tag};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::RoleFacts;
use crate::aws::{Tags, text};

/// A policy document: IAM answers with its text, percent-encoded. One that is no JSON is a string.
pub(super) fn document(encoded: &str) -> Value {
    let plain = percent_decode_str(encoded).decode_utf8_lossy();
    serde_json::from_str(&plain).unwrap_or_else(|_| Value::String(plain.into_owned()))
}

pub(super) fn role(found: &Role) -> RoleFacts {
    let boundary = found.permissions_boundary();
    RoleFacts {
        name: found.role_name().to_owned(),
        arn: found.arn().to_owned(),
        id: found.role_id().to_owned(),
        path: found.path().to_owned(),
        trust: found.assume_role_policy_document().map(document).unwrap_or_default(),
        description: text(found.description()),
        boundary: boundary
            .and_then(|boundary| boundary.permissions_boundary_arn())
            .map(str::to_owned),
        tags: found
            .tags()
            .iter()
            .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
            .collect(),
    }
}

pub(super) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}
