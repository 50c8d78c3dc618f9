//! Errors of reading and writing values.

use tfplugin_framework::AttributePath;

/// A value does not have the expected type, or its encoding is broken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}{what}", if path.0.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct CodecError {
    /// Where.
    pub path: AttributePath,
    /// What is wrong there.
    pub what: String,
}

impl CodecError {
    /// An error at `path`.
    pub(super) fn at(path: &AttributePath, what: impl Into<String>) -> Self {
        Self {
            path: path.clone(),
            what: what.into(),
        }
    }
}
