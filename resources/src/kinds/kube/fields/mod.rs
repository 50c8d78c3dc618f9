//! Which of the fields that we set differ, in the path notation of the API server's field conflicts.
//!
//! Only what the desired content holds is looked at: fields that others add, or that the API server fills in, are not
//! ours. Where the API replaces a list or map as a whole, it is compared as a whole: what others add there is a change of
//! what we set. Items of associative lists are matched by their keys, as server-side apply does. Two spellings of one value
//! do not differ.

mod normal;
pub mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

/// Paths at which `live` differs from what `desired` sets, with the live value; null where there is none.
#[must_use]
pub fn differences(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    compare(desired, live, &Place::default(), &mut found);
    found
}

/// True if one path is the other, or leads to it. The empty path leads everywhere.
#[must_use]
pub fn overlaps(one: &str, other: &str) -> bool {
    let within = |outer: &str, inner: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    within(one, other) || within(other, one)
}

/// A place in an object.
#[derive(Clone, Default)]
struct Place {
    /// As field conflicts name it: `.spec.ports[port=443,protocol="TCP"]`.
    path: String,
    /// As the schema does: `spec.ports`.
    schema: String,
}

impl Place {
    fn field(&self, name: &str) -> Self {
        let dot = if self.schema.is_empty() { "" } else { "." };
        Self {
            path: format!("{}.{name}", self.path),
            schema: format!("{}{dot}{name}", self.schema),
        }
    }

    fn item(&self, keys: &[(&str, Value)]) -> Self {
        let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
        Self {
            path: format!("{}[{}]", self.path, keys.join(",")),
            schema: self.schema.clone(),
        }
    }
}

fn compare(desired: &Value, live: &Value, place: &Place, found: &mut BTreeMap<String, Value>) {
    match desired {
        Value::Object(_) if schema::is_atomic(&place.schema) => exactly(desired, live, place, found),
        Value::Object(wanted) => fields(wanted, live, place, found),
        Value::Array(wanted) => match keyed(wanted, place) {
            Some(items) => {
                for (keys, item) in items {
                    let twin = live
                        .as_array()
                        .into_iter()
                        .flatten()
                        .find(|other| has_keys(other, &keys));
                    compare(item, twin.unwrap_or(&Value::Null), &place.item(&keys), found);
                }
            }
            // An empty list and none are the same to the API.
            None if wanted.is_empty() && live.is_null() => {}
            None => exactly(desired, live, place, found),
        },
        _ => exactly(desired, live, place, found),
    }
}

fn fields(wanted: &serde_json::Map<String, Value>, live: &Value, place: &Place, found: &mut BTreeMap<String, Value>) {
    for (name, value) in wanted {
        compare(value, &live[name], &place.field(name), found);
    }
    if wanted.is_empty() && !(live.is_null() || live.is_object()) {
        found.insert(place.path.clone(), live.clone());
    }
}

fn exactly(desired: &Value, live: &Value, place: &Place, found: &mut BTreeMap<String, Value>) {
    if !normal::is_same(desired, live, &place.schema) {
        found.insert(place.path.clone(), live.clone());
    }
}

type Keys = Vec<(&'static str, Value)>;

/// The items of an associative list with their keys; `None` for another list.
fn keyed<'a>(items: &'a [Value], place: &Place) -> Option<Vec<(Keys, &'a Value)>> {
    let names = schema::keys(&place.schema)?;
    let keys_of = |item: &Value| -> Option<Keys> { names.iter().map(|name| Some((*name, key(item, name)?))).collect() };
    items.iter().map(|item| Some((keys_of(item)?, item))).collect()
}

fn has_keys(item: &Value, keys: &[(&str, Value)]) -> bool {
    keys.iter().all(|(name, value)| key(item, name).as_ref() == Some(value))
}

fn key(item: &Value, name: &str) -> Option<Value> {
    item.get(name)
        .cloned()
        .or_else(|| schema::default_of(name).map(Value::from))
}
