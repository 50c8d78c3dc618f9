//! `GetProviderSchema`: everything that is offered. Made on first call; hosts may keep it.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::ServerCapabilities;
use tfplugin_proto::tfplugin6::get_provider_schema::{Request, Response};

use crate::convert::schema;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, _request: Request) -> Result<Response, Diagnostics> {
    let all = served.server.schema();
    Ok(Response {
        provider: Some(schema(&all.provider)),
        resource_schemas: all
            .resources
            .iter()
            .map(|(name, one)| (name.clone(), schema(one)))
            .collect(),
        data_source_schemas: all
            .data_sources
            .iter()
            .map(|(name, one)| (name.clone(), schema(one)))
            .collect(),
        server_capabilities: Some(capabilities()),
        ..Default::default()
    })
}

/// What this implementation can do beyond the first version of the protocol.
pub(super) fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}
