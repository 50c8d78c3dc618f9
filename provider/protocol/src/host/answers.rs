//! What a provider answers, decoded.

use bytes::Bytes;
use tfplugin_framework::{Type, Value};
use tfplugin_proto::tfplugin6::{AttributePath, Diagnostic, DynamicValue};

use super::HostError;
use crate::codec::decode;

/// The answer to a plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The planned object.
    pub state: Value,
    /// Private bytes for the apply.
    pub private: Bytes,
    /// Paths whose change replaces the resource.
    pub replace: Vec<AttributePath>,
    /// Messages.
    pub diagnostics: Vec<Diagnostic>,
}

/// The answer to an apply or a read.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The object as it is now.
    pub state: Value,
    /// Private bytes to keep.
    pub private: Bytes,
    /// Messages.
    pub diagnostics: Vec<Diagnostic>,
}

/// The answer to an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What was found, with its private bytes.
    pub found: Option<(Value, Bytes)>,
    /// Messages.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads an answer's value, which must be msgpack.
pub(super) fn value(value: Option<DynamicValue>, ty: &Type) -> Result<Value, HostError> {
    let value = value.unwrap_or_default();
    if !value.json.is_empty() {
        return Err(HostError::Answer(
            "a value is encoded as JSON, which only requests may use".to_owned(),
        ));
    }
    if value.msgpack.is_empty() {
        return Ok(Value::Null);
    }
    decode(&value.msgpack, ty).map_err(|error| HostError::Answer(error.to_string()))
}
