//! `ImportResourceState`: the object with an import ID. A read follows.

use std::sync::Arc;

use tfplugin_framework::{Diagnostic, Diagnostics, Provider};
use tfplugin_proto::tfplugin6::import_resource_state::{ImportedResource, Request, Response};

use super::lookup::not_offered;
use crate::convert::{to_dynamic, to_wire};
use crate::sessions::Served;

pub(super) async fn run<P: Provider>(served: Arc<Served<P>>, request: Request) -> Result<Response, Diagnostics> {
    let name = &request.type_name;
    let ty = served.resource(name)?;
    if request.id.is_empty() && request.identity.is_some() {
        return Err(not_offered("resource identity", name));
    }
    let mut found = served.server.import_resource(name, &request.id).await;
    if found.state.is_null() {
        if !found.diagnostics.has_errors() {
            let missing = Diagnostic::error("The object to import was not found")
                .because(format!("No object with the ID `{}` was found.", request.id))
                .advice("Check the ID.");
            found.diagnostics.add(missing);
        }
        return Err(found.diagnostics);
    }
    let imported = ImportedResource {
        type_name: request.type_name.clone(),
        state: to_dynamic(&found.state, ty, "state")?,
        private: found.private.to_bytes().into(),
        identity: None,
    };
    let schema = served.server.schema();
    Ok(Response {
        imported_resources: vec![imported],
        diagnostics: to_wire(found.diagnostics, schema.resources.get(name)),
        ..Default::default()
    })
}
