//! `ValidateActionConfig`: no actions are offered.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::validate_action_config::{Request, Response};

use super::lookup::not_offered;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(_served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    Err(not_offered("action", &request.action_type))
}
