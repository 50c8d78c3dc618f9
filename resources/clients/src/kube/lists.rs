//! Coalesced reads: the reads of one refresh share one list per kind.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;
use tokio::sync::Mutex;

use super::compact::Compact;
use super::kinds::Kind;
use super::objects::Objects;

/// How old a list may be when a read that it serves begins.
const FRESH: Duration = Duration::from_secs(2);

type Key = (Kind, Option<String>);
type Found = Arc<BTreeMap<(String, String), Kept>>;
type Slot = Arc<Mutex<Option<(Instant, Found)>>>;

/// An object of a list, and the value of the label that it was listed by.
struct Kept {
    label: String,
    object: Compact,
}

/// The lists of one cluster under one set of credentials. Never used by apply or delete.
pub struct Lists {
    objects: Objects,
    label: &'static str,
    slots: Mutex<HashMap<Key, Slot>>,
    cluster_wide: Mutex<HashMap<Kind, Arc<AtomicBool>>>,
}

fn is_forbidden(refusal: &Refusal) -> bool {
    matches!(refusal.answer, Answer::Forbidden(_))
}

impl Lists {
    /// Lists of the objects that carry `label`.
    #[must_use]
    pub fn new(objects: Objects, label: &'static str) -> Self {
        Self {
            objects,
            label,
            slots: Mutex::default(),
            cluster_wide: Mutex::default(),
        }
    }

    /// The object as a shared list or, where that does not hold it, a GET by name saw it.
    ///
    /// Cluster-wide lists are tried first; after a 403 the kind is listed by namespace.
    ///
    /// # Errors
    /// Any refusal of both.
    pub async fn find(&self, kind: Kind, namespace: Option<&str>, name: &str) -> Result<Option<Value>, Refusal> {
        let began = Instant::now();
        let key = (namespace.unwrap_or_default().to_owned(), name.to_owned());
        let list = match self.list(kind, namespace, began).await {
            Err(refusal) if is_forbidden(&refusal) => None,
            other => Some(other?),
        };
        match list.as_ref().and_then(|found| found.get(&key)) {
            Some(kept) => Ok(Some(kept.object.open())),
            None => self.objects.get(kind, namespace, name).await,
        }
    }

    /// All objects of a kind in a namespace whose label has this value, as the shared list saw them.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn labelled(&self, kind: Kind, namespace: Option<&str>, value: &str) -> Result<Vec<Value>, Refusal> {
        let found = self.list(kind, namespace, Instant::now()).await?;
        let place = namespace.unwrap_or_default();
        let wanted = found
            .iter()
            .filter(|((at, _), kept)| at == place && kept.label == value);
        Ok(wanted.map(|(_, kept)| kept.object.open()).collect())
    }

    /// Makes the next read list anew: something of this kind was written.
    pub async fn forget(&self, kind: Kind) {
        self.slots.lock().await.retain(|(listed, _), _| *listed != kind);
    }

    async fn list(&self, kind: Kind, namespace: Option<&str>, began: Instant) -> Result<Found, Refusal> {
        let cluster_wide = Arc::clone(
            self.cluster_wide
                .lock()
                .await
                .entry(kind)
                .or_insert_with(|| Arc::new(AtomicBool::new(true))),
        );
        if cluster_wide.load(Ordering::Relaxed) || !kind.namespaced {
            match self.shared(kind, None, began).await {
                Err(refusal) if is_forbidden(&refusal) && kind.namespaced => {
                    cluster_wide.store(false, Ordering::Relaxed)
                }
                other => return other,
            }
        }
        self.shared(kind, namespace, began).await
    }

    async fn shared(&self, kind: Kind, namespace: Option<&str>, began: Instant) -> Result<Found, Refusal> {
        let key = (kind, namespace.map(str::to_owned));
        let slot = Arc::clone(self.slots.lock().await.entry(key).or_default());
        let mut slot = slot.lock().await;
        if let Some((at, found)) = slot.as_ref()
            && *at + FRESH >= began
        {
            return Ok(Arc::clone(found));
        }
        let at = Instant::now();
        let mut found = BTreeMap::new();
        let keep = |object| found.extend([self.keyed(object)]);
        self.objects.list_each(kind, namespace, self.label, keep).await?;
        let found: Found = Arc::new(found);
        *slot = Some((at, Arc::clone(&found)));
        Ok(found)
    }

    fn keyed(&self, object: Value) -> ((String, String), Kept) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        let key = (text(&metadata["namespace"]), text(&metadata["name"]));
        let label = text(&metadata["labels"][self.label]);
        let object = Compact::of(object);
        (key, Kept { label, object })
    }
}
