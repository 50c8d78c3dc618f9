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
/// How much earlier than its instant a list for [`Freshness::After`] may have begun: many deletes share one.
const EARLIER: Duration = Duration::from_secs(10);

/// Which lists may serve a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// One that began at most 2 s before the read, and after the last [`Lists::forget`]: for refreshes.
    Recent,
    /// One that began after this instant, such as that of a delete, or at most 10 s before it if this process has applied
    /// nothing of the kind since: what is missing in it, no earlier run has left.
    After(Instant),
    /// Any since this process began: for what earlier runs have left.
    Run,
}

impl Freshness {
    fn allows(self, list: Instant, read: Instant, written: Written) -> bool {
        let unchanged = |at: Option<Instant>| at.is_none_or(|at| list > at);
        match self {
            Self::Recent => list + FRESH >= read && unchanged(written.applied) && unchanged(written.deleted),
            Self::After(instant) => list > instant || (list + EARLIER > instant && unchanged(written.applied)),
            Self::Run => true,
        }
    }
}

/// When this process last wrote something of a kind.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    applied: Option<Instant>,
    deleted: Option<Instant>,
}

type Key = (Kind, Option<String>);
type Found = Arc<BTreeMap<(String, String), Kept>>;
type Slot = Arc<Mutex<Option<(Instant, Found)>>>;

/// An object of a list, and the value of the label that it was listed by.
struct Kept {
    label: String,
    object: Compact,
}

/// The lists of one cluster under one set of credentials.
pub struct Lists {
    objects: Objects,
    label: &'static str,
    slots: Mutex<HashMap<Key, Slot>>,
    cluster_wide: Mutex<HashMap<Kind, Arc<AtomicBool>>>,
    written: Mutex<HashMap<Kind, Written>>,
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
            written: Mutex::default(),
        }
    }

    /// The object as a shared list or, where that does not hold it, a GET by name saw it.
    ///
    /// Cluster-wide lists are tried first; after a 403 the kind is listed by namespace.
    ///
    /// # Errors
    /// If both calls are refused or not answered.
    pub async fn find(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        freshness: Freshness,
    ) -> Result<Option<Value>, Refusal> {
        match self.listed(kind, namespace, name, freshness).await {
            Ok(Some(object)) => Ok(Some(object)),
            Ok(None) => self.objects.get(kind, namespace, name).await,
            Err(refusal) if is_forbidden(&refusal) => self.objects.get(kind, namespace, name).await,
            Err(refusal) => Err(refusal),
        }
    }

    /// The object as a shared list saw it. `None` says no more than that the list does not hold it: an object without the
    /// label is in none.
    ///
    /// # Errors
    /// If the list is refused or not answered.
    pub async fn listed(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        freshness: Freshness,
    ) -> Result<Option<Value>, Refusal> {
        let found = self.list(kind, namespace, freshness).await?;
        let key = (namespace.unwrap_or_default().to_owned(), name.to_owned());
        Ok(found.get(&key).map(|kept| kept.object.open()))
    }

    /// All objects of a kind whose label has this value, in a namespace or, with `None` for a namespaced kind, in all of
    /// them, as the shared list saw them.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn labelled(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        value: &str,
        freshness: Freshness,
    ) -> Result<Vec<Value>, Refusal> {
        let found = self.list(kind, namespace, freshness).await?;
        let wanted = found
            .iter()
            .filter(|((at, _), kept)| kept.label == value && namespace.is_none_or(|namespace| namespace == at));
        Ok(wanted.map(|(_, kept)| kept.object.open()).collect())
    }

    /// Something of this kind was applied: of the lists that began before, only [`Freshness::Run`] takes any.
    pub async fn forget(&self, kind: Kind) {
        self.written.lock().await.entry(kind).or_default().applied = Some(Instant::now());
    }

    /// Something of this kind was deleted: lists that began before serve no [`Freshness::Recent`] read any more. Other deletes
    /// may use them, as none deletes what is another's.
    pub async fn forget_deleted(&self, kind: Kind) {
        self.written.lock().await.entry(kind).or_default().deleted = Some(Instant::now());
    }

    async fn list(&self, kind: Kind, namespace: Option<&str>, freshness: Freshness) -> Result<Found, Refusal> {
        let began = Instant::now();
        let cluster_wide = Arc::clone(
            self.cluster_wide
                .lock()
                .await
                .entry(kind)
                .or_insert_with(|| Arc::new(AtomicBool::new(true))),
        );
        if cluster_wide.load(Ordering::Relaxed) || !kind.namespaced {
            match self.shared(kind, None, freshness, began).await {
                Err(refusal) if is_forbidden(&refusal) && kind.namespaced => {
                    cluster_wide.store(false, Ordering::Relaxed)
                }
                other => return other,
            }
        }
        self.shared(kind, namespace, freshness, began).await
    }

    async fn shared(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        freshness: Freshness,
        began: Instant,
    ) -> Result<Found, Refusal> {
        let key = (kind, namespace.map(str::to_owned));
        let slot = Arc::clone(self.slots.lock().await.entry(key).or_default());
        let mut slot = slot.lock().await;
        let written = self.written.lock().await.get(&kind).copied().unwrap_or_default();
        if let Some((at, found)) = slot.as_ref()
            && freshness.allows(*at, began, written)
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
