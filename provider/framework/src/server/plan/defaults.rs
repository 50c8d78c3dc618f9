//! Defaults: what configuration leaves null and the schema fills in.

use crate::Value;
use crate::schema::{Attribute, Level, Nesting, Schema};

/// `config` with defaults, as if the user had written them. Unknown values, and blocks that are unknown as a whole, stay.
pub(in crate::server) fn fill(schema: &Schema, config: &Value) -> Value {
    fill_level(schema.level(), config.clone())
}

fn fill_level(level: Level<'_>, value: Value) -> Value {
    let Value::Map(mut entries) = value else { return value };
    for attribute in level.attributes {
        if let Some(slot) = entries.get_mut(&attribute.name) {
            *slot = fill_attribute(attribute, std::mem::replace(slot, Value::Null));
        }
    }
    for block in level.blocks {
        if let Some(slot) = entries.get_mut(&block.name) {
            *slot = fill_each(block.nesting, block.level(), std::mem::replace(slot, Value::Null));
        }
    }
    Value::Map(entries)
}

fn fill_attribute(attribute: &Attribute, value: Value) -> Value {
    let value = match (&attribute.default, value) {
        (Some(default), Value::Null) => default.clone(),
        (_, value) => value,
    };
    match attribute.nested() {
        Some((nesting, level)) => fill_each(nesting, level, value),
        None => value,
    }
}

/// Elements of sets are told apart by their content, so nothing is filled in there.
fn fill_each(nesting: Nesting, level: Level<'_>, value: Value) -> Value {
    if nesting == Nesting::Set {
        value
    } else {
        value.for_each_object(nesting, &mut |object| fill_level(level, object))
    }
}
