//! What every resource that lives in a cluster does around its parts: find the cluster, compare it with the state's,
//! name the owner, read import ids, and say what a plan must say.

use tfplugin_framework::{AttributePath, Context, Diagnostics};
use tokio::time::Instant;

use super::engine::Engine;
use super::owner::Owner;
use crate::session::Session;
use crate::session::wording::{is_unreachable, unidentified};

/// Where a resource lives.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Resource type without the provider's prefix.
    pub resource: &'static str,
    /// Full type name, for messages.
    pub type_name: &'static str,
    /// The argument `cluster`.
    pub cluster: Option<&'a str>,
    /// `cluster_uid` of the state; `None` for a create.
    pub cluster_uid: Option<&'a str>,
    /// Namespace; `None` for cluster-scoped objects.
    pub namespace: Option<&'a str>,
    /// The argument `name`.
    pub name: &'a str,
    /// The argument `force_conflicts`.
    pub force_conflicts: bool,
}

/// What `terraform import` was given: `NAMESPACE/NAME`, `UID/NAMESPACE/NAME`, or `NAME` and `UID/NAME` for
/// cluster-scoped objects, each with a key of `clusters` and a colon before it where there are several.
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

/// Why there is no engine.
#[derive(Clone, Debug, PartialEq)]
pub struct NoEngine {
    /// The cluster did not answer at all; everything else (another cluster, a refusal, a configuration that can't be used) is
    /// no reason to believe an older state.
    pub unreachable: bool,
    /// What to tell.
    pub diagnostics: Diagnostics,
}

impl From<Diagnostics> for NoEngine {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            unreachable: false,
            diagnostics,
        }
    }
}

impl From<NoEngine> for Diagnostics {
    fn from(none: NoEngine) -> Self {
        none.diagnostics
    }
}

/// Finds the cluster of `place` and makes an engine for one operation there.
///
/// # Errors
/// No or an unreachable cluster, or another one than the state speaks of.
pub async fn engine(context: &Context<Session>, place: Place<'_>) -> Result<Engine, NoEngine> {
    let cluster = context.session.cluster(place.cluster).await?;
    let mut diagnostics = Diagnostics::new();
    let uid = cluster.uid().await.map_err(|error| NoEngine {
        unreachable: is_unreachable(&error),
        diagnostics: unidentified(&error),
    })?;
    let uid = uid.to_owned();
    if let Some(expected) = place.cluster_uid.filter(|expected| *expected != uid) {
        let detail = format!(
            "The state says that {} `{}` lives in the cluster with uid {expected}, but the configured cluster has uid {uid}. \
             Nothing was read or changed.\n\nPoint `cluster` (or the provider's configuration) at the right cluster; to move \
             the resource, remove it from the state or destroy it there first.",
            place.type_name, place.name
        );
        diagnostics.input(AttributePath::root("cluster"), "This is another cluster", detail);
        return Err(diagnostics.into());
    }
    let owner = Owner {
        owner_id: context.session.owner_id.clone(),
        resource: place.resource,
        place: uid.clone(),
        namespace: place.namespace.map(str::to_owned),
        name: place.name.to_owned(),
    };
    Ok(Engine {
        import_id: id(&uid, place.namespace, place.name),
        cluster,
        owner,
        cancel: context.cancel.clone(),
        deadline: Instant::now() + context.timeout,
        force_conflicts: place.force_conflicts,
        type_name: place.type_name,
    })
}

/// The id of a resource: it holds the cluster's UID, never a configured name.
#[must_use]
pub fn id(uid: &str, namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{uid}/{namespace}/{name}"),
        None => format!("{uid}/{name}"),
    }
}

/// Reads an import id.
///
/// # Errors
/// An id of another form.
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
            let mut diagnostics = Diagnostics::new();
            diagnostics.remote(
                "The import id has another form",
                format!("`{text}` is no id of this resource. Give `{form}`, `UID/{form}` or `CLUSTER_KEY:{form}`."),
            );
            return Err(diagnostics);
        }
    };
    Ok(ImportId {
        cluster,
        uid,
        namespace,
        name: name.to_owned(),
    })
}

/// What a plan that creates, changes or destroys has to say: refusals of a read-only provider, and the advice to set
/// `owner_id`.
pub fn plan_notes(session: Option<&Session>, creates: bool, diagnostics: &mut Diagnostics) {
    let Some(session) = session else { return };
    if session.read_only {
        diagnostics.remote(
            "The provider is read-only",
            "The provider argument `read_only` is true, and this plan would change something.\n\nRemove `read_only`, or the \
             change.",
        );
    }
    if creates && session.owner_id.is_none() && !session.owner_id_unknown {
        diagnostics.warn(
            None,
            "The provider has no owner_id",
            "Without the provider argument `owner_id` a create that was interrupted after its last step can't be told from \
             another state's resource of the same name. Set it to one value per state, such as `terraform.workspace`.",
        );
    }
}

/// The refusal of a destroying or replacing plan while the prior state says `deletion_protection = true`.
pub fn protect(protected: Option<bool>, what: &str, diagnostics: &mut Diagnostics) {
    if protected == Some(true) {
        diagnostics.input(
            AttributePath::root("deletion_protection"),
            "Deletion protection is on",
            format!(
                "The plan would destroy {what}, which has `deletion_protection = true`. Nothing was changed.\n\nTo give the \
                 protection up, set `deletion_protection = false`, apply that alone, and then destroy or replace."
            ),
        );
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
