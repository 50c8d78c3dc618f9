//! What the API server writes in another way than it was given, without changing what it means.
//!
//! An apply learns such spellings from the server's answer. One that was killed before its state was written, or whose
//! answer was lost, has learned none: what is listed here needs no learning.

use serde_json::{Map, Value, json};
use tfplugin_framework::parse_go_duration;

use super::schema::{below_pods, fits};
use crate::syntax::Quantity;

/// Fields whose values are Go durations.
const DURATIONS: [&str; 2] = ["spec.duration", "spec.renewBefore"];

/// Amounts of resources, below the Pods.
const POD_AMOUNTS: [&str; 8] = [
    "containers.env.valueFrom.resourceFieldRef.divisor",
    "containers.resources.limits.*",
    "containers.resources.requests.*",
    "overhead.*",
    "volumes.downwardAPI.items.resourceFieldRef.divisor",
    "volumes.emptyDir.sizeLimit",
    "volumes.ephemeral.volumeClaimTemplate.spec.resources.requests.*",
    "volumes.projected.sources.downwardAPI.items.resourceFieldRef.divisor",
];

/// A field of a map that is replaced as a whole, and what the API server writes where it is left out.
type Default = (&'static str, &'static str, &'static str);

const DEFAULTS: [Default; 2] = [
    ("spec.egress.ports", "protocol", "TCP"),
    ("spec.ingress.ports", "protocol", "TCP"),
];

/// The same below the Pods.
const POD_DEFAULTS: [Default; 6] = [
    ("containers.env.valueFrom.fieldRef", "apiVersion", "v1"),
    ("containers.env.valueFrom.resourceFieldRef", "divisor", "0"),
    ("volumes.downwardAPI.items.fieldRef", "apiVersion", "v1"),
    ("volumes.downwardAPI.items.resourceFieldRef", "divisor", "0"),
    (
        "volumes.projected.sources.downwardAPI.items.fieldRef",
        "apiVersion",
        "v1",
    ),
    (
        "volumes.projected.sources.downwardAPI.items.resourceFieldRef",
        "divisor",
        "0",
    ),
];

/// The same with a number.
const POD_NUMBERS: [(&str, &str, u64); 1] = [(
    "volumes.projected.sources.serviceAccountToken",
    "expirationSeconds",
    3600,
)];

/// Fields below the Pods that the API server leaves out where they are empty.
const POD_OMITTED: [&str; 5] = [
    "containers.env.value",
    "tolerations.*",
    "topologySpreadConstraints.labelSelector.matchExpressions",
    "topologySpreadConstraints.labelSelector.matchExpressions.values",
    "topologySpreadConstraints.labelSelector.matchLabels",
];

/// True if both mean the same at `path`, names of fields joined by dots.
pub(super) fn is_same(desired: &Value, live: &Value, path: &str) -> bool {
    desired == live || normal(desired, path) == normal(live, path)
}

/// A value as all its spellings are compared.
fn normal(value: &Value, path: &str) -> Value {
    match value {
        _ if is_empty(value) && is_listed(&POD_OMITTED, path) => Value::Null,
        Value::Object(members) => members_of(members, path),
        Value::Array(items) => items.iter().map(|item| normal(item, path)).collect(),
        Value::String(text) if DURATIONS.contains(&path) => duration(text).unwrap_or_else(|| value.clone()),
        Value::String(text) if is_amount(path) => amount(text).unwrap_or_else(|| value.clone()),
        Value::Number(number) if is_amount(path) => amount(&number.to_string()).unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    }
}

fn members_of(members: &Map<String, Value>, path: &str) -> Value {
    let mut normalised: Map<String, Value> = members
        .iter()
        .map(|(name, member)| (name.clone(), normal(member, &format!("{path}.{name}"))))
        .filter(|(_, member)| !member.is_null())
        .collect();
    for (field, default) in defaults(path) {
        let default = normal(&default, &format!("{path}.{field}"));
        normalised.entry(field).or_insert(default);
    }
    Value::Object(normalised)
}

fn defaults(path: &str) -> impl Iterator<Item = (&'static str, Value)> {
    let fits = move |pattern: &str| is_listed(&[pattern], path);
    let of_pods = POD_DEFAULTS.iter().filter(move |(pattern, ..)| fits(pattern));
    let texts = DEFAULTS.iter().filter(move |(place, ..)| *place == path).chain(of_pods);
    let numbers = POD_NUMBERS.iter().filter(move |(pattern, ..)| fits(pattern));
    texts
        .map(|(_, field, default)| (*field, json!(default)))
        .chain(numbers.map(|(_, field, default)| (*field, json!(default))))
}

fn is_amount(path: &str) -> bool {
    is_listed(&POD_AMOUNTS, path)
}

/// True for the path of a field in the Pods that one of the patterns fits.
fn is_listed(patterns: &[&str], path: &str) -> bool {
    below_pods(path).is_some_and(|path| patterns.iter().any(|pattern| fits(pattern, &path)))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn duration(text: &str) -> Option<Value> {
    Some(json!(parse_go_duration(text)?.as_nanos().to_string()))
}

/// The API server keeps thousandths.
fn amount(text: &str) -> Option<Value> {
    Some(json!(Quantity::parse(text)?.thousandths().to_string()))
}
