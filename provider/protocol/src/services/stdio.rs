//! `plugin.GRPCStdio`: the host listens for printed output. There is none; logs go to stderr.

use tfplugin_proto::plugin::StdioData;
use tfplugin_proto::plugin::grpc_stdio_server::GrpcStdio;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{Answers, until};

/// Keeps its streams open until `shutdown` fires.
pub(crate) struct Stdio {
    pub(crate) shutdown: CancellationToken,
}

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = Answers<StdioData>;

    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(until(&self.shutdown)))
    }
}
