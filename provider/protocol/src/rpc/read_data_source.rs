//! `ReadDataSource`. While the provider is not configured well enough, a host that can wait is told to.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider, Value};
use tfplugin_proto::tfplugin6::read_data_source::{Request, Response};
use tfplugin_proto::tfplugin6::{Deferred, deferred};

use crate::convert::{from_wire, to_dynamic, to_wire};
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    let name = &request.type_name;
    let ty = served.data_source(name)?;
    let config = from_wire(request.config.as_ref(), ty, "config")?;
    let may_wait = request.client_capabilities.is_some_and(|host| host.deferral_allowed);
    if may_wait && served.server.waits_data_source(name, &config) {
        let reason = deferred::Reason::ProviderConfigUnknown.into();
        return Ok(Response {
            state: to_dynamic(&Value::Unknown, ty, "state")?,
            deferred: Some(Deferred { reason }),
            ..Default::default()
        });
    }
    let (state, diagnostics) = served.server.read_data_source(name, &config).await;
    let schema = served.server.schema();
    Ok(Response {
        state: to_dynamic(&state, ty, "state")?,
        diagnostics: to_wire(diagnostics, schema.data_sources.get(name)),
        ..Default::default()
    })
}
