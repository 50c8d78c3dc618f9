//! The life of a composite: a resource whose arguments render to parts, with the map `parts` and the list `drift`.
//!
//! A room gives the rendering and what must hold before a write; everything else is the same for all of them.

use std::sync::Arc;

use async_trait::async_trait;
use tfplugin_framework::{
    Applied, Attr, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported, Model, Plan,
    PlanRequest, PlanResponse, Private, Read, Resource, State, Update,
};

use super::cluster_gone;
use super::configuration;
use super::create::Request;
use super::engine::{Engine, Notes, Outcome};
use super::frame::{self, Place};
use super::kept;
use super::observe::Observed;
use super::owner::{mark_time, new_instance};
use super::part::{Part, Parts};
use super::plan::plan_parts;
use super::strays;
use super::update::Before;
use crate::session::Session;
use e2etls_clients::kube::kinds::Kind;

/// The attributes that every composite has.
pub struct Common<'a> {
    /// `id`.
    pub id: &'a mut Attr<String>,
    /// `instance`.
    pub instance: &'a mut Attr<String>,
    /// `cluster_uid`.
    pub cluster_uid: &'a mut Attr<String>,
    /// `parts`.
    pub parts: &'a mut Attr<Parts>,
    /// `drift`.
    pub drift: &'a mut Attr<Vec<String>>,
}

/// A model that renders to parts.
#[async_trait]
pub trait Composite: Model {
    /// Type name without the provider's prefix.
    const NAME: &'static str;

    /// Full type name.
    const TYPE_NAME: &'static str;

    /// The page of the resource.
    const README: &'static str;

    /// Arguments that are not kept in the cluster: an import can't bring them back.
    const NOT_KEPT: &'static [&'static str];

    /// Where it lives.
    fn place(&self) -> Place<'_>;

    /// Its common attributes.
    fn common(&mut self) -> Common<'_>;

    /// The parts, the holder of the mark first; `None` while an argument that decides which there are is unknown. The
    /// part at [`Composite::CONFIGURATION`] is a ConfigMap and always among them.
    fn render(&self) -> Option<Vec<Part>>;

    /// Address of the ConfigMap that keeps the arguments.
    const CONFIGURATION: &'static str;

    /// The kinds that its parts may have, where an argument decides which parts there are.
    const KINDS: &'static [Kind] = &[];

    /// Sets the computed attributes that follow from the arguments alone.
    fn derive(&mut self);

    /// Checks across arguments, as [`Resource::validate`].
    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics);

    /// Fills in what the configuration leaves to us, before anything is derived.
    fn fill(config: &Config<Self>, prior: Option<&State<Self>>, plan: &mut Plan<Self>);

    /// Changes what an update starts from, so that it does more than the arguments ask for.
    fn before_update(_prior: &mut Self, _plan: &Self) {}

    /// Adds to what a create or an update leaves.
    async fn written(_context: &Context<Session>, applied: Applied<Self>) -> Applied<Self> {
        applied
    }

    /// Adds to what a read has seen.
    async fn seen(_context: &Context<Session>, read: Applied<Self>) -> Applied<Self> {
        read
    }

    /// [`Resource::import`]: by default from the arguments that are kept on a ConfigMap.
    async fn import(context: &Context<Session>, request: ImportRequest) -> Imported<Self> {
        super::import::kept(context, request).await
    }

    /// Whether the prior state protects it from destruction.
    fn protection(&self) -> Option<bool> {
        None
    }

    /// Checks what must hold before the first write, and gives the parts their readiness.
    async fn prepare(
        &self,
        context: &Context<Session>,
        engine: &Engine,
        parts: Vec<Part>,
    ) -> Result<Vec<Part>, Diagnostics>;
}

/// [`Resource::plan`] of a composite.
pub fn plan<R>(request: &PlanRequest<'_, R>, response: &mut PlanResponse<R::Model>)
where
    R: Resource<Session = Session> + ?Sized,
    R::Model: Composite,
{
    let prior = request.prior.map(|prior| prior.0.clone());
    let planned = &mut response.plan.0;
    planned.derive();
    let rendered = planned.render();
    let mut before = prior.clone();
    let known = before
        .as_mut()
        .and_then(|before| before.common().parts.known().cloned());
    *planned.common().parts = match &rendered {
        Some(parts) => Attr::Known(plan_parts(known.as_ref(), parts)),
        None => Attr::Unknown,
    };
    let unchanged = before
        .as_mut()
        .is_some_and(|before| before.common().parts == planned.common().parts);
    let drift = if unchanged {
        before.as_mut().map(|before| before.common().drift.clone())
    } else {
        None
    };
    *planned.common().drift = drift.unwrap_or_else(|| Attr::Known(Vec::new()));
    let changes = prior.is_none_or(|prior| prior.to_value() != planned.to_value());
    if changes {
        kept::refuse(request.private, &mut response.diagnostics);
        frame::plan_notes(
            request.session.map(Arc::as_ref),
            request.prior.is_none(),
            &mut response.diagnostics,
        );
    }
}

/// [`Resource::plan_destroy`] of a composite.
pub fn plan_destroy<R>(request: &DestroyPlan<'_, R>, diagnostics: &mut Diagnostics)
where
    R: Resource<Session = Session> + ?Sized,
    R::Model: Composite,
{
    let place = request.prior.place();
    frame::protect(
        request.prior.protection(),
        &format!("{} `{}`", place.type_name, place.name),
        diagnostics,
    );
    kept::refuse(request.private, diagnostics);
    frame::plan_notes(request.session.map(Arc::as_ref), false, diagnostics);
}

/// [`Resource::create`] of a composite.
pub async fn create<M: Composite>(context: &Context<Session>, request: Create<M>) -> Applied<M> {
    let mut model = request.plan.0;
    let prepared = prepare(context, &model).await;
    let (engine, parts) = match prepared {
        Ok(prepared) => prepared,
        Err(diagnostics) => return Applied::failed(None, Private::default(), diagnostics),
    };
    let apply = apply_request(&model, new_instance());
    let outcome = engine.create(&parts, &apply).await;
    if outcome.parts.is_empty() {
        return Applied::failed(None, Private::default(), outcome.diagnostics);
    }
    let uid = engine.owner.place.clone();
    let id = frame::id(&uid, engine.owner.namespace.as_deref(), &engine.owner.name);
    let common = model.common();
    *common.id = id.into();
    *common.instance = apply.instance.into();
    *common.cluster_uid = uid.into();
    finish(&engine, model, request.private, outcome)
}

/// [`Resource::read`] of a composite.
pub async fn read<M: Composite>(context: &Context<Session>, request: Read<M>) -> Applied<M> {
    let Read {
        state: State(mut model),
        mut private,
    } = request;
    let engine = match frame::engine(context, with_uid(&mut model.clone()).place()).await {
        Ok(engine) => engine,
        Err(none) => {
            if let Some(warning) = cluster_gone::is_gone(context, model.place(), &private).await {
                return Applied::gone().with(warning);
            }
            if !(context.session.keep_state && none.unreachable) {
                return Applied::failed(Some(model), private, none.diagnostics);
            }
            let warning = kept::kept(&mut private, &none.diagnostics);
            return Applied::done(model, private).with(warning);
        }
    };
    let observed = match observe(&engine, &mut model, &Notes::load(&private)).await {
        Ok(observed) => observed,
        Err(diagnostics) => return Applied::failed(Some(model), private, diagnostics),
    };
    if !observed.found {
        let parts = model.render().unwrap_or_default();
        match engine.leaves_a_secret(&parts, &observed.parts).await {
            Ok(true) => {}
            Ok(false) => return Applied::gone().with(observed.diagnostics),
            Err(diagnostics) => return Applied::failed(Some(model), private, diagnostics),
        }
    }
    kept::seen(&mut private);
    let common = model.common();
    *common.parts = Attr::Known(observed.parts);
    *common.drift = Attr::Known(observed.drift);
    Applied::done(model, private).with(observed.diagnostics)
}

/// [`Resource::update`] of a composite.
pub async fn update<M: Composite>(context: &Context<Session>, request: Update<M>) -> Applied<M> {
    let mut model = request.plan.0;
    let mut prior = request.prior.0;
    let prepared = prepare(context, &model).await;
    let (engine, parts) = match prepared {
        Ok(prepared) => prepared,
        Err(diagnostics) => return Applied::failed(Some(prior), request.private, diagnostics),
    };
    let instance = prior.common().instance.as_str().unwrap_or_default().to_owned();
    let state = prior.common().parts.known().cloned().unwrap_or_default();
    let drift = prior.common().drift.known().cloned().unwrap_or_default();
    let mut parts_before = prior.render().unwrap_or_default();
    parts_before.extend(strays::of_state(&state, engine.owner.namespace.as_deref()));
    let before = Before {
        parts: &parts_before,
        state: &state,
        drift: &drift,
        notes: Notes::load(&request.private),
    };
    let outcome = engine.update(&parts, before, &apply_request(&model, instance)).await;
    let common = model.common();
    *common.cluster_uid = engine.owner.place.clone().into();
    finish(&engine, model, request.private, outcome)
}

/// [`Resource::delete`] of a composite.
pub async fn delete<M: Composite>(context: &Context<Session>, request: Delete<M>) -> Applied<M> {
    let before_create = request.before_create();
    let mut model = request.prior.0;
    let mut refusal = Diagnostics::new();
    let place = model.place();
    frame::protect(
        model.protection().filter(|_| !before_create),
        &format!("{} `{}`", place.type_name, place.name),
        &mut refusal,
    );
    if refusal.has_errors() {
        return Applied::failed(Some(model), request.private, refusal);
    }
    let engine = match frame::engine(context, with_uid(&mut model.clone()).place()).await {
        Ok(engine) => engine,
        Err(none) => {
            return match cluster_gone::is_gone(context, model.place(), &request.private).await {
                Some(warning) => Applied::gone().with(warning),
                None => Applied::failed(Some(model), request.private, none.diagnostics),
            };
        }
    };
    let mut parts = model.render().unwrap_or_default();
    if let Some(holder) = parts.first().filter(|_| before_create) {
        return match engine.leave_for_create(holder, &mark_time()).await {
            Ok(()) => Applied::gone(),
            Err(diagnostics) => Applied::failed(Some(model), request.private, diagnostics),
        };
    }
    let instance = model.common().instance.as_str().unwrap_or_default().to_owned();
    let state = model.common().parts.known().cloned().unwrap_or_default();
    parts.extend(strays::of_state(&state, engine.owner.namespace.as_deref()));
    let outcome = engine.delete(&parts, &state, &instance).await;
    if outcome.diagnostics.has_errors() {
        return finish(&engine, model, request.private, outcome);
    }
    Applied::gone().with(outcome.diagnostics)
}

async fn prepare<M: Composite>(context: &Context<Session>, model: &M) -> Result<(Engine, Vec<Part>), Diagnostics> {
    let engine = frame::engine(context, with_uid(&mut model.clone()).place()).await?;
    let parts = model.render().unwrap_or_default();
    let parts = model.prepare(context, &engine, parts).await?;
    Ok((engine, parts))
}

pub(super) async fn observe<M: Composite>(
    engine: &Engine,
    model: &mut M,
    notes: &Notes,
) -> Result<Observed, Diagnostics> {
    let parts = model.render().unwrap_or_default();
    let instance = model.common().instance.as_str().unwrap_or_default().to_owned();
    let prior = model.common().parts.known().cloned().unwrap_or_default();
    let mut observed = engine.observe(&parts, &prior, notes, &instance).await?;
    for stray in engine.strays(M::KINDS, &parts).await? {
        let (address, state) = strays::entry(&stray);
        observed.drift.push(address.clone());
        observed.parts.insert(address, state);
    }
    Ok(observed)
}

fn finish<M: Composite>(engine: &Engine, mut model: M, mut private: Private, outcome: Outcome) -> Applied<M> {
    outcome.notes.store(&mut private);
    kept::written(&mut private, &mark_time());
    cluster_gone::remember(engine, &mut private);
    *model.common().parts = Attr::Known(outcome.parts);
    *model.common().drift = Attr::Known(Vec::new());
    Applied::failed(Some(model), private, outcome.diagnostics)
}

fn apply_request<M: Composite>(model: &M, instance: String) -> Request {
    Request {
        instance,
        configuration: configuration::write(model, M::NOT_KEPT),
        configuration_at: M::CONFIGURATION.to_owned(),
        now: mark_time(),
        kinds: M::KINDS,
    }
}

/// A planned `cluster_uid` may be unknown; the place then has none to compare.
fn with_uid<M: Composite>(model: &mut M) -> &M {
    if model.common().cluster_uid.is_unknown() {
        *model.common().cluster_uid = Attr::Null;
    }
    model
}
