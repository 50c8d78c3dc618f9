//! `plugin.GRPCBroker`: further connections between host and plugin. Providers open none.

use tfplugin_proto::plugin::ConnInfo;
use tfplugin_proto::plugin::grpc_broker_server::GrpcBroker;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::{Answers, until};

/// Keeps its streams open until `shutdown` fires; providers ignore what the host sends on them.
pub(crate) struct Broker {
    pub(crate) shutdown: CancellationToken,
}

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = Answers<ConnInfo>;

    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        let mut incoming = request.into_inner();
        let shutdown = self.shutdown.clone();
        tokio::spawn(async move {
            let drained = async { while let Ok(Some(_)) = incoming.message().await {} };
            shutdown.run_until_cancelled(drained).await
        });
        Ok(Response::new(until(&self.shutdown)))
    }
}
