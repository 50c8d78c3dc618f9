//! State that a refresh kept because its cluster could not be reached (`unreachable = "keep_state"`).

use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics, Private};

/// Entry of the private state while the state is older than the cluster.
const KEPT: &str = "kept";
/// Entry of the private state: when the cluster was last written.
const WRITTEN: &str = "written";

/// The state is what the cluster was at `now`.
pub fn written(private: &mut Private, now: &str) {
    private.set(WRITTEN, &now);
    seen(private);
}

/// The state is what the cluster is.
pub fn seen(private: &mut Private) {
    private.remove(KEPT);
}

/// The state was kept: the warning says since when nothing was written, and why the cluster was not read.
#[must_use]
pub fn kept(private: &mut Private, why: &Diagnostics) -> Diagnostics {
    private.set(KEPT, &true);
    let words: Vec<String> = why.iter().map(Diagnostic::detail).collect();
    let age = private
        .get::<String>(WRITTEN)
        .map(|at| format!(" The resource was last written at {at}."))
        .unwrap_or_default();
    let mut diagnostics = Diagnostics::new();
    diagnostics.warn(
        Some(AttributePath::root("cluster_uid")),
        "The cluster was not read",
        format!(
            "The last known state is kept, because `unreachable` is `keep_state`.{age} Plans that would change this \
             resource are refused.\n\n{}",
            words.join("\n")
        ),
    );
    diagnostics
}

/// A plan that changes or destroys what was not read is an error; `change` says what.
pub fn refuse(private: &Private, change: &str, diagnostics: &mut Diagnostics) {
    if private.get::<bool>(KEPT) == Some(true) {
        diagnostics.input(
            AttributePath::root("cluster_uid"),
            "The cluster was not read",
            format!(
                "This plan would change a resource whose cluster can't be reached, so its current state is not known. \
                 {change} Nothing was changed.\n\nMake the cluster reachable and plan again, or revert the change."
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_refuses_changes_until_it_is_seen_again() {
        let mut private = Private::default();
        written(&mut private, "2026-11-21T00:00:00Z");
        let refused = |private: &Private| {
            let mut diagnostics = Diagnostics::new();
            refuse(private, "It would change `it`.", &mut diagnostics);
            diagnostics.has_errors()
        };
        assert!(!refused(&private));
        let warning = kept(&mut private, &Diagnostics::new());
        assert!(!warning.has_errors() && refused(&private));
        assert!(warning.iter().any(|one| one.detail().contains("2026-11-21")));
        seen(&mut private);
        assert!(!refused(&private));
    }
}
