//! Import: of resources in a cluster whose arguments are kept as JSON on one of their objects, and what other imports
//! share.

use std::collections::BTreeMap;

use e2etls_clients::kube::kinds::Kind;
use e2etls_engine::import::import;
use e2etls_engine::kind::{Observed, Reading};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use serde_json::Value;
use tfplugin_framework::{Context, Diagnostic, Diagnostics, ImportRequest, Imported, Private, State};

use super::attributes::parts;
use super::managed::Managed;
use super::operation::{at, new_instance, operation};
use super::place::Place;
use super::wording::{About, failures};
use super::{apply, configuration, private};
use crate::kinds::Clients;
use crate::kinds::kube::deployer::deployer;
use crate::session::Session;
use crate::session::wording::refused;

/// The kind of the object that keeps the arguments.
const KEEPER: &str = "ConfigMap";

/// What `import` was given: `NAMESPACE/NAME`, `UID/NAMESPACE/NAME`, or `NAME` and `UID/NAME` for cluster-scoped
/// objects, each with a key of `clusters` and a colon before it where there are several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportId {
    /// Key in the provider's `clusters`.
    pub cluster: Option<String>,
    /// UID of the cluster, if the id names it.
    pub uid: Option<String>,
    /// Namespace, where the kind has one.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl ImportId {
    /// Where the id says that the resource is.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place::Cluster {
            key: self.cluster.as_deref(),
            uid: self.uid.as_deref(),
            namespace: self.namespace.as_deref(),
        }
    }
}

/// Reads an import ID.
///
/// # Errors
/// An ID of another form.
pub fn import_id(text: &str, namespaced: bool) -> Result<ImportId, Diagnostics> {
    let (cluster, rest) = match text.split_once(':') {
        Some((key, rest)) => (Some(key.to_owned()), rest),
        None => (None, text),
    };
    let steps: Vec<&str> = rest.split('/').collect();
    let own = |step: &str| Some(step.to_owned());
    let (uid, namespace, name) = match (namespaced, steps.as_slice()) {
        (true, [uid, namespace, name]) => (own(uid), own(namespace), *name),
        (true, [namespace, name]) => (None, own(namespace), *name),
        (false, [uid, name]) => (own(uid), None, *name),
        (false, [name]) => (None, None, *name),
        _ => {
            let form = if namespaced { "NAMESPACE/NAME" } else { "NAME" };
            return Err(Diagnostic::error("Invalid import ID")
                .because(format!("`{text}` is not a valid ID of this resource."))
                .advice(format!("Use `{form}`, `UID/{form}` or `CLUSTER_KEY:{form}`."))
                .into());
        }
    };
    Ok(ImportId {
        cluster,
        uid,
        namespace,
        name: name.to_owned(),
    })
}

/// The object of `kind` that an ID names.
///
/// # Errors
/// The object does not exist, is not ours to import, or can't be read.
pub async fn object<M: Managed>(
    context: &Context<Session>,
    id: &ImportId,
    kind: Kind,
) -> Result<Option<Value>, Diagnostics> {
    let op = at::<M>(context, id.place(), &id.name, Asked::Observe).await?;
    let objects = &op.remotes.cluster().objects;
    let found = objects.get(kind, id.namespace.as_deref(), &id.name).await;
    found.map_err(|refusal| refused(&format!("{} {}", kind.kind, id.name), &refusal))
}

/// Refuses to import what somebody else keeps applying.
///
/// # Errors
/// The object has a deployer.
pub fn is_free(object: &Value, what: &str) -> Result<(), Diagnostics> {
    match deployer(object) {
        None => Ok(()),
        Some(deployer) => Err(Diagnostic::error(format!("This object belongs to {deployer}"))
            .because(format!(
                "{what} is managed by {deployer}, which would undo the changes of this resource. Nothing was changed."
            ))
            .advice(
                "Either stop managing it there (keeping the object) and import it again, or leave it there and refer \
                 to it by name.",
            )
            .into()),
    }
}

/// The message that an ID leads to no object.
#[must_use]
pub fn nothing(cause: impl AsRef<str>) -> Diagnostics {
    Diagnostic::error("Nothing to import").because(cause).into()
}

/// Finds the ConfigMap of the resource that the ID names, and reads everything back from it and the other parts.
pub(super) async fn kept<M: Managed>(context: &Context<Session>, request: ImportRequest) -> Imported<M> {
    let id = import_id(&request.id, true)?;
    let mut model = from_keeper::<M>(context, &id).await?;
    if let Some(head) = model.in_cluster_mut() {
        head.cluster = id.cluster.clone().into();
    }
    let op = operation(context, &model, Asked::Observe).await?;
    imported(&op, model, &BTreeMap::new()).await
}

/// The state of `model`, whose arguments say what its objects are. `uids` names, by address, those that the remote
/// names.
///
/// # Errors
/// The object does not exist, is not ours to import, or can't be read.
pub async fn imported<M: Managed>(
    op: &Operation<Clients>,
    mut model: M,
    uids: &BTreeMap<String, String>,
) -> Imported<M> {
    model.derive();
    let rendered: Vec<Part<Clients>> = model.render().unwrap_or_default();
    let about = About::of(op, &model);
    let found = import(op, &rendered, uids)
        .await
        .map_err(|failure| failures(&about, vec![failure], false))?;
    let mut private = Private::default();
    private::remember(&mut private, &found.memory);
    apply::settle(op, &mut model, &found.ledger);
    model.common_mut().instance = found.instance.unwrap_or_else(new_instance).into();
    model.common_mut().parts = parts(found.ledger);
    fill_defaults(&mut model);
    model.observed(&found.objects);
    Ok((State(model), private, Diagnostics::new()))
}

/// What leaves no trace has its default, so that the plan after an import is empty where the configuration has it too.
fn fill_defaults<M: Managed>(model: &mut M) {
    let common = model.common_mut();
    if common.create_before_destroy.is_null() {
        common.create_before_destroy = false.into();
    }
    if let Some(head) = model.in_cluster_mut().filter(|head| head.force_conflicts.is_null()) {
        head.force_conflicts = false.into();
    }
}

async fn from_keeper<M: Managed>(context: &Context<Session>, id: &ImportId) -> Result<M, Diagnostics> {
    let op = at::<M>(context, id.place(), &id.name, Asked::Observe).await?;
    let mut found = Vec::new();
    if let Some(kind) = op.kind(KEEPER) {
        let search = op.bounded(kind.of_owner(&op, None, None, Reading::Fresh)).await;
        found = search.map_err(|refusal| refused(KEEPER, &refusal))?;
    }
    let suffix = format!("/{}/{}/{}", M::NAME, op.owner.place, owner_end(id));
    let keeps = |object: &Observed| {
        let marks = object.marks.as_ref()?;
        marks.owner.as_ref().filter(|owner| owner.ends_with(&suffix))?;
        marks.configuration.clone()
    };
    match found.iter().find_map(keeps) {
        Some(text) => configuration::read(&text),
        None => Err(nothing(format!(
            "Namespace `{}` has no ConfigMap with the arguments of {} `{}`. Check the ID. Objects that this provider \
             did not create can't be imported as a whole.",
            id.namespace.as_deref().unwrap_or_default(),
            M::TYPE_NAME,
            id.name
        ))),
    }
}

fn owner_end(id: &ImportId) -> String {
    match &id.namespace {
        Some(namespace) => format!("{namespace}/{}", id.name),
        None => id.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_ids_come_in_three_forms() {
        let read = |text, namespaced| import_id(text, namespaced).map(|id| (id.cluster, id.uid, id.namespace, id.name));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("shop/web", true), Ok((None, None, some("shop"), "web".to_owned())));
        assert_eq!(
            read("uid/shop/web", true),
            Ok((None, some("uid"), some("shop"), "web".to_owned()))
        );
        assert_eq!(
            read("prod:shop/web", true),
            Ok((some("prod"), None, some("shop"), "web".to_owned()))
        );
        assert_eq!(read("corp", false), Ok((None, None, None, "corp".to_owned())));
        assert!(read("web", true).is_err());
        assert!(read("a/b/c", false).is_err());
    }
}
