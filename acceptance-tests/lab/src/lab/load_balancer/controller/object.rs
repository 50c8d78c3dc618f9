//! Finalizers and status of one object.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::api::{Api, Patch, PatchParams};
use kube::{Client, Resource, ResourceExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::lab::{Context as _, Result};

/// Adds a finalizer, if it isn't there.
pub(super) async fn hold<K>(client: &Client, object: &K, finalizer: &str) -> Result<()>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    let mut finalizers = object.finalizers().to_vec();
    if finalizers.iter().any(|it| it == finalizer) {
        return Ok(());
    }
    finalizers.push(finalizer.to_owned());
    patch(client, object, &finalizers).await
}

/// Removes a finalizer, if it is there.
pub(super) async fn release<K>(client: &Client, object: &K, finalizer: &str) -> Result<()>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    let mut finalizers = object.finalizers().to_vec();
    let before = finalizers.len();
    finalizers.retain(|it| it != finalizer);
    if finalizers.len() == before {
        return Ok(());
    }
    patch(client, object, &finalizers).await
}

async fn patch<K>(client: &Client, object: &K, finalizers: &[String]) -> Result<()>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    let change = json!({ "metadata": {
        "finalizers": finalizers, "uid": object.uid(), "resourceVersion": object.resource_version(),
    } });
    let sent = api(client, object)
        .patch(&object.name_any(), &PatchParams::default(), &Patch::Merge(change))
        .await;
    match sent {
        // Gone already: then nothing holds it.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other.map(drop).context(object.name_any()),
    }
}

/// Writes the name of the load balancer into the status, if it isn't there.
pub(super) async fn show<K>(client: &Client, object: &K, hostname: &str) -> Result<()>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize,
{
    let name = object.name_any();
    let now: Value = serde_json::to_value(object).context(&name)?;
    let status = json!({ "loadBalancer": { "ingress": [{ "hostname": hostname }] } });
    if now["status"]["loadBalancer"] == status["loadBalancer"] {
        return Ok(());
    }
    let change = json!({ "status": status });
    let sent = api(client, object)
        .patch_status(&name, &PatchParams::default(), &Patch::Merge(change))
        .await;
    sent.map(drop).context(name)
}

fn api<K>(client: &Client, object: &K) -> Api<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
{
    Api::namespaced(client.clone(), &object.namespace().unwrap_or_default())
}
