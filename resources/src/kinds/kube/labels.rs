//! The provider argument `labels`: on every object, and on the Pods that it describes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The manifest with these labels, where it has none of that key.
#[must_use]
pub fn with(mut manifest: Value, labels: &BTreeMap<String, String>) -> Value {
    if labels.is_empty() {
        return manifest;
    }
    add(&mut manifest["metadata"], labels);
    if let Some(pods) = manifest.pointer_mut("/spec/template/metadata") {
        add(pods, labels);
    }
    manifest
}

fn add(metadata: &mut Value, labels: &BTreeMap<String, String>) {
    for (key, value) in labels {
        if metadata["labels"][key].is_null() {
            metadata["labels"][key] = json!(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_added_to_objects_and_pods_and_replace_none() {
        let labels =
            BTreeMap::from([("team", "payments"), ("app", "theirs")].map(|(k, v)| (k.to_owned(), v.to_owned())));
        let deployment = json!({"metadata": {"labels": {"app": "ours"}}, "spec": {
            "selector": {"matchLabels": {"app": "ours"}}, "template": {"metadata": {"labels": {"app": "ours"}}}}});
        let both = json!({"app": "ours", "team": "payments"});
        assert_eq!(
            with(deployment, &labels),
            json!({"metadata": {"labels": both}, "spec": {
                "selector": {"matchLabels": {"app": "ours"}}, "template": {"metadata": {"labels": both}}}})
        );
        let bare = json!({"metadata": {"name": "web"}, "spec": {"template": "text"}});
        assert_eq!(with(bare.clone(), &labels)["metadata"]["labels"]["team"], "payments");
        assert_eq!(with(bare.clone(), &labels)["spec"], bare["spec"]);
        assert_eq!(with(bare.clone(), &BTreeMap::new()), bare);
    }
}
