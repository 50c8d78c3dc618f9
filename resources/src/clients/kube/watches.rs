//! Waits: one watch per kind and namespace, shared by all who wait, ended when nobody does.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::StreamExt;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::watcher::{self, Event};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::kinds::Kind;

/// The objects that a watch has seen, by name; `None` until its first list is complete.
pub type Seen = Option<BTreeMap<String, Value>>;

type Running = HashMap<(Kind, Option<String>), Weak<Watch>>;

/// The watches of one cluster.
pub struct Watches {
    client: kube::Client,
    running: Mutex<Running>,
}

/// A running watch; it ends when the last holder drops it.
pub struct Watch {
    seen: watch::Receiver<Seen>,
    task: AbortHandle,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watch {
    /// What has been seen so far, and a way to wait for more.
    #[must_use]
    pub fn seen(&self) -> watch::Receiver<Seen> {
        self.seen.clone()
    }
}

impl Watches {
    /// Watches through `client`.
    #[must_use]
    pub fn new(client: kube::Client) -> Self {
        Self {
            client,
            running: Mutex::default(),
        }
    }

    /// The watch of `kind` in `namespace`, started if nobody else waits there.
    #[must_use]
    pub fn of(&self, kind: Kind, namespace: Option<&str>) -> Arc<Watch> {
        let key = (kind, namespace.map(str::to_owned));
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = running.get(&key).and_then(Weak::upgrade) {
            return watch;
        }
        let (sender, seen) = watch::channel(None);
        let task = tokio::spawn(run(self.api(kind, namespace), sender)).abort_handle();
        let watch = Arc::new(Watch { seen, task });
        running.retain(|_, old| old.strong_count() > 0);
        running.insert(key, Arc::downgrade(&watch));
        watch
    }

    fn api(&self, kind: Kind, namespace: Option<&str>) -> Api<DynamicObject> {
        let gvk = GroupVersionKind::gvk(kind.group, kind.version, kind.kind);
        let resource = ApiResource::from_gvk_with_plural(&gvk, kind.plural);
        match namespace.filter(|_| kind.namespaced) {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        }
    }
}

async fn run(api: Api<DynamicObject>, sender: watch::Sender<Seen>) {
    let mut events = std::pin::pin!(watcher::watcher(api, watcher::Config::default()));
    let mut listing = BTreeMap::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Init) => listing = BTreeMap::new(),
            Ok(Event::InitApply(object)) => {
                listing.insert(name_of(&object), json_of(object));
            }
            Ok(Event::InitDone) => drop(sender.send_replace(Some(std::mem::take(&mut listing)))),
            Ok(Event::Apply(object)) => sender.send_modify(|seen| {
                seen.get_or_insert_default().insert(name_of(&object), json_of(object));
            }),
            Ok(Event::Delete(object)) => sender.send_modify(|seen| {
                seen.get_or_insert_default().remove(&name_of(&object));
            }),
            Err(error) => {
                tracing::debug!("watch interrupted: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            }
        }
    }
}

fn name_of(object: &DynamicObject) -> String {
    object.metadata.name.clone().unwrap_or_default()
}

fn json_of(mut object: DynamicObject) -> Value {
    object.metadata.managed_fields = None;
    serde_json::to_value(object).unwrap_or_default()
}
