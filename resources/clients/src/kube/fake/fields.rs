//! Fields and who manages them, as server-side apply sees them. Lists whose items all have a `name` are merged by it, all
//! others are atomic: a real server takes that from each kind's schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A step of a path: a member of an object, or the item of a list that has this name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Member(String),
    Item(String),
}

pub(super) type Path = Vec<Step>;
pub(super) type Set = BTreeSet<Path>;

/// Members that no manager owns.
const NOBODYS: [&str; 9] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "generateName",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
];

/// An object without what no manager owns.
pub(super) fn ownable(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(members) = object.as_object_mut() {
        members.retain(|name, _| name != "apiVersion" && name != "kind" && name != "status");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|name, _| !NOBODYS.contains(&name.as_str()));
    }
    let is_empty = object["metadata"].as_object().is_none_or(Map::is_empty);
    if let Some(members) = object.as_object_mut().filter(|_| is_empty) {
        members.remove("metadata");
    }
    object
}

fn is_by_name(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(|item| item["name"].is_string())
}

/// The paths of all values that are owned as a whole.
pub(super) fn leaves(value: &Value) -> Set {
    let mut found = Set::new();
    walk(value, &mut Vec::new(), &mut found);
    found.remove(&Vec::new());
    found
}

fn walk(value: &Value, at: &mut Path, found: &mut Set) {
    let mut into = |step, inner: &Value, at: &mut Path| {
        at.push(step);
        walk(inner, at, found);
        at.pop();
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, inner) in members {
                into(Step::Member(name.clone()), inner, at);
            }
        }
        Value::Array(items) if is_by_name(items) => {
            for item in items {
                into(
                    Step::Item(item["name"].as_str().unwrap_or_default().to_owned()),
                    item,
                    at,
                );
            }
        }
        _ => drop(found.insert(at.clone())),
    }
}

/// The value at a path.
pub(super) fn get<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get(name),
        Step::Item(name) => value.as_array()?.iter().find(|item| item["name"] == **name),
    })
}

/// Sets the value at a path, making what leads to it.
pub(super) fn set(value: &mut Value, path: &[Step], wanted: Value) {
    let Some((first, rest)) = path.split_first() else {
        *value = wanted;
        return;
    };
    let inner = match first {
        Step::Member(name) => {
            if !value.is_object() {
                *value = json!({});
            }
            &mut value[name.as_str()]
        }
        Step::Item(name) => {
            if !value.is_array() {
                *value = json!([]);
            }
            let Some(items) = value.as_array_mut() else { return };
            let at = items.iter().position(|item| item["name"] == **name).unwrap_or_else(|| {
                items.push(json!({"name": name}));
                items.len() - 1
            });
            &mut items[at]
        }
    };
    set(inner, rest, wanted);
}

/// Removes the value at a path, and what is empty then.
pub(super) fn remove(value: &mut Value, path: &[Step]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    match (first, value) {
        (Step::Member(name), Value::Object(members)) => {
            if let Some(inner) = members.get_mut(name) {
                remove(inner, rest);
                if rest.is_empty() || *inner == json!({}) || *inner == json!([]) {
                    members.remove(name);
                }
            }
        }
        (Step::Item(name), Value::Array(items)) => {
            if let Some(at) = items.iter().position(|item| item["name"] == **name) {
                remove(&mut items[at], rest);
                if items[at].as_object().is_none_or(Map::is_empty) {
                    items.remove(at);
                }
            }
        }
        _ => {}
    }
}

/// `.spec.containers[name="nginx"].image`
pub(super) fn shown(path: &[Step]) -> String {
    path.iter()
        .map(|step| match step {
            Step::Member(name) => format!(".{name}"),
            Step::Item(name) => format!("[name={name:?}]"),
        })
        .collect()
}

/// True if one of the paths leads to the other.
pub(super) fn overlap(one: &[Step], other: &[Step]) -> bool {
    let shorter = one.len().min(other.len());
    one[..shorter] == other[..shorter]
}

/// Who manages what.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Manager {
    pub(super) name: String,
    pub(super) operation: String,
    pub(super) fields: Set,
}

/// The managers of an object, as its `managedFields` say.
pub(super) fn managers(object: &Value) -> Vec<Manager> {
    let entries = object["metadata"]["managedFields"].as_array();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |entry: &Value| {
        let mut fields = Set::new();
        decode(&entry["fieldsV1"], &mut Vec::new(), &mut fields);
        Manager {
            name: text(&entry["manager"]),
            operation: text(&entry["operation"]),
            fields,
        }
    };
    entries.into_iter().flatten().map(read).collect()
}

/// Writes the managers into an object.
pub(super) fn write(object: &mut Value, managers: &[Manager]) {
    let api_version = object["apiVersion"].clone();
    let entries = managers.iter().filter(|manager| !manager.fields.is_empty()).map(|manager| {
        json!({"manager": manager.name, "operation": manager.operation, "apiVersion": api_version, "fieldsType": "FieldsV1",
               "fieldsV1": encode(&manager.fields)})
    });
    object["metadata"]["managedFields"] = entries.collect();
}

fn encode(fields: &Set) -> Value {
    let mut tree = json!({});
    for path in fields {
        let mut at = &mut tree;
        for step in path {
            let key = match step {
                Step::Member(name) => format!("f:{name}"),
                Step::Item(name) => format!("k:{}", json!({"name": name})),
            };
            at = &mut at[key];
            if at.is_null() {
                *at = json!({});
            }
        }
    }
    tree
}

fn decode(tree: &Value, at: &mut Path, fields: &mut Set) {
    let members: Vec<_> = tree.as_object().into_iter().flatten().collect();
    if members.is_empty() && !at.is_empty() {
        fields.insert(at.clone());
    }
    for (key, inner) in members {
        let item = key
            .strip_prefix("k:")
            .and_then(|key| serde_json::from_str::<Value>(key).ok());
        at.push(match item {
            Some(item) => Step::Item(item["name"].as_str().unwrap_or_default().to_owned()),
            None => Step::Member(key.trim_start_matches("f:").to_owned()),
        });
        decode(inner, at, fields);
        at.pop();
    }
}
