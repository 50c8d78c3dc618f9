//! `StopProvider`: cancels the calls in progress. Later calls are served as before.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::stop_provider::{Request, Response};

use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, _request: Request) -> Result<Response, Diagnostics> {
    served.server.stop();
    Ok(Response::default())
}
