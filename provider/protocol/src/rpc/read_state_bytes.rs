//! `ReadStateBytes`: no state stores are offered.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::read_state_bytes::{Request, ResponseChunk};

use super::answer::Events;
use super::lookup::not_offered;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(
    _served: Arc<Served<P>>,
    request: Request,
) -> Result<Events<ResponseChunk>, Diagnostics> {
    Err(not_offered("state store", &request.type_name))
}
