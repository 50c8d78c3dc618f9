//! `PlanResourceChange`: what an apply would do. Calls no remote.

use std::sync::Arc;

use tfplugin_framework::server::PlanCall;
use tfplugin_framework::{Diagnostics, Private, Provider};
use tfplugin_proto::tfplugin6::plan_resource_change::{Request, Response};

use crate::convert::{from_wire, path, to_dynamic, to_wire};
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    let name = &request.type_name;
    let ty = served.resource(name)?;
    let call = PlanCall {
        prior: from_wire(request.prior_state.as_ref(), ty, "prior_state")?,
        proposed: from_wire(request.proposed_new_state.as_ref(), ty, "proposed_new_state")?,
        config: from_wire(request.config.as_ref(), ty, "config")?,
        private: Private::from_bytes(&request.prior_private),
    };
    let plan = served.server.plan_resource(name, call);
    let schema = served.server.schema();
    Ok(Response {
        planned_state: to_dynamic(&plan.planned, ty, "planned_state")?,
        requires_replace: plan.replace.iter().map(path).collect(),
        planned_private: plan.private.to_bytes().into(),
        diagnostics: to_wire(plan.diagnostics, schema.resources.get(name)),
        ..Default::default()
    })
}
