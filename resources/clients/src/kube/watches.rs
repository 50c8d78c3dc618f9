//! Waits: one watch per kind and namespace, shared by all waiters and ended when there are none.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::StreamExt;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::watcher::{self, Event};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::compact::Compact;
use super::kinds::{Kind, RENDERED};

/// The objects that a watch has seen, by name; `None` until its first list is complete.
pub type Seen = Option<BTreeMap<String, Compact>>;

type Shared = HashMap<(Kind, Option<String>), Weak<Running>>;

/// How long a watch is kept running for the next waiter: each start lists everything again.
const LINGER: Duration = Duration::from_secs(5);
/// Objects that the list of a start brings at once.
const PAGE: u32 = 100;
/// After this time without news a watch is not believed alone: it may be forbidden or broken.
const SILENCE: Duration = Duration::from_secs(10);
/// The same for an object that the watch does not show: without the label it never will.
const UNSEEN: Duration = Duration::from_secs(2);
/// How long a watch may lag behind the answer to a write.
const LAG: Duration = Duration::from_millis(200);

/// The watches of one cluster.
pub struct Watches {
    client: kube::Client,
    label: &'static str,
    running: Mutex<Shared>,
}

/// A running watch; it ends when nobody has held it for a while.
struct Running {
    /// Kept here too: who waits for a change must not be told of an end, however the task ends.
    seen: Arc<watch::Sender<Seen>>,
    /// What those who wait were last shown, by name of the object.
    shown: Mutex<HashMap<String, Shown>>,
    task: AbortHandle,
}

/// What a waiter for an object was last shown.
enum Shown {
    /// This; `None` if the watch does not show it.
    Object(Option<Compact>),
    /// Nothing new for a long time: it is better to ask.
    Silence,
    /// It was being deleted, and is no longer there.
    Gone,
}

/// What a watch says of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Sight {
    /// It is there.
    Object(Value),
    /// It was seen being deleted, and is gone.
    Gone,
    /// The watch can't tell, since it does not show the object or has been silent for long; a GET can.
    Unsure,
}

/// A holder of a watch.
pub struct Watch(Arc<Running>);

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let running = Arc::clone(&self.0);
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(LINGER).await;
                drop(running);
            });
        }
    }
}

impl Watch {
    /// What has been seen so far, and a way to wait for more. The wait never ends with an error; where the watch is forbidden
    /// or broken it sees nothing, so it must not be the only way to see an end.
    #[must_use]
    pub fn seen(&self) -> watch::Receiver<Seen> {
        self.0.seen.subscribe()
    }

    /// The object as the watch shows it, once its first list is complete.
    pub async fn look(&self, name: &str) -> Sight {
        let mut seen = self.seen();
        if matches!(self.shown().get(name), Some(Shown::Gone)) && object_of(&seen.borrow(), name).is_none() {
            return Sight::Gone;
        }
        let in_vain = matches!(self.shown().get(name), Some(Shown::Silence));
        if !in_vain
            && tokio::time::timeout(SILENCE, seen.wait_for(Option::is_some))
                .await
                .is_ok()
        {
            let there = seen.wait_for(|seen| object_of(seen, name).is_some());
            drop(tokio::time::timeout(LAG, there).await);
        }
        let object = object_of(&seen.borrow(), name).cloned();
        self.shown().insert(name.to_owned(), Shown::Object(object.clone()));
        let object = object.filter(|_| !in_vain);
        object.map_or(Sight::Unsure, |object| Sight::Object(object.open()))
    }

    /// Returns when the object is not as [`Watch::look`] has shown it, or after a while: the next look is then unsure.
    pub async fn changed(&self, name: &str) {
        let before = match self.shown().remove(name) {
            Some(Shown::Object(object)) => object,
            _ => None,
        };
        let mut seen = self.seen();
        let shows_others_only = before.is_none() && seen.borrow().is_some();
        let patience = if shows_others_only { UNSEEN } else { SILENCE };
        let moved = seen.wait_for(|seen| object_of(seen, name) != before.as_ref());
        if tokio::time::timeout(patience, moved).await.is_err() {
            self.shown().insert(name.to_owned(), Shown::Silence);
        } else if before.is_some_and(|object| is_dying(&object)) && object_of(&seen.borrow(), name).is_none() {
            self.shown().insert(name.to_owned(), Shown::Gone);
        }
    }

    fn shown(&self) -> MutexGuard<'_, HashMap<String, Shown>> {
        self.0.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_dying(object: &Compact) -> bool {
    !object.open()["metadata"]["deletionTimestamp"].is_null()
}

fn object_of<'a>(seen: &'a Seen, name: &str) -> Option<&'a Compact> {
    seen.as_ref()?.get(name)
}

impl Watches {
    /// Watches through `client`; of the kinds that are rendered, the objects that carry `label`.
    #[must_use]
    pub fn new(client: kube::Client, label: &'static str) -> Self {
        Self {
            client,
            label,
            running: Mutex::default(),
        }
    }

    /// The watch of `kind` in `namespace`, started if there is none yet.
    #[must_use]
    pub fn of(&self, kind: Kind, namespace: Option<&str>) -> Watch {
        let key = (kind, namespace.map(str::to_owned));
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = running.get(&key).and_then(Weak::upgrade);
        if let Some(watch) = watch.filter(|watch| !watch.task.is_finished()) {
            return Watch(watch);
        }
        // What is rendered carries the label; requests that controllers make for it may not.
        let config = watcher::Config::default().page_size(PAGE);
        let config = if RENDERED.contains(&kind) {
            config.labels(self.label)
        } else {
            config
        };
        let seen = Arc::new(watch::Sender::new(None));
        let task = tokio::spawn(run(self.api(kind, namespace), config, Arc::clone(&seen))).abort_handle();
        let watch = Arc::new(Running {
            seen,
            shown: Mutex::default(),
            task,
        });
        running.retain(|_, old| old.strong_count() > 0);
        running.insert(key, Arc::downgrade(&watch));
        Watch(watch)
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

async fn run(api: Api<DynamicObject>, config: watcher::Config, sender: Arc<watch::Sender<Seen>>) {
    let mut events = std::pin::pin!(watcher::watcher(api, config));
    let mut listing = BTreeMap::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Init) => listing = BTreeMap::new(),
            Ok(Event::InitApply(object)) => {
                listing.insert(name_of(&object), compact(object));
            }
            Ok(Event::InitDone) => drop(sender.send_replace(Some(std::mem::take(&mut listing)))),
            Ok(Event::Apply(object)) => sender.send_modify(|seen| {
                seen.get_or_insert_default().insert(name_of(&object), compact(object));
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

fn compact(mut object: DynamicObject) -> Compact {
    object.metadata.managed_fields = None;
    Compact::of(serde_json::to_value(object).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A watch of one object, which shows what the sender is given.
    fn watch() -> (Arc<watch::Sender<Seen>>, Watch) {
        let seen = Arc::new(watch::Sender::new(None));
        let running = Running {
            seen: Arc::clone(&seen),
            shown: Mutex::default(),
            task: tokio::spawn(std::future::pending::<()>()).abort_handle(),
        };
        (seen, Watch(Arc::new(running)))
    }

    fn object(metadata: Value) -> Seen {
        let object = Compact::of(json!({"metadata": metadata}));
        Some(BTreeMap::from([("web".to_owned(), object)]))
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_being_deleted_and_is_not_there_is_gone() {
        let (shows, watch) = watch();
        shows.send_replace(object(json!({"deletionTimestamp": "2026-01-01T00:00:00Z"})));
        assert!(matches!(watch.look("web").await, Sight::Object(_)));
        shows.send_replace(Some(BTreeMap::new()));
        watch.changed("web").await;
        assert_eq!(watch.look("web").await, Sight::Gone);
        // It may have been made again meanwhile.
        shows.send_replace(object(json!({"uid": "another"})));
        assert!(matches!(watch.look("web").await, Sight::Object(_)));
    }

    /// Somebody may have removed the label that the watch selects by.
    #[tokio::test(start_paused = true)]
    async fn what_only_is_not_there_may_exist() {
        let (shows, watch) = watch();
        shows.send_replace(object(json!({"uid": "one"})));
        assert!(matches!(watch.look("web").await, Sight::Object(_)));
        shows.send_replace(Some(BTreeMap::new()));
        watch.changed("web").await;
        assert_eq!(watch.look("web").await, Sight::Unsure);
    }
}
