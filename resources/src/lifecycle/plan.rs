//! What a plan shows. Pure functions.

use std::sync::Arc;

use e2etls_engine::ledger::Ledger;
use e2etls_engine::plan::plan as plan_ledger;
use tfplugin_framework::{Attr, AttributePath, DestroyPlan, Diagnostics, PlanRequest, PlanResponse};

use super::attributes::{Head, NEWEST_TEMPLATE, ledger, parts};
use super::managed::{Changed, Managed};
use super::refusals::Destruction;
use super::resource::ManagedResource;
use super::{changes, kept, private, refusals, stamp};

/// `Resource::plan`.
pub(super) fn plan<M: Managed>(request: &PlanRequest<'_, ManagedResource<M>>, response: &mut PlanResponse<M>) {
    if let Some(Err(newer)) = request.prior.map(|prior| refusals::newer(&prior.0)) {
        response.diagnostics.extend(newer);
        return;
    }
    fill_template_version(request.config.0.clone(), &mut response.plan.0);
    M::fill(request.config, request.prior, &mut response.plan);
    let session = request.session.map(Arc::as_ref);
    if let (Some(session), Head::InCluster(head)) = (session, response.plan.0.head()) {
        response.diagnostics.extend(session.check_cluster(&head.cluster));
    }
    let prior = request.prior.map(|prior| &prior.0);
    if let Some(prior) = prior {
        let unseen = private::unseen(request.private);
        let is_unseen = |path: &AttributePath| {
            let mut unseen = unseen.iter().filter(|name| *path == AttributePath::root(name.as_str()));
            unseen.any(|name| prior.to_value().get(name).is_null())
        };
        response.replace.retain(|path| !is_unseen(path));
        M::replacing(prior, &response.plan.0, &mut response.replace);
    }
    let planned = &mut response.plan.0;
    planned.configure(session);
    planned.derive();
    plan_parts(prior, planned, stamp::differs(request.private, session));
    let changes = prior.is_none_or(|prior| prior.to_value() != planned.to_value());
    if changes {
        let change = changes::of(prior, planned);
        kept::refuse(request.private, &change, &mut response.diagnostics);
        refusals::remark(session, request.prior.is_none(), &change, &mut response.diagnostics);
    }
    if request.prior.is_none() {
        private::want(&mut response.private, planned);
    }
    M::remark(session, request.prior, planned, &mut response.diagnostics);
}

/// A version that was not written becomes the newest at create.
fn fill_template_version<M: Managed>(mut config: M, plan: &mut M) {
    if let (Head::InCluster(config), Head::InCluster(plan)) = (config.head(), plan.head())
        && config.template_version.is_null()
        && plan.template_version.known().is_none()
    {
        plan.template_version = NEWEST_TEMPLATE.into();
    }
}

/// With `again`, every part is written again.
fn plan_parts<M: Managed>(prior: Option<&M>, planned: &mut M, again: bool) {
    let before = prior.map(|prior| ledger(&prior.common().parts));
    let rendered_before = prior.and_then(Managed::render).unwrap_or_default();
    let mut planned_ledger = planned
        .render()
        .map(|rendered| plan_ledger(before.as_ref(), &rendered_before, &rendered));
    let written = planned_ledger.iter_mut().flat_map(Ledger::values_mut);
    for entry in written.filter(|entry| again && entry.known_uid().is_some()) {
        entry.digest = None;
    }
    let changed = |address: &str| match &planned_ledger {
        Some(planned) => planned.get(address) != before.as_ref().and_then(|before| before.get(address)),
        None => true,
    };
    M::planned(prior, planned, Changed(&changed));
    let common = planned.common_mut();
    common.parts = planned_ledger.map_or(Attr::Unknown, parts);
    let unchanged = prior.is_some_and(|prior| prior.common().parts == common.parts);
    common.drift = match prior.filter(|_| unchanged) {
        Some(prior) => prior.common().drift.clone(),
        None => Attr::Known(Vec::new()),
    };
}

/// `Resource::plan_destroy`.
pub(super) fn plan_destroy<M: Managed>(request: &DestroyPlan<'_, ManagedResource<M>>, diagnostics: &mut Diagnostics) {
    let unfinished = private::memory(request.private).unfinished;
    refusals::protect(&request.prior.0, unfinished, Destruction::Asked, diagnostics);
    if let Err(newer) = refusals::newer(&request.prior.0) {
        diagnostics.extend(newer);
    }
    let change = changes::whole("destroy", &request.prior.0);
    kept::refuse(request.private, &change, diagnostics);
    refusals::remark(request.session.map(Arc::as_ref), false, &change, diagnostics);
}
