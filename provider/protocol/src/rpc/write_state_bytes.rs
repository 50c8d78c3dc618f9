//! `WriteStateBytes`: no state stores are offered.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::write_state_bytes::{RequestChunk, Response};
use tonic::Streaming;

use super::lookup::not_offered;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(
    _served: Arc<Served<P>>,
    mut chunks: Streaming<RequestChunk>,
) -> Result<Response, Diagnostics> {
    // Only the first chunk says what it is about.
    let first = chunks.message().await.ok().flatten().and_then(|chunk| chunk.meta);
    Err(not_offered("state store", &first.unwrap_or_default().type_name))
}
