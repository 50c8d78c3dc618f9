//! `GetFunctions`: none are offered.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::get_functions::{Request, Response};

use crate::sessions::Served;

pub(super) async fn run<P: Provider>(_served: Arc<Served<P>>, _request: Request) -> Result<Response, Diagnostics> {
    Ok(Response::default())
}
