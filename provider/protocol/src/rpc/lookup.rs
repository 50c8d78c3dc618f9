//! The type that a call is about, which it needs before anything else.

use tfplugin_framework::{Diagnostics, Provider, Type};

use crate::sessions::Served;

impl<P: Provider> Served<P> {
    /// The type of a resource.
    pub(super) fn resource(&self, type_name: &str) -> Result<&Type, Diagnostics> {
        self.resource_type(type_name)
            .ok_or_else(|| not_offered("resource", type_name))
    }

    /// The type of a data source.
    pub(super) fn data_source(&self, type_name: &str) -> Result<&Type, Diagnostics> {
        self.data_source_type(type_name)
            .ok_or_else(|| not_offered("data source", type_name))
    }
}

/// The host asks for something that is in no schema.
pub(super) fn not_offered(kind: &str, name: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.remote(
        format!("Unknown {kind} type"),
        format!(
            "This provider has no {kind} `{name}`. Use a version of the provider that has it, or correct the name."
        ),
    );
    diagnostics
}
