//! Unknown inputs of a rendering.
//!
//! Renderers take plain values. Where a plan does not know one yet, it hands them [`UNKNOWN`] instead, and whatever holds
//! that text afterwards is unknown too.

use serde_json::Value;

/// Stands for an unknown value: its private-use characters come in no name, and no check lets them pass.
pub const UNKNOWN: &str = "\u{F8FF}unknown\u{F8FF}";

/// True if an unknown value went into any part of `json`.
#[must_use]
pub fn is_unknown(json: &Value) -> bool {
    match json {
        Value::String(text) => text.contains(UNKNOWN),
        Value::Array(items) => items.iter().any(is_unknown),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains(UNKNOWN) || is_unknown(value)),
        _ => false,
    }
}
