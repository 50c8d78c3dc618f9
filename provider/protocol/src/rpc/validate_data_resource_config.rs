//! `ValidateDataResourceConfig`.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::validate_data_resource_config::{Request, Response};

use crate::convert::{from_wire, to_wire};
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    let name = &request.type_name;
    let config = from_wire(request.config.as_ref(), served.data_source(name)?, "config")?;
    let schema = served.server.schema();
    Ok(Response {
        diagnostics: to_wire(
            served.server.validate_data_source(name, &config),
            schema.data_sources.get(name),
        ),
    })
}
