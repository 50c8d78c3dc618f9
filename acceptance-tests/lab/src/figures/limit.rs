//! The limit: the same objects, sent over kept connections without a provider, until all of them work.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _};
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::Value;

use crate::lab::{Context as _, Error, Lab, Result};

/// Requests in flight.
const AT_ONCE: usize = 50;
/// Between two looks at what was sent.
const PERIOD: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(120);
const MANAGER: &str = "e2etls-figures";

/// The kinds of which a proxy consists, and how the API spells them.
const KINDS: [(&str, &str, &str, &str); 6] = [
    ("", "v1", "ConfigMap", "configmaps"),
    ("", "v1", "Service", "services"),
    ("cert-manager.io", "v1", "Certificate", "certificates"),
    ("apps", "v1", "Deployment", "deployments"),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
];
/// What controllers make of these, and take away after them.
const MADE: [(&str, &str, &str, &str); 3] = [
    ("", "v1", "Pod", "pods"),
    ("", "v1", "Secret", "secrets"),
    ("cert-manager.io", "v1", "CertificateRequest", "certificaterequests"),
];

/// The objects of a workload, as they were sent.
///
/// A run has names of its own: AWS Private CA repeats what it answered to a request of the same name for five minutes.
pub(super) struct Limit {
    client: kube::Client,
    namespace: String,
    prefix: String,
    objects: Vec<(ApiResource, DynamicObject)>,
}

fn resource((group, version, kind, plural): (&str, &str, &str, &str)) -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural)
}

impl Limit {
    /// Reads the objects whose names begin with `prefix`, without what the API server added.
    pub(super) async fn of(lab: &Lab, namespace: &str, prefix: &str) -> Result<Self> {
        let mut limit = Self {
            client: lab.kube().await?,
            namespace: namespace.to_owned(),
            prefix: prefix.to_owned(),
            objects: Vec::new(),
        };
        for kind in KINDS {
            let resource = resource(kind);
            for mut object in limit.list(&resource).await? {
                let metadata = std::mem::take(&mut object.metadata);
                object.metadata.name = metadata.name;
                object.metadata.namespace = metadata.namespace;
                object.metadata.labels = metadata.labels;
                if let Some(content) = object.data.as_object_mut() {
                    content.remove("status");
                }
                object.types = Some(kube::core::TypeMeta {
                    api_version: resource.api_version.clone(),
                    kind: resource.kind.clone(),
                });
                limit.objects.push((resource.clone(), object));
            }
        }
        Ok(limit)
    }

    /// The same objects under other names.
    ///
    /// # Errors
    /// None that the objects of a proxy lead to.
    pub(super) fn renamed(&self, prefix: &str) -> Result<Self> {
        let rename = |(resource, object): &(ApiResource, DynamicObject)| {
            let text = serde_json::to_string(object).context("an object")?;
            let object = serde_json::from_str(&text.replace(&self.prefix, prefix)).context("an object")?;
            Ok((resource.clone(), object))
        };
        Ok(Self {
            client: self.client.clone(),
            namespace: self.namespace.clone(),
            prefix: prefix.to_owned(),
            objects: self.objects.iter().map(rename).collect::<Result<_>>()?,
        })
    }

    /// Sends all of them, waits until all certificates are issued and all Pods are ready, and removes them again.
    /// Returns the seconds from the first request to the last that became ready.
    pub(super) async fn measure(&self) -> Result<f64> {
        let begun = Instant::now();
        futures::stream::iter(&self.objects)
            .map(|(resource, object)| async move {
                let name = object.metadata.name.as_deref().unwrap_or_default();
                let params = PatchParams::apply(MANAGER).force();
                self.api(resource).patch(name, &params, &Patch::Apply(object)).await
            })
            .buffer_unordered(AT_ONCE)
            .try_for_each(|_| std::future::ready(Ok(())))
            .await
            .context("an object of the limit")?;
        self.until("to be ready", async |limit: &Self| limit.unready().await)
            .await?;
        let seconds = begun.elapsed().as_secs_f64();
        self.remove().await?;
        Ok(seconds)
    }

    /// What is not ready yet.
    async fn unready(&self) -> Result<Option<String>> {
        let (certificates, deployments) = (
            self.list(&resource(KINDS[2])).await?,
            self.list(&resource(KINDS[3])).await?,
        );
        let issued = |object: &DynamicObject| {
            let conditions = object.data["status"]["conditions"].as_array();
            let mut conditions = conditions.into_iter().flatten();
            conditions.any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
        };
        let available = |object: &DynamicObject| {
            let number = |value: &Value| value.as_u64().unwrap_or_default();
            number(&object.data["status"]["readyReplicas"]) >= number(&object.data["spec"]["replicas"])
        };
        let mut unready = certificates.iter().filter(|object| !issued(object));
        let mut unavailable = deployments.iter().filter(|object| !available(object));
        let left = unready.next().or_else(|| unavailable.next());
        Ok(left.map(|object| format!("{:?}: {}", object.metadata.name, object.data["status"])))
    }

    async fn remove(&self) -> Result<()> {
        let of_certificates = self.list(&resource(MADE[1])).await?;
        let secrets = of_certificates.into_iter().map(|secret| (resource(MADE[1]), secret));
        let all: Vec<_> = self.objects.iter().cloned().chain(secrets).collect();
        futures::stream::iter(all)
            .map(|(resource, object)| async move {
                let name = object.metadata.name.as_deref().unwrap_or_default();
                self.api(&resource).delete(name, &DeleteParams::background()).await
            })
            .buffer_unordered(AT_ONCE)
            .try_for_each(|_| std::future::ready(Ok(())))
            .await
            .context("removing an object of the limit")?;
        self.until("to be gone", async |limit: &Self| limit.remains().await)
            .await
    }

    /// What is still there.
    async fn remains(&self) -> Result<Option<String>> {
        for kind in KINDS.iter().chain(&MADE) {
            if let Some(object) = self.list(&resource(*kind)).await?.first() {
                return Ok(Some(format!("{} {:?}", kind.2, object.metadata.name)));
            }
        }
        Ok(None)
    }

    /// Waits until nothing is left to wait for.
    async fn until(&self, what: &str, left: impl AsyncFn(&Self) -> Result<Option<String>>) -> Result<()> {
        let begun = Instant::now();
        while let Some(left) = left(self).await? {
            if begun.elapsed() > PATIENCE {
                let error = format!("gave up waiting for the objects of the limit {what}: {left}");
                return Err(Error::new(error));
            }
            tokio::time::sleep(PERIOD).await;
        }
        Ok(())
    }

    async fn list(&self, resource: &ApiResource) -> Result<Vec<DynamicObject>> {
        let found = self.api(resource).list(&ListParams::default()).await;
        let found = found.context(&resource.plural)?.items.into_iter();
        let ours = |object: &DynamicObject| {
            object
                .metadata
                .name
                .as_deref()
                .is_some_and(|name| name.starts_with(&self.prefix))
        };
        Ok(found.filter(ours).collect())
    }

    fn api(&self, resource: &ApiResource) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), &self.namespace, resource)
    }
}
