//! Kubernetes objects by server-side apply, from JSON or YAML.

use std::path::Path;
use std::time::Duration;

use kube::api::{Api, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind, TypeMeta};
use kube::discovery::Scope;
use serde_json::Value;

use super::error::{Context as _, Result};

/// The lab's own field manager.
const MANAGER: &str = "e2etls-lab";

/// Applies every document of a YAML text.
///
/// # Errors
/// The text isn't YAML, or the API server refused a document.
pub async fn apply_yaml(client: &kube::Client, text: &str) -> Result<()> {
    for document in documents(text)? {
        apply(client, document).await?;
    }
    Ok(())
}

/// Applies one object.
///
/// # Errors
/// It has no kind, its kind is unknown, or the API server refused it.
pub async fn apply(client: &kube::Client, object: Value) -> Result<DynamicObject> {
    let object: DynamicObject = serde_json::from_value(object).context("a Kubernetes object")?;
    let types = object.types.clone().context("a Kubernetes object without kind")?;
    let name = object
        .metadata
        .name
        .clone()
        .context("a Kubernetes object without name")?;
    let api = api(client, &types, object.metadata.namespace.as_deref()).await?;
    let params = PatchParams::apply(MANAGER).force();
    api.patch(&name, &params, &Patch::Apply(&object))
        .await
        .context(format!("applying {} {name}", types.kind))
}

/// The API of a kind, of one namespace where the kind has namespaces.
///
/// # Errors
/// The API server doesn't know the kind.
pub async fn api(client: &kube::Client, types: &TypeMeta, namespace: Option<&str>) -> Result<Api<DynamicObject>> {
    let kind = GroupVersionKind::try_from(types).context(&types.kind)?;
    let (resource, scope) = match builtin(&kind) {
        Some(known) => known,
        None => discover(client, &kind).await?,
    };
    Ok(match (scope, namespace) {
        (Scope::Cluster, _) => Api::all_with(client.clone(), &resource),
        (Scope::Namespaced, Some(namespace)) => Api::namespaced_with(client.clone(), namespace, &resource),
        (Scope::Namespaced, None) => Api::default_namespaced_with(client.clone(), &resource),
    })
}

/// Kinds that need no question.
fn builtin(kind: &GroupVersionKind) -> Option<(ApiResource, Scope)> {
    const CLUSTER: [&str; 7] = [
        "Namespace",
        "Node",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ];
    CLUSTER
        .contains(&kind.kind.as_str())
        .then(|| (ApiResource::from_gvk(kind), Scope::Cluster))
}

async fn discover(client: &kube::Client, kind: &GroupVersionKind) -> Result<(ApiResource, Scope)> {
    let mut left = 200;
    loop {
        match kube::discovery::pinned_kind(client, kind).await {
            Ok((resource, capabilities)) => return Ok((resource, capabilities.scope)),
            Err(error) if left == 0 => return Err(error).context(format!("kind {}", kind.kind)),
            Err(_) => left -= 1,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The documents of a YAML text, empty ones left out.
///
/// # Errors
/// The text isn't YAML.
pub fn documents(text: &str) -> Result<Vec<Value>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).context("YAML")?;
    Ok(documents.into_iter().filter(Value::is_object).collect())
}

/// Applies the objects of every file of a folder, all at once.
///
/// # Errors
/// A file can't be read, or the API server refused an object.
pub async fn apply_folder(client: &kube::Client, folder: &Path) -> Result<()> {
    let mut objects = Vec::new();
    for entry in std::fs::read_dir(folder).context(folder.display())?.flatten() {
        let text = std::fs::read_to_string(entry.path()).context(entry.path().display())?;
        objects.extend(documents(&text)?);
    }
    futures::future::try_join_all(objects.into_iter().map(|object| apply(client, object)))
        .await
        .map(drop)
}

/// Waits until the API server serves every custom resource definition that it has.
///
/// # Errors
/// One of them isn't served in time.
pub async fn wait_served(client: &kube::Client) -> Result<()> {
    let types = TypeMeta {
        api_version: "apiextensions.k8s.io/v1".to_owned(),
        kind: "CustomResourceDefinition".to_owned(),
    };
    let definitions = api(client, &types, None)
        .await?
        .list(&ListParams::default())
        .await
        .context("listing definitions")?;
    for definition in definitions {
        let spec = &definition.data["spec"];
        let group = spec["group"].as_str().unwrap_or_default();
        for version in spec["versions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|version| version["served"] == true)
        {
            let kind = GroupVersionKind {
                group: group.to_owned(),
                version: version["name"].as_str().unwrap_or_default().to_owned(),
                kind: spec["names"]["kind"].as_str().unwrap_or_default().to_owned(),
            };
            discover(client, &kind).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn splits_documents() {
        let found = documents("---\na: 1\n---\n# nothing\n---\nb: {c: [x]}\n").expect("YAML");
        assert_eq!(found.len(), 2);
        assert_eq!(found[1]["b"]["c"][0], "x");
    }
}
