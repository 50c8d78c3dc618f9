//! What the server says when it refuses, in its own words.

use e2etls_engine::refusal::Cause;
use serde_json::{Value, json};

use super::request::Key;

/// Code and body.
pub(super) type Answer = (u16, Value);

fn status(code: u16, reason: &str, message: String, details: Value) -> Answer {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
                        "reason": reason, "message": message, "details": details});
    (code, status)
}

fn resource(key: &Key) -> String {
    if key.group.is_empty() {
        key.plural.clone()
    } else {
        format!("{}.{}", key.plural, key.group)
    }
}

fn details(key: &Key) -> Value {
    json!({"name": key.name, "group": key.group, "kind": key.plural})
}

pub(super) fn not_found(key: &Key) -> Answer {
    let message = format!("{} \"{}\" not found", resource(key), key.name);
    status(404, "NotFound", message, details(key))
}

pub(super) fn no_namespace(namespace: &str) -> Answer {
    let message = format!("namespaces \"{namespace}\" not found");
    status(
        404,
        "NotFound",
        message,
        json!({"name": namespace, "kind": "namespaces"}),
    )
}

pub(super) fn not_served() -> Answer {
    let message = "the server could not find the requested resource".to_owned();
    status(404, "NotFound", message, json!({}))
}

pub(super) fn exists(key: &Key) -> Answer {
    let message = format!("{} \"{}\" already exists", resource(key), key.name);
    status(409, "AlreadyExists", message, details(key))
}

pub(super) fn terminating(key: &Key) -> Answer {
    let namespace = &key.namespace;
    let message = format!(
        "{} \"{}\" is forbidden: unable to create new content in namespace {namespace} because it is being terminated",
        resource(key),
        key.name
    );
    let mut details = details(key);
    details["causes"] = json!([{"reason": "NamespaceTerminating", "message": format!("namespace {namespace} is being terminated"), "field": "metadata.namespace"}]);
    status(403, "Forbidden", message, details)
}

pub(super) fn modified(key: &Key) -> Answer {
    let message = format!(
        "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes to the latest \
         version and try again",
        resource(key),
        key.name
    );
    status(409, "Conflict", message, details(key))
}

pub(super) fn immutable(key: &Key, field: &str) -> Answer {
    let message = format!(
        "{} \"{}\" is invalid: {field}: Invalid value: field is immutable",
        resource(key),
        key.name
    );
    status(422, "Invalid", message, details(key))
}

pub(super) fn another_uid(key: &Key, wanted: &str, found: &str) -> Answer {
    let message = format!("Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}");
    status(409, "Conflict", message, details(key))
}

pub(super) fn field_conflicts(api_version: &str, causes: &[Cause]) -> Answer {
    let words = |cause: &Cause| format!("conflict with {:?} using {api_version}", cause.manager);
    let listed: Vec<String> = causes
        .iter()
        .map(|cause| format!("{}: {}", words(cause), cause.field))
        .collect();
    let message = format!("Apply failed with {} conflicts: {}", causes.len(), listed.join(", "));
    let causes = causes
        .iter()
        .map(|cause| json!({"reason": "FieldManagerConflict", "message": words(cause), "field": cause.field}));
    let causes: Value = causes.collect();
    status(409, "Conflict", message, json!({"causes": causes}))
}

pub(super) fn bad(message: &str) -> Answer {
    status(400, "BadRequest", message.to_owned(), Value::Null)
}

/// The end of an object.
pub(super) fn gone(key: &Key, uid: &Value) -> Answer {
    let details = json!({"name": key.name, "group": key.group, "kind": key.plural, "uid": uid});
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
    (200, status)
}
