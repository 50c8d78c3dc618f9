//! The plan engine: one step per file, in the order of HashiCorp's own framework.
//!
//! ```text
//! configuration ──defaults──▶ wanted ─┐
//! prior state ────────────────────────┴─proposed_new──▶ planned ──null write-only──▶ changed? ──computed──▶ planned
//!                                                                                      │ no: planned = prior
//! planned ──replace──▶ paths ──▶ Resource::plan ──▶ the host's rules ──▶ answer
//! ```
//!
//! The proposal is made here and not taken from the host, so that defaults inside nested objects are merged as if the
//! user had written them. Everything is a pure function of the request: hosts plan twice and compare.

mod computed;
mod defaults;
mod hook;
mod replace;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::guard::{guarded, misfit};
use super::{DestroyStep, PlanCall, Planned, Server, Target, result};
use crate::schema::Schema;
use crate::{AttributePath, Diagnostics, Leg, Private, Provider, Value, oracle};

pub(super) use computed::all_unknown as computed_unknown;
pub(super) use defaults::fill as with_defaults;

impl<P: Provider> Server<P> {
    /// Plans a create, an update or a destroy. Calls no remote, and is deterministic.
    ///
    /// A replacement that the host decides alone (`-replace`, taint) arrives as a plan without prior state: the
    /// old object is not seen, and `plan_destroy` is not called.
    pub fn plan_resource(&self, type_name: &str, call: PlanCall) -> Planned {
        let session = self.configured();
        match self.resource(type_name) {
            Ok(target) if call.proposed.is_null() => destroy(&target, call, session.as_ref()),
            Ok(target) => change(&target, call, session.as_ref()),
            Err(diagnostics) => Planned::refused(&call, diagnostics),
        }
    }
}

impl Planned {
    /// A plan that failed before it began: the prior state.
    fn refused(call: &PlanCall, diagnostics: Diagnostics) -> Self {
        Self {
            planned: call.prior.clone(),
            replace: Vec::new(),
            private: call.private.clone(),
            diagnostics,
        }
    }
}

fn destroy<S: Send + Sync + 'static>(target: &Target<'_, S>, call: PlanCall, session: Option<&Arc<S>>) -> Planned {
    let diagnostics = judge_destroy(target, &call, session, false);
    let mut private = call.private;
    private.set_leg(Some(Leg::Destroy));
    Planned {
        planned: Value::Null,
        replace: Vec::new(),
        private,
        diagnostics,
    }
}

fn judge_destroy<S: Send + Sync + 'static>(
    target: &Target<'_, S>,
    call: &PlanCall,
    session: Option<&Arc<S>>,
    replacing: bool,
) -> Diagnostics {
    if call.prior.is_null() {
        return Diagnostics::new();
    }
    let step = DestroyStep {
        prior: &call.prior,
        private: &call.private,
        session,
        replacing,
    };
    let judged = guarded("plan_destroy", || target.resource.plan_destroy(step));
    judged
        .and_then(|fit| fit.map_err(misfit))
        .unwrap_or_else(|diagnostics| diagnostics)
}

fn change<S: Send + Sync + 'static>(target: &Target<'_, S>, call: PlanCall, session: Option<&Arc<S>>) -> Planned {
    let wanted = defaults::fill(target.schema, &call.config);
    let planned = before_hook(target.schema, &call.prior, &wanted);
    let replace = replace::paths(target.schema, &wanted, &call.prior, &planned);
    let private = with_leg(&call);
    let mut answer = match hook::run(target, &call, planned, replace.clone(), private, session) {
        Ok(answer) => answer,
        Err(diagnostics) => return Planned::refused(&call, diagnostics),
    };
    if answer.diagnostics.has_errors() {
        return answer;
    }
    let after = replace::paths(target.schema, &wanted, &call.prior, &answer.planned);
    // Paths that the hook removed stay removed; those that follow from values it changed are added.
    answer
        .replace
        .extend(after.into_iter().filter(|path| !replace.contains(path)));
    judge(target, &call, &mut answer);
    if replacing(target.schema, &call.prior, &answer.planned, &answer.replace) {
        answer.diagnostics.extend(judge_destroy(target, &call, session, true));
    }
    answer
}

/// The steps that the schema alone decides.
fn before_hook(schema: &Schema, prior: &Value, wanted: &Value) -> Value {
    let proposed = oracle::proposed_new(schema, prior, wanted);
    let planned = result::without_write_only(schema, proposed);
    if planned.same(prior, &schema.value_type()) {
        prior.clone()
    } else {
        computed::mark(schema, wanted, prior, planned)
    }
}

/// The private state for the apply, marked with the leg that the plan is for.
///
/// The second plan of a replacement has no prior state but the private bytes of the first: it keeps that plan's leg.
fn with_leg(call: &PlanCall) -> Private {
    let mut private = call.private.clone();
    if !call.prior.is_null() {
        private.set_leg(Some(Leg::Replacing));
    } else if private.leg().is_none() {
        private.set_leg(Some(Leg::Create));
    }
    private
}

/// Reports what the host would refuse as bugs of the provider.
fn judge<S>(target: &Target<'_, S>, call: &PlanCall, answer: &mut Planned) {
    let mut violations = oracle::check_plan(target.schema, &call.prior, &call.config, &answer.planned);
    violations.extend(oracle::check_replace(&call.prior, &answer.planned, &answer.replace));
    for violation in violations {
        answer.diagnostics.bug(format!(
            "the plan of `{}` breaks a rule of the host: {violation}",
            target.type_name
        ));
    }
}

fn replacing(schema: &Schema, prior: &Value, planned: &Value, replace: &[AttributePath]) -> bool {
    !prior.is_null()
        && replace
            .iter()
            .any(|path| oracle::replaces(schema, prior, planned, path))
}
