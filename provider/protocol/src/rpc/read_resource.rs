//! `ReadResource`: what is there now. Null state means gone; private state goes back with every answer.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Private, Provider};
use tfplugin_proto::tfplugin6::read_resource::{Request, Response};

use crate::convert::{from_wire, to_dynamic, to_wire};
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    let name = &request.type_name;
    let ty = served.resource(name)?;
    let state = from_wire(request.current_state.as_ref(), ty, "current_state")?;
    let private = Private::from_bytes(&request.private);
    let read = served.server.read_resource(name, state, private).await;
    let schema = served.server.schema();
    Ok(Response {
        new_state: to_dynamic(&read.state, ty, "new_state")?,
        private: read.private.to_bytes().into(),
        diagnostics: to_wire(read.diagnostics, schema.resources.get(name)),
        ..Default::default()
    })
}
