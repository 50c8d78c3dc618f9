//! Creates, updates and deletes.

use super::guard::{guarded_async, misfit};
use super::{ApplyCall, Outcome, Server, Target, result, timeout};
use crate::{Context, Diagnostics, Operation, Private, Provider, Value, oracle};

impl<P: Provider> Server<P> {
    /// Carries out a plan. The state of a failed apply is what exists so far. Nothing that a hook returned is lost, even if
    /// it breaks a rule of the host.
    pub async fn apply_resource(&self, type_name: &str, call: ApplyCall) -> Outcome {
        let operation = match (call.prior.is_null(), call.planned.is_null()) {
            (true, false) => Operation::Create,
            (false, false) => Operation::Update,
            (_, true) => Operation::Delete,
        };
        let mut private = call.private.clone();
        private.set_leg(None);
        let applied = match self.prepare(type_name, operation, &call) {
            Ok((target, context)) => carry_out(&target, &context, operation, &call).await,
            Err(diagnostics) => Err(diagnostics),
        };
        applied.unwrap_or_else(|diagnostics| Outcome::kept(call.prior, private, diagnostics))
    }

    #[expect(clippy::type_complexity, reason = "a pair, used once")]
    fn prepare<'a>(
        &'a self,
        type_name: &'a str,
        operation: Operation,
        call: &ApplyCall,
    ) -> Result<(Target<'a, P::Session>, Context<P::Session>), Diagnostics> {
        let target = self.resource(type_name)?;
        // Some hosts pass no configuration to a delete: what it needs is in the state.
        let source = if operation == Operation::Delete {
            &call.prior
        } else {
            &call.planned
        };
        let allowed = timeout::written(source, operation).unwrap_or_else(|| target.resource.default_timeout(operation));
        let context = self.context(allowed)?;
        Ok((target, context))
    }
}

async fn carry_out<S: Send + Sync + 'static>(
    target: &Target<'_, S>,
    context: &Context<S>,
    operation: Operation,
    call: &ApplyCall,
) -> Result<Outcome, Diagnostics> {
    let mut private = call.private.clone();
    let resource = target.resource;
    let outcome = match operation {
        Operation::Delete => guarded_async("delete", resource.delete(context, &call.prior, private)).await,
        Operation::Update => {
            private.set_leg(None);
            let update = resource.update(context, &call.config, &call.planned, &call.prior, private);
            guarded_async("update", update).await
        }
        Operation::Create | Operation::Read => {
            private.set_leg(None);
            guarded_async("create", resource.create(context, &call.config, &call.planned, private)).await
        }
    };
    Ok(judged(target, operation, call, outcome?.map_err(misfit)?))
}

/// Checks a result against the host's rules. What breaks one is reported, and what was made is returned all the same.
fn judged<S>(target: &Target<'_, S>, operation: Operation, call: &ApplyCall, outcome: Outcome) -> Outcome {
    let Outcome {
        state,
        mut private,
        mut diagnostics,
    } = outcome;
    private.set_leg(None);
    let failed = diagnostics.has_errors();
    let state = result::without_write_only(target.schema, state);
    if operation == Operation::Delete {
        return deleted(call, state, private, diagnostics);
    }
    if state.is_null() && failed {
        return Outcome::kept(call.prior.clone(), private, diagnostics);
    }
    if !failed {
        for violation in oracle::check_apply(target.schema, &call.planned, &state) {
            diagnostics.bug(format!(
                "the result of applying `{}` does not match its plan: {violation}",
                target.type_name
            ));
        }
    }
    // Only an update has something to fall back on where a hook returned nothing.
    let state = if state.is_null() {
        call.prior.clone()
    } else {
        state.unknown_as_null()
    };
    Outcome {
        state,
        private,
        diagnostics,
    }
}

fn deleted(call: &ApplyCall, state: Value, private: Private, mut diagnostics: Diagnostics) -> Outcome {
    let failed = diagnostics.has_errors();
    if failed && state.is_null() {
        return Outcome::kept(call.prior.clone(), private, diagnostics);
    }
    if !failed && !state.is_null() {
        diagnostics.bug("`delete` returned a state without an error: it must say why something remains");
    }
    Outcome {
        state: state.unknown_as_null(),
        private,
        diagnostics,
    }
}
