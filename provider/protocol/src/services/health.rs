//! `grpc.health.v1.Health`: hosts ask for the service `plugin` to see that the process is alive.

use futures::StreamExt;
use tfplugin_proto::health::health_check_response::ServingStatus;
use tfplugin_proto::health::health_server::Health as HealthService;
use tfplugin_proto::health::{HealthCheckRequest, HealthCheckResponse};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{Answers, until};

/// Reports that the process serves, for as long as it can answer at all.
pub(crate) struct Health {
    pub(crate) shutdown: CancellationToken,
}

fn status_of(service: &str) -> Option<HealthCheckResponse> {
    matches!(service, "" | "plugin").then(|| HealthCheckResponse {
        status: ServingStatus::Serving.into(),
    })
}

#[tonic::async_trait]
impl HealthService for Health {
    type WatchStream = Answers<HealthCheckResponse>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let service = &request.get_ref().service;
        status_of(service)
            .map(Response::new)
            .ok_or_else(|| Status::not_found("unknown service"))
    }

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let unknown = HealthCheckResponse {
            status: ServingStatus::ServiceUnknown.into(),
        };
        let first = status_of(&request.get_ref().service).unwrap_or(unknown);
        let answers = futures::stream::iter([Ok(first)]).chain(until(&self.shutdown));
        Ok(Response::new(Box::pin(answers)))
    }
}
