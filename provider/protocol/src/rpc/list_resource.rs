//! `ListResource`: no list resources are offered.

use std::sync::Arc;

use tfplugin_framework::{Diagnostics, Provider};
use tfplugin_proto::tfplugin6::list_resource::{Event, Request};

use super::answer::Events;
use super::lookup::not_offered;
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(_served: Arc<Served<P>>, request: Request) -> Result<Events<Event>, Diagnostics> {
    Err(not_offered("list resource", &request.type_name))
}
