//! What the result of a hook must not contain.

use crate::schema::{Level, Schema};
use crate::{Diagnostics, Value};

/// `state` without write-only values, which must never be stored.
pub(super) fn without_write_only(schema: &Schema, state: Value) -> Value {
    strip(schema.level(), state)
}

fn strip(level: Level<'_>, value: Value) -> Value {
    let Value::Map(mut entries) = value else { return value };
    for attribute in level.attributes {
        let Some(slot) = entries.get_mut(&attribute.name) else {
            continue;
        };
        if attribute.write_only {
            *slot = Value::Null;
        } else if let Some((nesting, inner)) = attribute.nested() {
            *slot = std::mem::replace(slot, Value::Null).for_each_object(nesting, &mut |object| strip(inner, object));
        }
    }
    for block in level.blocks {
        if let Some(slot) = entries.get_mut(&block.name) {
            let taken = std::mem::replace(slot, Value::Null);
            *slot = taken.for_each_object(block.nesting, &mut |object| strip(block.level(), object));
        }
    }
    Value::Map(entries)
}

/// `state` with null for everything unknown, which is reported: the host would refuse it.
pub(super) fn wholly_known(state: Value, operation: &str, diagnostics: &mut Diagnostics) -> Value {
    if state.is_wholly_known() {
        return state;
    }
    if !diagnostics.has_errors() {
        diagnostics.bug(format!("`{operation}` returned a state with unknown values"));
    }
    state.unknown_as_null()
}
