//! The default timeouts of operations: a resource knows them, its schema does not.

use std::time::Duration;

use tfplugin_framework::Operation;
use tfplugin_framework::schema::{AttributeType, Schema};

/// The schema, with the default of each operation in the descriptions of `timeouts`.
pub(super) fn told(mut schema: Schema, default: impl Fn(Operation) -> Duration) -> Schema {
    let operations = [
        ("create", Operation::Create),
        ("read", Operation::Read),
        ("update", Operation::Update),
        ("delete", Operation::Delete),
    ];
    let timeouts = schema
        .attributes
        .iter_mut()
        .find(|attribute| attribute.name == "timeouts");
    if let Some(AttributeType::Nested { attributes, .. }) = timeouts.map(|attribute| &mut attribute.shape) {
        for attribute in attributes {
            let operation = operations.iter().find(|(name, _)| *name == attribute.name);
            let (_, operation) = operation.unwrap_or_else(|| panic!("no operation `{}`", attribute.name));
            let minutes = default(*operation).as_secs() / 60;
            attribute.description += &format!(" Default: `{minutes}m`.");
        }
    }
    schema
}
