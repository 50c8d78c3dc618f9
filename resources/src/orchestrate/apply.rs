//! One apply of one part: without force, unless every conflict lies where the approved plan changes something.

use serde_json::Value;
use tfplugin_framework::Diagnostics;

use super::engine::{Engine, Notes};
use super::fields;
use super::part::Part;
use e2etls_clients::kube::objects::{AppliedObject, ApplyOptions};
use e2etls_engine::refusal::{Answer, Cause, Refusal};

/// What the approved plan says about a part that is applied.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// Paths that the plan showed as drifted or changing.
    pub paths: Vec<String>,
    /// We have applied this part before.
    pub ours: bool,
}

impl Engine {
    /// Applies `manifest`, which is `part`'s with its marks.
    ///
    /// A conflict at paths of `consent` alone is overcome by the same request with force.
    ///
    /// # Errors
    /// Any other conflict, naming manager and field; any other refusal.
    pub async fn apply(&self, part: &Part, manifest: &Value, consent: &Consent) -> Result<AppliedObject, Diagnostics> {
        let manager = self.owner.field_manager();
        let send = |force| {
            let options = ApplyOptions { force, dry_run: false };
            self.objects().apply(part.kind, manifest, &manager, options)
        };
        tracing::debug!("applying {}", part.reference());
        let answer = send(self.force_conflicts).await;
        self.cluster.lists.forget(part.kind).await;
        let error = match answer {
            Ok(applied) => return Ok(applied),
            Err(error) => error,
        };
        let Answer::Conflict(conflicts) = &error.answer else {
            return Err(self.refused(part, &error));
        };
        if conflicts.is_empty() {
            return Err(self.refused(part, &error));
        }
        let foreign: Vec<_> = conflicts
            .iter()
            .filter(|cause| is_autoscaler(cause) || !consented(&cause.field, &consent.paths))
            .collect();
        if foreign.is_empty() {
            return send(true).await.map_err(|error| self.refused(part, &error));
        }
        Err(conflict(part, &foreign, consent.ours, &error))
    }
}

/// Remembers where the API server writes `manifest` in its own way.
pub(super) fn note(notes: &mut Notes, part: &Part, manifest: &Value, live: &Value) {
    let written = fields::differences(manifest, live);
    let own_way = written
        .into_iter()
        .map(|path| (path.clone(), fields::at(live, &path).clone()))
        .collect();
    notes.0.insert(part.address.clone(), own_way);
    notes.0.retain(|_, paths| !paths.is_empty());
}

fn consented(path: &str, paths: &[String]) -> bool {
    paths.iter().any(|allowed| fields::overlaps(allowed, path))
}

fn is_autoscaler(cause: &Cause) -> bool {
    cause.field == ".spec.replicas" && !cause.manager.starts_with("kubectl")
}

fn conflict(part: &Part, foreign: &[&Cause], ours: bool, error: &Refusal) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let listed: Vec<String> = foreign
        .iter()
        .map(|cause| format!("`{}` is managed by `{}`", cause.field, cause.manager))
        .collect();
    let autoscaled = foreign.iter().any(|cause| is_autoscaler(cause));
    let (summary, next) = if autoscaled {
        (
            "An autoscaler manages the replicas",
            "Set `autoscaled = true` and leave `replicas` out, so that the autoscaler alone decides.",
        )
    } else if ours {
        (
            "A field was changed since the plan",
            "Plan again to see the change, and apply that plan.",
        )
    } else {
        (
            "Another manager owns a field",
            "Remove the field from what that manager applies, or set `force_conflicts = true` to take it over.",
        )
    };
    diagnostics.remote(
        summary,
        format!("{}: {}.\n\n{error}\n\n{next}", part.reference(), listed.join(", ")),
    );
    diagnostics
}
