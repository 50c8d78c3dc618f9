//! Which lists and maps are merged, and which are replaced as a whole, is what the API server publishes.

use std::collections::BTreeMap;

use e2etls_resources::kinds::kube::MANIFESTS;
use e2etls_resources::kinds::kube::fields::schema;
use serde_json::Value;

use crate::ground::Place;

/// The schemas of a few APIs, by name.
struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    async fn read(kube: &kube::Client, api_versions: &[String]) -> Self {
        let mut schemas = BTreeMap::new();
        for api_version in api_versions {
            let root = if api_version.contains('/') { "apis" } else { "api" };
            let request = http::Request::get(format!("/openapi/v3/{root}/{api_version}")).body(Vec::new());
            let document: Value = kube.request(request.expect("a request")).await.expect("a document");
            let found = document["components"]["schemas"].as_object().cloned();
            schemas.extend(found.expect("schemas"));
        }
        Self(schemas)
    }

    fn of(&self, group: &str, kind: &str) -> &Value {
        let is = |schema: &&Value| {
            let types = schema["x-kubernetes-group-version-kind"]
                .as_array()
                .into_iter()
                .flatten();
            types
                .into_iter()
                .any(|one| one["group"] == group && one["kind"] == kind)
        };
        self.0.values().find(is).expect("a schema of the kind")
    }

    /// A schema without references.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let reference = schema["$ref"].as_str().or(schema["allOf"][0]["$ref"].as_str());
        match reference.and_then(|reference| reference.rsplit('/').next()) {
            Some(name) => self.resolved(&self.0[name]),
            None => schema,
        }
    }

    /// Compares everything below `path` with our tables.
    fn compare(&self, kind: &str, schema: &Value, path: &str, wrong: &mut Vec<String>) {
        let resolved = self.resolved(schema);
        let extension = |name: &str| {
            [schema, resolved]
                .into_iter()
                .map(|one| &one[name])
                .find(|one| !one.is_null())
        };
        let mut differs = |published: Value, ours: Value| {
            if published != ours {
                wrong.push(format!("{kind} {path}: published {published}, ours {ours}"));
            }
        };
        if resolved["type"] == "array" {
            let is_merged = extension("x-kubernetes-list-type").is_some_and(|merge| merge == "map");
            let keys = extension("x-kubernetes-list-map-keys").filter(|_| is_merged);
            differs(keys.cloned().unwrap_or_default(), serde_json::json!(schema::keys(path)));
            if is_merged {
                self.compare(kind, &resolved["items"], path, wrong);
            }
            return;
        }
        let is_atomic = extension("x-kubernetes-map-type").is_some_and(|merge| merge == "atomic");
        if resolved["type"] == "object" {
            differs(is_atomic.into(), schema::is_atomic(path).into());
        }
        for (name, inner) in resolved["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|_| !is_atomic)
        {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            self.compare(kind, inner, &path, wrong);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_maps_are_merged_as_the_api_server_says() {
    let place = Place::new("schemas").await;
    let api_versions: Vec<String> = MANIFESTS.iter().map(|kind| kind.kind.api_version()).collect();
    let schemas = Schemas::read(&place.kube, &api_versions).await;
    let mut wrong = Vec::new();
    for kind in MANIFESTS {
        let schema = schemas.of(kind.kind.group, kind.kind.kind);
        for part in ["metadata", "spec"] {
            schemas.compare(kind.kind.kind, &schema["properties"][part], part, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
