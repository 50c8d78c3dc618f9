//! Private state: bytes that the host keeps beside a resource's state and never shows.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Which leg of a change a plan was made for; kept in the planned private bytes.
///
/// A delete that is handed the bytes of a *create* plan is the first leg of a tainted replacement; with the bytes of a
/// destroy plan, or none (Pulumi), it is a real delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// A plan without prior state.
    Create,
    /// A plan with prior state.
    Replacing,
    /// A plan to destroy.
    Destroy,
}

/// What a resource remembers beside its state: JSON values by key. Not secret: it persists in plain text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Private {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leg: Option<Leg>,
    #[serde(flatten)]
    entries: serde_json::Map<String, serde_json::Value>,
}

impl Private {
    /// The entry `key`, if there is one and it has this type.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_value(self.entries.get(key)?.clone()).ok()
    }

    /// Sets the entry `key`; the key `leg` is reserved. A value that JSON can't represent is left out.
    pub fn set<T: Serialize>(&mut self, key: &str, value: &T) {
        debug_assert_ne!(key, "leg", "reserved for the framework");
        if let Ok(value) = serde_json::to_value(value) {
            self.entries.insert(key.to_owned(), value);
        }
    }

    /// Removes the entry `key`.
    pub fn remove(&mut self, key: &str) {
        self.entries.remove(key);
    }

    /// The leg that the plan was made for; `None` in the bytes of an applied resource and under hosts that pass none.
    #[must_use]
    pub fn leg(&self) -> Option<Leg> {
        self.leg
    }

    /// Marks the leg; only the plan engine does so.
    pub(crate) fn set_leg(&mut self, leg: Option<Leg>) {
        self.leg = leg;
    }

    /// Reads the host's bytes. Bytes that are empty, or were not written by this framework, give an empty private state.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The bytes for the host; empty if there is nothing to keep.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        if *self == Self::default() {
            Vec::new()
        } else {
            serde_json::to_vec(self).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Leg, Private};

    #[test]
    fn bytes_bring_everything_back() {
        let mut private = Private::default();
        assert!(private.to_bytes().is_empty());
        private.set("hash", &"abc");
        private.set("count", &3);
        private.set_leg(Some(Leg::Create));
        let read = Private::from_bytes(&private.to_bytes());
        assert_eq!(read, private);
        assert_eq!(read.get::<u8>("count"), Some(3));
        assert_eq!(read.get::<u8>("hash"), None, "of another type");
        assert_eq!(Private::from_bytes(b"foreign"), Private::default());
    }
}
