//! What is refused for every resource: a read-only provider, and the destruction of what is protected.
//!
//! Both apply to plan and apply: some hosts delete without a plan.

use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use super::attributes::{Head, NEWEST_TEMPLATE};
use super::managed::Managed;
use crate::session::Session;

/// The messages of a plan that creates, changes or destroys; `change` says what.
pub fn remark(session: Option<&Session>, creates: bool, change: &str, diagnostics: &mut Diagnostics) {
    let Some(session) = session else { return };
    read_only(session, change, diagnostics);
    if creates && session.owner_id.is_none() && !session.owner_id_unknown {
        diagnostics.add(
            Diagnostic::warning("The provider argument `owner_id` is not set")
                .because(
                    "Without the provider argument `owner_id`, a resource with the same name in another state can't be \
                     told apart from this one.",
                )
                .advice("Set `owner_id` to a value that no other state uses, for example `\"payments/prod\"`."),
        );
    }
}

/// Refuses any change by a read-only provider; `change` says which.
pub(super) fn read_only(session: &Session, change: &str, diagnostics: &mut Diagnostics) {
    if session.read_only {
        diagnostics.add(
            Diagnostic::error("The provider is read-only")
                .because(format!(
                    "The provider argument `read_only` is true, but this operation would change something. {change} \
                     Nothing was changed."
                ))
                .advice(
                    "Remove `read_only`, or revert the change: in the configuration, or, if it drifted, where it is.",
                ),
        );
    }
}

/// Refuses a resource whose objects a newer version of the provider rendered: this one would take them for drifted.
///
/// # Errors
/// Its `template_version` is above the newest one of this version of the provider.
pub(super) fn newer<M: Managed>(model: &M) -> Result<(), Diagnostics> {
    let mut model = model.clone();
    let Head::InCluster(head) = model.head() else {
        return Ok(());
    };
    match head.template_version.known() {
        Some(version) if *version > NEWEST_TEMPLATE => Err(Diagnostic::error(
            "State was written by a newer version of the provider",
        )
        .at(AttributePath::root("template_version"))
        .because(format!(
            "`template_version` is {version}; this version of the provider supports versions up to \
                     {NEWEST_TEMPLATE}. Nothing was changed."
        ))
        .advice("Use the version of the provider that wrote it, or a newer one.")
        .into()),
        _ => Ok(()),
    }
}

/// Two resources of one configuration would be one: the objects of both have the same owner.
pub(super) fn same_name<M: Managed>(model: &M) -> Diagnostics {
    let what = model.called();
    Diagnostic::error("Two resources have the same name")
        .at(AttributePath::root("name"))
        .because(format!(
            "Another resource of this configuration creates {what} in the same place. Nothing was created for this one."
        ))
        .advice("Give one of the two another `name`, or remove it.")
        .into()
}

/// Who asks for a destruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destruction {
    /// The user, by a destroy or a replacement.
    Asked,
    /// The host, because the resource is tainted: it would be created again.
    OfTainted,
}

/// Refuses the destruction of a resource while its state says `deletion_protection = true`, unless its create never
/// finished.
pub(super) fn protect<M: Managed>(prior: &M, unfinished: bool, why: Destruction, diagnostics: &mut Diagnostics) {
    if unfinished || prior.protection() != Some(true) {
        return;
    }
    diagnostics.add(protected(&prior.called(), why));
}

fn protected(what: &str, why: Destruction) -> Diagnostic {
    let (cause, advice) = match why {
        Destruction::Asked => (
            format!("{what} would be destroyed, but it has `deletion_protection = true`."),
            "To turn it off, set `deletion_protection = false` and apply only that change. Then destroy or replace the \
             resource. If the resource is tainted, first remove the taint (with Terraform: `terraform untaint \
             ADDRESS`), or that apply would replace it.",
        ),
        Destruction::OfTainted => (
            format!(
                "{what} is tainted, so it would be destroyed and created again, but it has \
                 `deletion_protection = true`."
            ),
            "To keep it, remove the taint (with Terraform: `terraform untaint ADDRESS`) and apply again. To replace it, \
             remove the taint, set `deletion_protection = false` and apply only that change; then replace it.",
        ),
    };
    Diagnostic::error("Deletion protection is on")
        .at(AttributePath::root("deletion_protection"))
        .because(format!("{cause} Nothing was changed."))
        .advice(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_tainted_is_told_how_it_is_kept() {
        let advice = |why| protected("e2etls_stack `shop`", why).advice;
        assert!(
            advice(Destruction::OfTainted)
                .starts_with("To keep it, remove the taint (with Terraform: `terraform untaint")
        );
        // A plan that destroys does not know whether the resource is tainted.
        assert!(advice(Destruction::Asked).contains("first remove the taint (with Terraform: `terraform untaint"));
    }
}
