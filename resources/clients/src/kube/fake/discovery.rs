//! What the fake serves, as aggregated discovery tells it: the kinds of which there are objects in namespaces.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::store::Store;

/// The answer to `GET /api` or `GET /apis`; `None` for another path.
pub(super) fn answer(store: &Store, path: &str) -> Option<Value> {
    let is_core = match path {
        "/api" => true,
        "/apis" => false,
        _ => return None,
    };
    let mut groups: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
    for (key, object) in &store.objects {
        let api_version = object["apiVersion"].as_str().unwrap_or_default();
        let version = api_version.rsplit('/').next().unwrap_or_default();
        let resources = groups.entry((&key.group, version)).or_default();
        let is_known = resources.iter().any(|one| one["resource"] == key.plural);
        if key.group.is_empty() == is_core && !key.namespace.is_empty() && !is_known {
            resources.push(
                json!({"resource": key.plural, "responseKind": {"kind": object["kind"]}, "scope": "Namespaced",
                                  "verbs": ["get", "list", "delete"]}),
            );
        }
    }
    let items: Value = groups
        .into_iter()
        .filter(|(_, resources)| !resources.is_empty())
        .map(|((group, version), resources)| {
            json!({"metadata": {"name": group},
                   "versions": [{"version": version, "freshness": "Current", "resources": resources}]})
        })
        .collect();
    Some(json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}))
}
