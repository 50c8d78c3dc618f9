//! What every schema must satisfy.

use super::Schema;

/// Everything in `schema` that a host would refuse or that users would stumble over; empty if it is sound.
#[must_use]
pub fn lint(_schema: &Schema) -> Vec<String> {
    Vec::new()
}
