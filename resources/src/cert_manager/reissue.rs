//! Requesting an issuance from cert-manager.

use jiff::Timestamp;
use serde_json::{Value, json};

/// The patch that sets `Issuing`, valid only for the version that was read.
pub(super) fn issuing(certificate: &Value, now: Timestamp) -> Value {
    let now = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let old = certificate["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut conditions: Vec<Value> = old
        .into_iter()
        .filter(|condition| condition["type"] != "Issuing")
        .collect();
    conditions.push(json!({
        "type": "Issuing",
        "status": "True",
        "reason": "ManuallyTriggered",
        "message": "Certificate re-issuance requested by e2etls",
        "lastTransitionTime": now,
        "observedGeneration": certificate["metadata"]["generation"],
    }));
    json!({
        "metadata": {"resourceVersion": certificate["metadata"]["resourceVersion"]},
        "status": {"conditions": conditions},
    })
}

/// The same under another revision, the seconds of the clock: the next request has a name that no older one had.
pub(super) fn renumbered(certificate: &Value, now: Timestamp) -> Value {
    let mut patch = issuing(certificate, now);
    patch["status"]["revision"] = json!(now.as_second());
    patch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patch_keeps_other_conditions_and_names_the_version() {
        let certificate = json!({"metadata": {"resourceVersion": "7", "generation": 3}, "status": {"conditions": [
            {"type": "Ready", "status": "True"}, {"type": "Issuing", "status": "False"}]}});
        let patch = issuing(&certificate, "2026-11-21T00:00:00Z".parse().expect("a time"));
        assert_eq!(patch["metadata"]["resourceVersion"], "7");
        let conditions = patch["status"]["conditions"].as_array().expect("a list");
        assert_eq!(conditions.len(), 2);
        assert_eq!(
            (&conditions[1]["status"], &conditions[1]["lastTransitionTime"]),
            (&json!("True"), &json!("2026-11-21T00:00:00Z"))
        );
    }
}
