//! Every managed resource as a resource of the framework.

use std::marker::PhantomData;
use std::time::Duration;

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported, Operation,
    PlanRequest, PlanResponse, Read, Resource, Update,
};

use super::managed::Managed;
use super::{apply, import, plan, read};
use crate::session::Session;

/// The resource whose attributes are `M`.
pub struct ManagedResource<M>(PhantomData<fn() -> M>);

impl<M> ManagedResource<M> {
    /// The resource.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M> Default for ManagedResource<M> {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl<M: Managed> Resource for ManagedResource<M> {
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
        plan::plan(request, response);
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        plan::plan_destroy(request, diagnostics);
    }

    async fn create(&self, context: &Context<Session>, request: Create<M>) -> Applied<M> {
        apply::create(context, request).await
    }

    async fn read(&self, context: &Context<Session>, request: Read<M>) -> Applied<M> {
        read::read(context, request).await
    }

    async fn update(&self, context: &Context<Session>, request: Update<M>) -> Applied<M> {
        apply::update(context, request).await
    }

    async fn delete(&self, context: &Context<Session>, request: Delete<M>) -> Applied<M> {
        apply::delete(context, request).await
    }

    async fn import(&self, context: &Context<Session>, request: ImportRequest) -> Imported<M> {
        match M::import(context, &request).await {
            Some(imported) => imported,
            None => import::import(context, request).await,
        }
    }

    fn default_timeout(&self, _operation: Operation) -> Duration {
        M::default_timeout()
    }
}
