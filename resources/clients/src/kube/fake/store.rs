//! The objects, their versions, and what happened to them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::request::Key;

/// What a controller does with an object of a kind after each write.
pub(super) type Reaction = Box<dyn FnMut(&mut Value) + Send>;

/// What happened to an object.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) version: u64,
    pub(super) what: &'static str,
    pub(super) key: Key,
    pub(super) object: Value,
}

/// All objects of a cluster.
#[derive(Default)]
pub(super) struct Store {
    pub(super) objects: BTreeMap<Key, Value>,
    pub(super) events: Vec<Event>,
    pub(super) version: u64,
    /// Group and plural name of kinds that are not served.
    pub(super) unserved: BTreeSet<(String, String)>,
    pub(super) reactions: Vec<(String, Reaction)>,
    made: u64,
}

const FOREGROUND: &str = "foregroundDeletion";

impl Store {
    /// A number that was never used.
    pub(super) fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// Writes an object; one that is equal to what is there changes nothing.
    pub(super) fn put(&mut self, key: &Key, mut object: Value) -> Value {
        let before = self.objects.get(key).cloned();
        if before.as_ref() == Some(&object) {
            return object;
        }
        let metadata = &mut object["metadata"];
        match &before {
            Some(before) => {
                metadata["uid"] = before["metadata"]["uid"].clone();
                let changed = before["spec"] != object["spec"];
                let generation = before["metadata"]["generation"].as_i64().unwrap_or(1) + i64::from(changed);
                object["metadata"]["generation"] = generation.into();
            }
            None => {
                let number = self.number();
                metadata["uid"] = format!("00000000-0000-4000-8000-{number:012}").into();
                metadata["creationTimestamp"] =
                    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
                metadata["generation"] = 1.into();
            }
        }
        self.keep(if before.is_some() { "MODIFIED" } else { "ADDED" }, key, object);
        self.react(key);
        self.objects.get(key).cloned().unwrap_or_default()
    }

    fn keep(&mut self, what: &'static str, key: &Key, mut object: Value) {
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        self.objects.insert(key.clone(), object.clone());
        self.events.push(Event {
            version: self.version,
            what,
            key: key.clone(),
            object,
        });
    }

    fn react(&mut self, key: &Key) {
        let mut reactions = std::mem::take(&mut self.reactions);
        for (_, reaction) in reactions.iter_mut().filter(|(plural, _)| *plural == key.plural) {
            let Some(before) = self.objects.get(key) else { continue };
            let mut after = before.clone();
            reaction(&mut after);
            if after != *before {
                self.keep("MODIFIED", key, after);
            }
        }
        self.reactions = reactions;
    }

    /// Begins the deletion of an object: true if it is gone at once.
    pub(super) fn delete(&mut self, key: &Key, foreground: bool) -> bool {
        let Some(mut object) = self.objects.get(key).cloned() else {
            return true;
        };
        let is_namespace = key.plural == "namespaces";
        if foreground {
            let finalizers = object["metadata"]["finalizers"].take();
            let mut finalizers = finalizers.as_array().cloned().unwrap_or_default();
            finalizers.push(FOREGROUND.into());
            object["metadata"]["finalizers"] = finalizers.into();
        }
        if !is_held(&object) && !is_namespace {
            self.remove(key);
            return true;
        }
        object["metadata"]["deletionTimestamp"] = jiff::Timestamp::now().to_string().into();
        if is_namespace {
            object["status"] = json!({"phase": "Terminating"});
        }
        self.keep("MODIFIED", key, object);
        false
    }

    fn remove(&mut self, key: &Key) {
        let Some(mut object) = self.objects.remove(key) else {
            return;
        };
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let uid = object["metadata"]["uid"].clone();
        self.events.push(Event {
            version: self.version,
            what: "DELETED",
            key: key.clone(),
            object,
        });
        for dependent in self.dependents(&uid) {
            self.delete(&dependent, false);
        }
    }

    fn dependents(&self, uid: &Value) -> Vec<Key> {
        let depends = |object: &Value| {
            let owners = object["metadata"]["ownerReferences"].as_array();
            owners.is_some_and(|owners| owners.iter().any(|owner| owner["uid"] == *uid))
        };
        let found = self.objects.iter().filter(|(_, object)| depends(object));
        found.map(|(key, _)| key.clone()).collect()
    }

    /// What the garbage collector and the namespace controller do.
    pub(super) fn collect(&mut self) {
        let dying = |(key, object): (&Key, &Value)| {
            (!object["metadata"]["deletionTimestamp"].is_null()).then(|| (key.clone(), object.clone()))
        };
        let dying: Vec<_> = self.objects.iter().filter_map(dying).collect();
        for (key, mut object) in dying {
            if key.plural == "namespaces" {
                let inside = self.objects.keys().filter(|one| one.namespace == key.name);
                for one in inside.cloned().collect::<Vec<_>>() {
                    self.delete(&one, false);
                }
            }
            for dependent in self.dependents(&object["metadata"]["uid"]) {
                self.delete(&dependent, false);
            }
            if let Some(finalizers) = object["metadata"]["finalizers"].as_array_mut() {
                finalizers.retain(|one| one != FOREGROUND);
            }
            let holds = key.plural == "namespaces" && self.objects.keys().any(|one| one.namespace == key.name);
            if !is_held(&object) && !holds {
                self.remove(&key);
            }
        }
    }
}

fn is_held(object: &Value) -> bool {
    let finalizers = object["metadata"]["finalizers"].as_array();
    finalizers.is_some_and(|finalizers| !finalizers.is_empty())
}
