//! Read.

use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::observe::observe;
use e2etls_engine::refusal::Answer;
use e2etls_engine::table::Asked;
use tfplugin_framework::{Applied, Attr, Context, Diagnostics, Read, State};

use super::attributes::{ledger, parts};
use super::managed::Managed;
use super::operation::operation;
use super::wording::{About, failures, notices};
use super::{cluster_gone, kept, outputs, private, refusals};
use crate::session::Session;
use crate::session::unknown::not_refreshed;

/// `Resource::read`.
pub(super) async fn read<M: Managed>(context: &Context<Session>, request: Read<M>) -> Applied<M> {
    let Read {
        state: State(mut model),
        mut private,
    } = request;
    if let Some(argument) = model.place().unknown_argument(&context.session) {
        // What it changes will be known when it is applied.
        return Applied::done(model, private).with(not_refreshed(&argument));
    }
    if let Err(newer) = refusals::newer(&model) {
        return Applied::failed(Some(model), private, newer);
    }
    let op = match operation(context, &model, Asked::Observe).await {
        Ok(op) => op,
        Err(none) => {
            if let Some(warning) = cluster_gone::is_gone(context, &model, &private, &none).await {
                return Applied::gone().with(warning);
            }
            if !(context.session.keep_state && none.unreachable) {
                return Applied::failed(Some(model), private, none.diagnostics);
            }
            let warning = kept::kept(&mut private, &none.diagnostics);
            return Applied::done(model, private).with(warning);
        }
    };
    let rendered = model.render().unwrap_or_default();
    let prior = ledger(&model.common().parts);
    let memory = private::memory(&private);
    let instance = model.common().instance.as_str().unwrap_or_default().to_owned();
    let about = About::of(&op, &model);
    let seen = match observe(&op, &rendered, &prior, &memory, &instance).await {
        Ok(seen) => seen,
        Err(failure) if context.session.keep_state && is_unreachable(&failure) => {
            let warning = kept::kept(&mut private, &failures(&about, vec![failure], false));
            return Applied::done(model, private).with(warning);
        }
        Err(failure) => return Applied::failed(Some(model), private, failures(&about, vec![failure], false)),
    };
    let mut diagnostics: Diagnostics = notices(&about, seen.notices);
    if !seen.found {
        diagnostics.extend(model.gone(&op).await);
        return Applied::gone().with(diagnostics);
    }
    kept::seen(&mut private);
    private::remember(&mut private, &seen.memory);
    outputs::show(&mut model, &seen.objects);
    let common = model.common_mut();
    common.parts = parts(seen.ledger);
    common.drift = Attr::Known(seen.drift);
    model.finish(context, &mut diagnostics).await;
    Applied::failed(Some(model), private, diagnostics)
}

fn is_unreachable(failure: &Failure) -> bool {
    matches!(&failure.trouble, Trouble::Refused { refusal, .. } if refusal.answer == Answer::Unreachable)
}
