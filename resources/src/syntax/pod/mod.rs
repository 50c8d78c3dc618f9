//! Checks of the parts of a Pod that are given as JSON: what the API server refuses is refused before anything is sent.

mod containers;
mod resources;
mod scheduling;
mod shape;
mod template;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{Checked, kubernetes, refuse};

pub use resources::container_resources;
pub use scheduling::{tolerations, topology_spread};
pub use template::{pod_template, unknown_field};

/// The JSON object in a text.
fn object(text: &str) -> Result<Value, String> {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("this is valid JSON but not an object: use `jsonencode({ … })`".to_owned()),
        Err(error) => Err(format!("this is not valid JSON: {error}; use `jsonencode({{ … }})`")),
    }
}

/// The JSON list in a text.
fn list(text: &str) -> Result<Vec<Value>, String> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) => Ok(items),
        Ok(_) => Err("this is valid JSON but not a list: use `jsonencode([ … ])`".to_owned()),
        Err(error) => Err(format!("this is not valid JSON: {error}; use `jsonencode([ … ])`")),
    }
}

/// The field as a string; empty if it is not given, which means the same.
fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn label_key(key: &str) -> Result<(), String> {
    kubernetes::label_key(key).map_err(|invalid| invalid.message)
}

fn label_value(value: &str) -> Result<(), String> {
    kubernetes::label_value(value)
}

fn checked(found: Result<(), String>) -> Checked {
    found.or_else(refuse)
}
