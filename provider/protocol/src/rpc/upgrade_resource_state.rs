//! `UpgradeResourceState`: stored state, as JSON, to the current schema. Called before every other use of a state.

use std::sync::Arc;

use tfplugin_framework::server::RawState;
use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::upgrade_resource_state::{Request, Response};

use crate::convert::to_dynamic;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    let name = &request.type_name;
    let ty = served.resource(name)?;
    let stored = request.raw_state.unwrap_or_default();
    if stored.json.is_empty() {
        return Err(unreadable(stored.flatmap.len()));
    }
    let stored = RawState {
        version: request.version,
        json: stored.json.to_vec(),
    };
    let state = served.server.upgrade_resource(name, stored)?;
    Ok(Response {
        upgraded_state: to_dynamic(&state, ty, "upgraded_state")?,
        ..Default::default()
    })
}

fn unreadable(flat: usize) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let found = if flat > 0 {
        "in the format of Terraform before 0.12"
    } else {
        "empty"
    };
    let detail = format!("The stored state is {found}. Refresh it once with Terraform 0.12 or newer.");
    diagnostics.remote("Stored state can't be read", detail);
    diagnostics
}
