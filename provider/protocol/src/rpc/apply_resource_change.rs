//! `ApplyResourceChange`: creates, updates or deletes. State comes back with errors too, so that nothing made is lost.

use std::sync::Arc;

use tfplugin_framework::server::ApplyCall;
use tfplugin_framework::{Diagnostics, Private, Provider};
use tfplugin_proto::tfplugin6::apply_resource_change::{Request, Response};

use crate::convert::{from_wire, to_dynamic, to_wire};
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    let name = &request.type_name;
    let ty = served.resource(name)?;
    let call = ApplyCall {
        prior: from_wire(request.prior_state.as_ref(), ty, "prior_state")?,
        planned: from_wire(request.planned_state.as_ref(), ty, "planned_state")?,
        config: from_wire(request.config.as_ref(), ty, "config")?,
        private: Private::from_bytes(&request.planned_private),
    };
    let applied = served.server.apply_resource(name, call).await;
    let schema = served.server.schema();
    Ok(Response {
        new_state: to_dynamic(&applied.state, ty, "new_state")?,
        private: applied.private.to_bytes().into(),
        diagnostics: to_wire(applied.diagnostics, schema.resources.get(name)),
        ..Default::default()
    })
}
