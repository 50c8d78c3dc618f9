//! Reads stored state: always, also at the current schema version.

use super::guard::guarded;
use super::{RawState, Server, Target, result};
use crate::decode_error::NEWER_STATE;
use crate::schema::Level;
use crate::{Diagnostic, Diagnostics, Provider, Value, json};

impl<P: Provider> Server<P> {
    /// Converts stored state to the current schema version and types it: attributes that the schema no longer has are
    /// dropped, missing ones become null.
    ///
    /// # Errors
    /// The state has a newer version, can't be converted, or does not have the schema's type.
    pub fn upgrade_resource(&self, type_name: &str, stored: RawState) -> Result<Value, Diagnostics> {
        let target = self.resource(type_name)?;
        let current = target.schema.version;
        if stored.version > current {
            let newer = Diagnostic::error(NEWER_STATE)
                .because(format!(
                    "The state has schema version {}; this version of the provider supports versions up to {current}.",
                    stored.version
                ))
                .advice("Use the version of the provider that wrote the state, or a newer one.");
            return Err(newer.into());
        }
        let text = if stored.version < current {
            converted(&target, stored)?
        } else {
            stored.json
        };
        let value = json::decode(&target.schema.value_type(), &text).map_err(|error| unreadable(&error))?;
        Ok(result::without_write_only(
            target.schema,
            with_empty_blocks(target.schema.level(), value),
        ))
    }
}

fn converted<S: Send + Sync + 'static>(target: &Target<'_, S>, stored: RawState) -> Result<Vec<u8>, Diagnostics> {
    let mut state = serde_json::from_slice(&stored.json).map_err(|error| unreadable(&error))?;
    for version in stored.version..target.schema.version {
        state = guarded("upgrade", || target.resource.upgrade(version, state))??;
    }
    serde_json::to_vec(&state).map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn std::fmt::Display) -> Diagnostics {
    Diagnostic::bug(format!("the stored state can't be read: {error}")).into()
}

/// Blocks are never null: a kind of block that the state lacks is an empty collection.
fn with_empty_blocks(level: Level<'_>, value: Value) -> Value {
    let Value::Map(mut entries) = value else { return value };
    for block in level.blocks {
        let Some(slot) = entries.get_mut(&block.name) else {
            continue;
        };
        *slot = if slot.is_null() {
            block.empty_value()
        } else {
            let taken = std::mem::replace(slot, Value::Null);
            taken.for_each_object(block.nesting, &mut |object| with_empty_blocks(block.level(), object))
        };
    }
    Value::Map(entries)
}
