//! The marks that our Kubernetes objects carry: labels and annotations. Each key stands once, here.

use e2etls_engine::marks::Marks;
use e2etls_engine::owner::sha256_hex;
use serde_json::{Value, json};

/// Label: the owner as a hash (a colon is not legal in a label key, a slash not in its value).
pub use crate::session::OWNER_LABEL;

/// What starts every label and annotation of ours.
pub const DOMAIN: &str = "e2etls.dev/";
/// Annotation: the owner, readable.
pub const OWNER_ANNOTATION: &str = "e2etls.dev/owner";
/// Annotation: the instance.
pub const INSTANCE_ANNOTATION: &str = "e2etls.dev/instance";
/// Annotation: address of the part, for people who look at the object.
pub const PART_ANNOTATION: &str = "e2etls.dev/part";
/// Annotation: RFC 3339 time of a create that is not finished.
pub const CREATING_ANNOTATION: &str = "e2etls.dev/creating";
/// Annotation: the instance that the object was taken over from.
pub const TAKEN_FROM_ANNOTATION: &str = "e2etls.dev/taken-from";
/// Annotation: the object existed before this resource and is kept when it is destroyed.
pub const ADOPTED_ANNOTATION: &str = "e2etls.dev/adopted";
/// Annotation: the arguments as canonical JSON, for import.
pub const CONFIGURATION_ANNOTATION: &str = "e2etls.dev/configuration";
/// Label of canary requests, which nothing else carries.
pub const CANARY_LABEL: &str = "e2etls.dev/canary";
/// Field manager of objects that were released: nobody uses it to write.
pub const RELEASED: &str = "e2etls-released";
/// Field manager of the number of replicas from when a resource gives it up until an autoscaler sets it: a field that nobody
/// manages would fall back to one Pod.
pub const AUTOSCALED: &str = "e2etls-autoscaled";

/// What starts the name of every field manager of ours.
const MANAGERS: &str = "e2etls-";

/// The value of the owner label: 32 hex digits.
#[must_use]
pub fn label(owner: &str) -> String {
    sha256_hex(owner, 32)
}

/// True for a canary of this owner: what a killed run left of it is its own, though nothing but labels says so.
#[must_use]
pub fn is_canary_of(object: &Value, owner: &str) -> bool {
    let labels = &object["metadata"]["labels"];
    labels[CANARY_LABEL] == "true" && labels[OWNER_LABEL] == label(owner)
}

/// The field manager of an owner: one per resource, since two that share one erase each other's fields.
#[must_use]
pub fn field_manager(owner: &str) -> String {
    format!("{MANAGERS}{}", sha256_hex(owner, 12))
}

/// True for the field manager of any owner of ours, and of what was released.
#[must_use]
pub fn is_our_manager(manager: &str) -> bool {
    manager.starts_with(MANAGERS)
}

/// An annotation of an object.
#[must_use]
pub fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object["metadata"]["annotations"][key].as_str()
}

/// True if the object is no controller's copy: cert-manager copies a Certificate's labels to its requests.
#[must_use]
pub fn is_original(object: &Value) -> bool {
    let references = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    !references.into_iter().any(|reference| reference["controller"] == true)
}

/// The marks of an object. An owner counts only where label and annotation agree: lists and watches see the label
/// alone.
#[must_use]
pub fn read(object: &Value) -> Marks {
    if !is_original(object) {
        return Marks::default();
    }
    let text = |key| annotation(object, key).map(str::to_owned);
    let labelled = |owner: &String| object["metadata"]["labels"][OWNER_LABEL] == label(owner);
    Marks {
        owner: text(OWNER_ANNOTATION).filter(labelled),
        instance: text(INSTANCE_ANNOTATION),
        address: text(PART_ANNOTATION),
        creating: text(CREATING_ANNOTATION).and_then(|mark| mark.parse().ok()),
        taken_from: text(TAKEN_FROM_ANNOTATION),
        adopted: annotation(object, ADOPTED_ANNOTATION) == Some("true"),
        configuration: text(CONFIGURATION_ANNOTATION),
    }
}

/// The manifest with marks.
#[must_use]
pub fn stamp(manifest: &Value, marks: &Marks) -> Value {
    let mut manifest = manifest.clone();
    let metadata = &mut manifest["metadata"];
    if let Some(owner) = &marks.owner {
        metadata["labels"][OWNER_LABEL] = json!(label(owner));
    }
    let annotations = [
        (OWNER_ANNOTATION, marks.owner.clone()),
        (INSTANCE_ANNOTATION, marks.instance.clone()),
        (PART_ANNOTATION, marks.address.clone()),
        (CREATING_ANNOTATION, marks.creating.as_ref().map(ToString::to_string)),
        (TAKEN_FROM_ANNOTATION, marks.taken_from.clone()),
        (ADOPTED_ANNOTATION, marks.adopted.then(|| "true".to_owned())),
        (CONFIGURATION_ANNOTATION, marks.configuration.clone()),
    ];
    for (key, value) in annotations {
        if let Some(value) = value {
            metadata["annotations"][key] = json!(value);
        }
    }
    manifest
}

/// Every mark that the object carries: the map of the metadata, and the key in it.
#[must_use]
pub fn all(object: &Value) -> Vec<(&'static str, &str)> {
    let mut marks = Vec::new();
    for map in ["labels", "annotations"] {
        let keys = object["metadata"][map].as_object().into_iter().flatten();
        let ours = keys.map(|(key, _)| key.as_str()).filter(|key| key.starts_with(DOMAIN));
        marks.extend(ours.map(|key| (map, key)));
    }
    marks
}

#[cfg(test)]
mod tests {
    use e2etls_engine::marks::Creating;

    use super::*;

    fn marks() -> Marks {
        Marks {
            owner: Some("prod/proxy/uid/shop/web".to_owned()),
            instance: Some("i1".to_owned()),
            address: Some("proxy/service".to_owned()),
            creating: Some(Creating {
                since: "2026-01-01T00:00:00Z".to_owned(),
                attempts: vec!["i0".to_owned()],
            }),
            taken_from: Some("i0".to_owned()),
            adopted: true,
            configuration: Some(r#"{"name":"web"}"#.to_owned()),
        }
    }

    fn manifest() -> Value {
        json!({"metadata": {"name": "web", "labels": {"app": "web"}}})
    }

    #[test]
    fn marks_come_back() {
        for marks in [Marks::default(), marks()] {
            let stamped = stamp(&manifest(), &marks);
            assert_eq!(read(&stamped), marks);
            assert_eq!(stamped["metadata"]["labels"]["app"], "web");
        }
        assert_eq!(all(&stamp(&manifest(), &marks())).len(), 8);
        assert_eq!(stamp(&manifest(), &Marks::default()), manifest());
    }

    #[test]
    fn names_of_an_owner_have_their_length() {
        let owner = "prod/proxy/uid/shop/web";
        assert_eq!(label(owner).len(), 32);
        assert_eq!(field_manager(owner).len(), "e2etls-".len() + 12);
        assert!(is_our_manager(&field_manager(owner)) && is_our_manager(RELEASED) && !is_our_manager("helm"));
    }

    #[test]
    fn an_owner_needs_label_and_annotation() {
        for (map, key) in [("labels", OWNER_LABEL), ("annotations", OWNER_ANNOTATION)] {
            for stripped in [Value::Null, json!("other")] {
                let mut object = stamp(&manifest(), &marks());
                object["metadata"][map][key] = stripped;
                let read = read(&object);
                assert_eq!((read.owner, read.instance), (None, Some("i1".to_owned())));
            }
        }
    }

    #[test]
    fn a_copy_of_a_controller_carries_no_marks() {
        let mut object = stamp(&manifest(), &marks());
        object["metadata"]["ownerReferences"] = json!([{"uid": "u", "controller": true}]);
        assert_eq!(read(&object), Marks::default());
        object["metadata"]["ownerReferences"] = json!([{"uid": "u"}]);
        assert_eq!(read(&object), marks());
    }
}
