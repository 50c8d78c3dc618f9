//! The part of a plan that the resource decides itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::same::{element_type, member_type};
use crate::server::guard::{guarded, misfit};
use crate::server::{PlanCall, PlanStep, Planned, Target, result};
use crate::{AttributePath, Diagnostics, Private, Type, Value};

/// Calls [`crate::Resource::plan`] and brings its changes into `planned`.
pub(super) fn run<S: Send + Sync + 'static>(
    target: &Target<'_, S>,
    call: &PlanCall,
    planned: Value,
    replace: Vec<AttributePath>,
    private: Private,
    session: Option<&Arc<S>>,
) -> Result<Planned, Diagnostics> {
    let step = PlanStep {
        config: &call.config,
        prior: &call.prior,
        prior_private: &call.private,
        planned: &planned,
        replace,
        private,
        session,
    };
    let stepped = guarded("plan", || target.resource.plan(step))?.map_err(misfit)?;
    let changed = with_changes(&target.schema.value_type(), planned, &stepped.before, stepped.after);
    Ok(Planned {
        planned: result::without_write_only(target.schema, changed),
        replace: if call.prior.is_null() {
            Vec::new()
        } else {
            stepped.replace
        },
        private: stepped.private,
        diagnostics: stepped.diagnostics,
    })
}

/// `original` with what a hook changed between `before` and `after`.
///
/// A model can hold less than a value: a list with one unknown element is an unknown list to it. What the hook did not
/// touch stays as the host sent it.
fn with_changes(ty: &Type, original: Value, before: &Value, after: Value) -> Value {
    if before.same(&after, ty) {
        return original;
    }
    match (original, before, after) {
        (Value::Map(mut original), Value::Map(before), Value::Map(after)) => {
            let merged = after.into_iter().map(|(name, after)| {
                let value = match (original.remove(&name), before.get(&name)) {
                    (Some(original), Some(before)) => with_changes(member_type(ty, &name), original, before, after),
                    _ => after,
                };
                (name, value)
            });
            Value::Map(merged.collect::<BTreeMap<_, _>>())
        }
        (Value::List(original), Value::List(before), Value::List(after))
            if !matches!(ty, Type::Set(_)) && original.len() == after.len() && before.len() == after.len() =>
        {
            let merged = original.into_iter().zip(before).zip(after).enumerate();
            let merged = merged.map(|(index, ((original, before), after))| {
                with_changes(element_type(ty, index), original, before, after)
            });
            Value::List(merged.collect())
        }
        (_, _, after) => after,
    }
}
