//! `GetMetadata`: names without schemas.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::get_metadata::{DataSourceMetadata, Request, ResourceMetadata, Response};

use super::get_provider_schema::capabilities;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, _request: Request) -> Result<Response, Diagnostics> {
    let schema = served.server.schema();
    let resource = |name: &String| ResourceMetadata {
        type_name: name.clone(),
    };
    let data_source = |name: &String| DataSourceMetadata {
        type_name: name.clone(),
    };
    Ok(Response {
        server_capabilities: Some(capabilities()),
        resources: schema.resources.keys().map(resource).collect(),
        data_sources: schema.data_sources.keys().map(data_source).collect(),
        ..Default::default()
    })
}
