//! Who owns what: the marks that our objects carry. Each key stands once, here.

use std::fmt;

use crate::sha256;
use rand::Rng;

/// AWS tag: the owner, readable. Conditions of IAM policies use it.
pub const OWNER_TAG: &str = "e2etls:owner";
/// AWS tag: the instance.
pub const INSTANCE_TAG: &str = "e2etls:instance";
/// AWS tag: RFC 3339 time of a create that is not finished.
pub const CREATING_TAG: &str = "e2etls:creating";
/// What starts every label and annotation of ours.
pub const DOMAIN: &str = "e2etls.dev/";
/// Kubernetes label: the owner as a hash (a colon is not legal in a label key, a slash not in its value).
pub const OWNER_LABEL: &str = "e2etls.dev/owner";
/// Kubernetes annotation: the owner, readable.
pub const OWNER_ANNOTATION: &str = "e2etls.dev/owner";
/// Kubernetes annotation: the instance.
pub const INSTANCE_ANNOTATION: &str = "e2etls.dev/instance";
/// Kubernetes annotation: RFC 3339 time of a create that is not finished.
pub const CREATING_ANNOTATION: &str = "e2etls.dev/creating";
/// Kubernetes annotation: the object existed before us, and outlives us.
pub const ADOPTED_ANNOTATION: &str = "e2etls.dev/adopted";
/// Kubernetes annotation: the arguments as canonical JSON, for import.
pub const CONFIGURATION_ANNOTATION: &str = "e2etls.dev/configuration";
/// Kubernetes label of canary requests, which nothing else carries.
pub const CANARY_LABEL: &str = "e2etls.dev/canary";

/// The owner of an object: one resource of one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The provider argument `owner_id`: one value per state.
    pub owner_id: Option<String>,
    /// Resource type without the provider's prefix.
    pub resource: &'static str,
    /// UID of the cluster, or `account/region`.
    pub place: String,
    /// Namespace, where there is one.
    pub namespace: Option<String>,
    /// The resource's argument `name`.
    pub name: String,
}

impl Owner {
    /// True if the user gave an `owner_id`: two states can then not meet by accident.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.owner_id.is_some()
    }

    /// The value of the owner label: 32 hex digits.
    #[must_use]
    pub fn label(&self) -> String {
        sha256::short(self.to_string(), 32)
    }

    /// The field manager of server-side apply: one per resource, since two that share one erase each other's fields.
    #[must_use]
    pub fn field_manager(&self) -> String {
        field_manager(&self.to_string())
    }
}

/// The field manager of an owner as its annotation names it.
#[must_use]
pub fn field_manager(owner: &str) -> String {
    format!("e2etls-{}", sha256::short(owner, 12))
}

impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner_id = self.owner_id.as_deref().unwrap_or_default();
        write!(out, "{owner_id}/{}/{}", self.resource, self.place)?;
        if let Some(namespace) = &self.namespace {
            write!(out, "/{namespace}")?;
        }
        write!(out, "/{}", self.name)
    }
}

/// A new instance: 16 random hex digits.
#[must_use]
pub fn new_instance() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

/// The clock of create marks: RFC 3339, UTC, whole seconds.
#[must_use]
pub fn mark_time() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_type_place_namespace_and_name() {
        let mut owner = Owner {
            owner_id: Some("prod".to_owned()),
            resource: "proxy",
            place: "uid".to_owned(),
            namespace: Some("shop".to_owned()),
            name: "web".to_owned(),
        };
        assert_eq!(owner.to_string(), "prod/proxy/uid/shop/web");
        assert_eq!(owner.label().len(), 32);
        assert_eq!(owner.field_manager().len(), "e2etls-".len() + 12);
        owner.namespace = None;
        assert_eq!(owner.to_string(), "prod/proxy/uid/web");
    }
}
