//! What events of Kubernetes say.

use serde_json::Value;

/// When an event happened last, and how often so far: it changes when the same is said again.
#[must_use]
pub fn said(event: &Value) -> String {
    let series = &event["series"];
    format!(
        "{}{}{}{}",
        event["lastTimestamp"], event["count"], series["lastObservedTime"], series["count"]
    )
}
