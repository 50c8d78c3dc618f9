//! Every composite as a resource of the framework: what differs between them is in [`Composite`].

use std::marker::PhantomData;

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported, PlanRequest,
    PlanResponse, Read, Resource, Update,
};

use super::composite::{self, Composite};
use crate::session::Session;

/// The resource whose attributes are `M`.
pub struct CompositeResource<M>(PhantomData<fn() -> M>);

impl<M> CompositeResource<M> {
    /// The resource.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M> Default for CompositeResource<M> {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl<M: Composite> Resource for CompositeResource<M> {
    type Model = M;
    type Session = Session;

    fn name(&self) -> &'static str {
        M::NAME
    }

    fn schema(&self) -> Schema {
        M::schema(M::README)
    }

    fn validate(&self, config: &Config<M>, diagnostics: &mut Diagnostics) {
        M::check(config, diagnostics);
    }

    fn plan(&self, request: &PlanRequest<'_, Self>, response: &mut PlanResponse<M>) {
        M::fill(request.config, request.prior, &mut response.plan);
        composite::plan(request, response);
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        composite::plan_destroy(request, diagnostics);
    }

    async fn create(&self, context: &Context<Session>, request: Create<M>) -> Applied<M> {
        M::written(context, composite::create(context, request).await).await
    }

    async fn read(&self, context: &Context<Session>, request: Read<M>) -> Applied<M> {
        M::seen(context, composite::read(context, request).await).await
    }

    async fn update(&self, context: &Context<Session>, mut request: Update<M>) -> Applied<M> {
        M::before_update(&mut request.prior, &request.plan);
        M::written(context, composite::update(context, request).await).await
    }

    async fn delete(&self, context: &Context<Session>, request: Delete<M>) -> Applied<M> {
        composite::delete(context, request).await
    }

    async fn import(&self, context: &Context<Session>, request: ImportRequest) -> Imported<M> {
        M::import(context, request).await
    }
}
