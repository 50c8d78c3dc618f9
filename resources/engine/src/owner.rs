//! Who owns an object: one resource of one state.

use std::fmt;

use sha2::{Digest, Sha256};

/// The owner of an object.
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

impl fmt::Display for Owner {
    /// `owner_id/resource/place[/namespace]/name`; this text is what objects carry.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner_id = self.owner_id.as_deref().unwrap_or_default();
        write!(out, "{owner_id}/{}/{}", self.resource, self.place)?;
        if let Some(namespace) = &self.namespace {
            write!(out, "/{namespace}")?;
        }
        write!(out, "/{}", self.name)
    }
}

/// The first `digits` hex digits (at most 64) of SHA-256.
#[must_use]
pub fn sha256_hex(bytes: impl AsRef<[u8]>, digits: usize) -> String {
    use fmt::Write as _;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes.as_ref()) {
        // Writing to a `String` can't fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex.truncate(digits);
    hex
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
        owner.namespace = None;
        assert_eq!(owner.to_string(), "prod/proxy/uid/web");
    }

    #[test]
    fn hashes_are_lower_case_hex() {
        assert_eq!(sha256_hex("", 12), "e3b0c44298fc");
        assert_eq!(sha256_hex("", 64).len(), 64);
    }
}
