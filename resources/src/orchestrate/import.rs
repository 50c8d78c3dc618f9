//! Import of a composite: its arguments are kept as JSON on one of its objects.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Context, Diagnostics, ImportRequest, Imported, Private, State};

use super::composite::{self, Composite};
use super::configuration;
use super::create::instance_of;
use super::engine::Engine;
use super::frame::{self, ImportId, Place};
use super::owner::{CONFIGURATION_ANNOTATION, OWNER_ANNOTATION, OWNER_LABEL};
use super::part::annotation;
use crate::session::Session;
use e2etls_clients::kube::kinds::CONFIG_MAP;

/// Where an import id says that the resource is.
#[must_use]
pub fn place<M: Composite>(id: &ImportId) -> Place<'_> {
    Place {
        resource: M::NAME,
        type_name: M::TYPE_NAME,
        cluster: id.cluster.as_deref(),
        cluster_uid: id.uid.as_deref(),
        namespace: id.namespace.as_deref(),
        name: &id.name,
        force_conflicts: false,
    }
}

/// Finds the ConfigMap of the resource that the id names, and reads everything back from it and the other parts.
pub(super) async fn kept<M: Composite>(context: &Context<Session>, request: ImportRequest) -> Imported<M> {
    let id = frame::import_id(&request.id, true)?;
    let namespace = id.namespace.clone().unwrap_or_default();
    let engine = frame::engine(context, place::<M>(&id)).await?;
    let keeper = keeper(&engine, &namespace).await?;
    let kept = annotation(&keeper, CONFIGURATION_ANNOTATION).unwrap_or_default();
    let mut model: M = configuration::read(kept)?;
    let uid = engine.owner.place.clone();
    let instance = instance_of(&keeper).unwrap_or_default().to_owned();
    let common = model.common();
    *common.id = frame::id(&uid, Some(&namespace), &id.name).into();
    *common.instance = instance.into();
    *common.cluster_uid = uid.into();
    *common.parts = Attr::Known(BTreeMap::new());
    model.derive();
    let notes = engine.baseline(&model.render().unwrap_or_default()).await?;
    let mut private = Private::default();
    notes.store(&mut private);
    let mut observed = composite::observe(&engine, &mut model, &notes).await?;
    for part in model.render().unwrap_or_default() {
        engine.record_secret(&part, &mut observed.parts).await;
    }
    let common = model.common();
    *common.parts = Attr::Known(observed.parts);
    *common.drift = Attr::Known(observed.drift);
    Ok((State(model), private))
}

async fn keeper(engine: &Engine, namespace: &str) -> Result<serde_json::Value, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let suffix = format!(
        "/{}/{}/{namespace}/{}",
        engine.owner.resource, engine.owner.place, engine.owner.name
    );
    match engine.objects().list(CONFIG_MAP, Some(namespace), OWNER_LABEL).await {
        Ok(found) => {
            let ours = |object: &serde_json::Value| {
                annotation(object, OWNER_ANNOTATION).is_some_and(|owner| owner.ends_with(&suffix))
                    && annotation(object, CONFIGURATION_ANNOTATION).is_some()
            };
            if let Some(keeper) = found.into_iter().find(ours) {
                return Ok(keeper);
            }
            let detail = format!(
                "Namespace `{namespace}` holds no ConfigMap of a {} `{}` with its arguments. Check the id; what this provider \
                 did not make can't be imported as a whole.",
                engine.type_name, engine.owner.name
            );
            diagnostics.remote("There is nothing to import", detail);
        }
        Err(error) => diagnostics.remote("Can't look for what to import", error.to_string()),
    }
    Err(diagnostics)
}
