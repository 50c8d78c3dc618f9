//! Import: of resources in AWS by ARN, of resources in a cluster whose arguments are kept as JSON on one of their
//! objects, and of those that are one object.

use std::collections::BTreeMap;

use e2etls_clients::kube::kinds::Kind;
use e2etls_engine::import::import as import_parts;
use e2etls_engine::kind::{Observed, Reading, Target};
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use serde_json::Value;
use tfplugin_framework::{Context, Diagnostic, Diagnostics, ImportRequest, Imported, Private, State};

use super::attributes::{Head, NEWEST_TEMPLATE};
use super::managed::Managed;
use super::operation::{at, new_instance, operation};
use super::place::Place;
use super::wording::{About, failures};
use super::{apply, arguments, configuration, outputs, private, refusals};
use crate::kinds::Clients;
use crate::kinds::aws::marks;
use crate::kinds::kube::deployer::deployer;
use crate::session::Session;
use crate::session::wording::{Worded as _, refused};

/// Imports a resource that a part keeps the arguments of, or whose object in AWS shows them.
pub(super) async fn import<M: Managed>(context: &Context<Session>, request: ImportRequest) -> Imported<M> {
    match M::default().place() {
        Place::Aws { .. } => by_arn(context, request.id).await,
        Place::Cluster { .. } => kept(context, request.id).await,
    }
}

/// What `import` was given: `NAMESPACE/NAME`, `UID/NAMESPACE/NAME`, or `NAME` and `UID/NAME` for cluster-scoped
/// objects, each with a key of `clusters` and a colon before it where there are several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportId {
    /// All of it.
    pub text: String,
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
        text: text.to_owned(),
        cluster,
        uid,
        namespace,
        name: name.to_owned(),
    })
}

/// Imports a resource of one object that shows its arguments: `read` reads them, and may warn.
///
/// # Errors
/// The object does not exist, is not ours to import, or can't be read.
pub async fn of_object<M: Managed>(
    context: &Context<Session>,
    id: &ImportId,
    kind: Kind,
    read: impl FnOnce(&Value) -> Result<(M, Diagnostics), Diagnostics>,
) -> Imported<M> {
    let what = format!("{} `{}`", kind.kind, id.text);
    let op = at::<M>(context, id.place(), &id.name, Asked::Observe).await?;
    let objects = &op.remotes.cluster().objects;
    let found = objects.get(kind, id.namespace.as_deref(), &id.name).await;
    let found = found.map_err(|refusal| refused(&format!("{} {}", kind.kind, id.name), &refusal))?;
    let Some(found) = found else {
        return Err(nothing(format!(
            "The cluster has no {what}. Check the namespace, the name and the cluster."
        )));
    };
    is_free(&found, &what)?;
    let (model, warnings) = read(&found)?;
    let (state, private, mut diagnostics) = in_cluster(context, id, model).await?;
    diagnostics.extend(warnings);
    Ok((state, private, diagnostics))
}

/// Refuses to import what somebody else keeps applying.
///
/// # Errors
/// The object has a deployer.
fn is_free(object: &Value, what: &str) -> Result<(), Diagnostics> {
    match deployer(object) {
        None => Ok(()),
        Some(deployer) => Err(Diagnostic::error(format!("This object belongs to {deployer}"))
            .because(format!(
                "{what} is managed by {deployer}, which would undo changes made by this resource. Nothing was \
                 changed."
            ))
            .advice(
                "Either stop managing it there (keeping the object) and import it again, or leave it there and refer \
                 to it by name.",
            )
            .into()),
    }
}

/// The message that an ID leads to no object.
fn nothing(cause: impl AsRef<str>) -> Diagnostics {
    Diagnostic::error("Nothing to import").because(cause).into()
}

/// Finds the object that keeps the arguments of the resource that the ID names, and reads everything back from it and the other parts.
async fn kept<M: Managed>(context: &Context<Session>, id: String) -> Imported<M> {
    let id = import_id(&id, true)?;
    let model = from_keeper::<M>(context, &id).await?;
    in_cluster(context, &id, model).await
}

async fn in_cluster<M: Managed>(context: &Context<Session>, id: &ImportId, mut model: M) -> Imported<M> {
    if let Head::InCluster(head) = model.head() {
        head.cluster = id.cluster.clone().into();
        if head.template_version.is_null() {
            head.template_version = NEWEST_TEMPLATE.into();
        }
    }
    refusals::newer(&model)?;
    imported(context, model, &BTreeMap::new()).await
}

/// Reads everything back from the object in AWS of this ARN, and from its tags.
async fn by_arn<M: Managed>(context: &Context<Session>, arn: String) -> Imported<M> {
    M::check_arn(&arn).map_err(|invalid| Diagnostic::error("Invalid import ID").because(invalid.message))?;
    let mut model = M::default();
    model.common_mut().id = arn.clone().into();
    let op = operation(context, &model, Asked::Observe).await?;
    let (name, uid) = ("", Some(arn.as_str()));
    let look = M::KINDS[0].look(&op, Target { name, uid }, Reading::Fresh);
    let Some(found) = op.bounded(look).await.worded()? else {
        let mut nothing = nothing(format!("`{arn}` does not exist. Check the ARN and the account."));
        nothing.extend(model.gone(&op).await);
        return Err(nothing);
    };
    let mut content = found.content.clone();
    let owner = found.marks.as_ref().and_then(|marks| marks.owner.as_deref());
    if content["name"].is_null() {
        content["name"] = owner.and_then(|owner| owner.rsplit('/').next()).into();
    }
    content["tags"] = marks::arguments(&content["tags"], &op.remotes);
    let mut model: M = configuration::read(&M::arguments(content).to_string())?;
    model.common_mut().id = arn.clone().into();
    let mut uids = model.describe(&op, &found).await?;
    let first = model.render().and_then(|parts| parts.into_iter().next());
    uids.extend(first.map(|part| (part.address, arn)));
    imported(context, model, &uids).await
}

/// The state of `model`, whose arguments say what its objects are. `uids` names, by address, those that the remote
/// names. What leaves no trace has its default, so that the plan after an import is empty where the configuration has
/// it too.
async fn imported<M: Managed>(context: &Context<Session>, model: M, uids: &BTreeMap<String, String>) -> Imported<M> {
    let mut model = arguments::filled(model);
    // A state holds nothing unknown. What this leaves null, the next plan decides.
    if !context.session.image_registry.is_unknown() {
        model.configure(Some(&context.session));
    }
    model.derive();
    let op = operation(context, &model, Asked::Observe).await?;
    apply::locate(&op, &mut model);
    let rendered: Vec<Part<Clients>> = model.render().unwrap_or_default();
    let about = About::of(&op, &model);
    let found = import_parts(&op, &rendered, uids)
        .await
        .map_err(|failure| failures(&about, vec![failure], false))?;
    let mut private = Private::default();
    private::remember(&mut private, &found.memory);
    private::forgive(&mut private, &model);
    apply::settle(&op, &mut model, &found.ledger);
    model.common_mut().instance = found.instance.unwrap_or_else(new_instance).into();
    outputs::show(&mut model, &found.objects);
    Ok((State(model), private, Diagnostics::new()))
}

async fn from_keeper<M: Managed>(context: &Context<Session>, id: &ImportId) -> Result<M, Diagnostics> {
    let op = at::<M>(context, id.place(), &id.name, Asked::Observe).await?;
    let mut found = Vec::new();
    for kind in M::KEEPERS.iter().filter_map(|keeper| op.kind(keeper)) {
        let search = op.bounded(kind.of_owner(&op, None, None, Reading::Fresh)).await;
        found.extend(search.map_err(|refusal| refused(kind.name(), &refusal))?);
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
            "Namespace `{}` has no {} with the arguments of {} `{}`. Check the ID. Objects that this provider did not \
             create can't be imported as a whole.",
            id.namespace.as_deref().unwrap_or_default(),
            M::KEEPERS.join(" or "),
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
