//! What the stand-in knows of the cluster: watched objects, and a count that rises with each change.

use std::fmt::Debug;
use std::hash::Hash;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The watched kinds of a cluster.
#[derive(Clone)]
pub(crate) struct Cluster {
    config_maps: Store<ConfigMap>,
    secrets: Store<Secret>,
    services: Store<Service>,
    slices: Store<EndpointSlice>,
    namespaces: Store<Namespace>,
    pods: Store<Pod>,
    policies: Store<NetworkPolicy>,
    /// Rises when a ConfigMap or a Secret changed.
    volumes: watch::Receiver<u64>,
    /// Rises when a Service or an EndpointSlice changed.
    routes: watch::Receiver<u64>,
}

impl Cluster {
    /// Starts the watches and waits for the first lists.
    pub(crate) async fn watch(client: &Client, tasks: &TaskTracker, cancel: &CancellationToken) -> Option<Self> {
        let (volume_count, volumes) = watch::channel(0);
        let (route_count, routes) = watch::channel(0);
        let start = Start { client, tasks, cancel };
        let cluster = Self {
            config_maps: start.kind(volume_count.clone()),
            secrets: start.kind(volume_count),
            services: start.kind(route_count.clone()),
            slices: start.kind(route_count),
            namespaces: start.kind(watch::channel(0).0),
            pods: start.kind(watch::channel(0).0),
            policies: start.kind(watch::channel(0).0),
            volumes,
            routes,
        };
        let ready = async {
            cluster.config_maps.wait_until_ready().await.ok()?;
            cluster.secrets.wait_until_ready().await.ok()?;
            cluster.services.wait_until_ready().await.ok()?;
            cluster.slices.wait_until_ready().await.ok()?;
            cluster.namespaces.wait_until_ready().await.ok()?;
            cluster.pods.wait_until_ready().await.ok()?;
            cluster.policies.wait_until_ready().await.ok()
        };
        cancel.run_until_cancelled(ready).await.flatten()?;
        Some(cluster)
    }

    pub(crate) fn config_map(&self, namespace: &str, name: &str) -> Option<std::sync::Arc<ConfigMap>> {
        self.config_maps.get(&ObjectRef::new(name).within(namespace))
    }

    pub(crate) fn secret(&self, namespace: &str, name: &str) -> Option<std::sync::Arc<Secret>> {
        self.secrets.get(&ObjectRef::new(name).within(namespace))
    }

    pub(crate) fn service(&self, namespace: &str, name: &str) -> Option<std::sync::Arc<Service>> {
        self.services.get(&ObjectRef::new(name).within(namespace))
    }

    pub(crate) fn services(&self) -> Vec<std::sync::Arc<Service>> {
        self.services.state()
    }

    /// The slices of a Service.
    pub(crate) fn slices(&self, namespace: &str, service: &str) -> Vec<std::sync::Arc<EndpointSlice>> {
        let of_service = |slice: &EndpointSlice| {
            let labels = slice.metadata.labels.as_ref();
            slice.metadata.namespace.as_deref() == Some(namespace)
                && labels
                    .and_then(|l| l.get("kubernetes.io/service-name"))
                    .is_some_and(|name| name == service)
        };
        self.slices
            .state()
            .into_iter()
            .filter(|slice| of_service(slice))
            .collect()
    }

    pub(crate) fn namespace(&self, name: &str) -> Option<std::sync::Arc<Namespace>> {
        self.namespaces.get(&ObjectRef::new(name))
    }

    pub(crate) fn pods(&self) -> Vec<std::sync::Arc<Pod>> {
        self.pods.state()
    }

    pub(crate) fn policies(&self) -> Vec<NetworkPolicy> {
        self.policies.state().iter().map(|policy| (**policy).clone()).collect()
    }

    pub(crate) fn volume_changes(&self) -> watch::Receiver<u64> {
        self.volumes.clone()
    }

    pub(crate) fn route_changes(&self) -> watch::Receiver<u64> {
        self.routes.clone()
    }
}

/// What a watch is started with.
struct Start<'a> {
    client: &'a Client,
    tasks: &'a TaskTracker,
    cancel: &'a CancellationToken,
}

impl Start<'_> {
    /// Watches one kind in all namespaces.
    fn kind<K>(&self, changes: watch::Sender<u64>) -> Store<K>
    where
        K: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
        K::DynamicType: Default + Eq + Hash + Clone + Send + Sync,
    {
        let (store, writer) = reflector::store();
        let api = Api::<K>::all(self.client.clone());
        let events = reflector::reflector(writer, watcher(api, watcher::Config::default())).default_backoff();
        let seen = events.for_each(move |event| {
            match event {
                Ok(_) => changes.send_modify(|count| *count += 1),
                Err(error) => tracing::warn!(%error, "watch"),
            }
            std::future::ready(())
        });
        let cancel = self.cancel.clone();
        self.tasks.spawn(async move { cancel.run_until_cancelled(seen).await });
        store
    }
}
