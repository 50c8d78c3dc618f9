//! `MoveResourceState`: takes over the state of another resource type, maybe of another provider. Needs no configuration.

use std::sync::Arc;

use tfplugin_framework::{Diagnostic, Diagnostics, MoveSource, Provider};
use tfplugin_proto::tfplugin6::move_resource_state::{Request, Response};

use crate::convert::{to_dynamic, to_wire};
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    let name = &request.target_type_name;
    let ty = served.resource(name)?;
    let stored = request.source_state.unwrap_or_default();
    let source = MoveSource {
        provider_address: request.source_provider_address,
        type_name: request.source_type_name,
        schema_version: request.source_schema_version,
        state: serde_json::from_slice(&stored.json).map_err(|error| unreadable(&error))?,
    };
    let moved = served.server.move_resource(name, &source);
    let schema = served.server.schema();
    Ok(Response {
        target_state: to_dynamic(&moved.state, ty, "target_state")?,
        target_private: moved.private.to_bytes().into(),
        diagnostics: to_wire(moved.diagnostics, schema.resources.get(name)),
        ..Default::default()
    })
}

fn unreadable(error: &serde_json::Error) -> Diagnostics {
    let cause = format!("The state of the source is not valid JSON: {error}.");
    Diagnostic::error("The state to move can't be read")
        .because(cause)
        .into()
}
