//! Messages: the one place that turns failures and notices of the engine into words.

use e2etls_clients::kube::kinds;
use e2etls_engine::failure::{Failure, Notice, Trouble};
use e2etls_engine::refusal::{Answer, Cause, Refusal};
use tfplugin_framework::{Diagnostic, Diagnostics};

pub use super::about::About;
use crate::session::wording as remotes;

/// Describes failures; `unfinished` adds how to finish a create that failed.
#[must_use]
pub fn failures(about: &About, failures: Vec<Failure>, unfinished: bool) -> Diagnostics {
    let failed = !failures.is_empty();
    // One object is enough to say that the resource exists.
    let exists = |failure: &Failure| matches!(failure.trouble, Trouble::Exists { .. });
    let first = failures.iter().position(exists);
    let told = failures
        .into_iter()
        .enumerate()
        .filter(|(index, failure)| !exists(failure) || Some(*index) == first);
    let mut diagnostics: Diagnostics = told
        .flat_map(|(_, failure)| worded(about, failure, unfinished))
        .collect();
    if failed && unfinished {
        diagnostics.add(
            Diagnostic::error(format!("{} was not completely created", about.type_name))
                .because("Everything created so far is kept.")
                .advice(
                    "To finish it, remove the taint (with Terraform: `terraform untaint ADDRESS`) and apply again. If \
                     you apply without removing the taint, the resource is deleted and created again.",
                ),
        );
    }
    diagnostics
}

/// How an operation that was stopped goes on: an unfinished create says so itself, once.
const fn go_on(unfinished: bool) -> &'static str {
    if unfinished { "" } else { "Apply again to continue." }
}

fn worded(about: &About, failure: Failure, unfinished: bool) -> Diagnostics {
    let Failure { reference, trouble, .. } = failure;
    let diagnostic = match trouble {
        Trouble::Refused { refusal, .. } if refusal.answer == Answer::Interrupted => {
            Diagnostic::error("The operation was interrupted")
                .because(format!("{reference}: {}", remotes::told(&refusal)))
                .advice(go_on(unfinished))
        }
        Trouble::Refused { refusal, lasting } => return refused(&reference, &refusal, lasting),
        Trouble::Foreign { owner, uid } => foreign(about, &reference, owner.as_deref(), &uid),
        Trouble::Exists { uid } => Diagnostic::error(format!("{reference} already exists"))
            .because(format!(
                "It belongs to this resource's owner `{}` and was completely created: it is part of another resource \
                 with the same name, in this state or another one, or its state was lost. Nothing was changed.",
                about.owner
            ))
            .advice(format!(
                "If another resource of this configuration has the same name, rename one of them. If it belongs to this \
                 resource, import it, for example with:\n\n{}\n\nIf it belongs to another state, set a different \
                 `owner_id` for this provider. If it is being replaced by a new one that is created first, set \
                 `create_before_destroy = true`.",
                about.import_block(&uid)
            )),
        Trouble::WouldOverwrite { maker } => Diagnostic::error(format!("{reference} already exists"))
            .because(format!("{maker} would overwrite it. Nothing was changed."))
            .advice(
                "Choose another name (with `secret_name` or `object_names`, whichever the resource has), or delete the \
                 Secret if it is no longer needed.",
            ),
        Trouble::Vanished => Diagnostic::error(format!("{reference} was deleted after the plan"))
            .because("The plan relies on an object that no longer exists.")
            .advice("Plan again, then apply that plan."),
        Trouble::Appeared => Diagnostic::error(format!("{reference} appeared after the plan"))
            .because("Somebody else created the object between the provider's check and its write. It was not changed.")
            .advice("Plan again."),
        Trouble::Managed { causes, ours } => managed(&reference, &causes, ours),
        Trouble::Waiting {
            otherwise,
            last_seen,
            stopped,
        } => waiting(&reference, &otherwise, &last_seen, stopped.then(|| go_on(unfinished))),
        Trouble::Holds { held } => Diagnostic::error(format!("{reference} is in use"))
            .because(format!(
                "It still contains {}, which this resource did not create. It was kept.",
                held.join(", ")
            ))
            .advice(
                "Move or delete these objects, then try again. To keep the namespace with what it contains, first set \
                 `create_namespace = false` and apply: the namespace is then released and kept.",
            ),
        Trouble::InUse { by } => Diagnostic::error(format!("{reference} is in use"))
            .because(format!("It can't be deleted because it is used by {}.", by.join(", ")))
            .advice(
                "Stop using it there, and apply again. If a certificate is being replaced, set `create_before_destroy \
                 = true` so that its users can switch first.",
            ),
        Trouble::Unresolved { address, output } => Diagnostic::bug(format!(
            "{reference} needs the output `{output}` of the part `{address}`, which has none"
        )),
        Trouble::Domain { what, cause, advice } => Diagnostic::error(what).because(cause).advice(advice),
    };
    diagnostic.into()
}

fn refused(reference: &str, refusal: &Refusal, lasting: u64) -> Diagnostics {
    let mut diagnostics = remotes::refused(reference, refusal);
    if lasting >= 10 {
        diagnostics = diagnostics
            .into_iter()
            .map(|one| one.because(format!("The provider retried for {lasting} s.")))
            .collect();
    }
    diagnostics
}

fn foreign(about: &About, reference: &str, owner: Option<&str>, uid: &str) -> Diagnostic {
    let is_namespace = reference.starts_with(kinds::NAMESPACE.kind);
    if let Some(sibling) = owner.and_then(|owner| about.sibling(owner)) {
        let advice = if is_namespace {
            "Only one resource can own a namespace, and it is deleted with its owner. Set `create_namespace = false` \
             here, and make this resource depend on the owner; or create the namespace separately from both."
        } else {
            "Rename one of the two resources, or set its `object_names` if it has this argument."
        };
        return Diagnostic::error(format!("{reference} belongs to {sibling}"))
            .because(format!("{sibling} of the same state owns it. Nothing was changed."))
            .advice(advice);
    }
    let (what, whose) = match owner {
        Some(owner) => (
            format!("Another state owns {reference}"),
            format!("Its owner is `{owner}`; this resource's owner is `{}`.", about.owner),
        ),
        None => (
            format!("{reference} already exists"),
            "It bears no mark of an owner, so no resource of this provider has created it.".to_owned(),
        ),
    };
    let advice = if is_namespace {
        "Set `create_namespace = false`: this resource then uses the namespace and does not own it.".to_owned()
    } else if about.may_import(reference, owner) {
        let first = owner.map_or("", |_| "remove it from the other state, and ");
        let block = about.import_block(uid);
        match about.other_name() {
            Some(rename) => {
                format!("{rename}, or take the object over: {first}import it, for example with:\n\n{block}")
            }
            None => format!("To take the object over, {first}import it, for example with:\n\n{block}"),
        }
    } else {
        let delete = "elete the object if it is no longer needed. It can't be imported on its own.";
        match about.other_name() {
            Some(rename) => format!("{rename}, or d{delete}"),
            None => format!("D{delete}"),
        }
    };
    Diagnostic::error(what)
        .because(format!("{whose} Nothing was changed."))
        .advice(advice)
}

/// True for what an autoscaler manages.
fn is_autoscaled(cause: &Cause) -> bool {
    cause.field == ".spec.replicas" && !cause.manager.starts_with("kubectl")
}

fn managed(reference: &str, causes: &[Cause], ours: bool) -> Diagnostic {
    let listed: Vec<String> = causes
        .iter()
        .map(|cause| format!("`{}` is managed by `{}`", cause.field, cause.manager))
        .collect();
    let because = format!("{reference}: {}.", listed.join(", "));
    if causes.iter().any(is_autoscaled) {
        return Diagnostic::error("An autoscaler manages `replicas`")
            .because(because)
            .advice("Set `autoscaled = true` and remove `replicas`, so that only the autoscaler decides.");
    }
    if ours || causes.is_empty() {
        return Diagnostic::error(format!("{reference} changed after the plan"))
            .because(because)
            .advice("Plan again to review the change, then apply that plan.");
    }
    Diagnostic::error("Another field manager owns a field")
        .because(because)
        .advice("Remove the field from what that manager applies, or set `force_conflicts = true` to take it over.")
}

/// `stopped` is how it goes on, if somebody stopped it.
fn waiting(reference: &str, otherwise: &str, last_seen: &str, stopped: Option<&str>) -> Diagnostic {
    let (why, advice) = match stopped {
        Some(advice) => ("The operation was stopped.", advice),
        None => (
            "The operation timed out.",
            "Fix the cause above, or allow more time with the argument `timeouts`, and apply again.",
        ),
    };
    let reference = reference.strip_prefix("wait ").unwrap_or(reference);
    Diagnostic::error(format!("{reference} {otherwise}"))
        .because(format!("{why} Last seen: {last_seen}"))
        .advice(advice)
}

/// Describes notices, as warnings.
#[must_use]
pub fn notices(about: &About, notices: Vec<Notice>) -> Diagnostics {
    notices.into_iter().map(|one| notice(about, one)).collect()
}

fn notice(about: &About, notice: Notice) -> Diagnostic {
    match notice {
        Notice::AdoptedElsewhere(reference) => Diagnostic::warning("An object belongs to another instance").because(
            format!("{reference} now belongs to another instance of this resource and was left unchanged."),
        ),
        Notice::Released(reference) => Diagnostic::warning("An object was released")
            .because(format!(
                "{reference} existed before it became part of {}, and was left in place.",
                about.type_name
            ))
            .advice("Delete it by hand if it is no longer needed."),
        Notice::TakenOver(reference, managers) => {
            let before = if managers.is_empty() {
                String::new()
            } else {
                format!(" Previously, `{}` managed them.", managers.join("`, `"))
            };
            Diagnostic::warning("An imported object was taken over").because(format!(
                "{reference} existed before it was imported. This resource now manages the fields that it \
                 sets.{before} When the resource is destroyed, the object is kept."
            ))
        }
        Notice::Left(reference, why) => Diagnostic::warning(format!("{reference} was left behind"))
            .because(format!("It was not deleted: {why}."))
            .advice("Delete it by hand if it is no longer needed."),
        Notice::NotOurs(reference) => Diagnostic::warning(format!("{reference} is another object now")).because(
            "An object that this resource did not create now has this name. It is left unchanged; this resource's \
             object is considered deleted.",
        ),
        Notice::KindMissing(kind) => Diagnostic::warning(format!("{kind} is not served"))
            .because("The cluster does not serve this kind, or no longer does. Its objects are considered deleted."),
    }
}

#[cfg(test)]
#[path = "wording_tests.rs"]
mod tests;
