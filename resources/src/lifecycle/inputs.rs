//! Arguments as inputs of a rendering, where an unknown one has a stand-in.

use std::collections::BTreeMap;

use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::Attr;

/// The text, or what stands for an unknown one; empty if it is omitted.
#[must_use]
pub fn text(attr: &Attr<String>) -> String {
    optional_text(attr).unwrap_or_default()
}

/// The same; `None` for an omitted one.
#[must_use]
pub fn optional_text(attr: &Attr<String>) -> Option<String> {
    match attr {
        Attr::Known(text) => Some(text.clone()),
        Attr::Unknown => Some(UNKNOWN.to_owned()),
        Attr::Null => None,
    }
}

/// The texts; none if it is omitted, one that is unknown while the list is.
#[must_use]
pub fn list(attr: &Attr<Vec<String>>) -> Vec<String> {
    match attr {
        Attr::Known(items) => items.clone(),
        Attr::Unknown => vec![UNKNOWN.to_owned()],
        Attr::Null => Vec::new(),
    }
}

/// The labels; one that is unknown while they are.
#[must_use]
pub fn labels(attr: &Attr<BTreeMap<String, String>>) -> Option<BTreeMap<String, String>> {
    match attr {
        Attr::Known(labels) => Some(labels.clone()),
        Attr::Unknown => Some(BTreeMap::from([(UNKNOWN.to_owned(), UNKNOWN.to_owned())])),
        Attr::Null => None,
    }
}

/// Tags as content, or what stands for unknown ones. Omitted ones are none, and not any: what stood there goes.
#[must_use]
pub fn tags(attr: &Attr<BTreeMap<String, String>>) -> Value {
    match attr {
        Attr::Known(tags) => json!(tags),
        Attr::Unknown => UNKNOWN.into(),
        Attr::Null => json!({}),
    }
}

/// The number as JSON, or what stands for an unknown one.
#[must_use]
pub fn number(attr: &Attr<i64>) -> Option<Value> {
    match attr {
        Attr::Known(number) => Some(Value::from(*number)),
        Attr::Unknown => Some(Value::from(UNKNOWN)),
        Attr::Null => None,
    }
}

/// The flag as JSON, or what stands for an unknown one; false if it is omitted.
#[must_use]
pub fn flag(attr: &Attr<bool>) -> Value {
    match attr {
        Attr::Unknown => UNKNOWN.into(),
        attr => (attr.known() == Some(&true)).into(),
    }
}

/// The names by address; `None` while they are not known.
#[must_use]
pub fn names(names: &Attr<BTreeMap<String, String>>) -> Option<BTreeMap<String, String>> {
    if names.is_unknown() {
        None
    } else {
        Some(names.known().cloned().unwrap_or_default())
    }
}

/// The way back: a text that holds what stands for an unknown one is unknown.
#[must_use]
pub fn known_text(text: String) -> Attr<String> {
    if text.contains(UNKNOWN) {
        Attr::Unknown
    } else {
        Attr::Known(text)
    }
}
