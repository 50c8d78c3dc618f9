//! Requests and their answers.

use http::Method;
use serde_json::{Value, json};

use super::answer::{
    Answer, another_uid, bad, exists, field_conflicts, gone, immutable, modified, no_namespace, not_found, not_served,
    terminating,
};
use super::apply::{applied, merge, pruned, updated};
use super::request::{Key, Request};
use super::store::Store;

/// The manager of what is written without a name.
const UNKNOWN: &str = "unknown";
/// Who everybody is.
const USER: &str = "kubernetes-admin";

/// Answers a request; watches apart.
pub(super) fn answer(
    store: &mut Store,
    method: &Method,
    request: &Request,
    content_type: &str,
    body: &Value,
) -> Answer {
    let key = &request.key;
    if store.unserved.contains(&(key.group.clone(), key.plural.clone())) {
        return not_served();
    }
    let dry_run = request.is("dryRun", "All");
    let live = store.objects.get(key).cloned();
    let answered = match (method.as_str(), live) {
        ("GET", _) if key.name.is_empty() => Ok((200, list(store, request))),
        ("GET", live) => live.map(|live| (200, live)).ok_or_else(|| not_found(key)),
        ("POST", _) if key.plural == "selfsubjectreviews" => Ok((201, reviewed(body))),
        ("POST", _) => create(store, key, body, dry_run),
        ("PATCH", live) if content_type.starts_with("application/apply-patch") => {
            apply(store, request, live.as_ref(), body, dry_run)
        }
        ("PATCH", Some(live)) => patch(store, request, &live, body, dry_run),
        ("DELETE", Some(live)) => delete(store, key, &live, body, dry_run),
        ("PATCH" | "DELETE", None) => Err(not_found(key)),
        _ => Err(bad("the fake does not know this request")),
    };
    answered.unwrap_or_else(|refused| refused)
}

/// The objects of a list with the version that a watch begins at.
fn list(store: &Store, request: &Request) -> Value {
    let key = &request.key;
    let is_in = |found: &Key| {
        found.group == key.group
            && found.plural == key.plural
            && (key.namespace.is_empty() || found.namespace == key.namespace)
    };
    let found = store
        .objects
        .iter()
        .filter(|(found, object)| is_in(found) && request.selects(object));
    // An empty list may be null: the real one does that for some kinds.
    let items: Vec<Value> = found.map(|(_, object)| object.clone()).collect();
    let items = (!items.is_empty()).then_some(items);
    json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": store.version.to_string()}, "items": items})
}

/// A review is answered, and not kept.
fn reviewed(review: &Value) -> Value {
    let mut answered = review.clone();
    answered["status"] = json!({"userInfo": {"username": USER, "groups": ["system:authenticated"]}});
    answered
}

/// Whether a new object may be made.
fn accepts_new(store: &Store, key: &Key) -> Result<(), Answer> {
    if key.namespace.is_empty() {
        return Ok(());
    }
    let namespace = Key {
        group: String::new(),
        plural: "namespaces".to_owned(),
        namespace: String::new(),
        name: key.namespace.clone(),
    };
    match store.objects.get(&namespace) {
        None => Err(no_namespace(&key.namespace)),
        Some(found) if !found["metadata"]["deletionTimestamp"].is_null() => Err(terminating(key)),
        Some(_) => Ok(()),
    }
}

fn create(store: &mut Store, key: &Key, body: &Value, dry_run: bool) -> Result<Answer, Answer> {
    let mut object = body.clone();
    let metadata = &mut object["metadata"];
    if let (None, Some(start)) = (metadata["name"].as_str(), metadata["generateName"].as_str()) {
        metadata["name"] = format!("{start}{:05}", store.number()).into();
    }
    let key = Key {
        name: metadata["name"].as_str().unwrap_or_default().to_owned(),
        ..key.clone()
    };
    if !key.namespace.is_empty() {
        metadata["namespace"] = key.namespace.clone().into();
    }
    accepts_new(store, &key)?;
    if store.objects.contains_key(&key) {
        return Err(exists(&key));
    }
    let object = updated(&Value::Null, object, UNKNOWN);
    Ok((201, if dry_run { object } else { store.put(&key, object) }))
}

fn apply(
    store: &mut Store,
    request: &Request,
    live: Option<&Value>,
    body: &Value,
    dry_run: bool,
) -> Result<Answer, Answer> {
    let key = &request.key;
    if live.is_none() {
        accepts_new(store, key)?;
    }
    check(key, live.unwrap_or(&Value::Null), &body["metadata"])?;
    let manager = request.query.get("fieldManager").map_or(UNKNOWN, String::as_str);
    let version = body["apiVersion"].as_str().unwrap_or(&request.version);
    let object = applied(live, body, manager, request.is("force", "true"));
    let object = object.map_err(|causes| field_conflicts(version, &causes))?;
    let code = if live.is_some() { 200 } else { 201 };
    Ok((code, if dry_run { object } else { store.put(key, object) }))
}

fn patch(store: &mut Store, request: &Request, live: &Value, body: &Value, dry_run: bool) -> Result<Answer, Answer> {
    let key = &request.key;
    check(key, live, &body["metadata"])?;
    let mut object = live.clone();
    if request.subresource.is_empty() {
        merge(&mut object, body);
        // Whoever writes `managedFields` says who manages what.
        object = match &body["metadata"]["managedFields"] {
            Value::Null => updated(live, object, UNKNOWN),
            _ => pruned(object),
        };
    } else {
        merge(
            &mut object[request.subresource.as_str()],
            &body[request.subresource.as_str()],
        );
    }
    object["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"].clone();
    Ok((200, if dry_run { object } else { store.put(key, object) }))
}

/// Preconditions in the metadata of a write. A version says nothing about an object that is not there.
fn check(key: &Key, live: &Value, metadata: &Value) -> Result<(), Answer> {
    let differs = |field: &str| metadata[field].is_string() && live["metadata"][field] != metadata[field];
    match live {
        Value::Null if metadata["uid"].is_string() => Err(modified(key)),
        Value::Null => Ok(()),
        _ if differs("resourceVersion") => Err(modified(key)),
        _ if differs("uid") => Err(immutable(key, "metadata.uid")),
        _ => Ok(()),
    }
}

fn delete(store: &mut Store, key: &Key, live: &Value, body: &Value, dry_run: bool) -> Result<Answer, Answer> {
    let found = live["metadata"]["uid"].as_str().unwrap_or_default();
    if let Some(wanted) = body["preconditions"]["uid"].as_str().filter(|wanted| *wanted != found) {
        return Err(another_uid(key, wanted, found));
    }
    if dry_run || store.delete(key, body["propagationPolicy"] == "Foreground") {
        return Ok(gone(key, &live["metadata"]["uid"]));
    }
    Ok((200, store.objects.get(key).cloned().unwrap_or_default()))
}
