//! The limit: the same objects, sent over kept connections without a provider, until all of them work.

use std::future::Future;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _};
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use serde_json::Value;

use crate::lab::kinds::{CERTIFICATE, DEPLOYMENT, Kind, MADE, SECRET, WRITTEN, api};
use crate::lab::{Context as _, Error, Lab, Result};

/// Requests in flight.
const AT_ONCE: usize = 50;
/// Between two looks at what was sent.
const PERIOD: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(120);
const MANAGER: &str = "e2etls-figures";

/// The objects of a workload, as they were sent.
///
/// A run has names of its own: AWS Private CA repeats what it answered to a request of the same name for five minutes.
pub(super) struct Limit {
    client: kube::Client,
    namespace: String,
    prefix: String,
    objects: Vec<(Kind, DynamicObject)>,
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
        for kind in WRITTEN {
            for mut object in limit.list(kind).await? {
                let metadata = std::mem::take(&mut object.metadata);
                object.metadata.name = metadata.name;
                object.metadata.namespace = metadata.namespace;
                object.metadata.labels = metadata.labels;
                if let Some(content) = object.data.as_object_mut() {
                    content.remove("status");
                }
                let (group, version, name, _) = kind;
                object.types = Some(kube::core::TypeMeta {
                    api_version: format!("{group}/{version}").trim_start_matches('/').to_owned(),
                    kind: name.to_owned(),
                });
                limit.objects.push((kind, object));
            }
        }
        Ok(limit)
    }

    /// The same objects under other names.
    ///
    /// # Errors
    /// None that the objects of a proxy lead to.
    pub(super) fn renamed(&self, prefix: &str) -> Result<Self> {
        let rename = |(kind, object): &(Kind, DynamicObject)| {
            let text = serde_json::to_string(object).context("an object")?;
            let object = serde_json::from_str(&text.replace(&self.prefix, prefix)).context("an object")?;
            Ok((*kind, object))
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
        let params = PatchParams::apply(MANAGER).force();
        let send = async |(kind, object): (Kind, DynamicObject)| {
            let name = object.metadata.name.as_deref().unwrap_or_default();
            let api = api(&self.client, &self.namespace, kind);
            api.patch(name, &params, &Patch::Apply(&object)).await.map(drop)
        };
        many(self.objects.iter().cloned().map(send)).await?;
        self.until("to be ready", async |limit: &Self| limit.unready().await)
            .await?;
        let seconds = begun.elapsed().as_secs_f64();
        self.remove().await?;
        Ok(seconds)
    }

    /// What is not ready yet.
    async fn unready(&self) -> Result<Option<String>> {
        let (certificates, deployments) = (self.list(CERTIFICATE).await?, self.list(DEPLOYMENT).await?);
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
        let secrets = self.list(SECRET).await?.into_iter().map(|secret| (SECRET, secret));
        let remove = async |(kind, object): (Kind, DynamicObject)| {
            let name = object.metadata.name.as_deref().unwrap_or_default();
            let api = api(&self.client, &self.namespace, kind);
            api.delete(name, &DeleteParams::background()).await.map(drop)
        };
        many(self.objects.iter().cloned().chain(secrets).map(remove)).await?;
        self.until("to be gone", async |limit: &Self| limit.remains().await)
            .await
    }

    /// What is still there.
    async fn remains(&self) -> Result<Option<String>> {
        for kind in WRITTEN.iter().chain(&MADE) {
            if let Some(object) = self.list(*kind).await?.first() {
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

    async fn list(&self, kind: Kind) -> Result<Vec<DynamicObject>> {
        let api = api(&self.client, &self.namespace, kind);
        let found = api.list(&ListParams::default()).await.context(kind.3)?;
        let ours = |object: &DynamicObject| {
            object
                .metadata
                .name
                .as_deref()
                .is_some_and(|name| name.starts_with(&self.prefix))
        };
        Ok(found.items.into_iter().filter(ours).collect())
    }
}

/// Requests, some of them in flight at once, until the first that is refused.
async fn many(requests: impl Iterator<Item = impl Future<Output = kube::Result<()>>>) -> Result<()> {
    futures::stream::iter(requests)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
        .context("an object of the limit")
}
