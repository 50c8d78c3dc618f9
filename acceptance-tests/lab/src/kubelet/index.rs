//! Which pod has a name.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Uids of pods by namespace and name; the newest pod of a name counts.
#[derive(Debug, Default)]
pub(crate) struct Index(Mutex<BTreeMap<(String, String), String>>);

impl Index {
    /// The uid of the newest pod of that name.
    pub(crate) fn uid(&self, namespace: &str, name: &str) -> Option<String> {
        let index = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        index.get(&(namespace.to_owned(), name.to_owned())).cloned()
    }

    /// Tells of a new pod.
    pub(crate) fn add(&self, namespace: &str, name: &str, uid: &str) {
        let mut index = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        index.insert((namespace.to_owned(), name.to_owned()), uid.to_owned());
    }
}
