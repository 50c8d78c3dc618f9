//! Create, update and delete.

use e2etls_engine::import::import;
use e2etls_engine::kind::Reading;
use e2etls_engine::ledger::Ledger;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::remove::delete_resource;
use e2etls_engine::table::Asked;
use e2etls_engine::write::{Desired, Outcome, write};
use tfplugin_framework::{Applied, Attr, Context, Create, Delete, Diagnostics, Private, Update};

use super::attributes::{Head, ledger, parts};
use super::managed::Managed;
use super::no_operation::NoOperation;
use super::operation::{new_instance, operation};
use super::place::{self, Place};
use super::refusals::Destruction;
use super::wording::{About, failures, notices};
use super::{changes, cluster_gone, configuration, kept, outputs, private, refusals, stamp};
use crate::kinds::Clients;
use crate::session::Session;

/// `Resource::create`.
pub(super) async fn create<M: Managed>(context: &Context<Session>, request: Create<M>) -> Applied<M> {
    let mut model = request.plan.0;
    let (op, parts) = match prepare(context, &mut model, Asked::Create).await {
        Ok(prepared) => prepared,
        Err(none) => return Applied::failed(None, Private::default(), none.diagnostics),
    };
    let owner = op.owner.to_string();
    if !context.session.claim(&owner) {
        return Applied::failed(None, Private::default(), refusals::same_name(&model));
    }
    let instance = new_instance();
    let empty = Ledger::new();
    let desired = Desired {
        parts: &parts,
        instance: &instance,
        ledger: &empty,
        before: &[],
        drift: &[],
        memory: private::memory(&Private::default()),
        create_before_destroy: model.common().create_before_destroy.known() == Some(&true),
        force: forces(&mut model),
        creates: true,
    };
    let outcome = write(&op, &desired).await;
    if outcome.ledger.is_empty() {
        context.session.give_up(&owner);
        let about = About::of(&op, &model);
        let mut diagnostics = notices(&about, outcome.notices);
        diagnostics.extend(failures(&about, outcome.failures, false));
        return Applied::failed(None, Private::default(), diagnostics);
    }
    let common = model.common_mut();
    common.instance = instance.into();
    finish(context, &op, model, request.private, outcome).await
}

/// `Resource::update`.
pub(super) async fn update<M: Managed>(context: &Context<Session>, request: Update<M>) -> Applied<M> {
    let mut model = request.plan.0;
    let prior = request.prior.0;
    if let Err(newer) = refusals::newer(&prior) {
        return Applied::failed(Some(prior), request.private, newer);
    }
    let (op, rendered) = match prepare(context, &mut model, Asked::Update).await {
        Ok(prepared) => prepared,
        Err(none) => return Applied::failed(Some(prior), request.private, none.diagnostics),
    };
    let before = prior.render().unwrap_or_default();
    let mut ledger = ledger(&prior.common().parts);
    let mut drift = prior.common().drift.known().cloned().unwrap_or_default();
    stamp::renew(&request.private, &context.session, &mut ledger, &mut drift);
    let desired = Desired {
        parts: &rendered,
        instance: prior.common().instance.as_str().unwrap_or_default(),
        ledger: &ledger,
        before: &before,
        drift: &drift,
        memory: private::memory(&request.private),
        create_before_destroy: false,
        force: forces(&mut model),
        creates: false,
    };
    let outcome = write(&op, &desired).await;
    if !outcome.failures.is_empty() && outcome.ledger == ledger {
        // Nothing was written: the state is as it was.
        let about = About::of(&op, &model);
        return Applied::failed(Some(prior), request.private, failures(&about, outcome.failures, false));
    }
    finish(context, &op, model, request.private, outcome).await
}

/// `Resource::delete`.
pub(super) async fn delete<M: Managed>(context: &Context<Session>, request: Delete<M>) -> Applied<M> {
    let memory = private::memory(&request.private);
    let before_create = request.before_create();
    let mut model = request.prior.0;
    let mut refused = Diagnostics::new();
    let change = changes::whole("destroy", &model);
    refusals::read_only(&context.session, &change, &mut refused);
    kept::refuse(&request.private, &change, &mut refused);
    if let Err(newer) = refusals::newer(&model) {
        refused.extend(newer);
    }
    if !before_create {
        refusals::protect(&model, memory.unfinished, Destruction::Asked, &mut refused);
    }
    if refused.has_errors() {
        return Applied::failed(Some(model), request.private, refused);
    }
    let op = match operation(context, &model, Asked::Delete).await {
        Ok(op) => op,
        Err(none) => {
            return match cluster_gone::is_gone(context, &model, &request.private, &none).await {
                Some(warning) => Applied::gone().with(warning),
                None => Applied::failed(Some(model), request.private, none.diagnostics),
            };
        }
    };
    // The bytes of a create plan don't tell whether the create that is undone had finished; its mark does.
    if before_create && model.protection() == Some(true) && !is_marked(&op, &model).await {
        refusals::protect(&model, false, Destruction::OfTainted, &mut refused);
        let private = remembered(&op, &model, request.private).await;
        return Applied::failed(Some(model), private, refused);
    }
    if let Err(needed) = model.is_free(&op).await {
        return Applied::failed(Some(model), request.private, needed);
    }
    let rendered = model.render().unwrap_or_default();
    let spared = if before_create {
        spared(&model, &request.private)
    } else {
        Vec::new()
    };
    let ledger = ledger(&model.common().parts);
    let instance = model.common().instance.as_str().unwrap_or_default().to_owned();
    let removed = delete_resource(&op, &rendered, &ledger, &instance, &spared).await;
    let about = About::of(&op, &model);
    let warnings = notices(&about, removed.notices);
    if removed.failures.is_empty() {
        return Applied::gone().with(warnings);
    }
    model.common_mut().parts = parts(removed.left);
    Applied::failed(Some(model), request.private, failures(&about, removed.failures, false)).with(warnings)
}

/// What the state remembers, as far as it can be seen again: the host keeps what a failed delete returns, and a create plan's
/// bytes hold nothing of it. What was seen to work has to be seen again, which the next apply does.
async fn remembered<M: Managed>(op: &Operation<Clients>, model: &M, mut private: Private) -> Private {
    let ledger = ledger(&model.common().parts);
    let uids = ledger
        .into_iter()
        .filter_map(|(address, entry)| Some((address, entry.known_uid()?.to_owned())));
    let parts = model.render().unwrap_or_default();
    match import(op, &parts, &uids.collect()).await {
        Ok(found) => private::remember(&mut private, &found.memory),
        Err(failure) => tracing::debug!("what the API server spells in another way is not known: {failure:?}"),
    }
    cluster_gone::remember(op, &mut private);
    private
}

/// True if an object of the owner bears the mark of an unfinished create.
async fn is_marked<M: Managed>(op: &Operation<Clients>, model: &M) -> bool {
    let owner = op.owner.to_string();
    let (parts, ledger) = (model.render().unwrap_or_default(), ledger(&model.common().parts));
    for kind in op.searched(&parts, &ledger) {
        let found = op.bounded(kind.of_owner(op, Some(&owner), None, Reading::After(op.began)));
        let marks = found
            .await
            .unwrap_or_default()
            .into_iter()
            .filter_map(|object| object.marks);
        if marks.into_iter().any(|marks| marks.creating.is_some()) {
            return true;
        }
    }
    false
}

/// What the create leg of this replacement will adopt: the parts of the same resource, as planned.
fn spared<M: Managed>(model: &M, private: &Private) -> Vec<Part<Clients>> {
    let Some(mut wanted) = private::wanted::<M>(private) else {
        return Vec::new();
    };
    wanted.derive();
    if let (Head::InCluster(head), Place::Cluster { uid, .. }) = (wanted.head(), model.place()) {
        head.cluster_uid = uid.map(str::to_owned).into();
    }
    let same_owner = wanted.name() == model.name() && wanted.place().is_same(&model.place());
    wanted.render().filter(|_| same_owner).unwrap_or_default()
}

/// The operation and the parts, once everything is as it must be before the first write.
async fn prepare<M: Managed>(
    context: &Context<Session>,
    model: &mut M,
    asked: Asked,
) -> Result<(Operation<Clients>, Vec<Part<Clients>>), NoOperation> {
    let mut refused = Diagnostics::new();
    let verb = if asked == Asked::Create { "create" } else { "change" };
    refusals::read_only(&context.session, &changes::whole(verb, model), &mut refused);
    if refused.has_errors() {
        return Err(refused.into());
    }
    // A planned UID may be unknown; there is none to compare then.
    if let Head::InCluster(head) = model.head()
        && head.cluster_uid.is_unknown()
    {
        head.cluster_uid = Attr::Null;
    }
    let op = operation(context, model, asked).await?;
    locate(&op, model);
    model.prepare(context, &op).await?;
    Ok((op, with_configuration(model, model.render().unwrap_or_default())))
}

/// The argument `force_conflicts`.
fn forces<M: Managed>(model: &mut M) -> bool {
    matches!(model.head(), Head::InCluster(head) if head.force_conflicts.known() == Some(&true))
}

/// The arguments are stored on the part that keeps them.
fn with_configuration<M: Managed>(model: &M, mut parts: Vec<Part<Clients>>) -> Vec<Part<Clients>> {
    if let Some(keeper) = parts.iter_mut().find(|part| part.address == M::CONFIGURATION) {
        keeper.configuration = Some(configuration::kept(model));
    }
    parts
}

async fn finish<M: Managed>(
    context: &Context<Session>,
    op: &Operation<Clients>,
    mut model: M,
    mut private: Private,
    outcome: Outcome,
) -> Applied<M> {
    let about = About::of(op, &model);
    if outcome.failures.is_empty() || op.asked == Asked::Create {
        stamp::written(&mut private, &context.session, &model);
    }
    let mut diagnostics = notices(&about, outcome.notices);
    diagnostics.extend(failures(&about, outcome.failures, op.asked == Asked::Create));
    private::remember(&mut private, &outcome.memory);
    kept::written(&mut private, &op.now);
    cluster_gone::remember(op, &mut private);
    settle(op, &mut model, &outcome.ledger);
    outputs::show(&mut model, &outcome.objects);
    model.finish(context, &mut diagnostics).await;
    model.applied(context, &mut diagnostics).await;
    Applied::failed(Some(model), private, diagnostics)
}

/// Sets in which cluster the resource is: names of objects outside of it may hold that.
pub(super) fn locate<M: Managed>(op: &Operation<Clients>, model: &mut M) {
    if let Head::InCluster(head) = model.head() {
        head.cluster_uid = op.owner.place.clone().into();
    }
}

/// Sets what every resource has.
pub(super) fn settle<M: Managed>(op: &Operation<Clients>, model: &mut M, ledger: &Ledger) {
    locate(op, model);
    let id = match model.head() {
        Head::InCluster(_) => place::id(&op.owner).into(),
        // It follows from the objects.
        Head::InAws(_) => Attr::Null,
    };
    let common = model.common_mut();
    if common.id.known().is_none() {
        common.id = id;
    }
    common.parts = parts(ledger.clone());
    common.drift = Attr::Known(Vec::new());
}
