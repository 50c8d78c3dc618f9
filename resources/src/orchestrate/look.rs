//! Look first: what stands where parts shall be, before anything is written.

use futures::{StreamExt, stream};
use serde_json::Value;
use tfplugin_framework::Diagnostics;

use super::create::instance_of;
use super::engine::{CONCURRENCY, Engine};
use super::owner::{CREATING_ANNOTATION, OWNER_ANNOTATION, OWNER_LABEL};
use super::part::{Part, annotation};
use e2etls_clients::kube::kinds::{CERTIFICATE, NAMESPACE, SECRET};
use e2etls_engine::refusal::Answer;

/// What stands at a part's name.
#[derive(Clone, Debug)]
pub enum Look {
    /// Nothing.
    Absent,
    /// An object of this owner.
    Ours(Value),
    /// Somebody else's object.
    Foreign(Value),
}

impl Look {
    /// The object, if it is ours.
    #[must_use]
    pub fn ours(&self) -> Option<&Value> {
        match self {
            Self::Ours(object) => Some(object),
            _ => None,
        }
    }
}

/// True if an object with our label is no controller's copy: cert-manager copies a Certificate's labels to its requests.
#[must_use]
pub fn is_ours(object: &Value) -> bool {
    let references = object["metadata"]["ownerReferences"].as_array();
    !references.is_some_and(|references| references.iter().any(|reference| reference["controller"] == true))
}

impl Engine {
    /// What stands at the name of each part, in their order.
    ///
    /// # Errors
    /// Every refusal, such as a kind that is not served, all in one.
    pub async fn look(&self, parts: &[Part]) -> Result<Vec<Look>, Diagnostics> {
        let looked: Vec<_> = stream::iter(0..parts.len())
            .map(|index| async move {
                let part = &parts[index];
                (part, self.objects().get(part.kind, part.namespace(), part.name()).await)
            })
            .buffered(CONCURRENCY)
            .collect()
            .await;
        let mut diagnostics = Diagnostics::new();
        let mut looks = Vec::with_capacity(parts.len());
        let mut missing_kinds = Vec::new();
        for (part, answer) in looked {
            match answer {
                Ok(None) => looks.push(Look::Absent),
                Ok(Some(object)) if self.owns(&object) => looks.push(Look::Ours(object)),
                Ok(Some(object)) => looks.push(Look::Foreign(object)),
                Err(error) if error.answer == Answer::KindMissing && missing_kinds.contains(&part.kind) => {}
                Err(error) => {
                    if error.answer == Answer::KindMissing {
                        missing_kinds.push(part.kind);
                    }
                    diagnostics.extend(self.refused(part, &error));
                    if error.answer == Answer::Unreachable {
                        return Err(diagnostics);
                    }
                }
            }
        }
        if diagnostics.has_errors() {
            Err(diagnostics)
        } else {
            Ok(looks)
        }
    }

    /// True if the object carries this owner's mark. A controller's copy of the label does not count.
    #[must_use]
    pub fn owns(&self, object: &Value) -> bool {
        let labelled = object["metadata"]["labels"][OWNER_LABEL] == self.owner.label();
        labelled && is_ours(object) && annotation(object, OWNER_ANNOTATION) == Some(&self.owner.to_string())
    }

    /// True if this resource made the object: it carries the owner, or the instance that is in state.
    #[must_use]
    pub fn made(&self, object: &Value, instance: &str) -> bool {
        self.owns(object) || instance_of(object).is_some_and(|found| found == instance)
    }

    /// Checks, before a create writes anything, that it may go on.
    ///
    /// # Errors
    /// Everything that stands in the way: objects of others, a finished resource of this owner, a missing namespace, a
    /// Secret that cert-manager would overwrite.
    pub async fn may_create(&self, parts: &[Part], looks: &[Look]) -> Result<Diagnostics, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        for (part, look) in parts.iter().zip(looks) {
            if let Look::Foreign(object) = look {
                self.foreign(part, object, &mut diagnostics);
            }
        }
        let holder = looks.first().and_then(Look::ours);
        let marked = holder.is_some_and(|object| annotation(object, CREATING_ANNOTATION).is_some());
        if holder.is_some() && !marked && !self.owner.is_named() {
            let detail = format!(
                "{} exists, carries this resource's owner `{}` and is finished. Without the provider argument `owner_id` it is \
                 not taken over. If it is this resource, import it:\n\n{}",
                parts[0].reference(),
                self.owner,
                self.import_block()
            );
            diagnostics.remote("The resource exists already", detail);
        }
        self.namespaces_exist(parts, &mut diagnostics).await;
        if holder.is_none() {
            self.secrets_are_free(parts, looks, &mut diagnostics).await;
        }
        if diagnostics.has_errors() {
            Err(diagnostics)
        } else {
            Ok(diagnostics)
        }
    }

    fn foreign(&self, part: &Part, object: &Value, diagnostics: &mut Diagnostics) {
        let owner = annotation(object, OWNER_ANNOTATION).map_or_else(
            || "It carries no owner of ours".to_owned(),
            |owner| format!("Its owner is `{owner}`, ours would be `{}`", self.owner),
        );
        let detail = format!(
            "{} exists and was not made by this resource. {owner}. Nothing was changed.\n\nRename this resource, delete the \
             object, or take it over by importing it:\n\n{}",
            part.reference(),
            self.import_block()
        );
        diagnostics.remote(format!("{} is not ours", part.reference()), detail);
    }

    async fn namespaces_exist(&self, parts: &[Part], diagnostics: &mut Diagnostics) {
        let made: Vec<&str> = parts
            .iter()
            .filter(|part| part.kind == NAMESPACE)
            .map(Part::name)
            .collect();
        let mut needed: Vec<&str> = parts
            .iter()
            .filter_map(Part::namespace)
            .filter(|namespace| !made.contains(namespace))
            .collect();
        needed.sort_unstable();
        needed.dedup();
        for namespace in needed {
            match self.cluster.has_namespace(namespace).await {
                Ok(true) => {}
                Ok(false) => diagnostics.input(
                    tfplugin_framework::AttributePath::root("namespace"),
                    "The namespace does not exist",
                    format!(
                        "The cluster has no namespace `{namespace}`. Create it first, for example with \
                         `kubernetes_namespace`, or let a stack make it with `create_namespace = true`."
                    ),
                ),
                Err(error) => diagnostics.remote("Can't look up the namespace", error.to_string()),
            }
        }
    }

    async fn secrets_are_free(&self, parts: &[Part], looks: &[Look], diagnostics: &mut Diagnostics) {
        for (part, look) in parts.iter().zip(looks) {
            let Some(secret) = part.manifest["spec"]["secretName"].as_str() else {
                continue;
            };
            if part.kind != CERTIFICATE || matches!(look, Look::Ours(_)) {
                continue;
            }
            match self.objects().uid_by_dry_run_delete(SECRET, part.namespace(), secret).await {
                Ok(None) => {}
                Ok(Some(_)) => diagnostics.remote(
                    format!("Secret {secret} exists already"),
                    format!(
                        "cert-manager would write the certificate of {} into the Secret `{secret}`, which exists: somebody \
                         else's data would be overwritten. Nothing was changed.\n\nChoose another name with `secret_name` or \
                         `object_names`, or delete the Secret if it is a leftover.",
                        part.reference()
                    ),
                ),
                Err(error) if matches!(error.answer, Answer::Forbidden(_)) => {}
                Err(error) => diagnostics.extend(self.refused(part, &error)),
            }
        }
    }
}
