//! Values from and to the wire.

use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics, Type, Value, json};
use tfplugin_proto::tfplugin6::DynamicValue;

use crate::codec::{decode, encode};

/// The field of a message that holds a value, for messages about it.
pub(crate) type Slot = &'static str;

/// Reads a value in whichever encoding it came. Absent is null.
pub(crate) fn from_wire(value: Option<&DynamicValue>, ty: &Type, slot: Slot) -> Result<Value, Diagnostics> {
    let Some(value) = value else { return Ok(Value::Null) };
    if !value.msgpack.is_empty() {
        return decode(&value.msgpack, ty).map_err(|error| broken(slot, "read", &error.what, error.path));
    }
    if !value.json.is_empty() {
        return json::decode(ty, &value.json)
            .map_err(|error| broken(slot, "read", &error.to_string(), AttributePath::default()));
    }
    Ok(Value::Null)
}

/// Writes a value, always as msgpack.
pub(crate) fn to_dynamic(value: &Value, ty: &Type, slot: Slot) -> Result<Option<DynamicValue>, Diagnostics> {
    match encode(value, ty) {
        Ok(msgpack) => Ok(Some(DynamicValue {
            msgpack: msgpack.into(),
            ..Default::default()
        })),
        Err(error) => Err(broken(slot, "written", &error.what, error.path)),
    }
}

fn broken(slot: Slot, verb: &str, what: &str, path: AttributePath) -> Diagnostics {
    let mut bug = Diagnostic::bug(format!("`{slot}` can't be {verb}: {what}"));
    bug.path = (!path.0.is_empty()).then_some(path);
    bug.into()
}
