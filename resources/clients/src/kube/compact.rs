//! Objects that are kept for long, as text: a tree of JSON values takes ten times the room.

use serde_json::Value;

/// An object without `managedFields`, which nobody who keeps it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compact(Box<str>);

impl Compact {
    /// Keeps an object.
    #[must_use]
    pub fn of(mut object: Value) -> Self {
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove("managedFields");
        }
        Self(object.to_string().into())
    }

    /// The object again.
    #[must_use]
    pub fn open(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// False if no text in the object contains `word`: then it need not be opened to look for it.
    #[must_use]
    pub fn may_mention(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn comes_back_without_managed_fields() {
        let object = json!({"metadata": {"name": "shop", "managedFields": [{"manager": "x"}]}, "spec": {"a": ["b"]}});
        let kept = Compact::of(object);
        assert_eq!(kept.open(), json!({"metadata": {"name": "shop"}, "spec": {"a": ["b"]}}));
        assert!(kept.may_mention("shop") && !kept.may_mention("x"));
    }
}
