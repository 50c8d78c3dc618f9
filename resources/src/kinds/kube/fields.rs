//! Which of the fields that we set differ, in the path notation of the API server's field conflicts.
//!
//! Only what the desired content holds is looked at: fields that others add, or that the API server fills in, are not
//! ours. Items of associative lists are matched by their keys, as server-side apply does; other lists are compared whole.

use std::collections::BTreeMap;

use serde_json::Value;

/// Keys of the associative lists that we render, by the name of the list
/// (`x-kubernetes-list-map-keys` of the API's schema).
const LIST_KEYS: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("imagePullSecrets", &["name"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
];

/// Paths at which `live` differs from what `desired` sets, with the live value.
#[must_use]
pub fn differences(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
    let paths = paths(desired, live);
    paths
        .into_iter()
        .map(|path| (path.clone(), at(live, &path).clone()))
        .collect()
}

fn paths(desired: &Value, live: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    compare(desired, live, String::new(), "", &mut paths);
    paths
}

/// The value at a path that [`differences`] returned; null if there is none.
#[must_use]
pub fn at<'a>(object: &'a Value, path: &str) -> &'a Value {
    let mut found = &Value::Null;
    visit(object, String::new(), "", &mut |here, value| {
        if here == path {
            found = value;
        }
    });
    found
}

/// True if one path is the other, or leads to it.
#[must_use]
pub fn overlaps(one: &str, other: &str) -> bool {
    let within = |outer: &str, inner: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    within(one, other) || within(other, one)
}

fn compare(desired: &Value, live: &Value, path: String, list: &str, paths: &mut Vec<String>) {
    match (desired, live) {
        (Value::Object(wanted), _) if !wanted.is_empty() => {
            for (name, value) in wanted {
                compare(value, &live[name], format!("{path}.{name}"), name, paths);
            }
        }
        (Value::Array(wanted), Value::Array(found)) if keys_of(list, wanted).is_some() => {
            let keys = keys_of(list, wanted).unwrap_or_default();
            for item in wanted {
                let twin = found
                    .iter()
                    .find(|candidate| keys.iter().all(|key| candidate[key] == item[key]));
                compare(
                    item,
                    twin.unwrap_or(&Value::Null),
                    item_path(&path, keys, item),
                    "",
                    paths,
                );
            }
        }
        (Value::Array(wanted), Value::Array(found)) => {
            let equal = wanted.len() == found.len()
                && wanted
                    .iter()
                    .zip(found)
                    .all(|(one, other)| self::paths(one, other).is_empty());
            if !equal {
                paths.push(path);
            }
        }
        (Value::Object(_), Value::Null | Value::Object(_)) => {}
        (one, other) if one == other => {}
        _ => paths.push(path),
    }
}

fn visit<'a>(object: &'a Value, path: String, list: &str, seen: &mut impl FnMut(&str, &'a Value)) {
    seen(&path, object);
    match object {
        Value::Object(members) => {
            for (name, value) in members {
                visit(value, format!("{path}.{name}"), name, seen);
            }
        }
        Value::Array(items) => {
            if let Some(keys) = keys_of(list, items) {
                for item in items {
                    visit(item, item_path(&path, keys, item), "", seen);
                }
            }
        }
        _ => {}
    }
}

fn keys_of(list: &str, items: &[Value]) -> Option<&'static [&'static str]> {
    if list == "ports" {
        // Container ports and Service ports are keyed differently, NetworkPolicy ports not at all.
        let keys: &[&str] = if items.iter().all(|item| item.get("containerPort").is_some()) {
            &["containerPort", "protocol"]
        } else if items.iter().all(|item| item.get("targetPort").is_some()) {
            &["port", "protocol"]
        } else {
            return None;
        };
        return items
            .iter()
            .all(|item| keys.iter().all(|key| item.get(key).is_some()))
            .then_some(keys);
    }
    LIST_KEYS.iter().find(|(name, _)| *name == list).map(|(_, keys)| *keys)
}

fn item_path(path: &str, keys: &[&str], item: &Value) -> String {
    let key: Vec<String> = keys.iter().map(|key| format!("{key}={}", item[key])).collect();
    format!("{path}[{}]", key.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_fields_that_are_desired_count() {
        let desired =
            json!({"spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "nginx", "image": "a"}]}}}});
        let live = json!({"spec": {"replicas": 2, "paused": false, "template": {"spec": {"containers": [
            {"name": "foreign", "image": "x"}, {"name": "nginx", "image": "b", "imagePullPolicy": "Always"}]}}}});
        assert_eq!(
            paths(&desired, &live),
            [".spec.template.spec.containers[name=\"nginx\"].image"]
        );
    }

    #[test]
    fn lists_without_keys_are_compared_whole() {
        let desired = json!({"spec": {"dnsNames": ["a", "b"]}});
        assert_eq!(
            paths(&desired, &json!({"spec": {"dnsNames": ["a"]}})),
            [".spec.dnsNames"]
        );
        assert!(paths(&desired, &desired).is_empty());
    }

    #[test]
    fn an_absent_object_differs_at_every_leaf() {
        let desired = json!({"data": {"a": "1", "b": "2"}});
        assert_eq!(paths(&desired, &json!({})), [".data.a", ".data.b"]);
    }

    #[test]
    fn finds_what_a_path_leads_to() {
        let object = json!({"spec": {"ports": [{"port": 443, "protocol": "TCP", "targetPort": 8443}]}});
        assert_eq!(
            at(&object, ".spec.ports[port=443,protocol=\"TCP\"].targetPort"),
            &json!(8443)
        );
        assert_eq!(at(&object, ".spec.nothing"), &Value::Null);
    }

    #[test]
    fn paths_overlap_at_whole_steps_only() {
        assert!(overlaps(".spec.replicas", ".spec"));
        assert!(overlaps(".spec.dnsNames", ".spec.dnsNames[0]"));
        assert!(!overlaps(".spec.replica", ".spec.replicas"));
    }
}
