//! SHA-256 as lowercase hex, from which names, marks and digests are cut.

use sha2::{Digest, Sha256};

/// All 64 digits.
#[must_use]
pub(crate) fn hex(content: impl AsRef<[u8]>) -> String {
    digits(Sha256::digest(content))
}

/// The digits of a hash that was computed incrementally.
#[must_use]
pub(crate) fn digits(hash: impl AsRef<[u8]>) -> String {
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_hash_of_nothing_for_nothing() {
        assert!(hex("").starts_with("e3b0c44298fc1c14") && hex("").len() == 64);
    }
}
