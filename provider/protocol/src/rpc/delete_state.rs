//! `DeleteState`: no state stores are offered.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::delete_state::{Request, Response};

use super::lookup::not_offered;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(_served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    Err(not_offered("state store", &request.type_name))
}
