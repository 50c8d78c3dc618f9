//! `GetResourceIdentitySchemas`: no resource has an identity.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::get_resource_identity_schemas::{Request, Response};

use crate::sessions::Served;

pub(super) async fn run<P: Provider>(_served: Arc<Served<P>>, _request: Request) -> Result<Response, Diagnostics> {
    Ok(Response::default())
}
