//! `GenerateResourceConfig`: not offered; hosts derive configuration from the schema themselves.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::generate_resource_config::{Request, Response};

use super::lookup::not_offered;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(_served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    Err(not_offered(
        "configuration generator for the resource",
        &request.type_name,
    ))
}
