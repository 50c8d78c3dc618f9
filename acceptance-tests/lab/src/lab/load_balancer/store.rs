//! What the controller watches.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, IngressClass};
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::reflector::{self, ObjectRef, Store as Kind};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::watch;

use super::model::Flavour;

const LEGACY_CLASS: &str = "kubernetes.io/ingress.class";

/// Groups and versions of IngressClassParams.
const PARAMS: [(&str, &str); 2] = [("elbv2.k8s.aws", "v1beta1"), ("eks.amazonaws.com", "v1")];

/// The watched kinds.
#[derive(Clone)]
pub(super) struct Store {
    ingresses: Kind<Ingress>,
    classes: Kind<IngressClass>,
    services: Kind<Service>,
    slices: Kind<EndpointSlice>,
    params: [(ApiResource, Kind<DynamicObject>); 2],
}

impl Store {
    /// Starts the watches and waits for the first lists; the receiver hears of every change.
    pub(super) async fn watch(client: &Client) -> (Self, watch::Receiver<u64>) {
        let (count, changes) = watch::channel(0);
        let store = Self {
            ingresses: kind(client, count.clone()),
            classes: kind(client, count.clone()),
            services: kind(client, count.clone()),
            slices: kind(client, count.clone()),
            params: PARAMS.map(|(group, version)| params(client, group, version, count.clone())),
        };
        // They fail only when their writers are gone, which are in endless tasks.
        drop(store.ingresses.wait_until_ready().await);
        drop(store.classes.wait_until_ready().await);
        drop(store.services.wait_until_ready().await);
        drop(store.slices.wait_until_ready().await);
        (store, changes)
    }

    pub(super) fn ingresses(&self) -> Vec<Arc<Ingress>> {
        self.ingresses.state()
    }

    pub(super) fn services(&self) -> Vec<Arc<Service>> {
        self.services.state()
    }

    pub(super) fn service(&self, namespace: &str, name: &str) -> Option<Arc<Service>> {
        self.services.get(&ObjectRef::new(name).within(namespace))
    }

    /// The slices of a Service.
    pub(super) fn slices(&self, namespace: &str, service: &str) -> Vec<Arc<EndpointSlice>> {
        let label = "kubernetes.io/service-name";
        let mut slices = self.slices.state();
        slices.retain(|slice| {
            slice.namespace().as_deref() == Some(namespace)
                && slice.labels().get(label).is_some_and(|name| name == service)
        });
        slices
    }

    /// The parameters of an Ingress's class.
    pub(super) fn params(&self, ingress: &Ingress) -> Option<Value> {
        let name = ingress.spec.as_ref()?.ingress_class_name.as_deref()?;
        let class = self.classes.get(&ObjectRef::new(name))?;
        let wanted = class.spec.as_ref()?.parameters.as_ref()?;
        let is_it = |kind: &&(ApiResource, _)| wanted.api_group.as_deref() == Some(&kind.0.group);
        let (resource, store) = self.params.iter().find(is_it)?;
        let object = store.get(&ObjectRef::new_with(&wanted.name, resource.clone()))?;
        Some(object.data.clone())
    }

    /// Whose an Ingress is, by its class.
    pub(super) fn flavour(&self, ingress: &Ingress) -> Option<Flavour> {
        if ingress
            .annotations()
            .get(LEGACY_CLASS)
            .is_some_and(|class| class == "alb")
        {
            return Some(Flavour::Own);
        }
        let name = ingress.spec.as_ref()?.ingress_class_name.as_deref()?;
        let class = self.classes.get(&ObjectRef::new(name))?;
        Flavour::of_class(class.spec.as_ref()?.controller.as_deref()?)
    }
}

fn params(
    client: &Client,
    group: &str,
    version: &str,
    changes: watch::Sender<u64>,
) -> (ApiResource, Kind<DynamicObject>) {
    let kind = GroupVersionKind::gvk(group, version, "IngressClassParams");
    let resource = ApiResource::from_gvk_with_plural(&kind, "ingressclassparams");
    let writer = reflector::store::Writer::new(resource.clone());
    let store = writer.as_reader();
    let api = Api::all_with(client.clone(), &resource);
    follow(api, writer, changes);
    (resource, store)
}

fn kind<K>(client: &Client, changes: watch::Sender<u64>) -> Kind<K>
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
    K::DynamicType: Default + Eq + Hash + Clone + Send + Sync,
{
    let (store, writer) = reflector::store();
    follow(Api::<K>::all(client.clone()), writer, changes);
    store
}

fn follow<K>(api: Api<K>, writer: reflector::store::Writer<K>, changes: watch::Sender<u64>)
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
    K::DynamicType: Eq + Hash + Clone + Send + Sync,
{
    let events = reflector::reflector(writer, watcher(api, watcher::Config::default())).default_backoff();
    tokio::spawn(events.for_each(move |event| {
        match event {
            Ok(_) => changes.send_modify(|count| *count += 1),
            Err(error) => tracing::warn!(%error, "watch"),
        }
        std::future::ready(())
    }));
}
