//! `plugin.GRPCController`: how the host ends the process.

use tfplugin_proto::plugin::Empty;
use tfplugin_proto::plugin::grpc_controller_server::GrpcController;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

/// Fires `shutdown` when asked to; without one (reattached hosts must not end a debugged process) it only answers.
pub(crate) struct Controller {
    pub(crate) shutdown: Option<CancellationToken>,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        if let Some(shutdown) = &self.shutdown {
            shutdown.cancel();
        }
        Ok(Response::new(Empty {}))
    }
}
