//! What a role is compared by.

use std::collections::BTreeMap;

use e2etls_clients::aws::iam::RoleFacts;
use e2etls_engine::value::is_open;
use serde_json::{Value, json};

use super::super::content::differences;

/// Members that are policy documents, compared as a whole.
const DOCUMENTS: [&str; 2] = ["trust", "policy"];

/// The content of a role; `policy` is null where it has none.
pub(super) fn content(role: &RoleFacts, policy: Value) -> Value {
    json!({
        "trust": role.trust,
        "policy": policy,
        "boundary": role.boundary.clone().unwrap_or_default(),
        "description": role.description,
        "tags": role.tags,
    })
}

/// Members that differ, with the live value; tags one by one. What is not known yet does not differ.
pub(super) fn differing(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
    let mut wanted = desired.as_object().cloned().unwrap_or_default();
    wanted.retain(|member, value| member == "tags" || !is_open(value));
    let mut found = BTreeMap::new();
    for member in DOCUMENTS {
        let document = wanted.remove(member).filter(|document| !document.is_null());
        if let (Some(document), Some(is)) = (document, live.get(member))
            && canonical(&document) != canonical(is)
        {
            found.insert(member.to_owned(), is.clone());
        }
    }
    found.extend(differences(&Value::Object(wanted), live));
    found
}

/// A policy document, with every list of one element as the element: IAM takes both everywhere, for the same.
fn canonical(document: &Value) -> Value {
    match document {
        Value::Array(items) => match items.as_slice() {
            [only] => canonical(only),
            items => items.iter().map(canonical).collect(),
        },
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), canonical(value)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}
