#![doc = include_str!("README.md")]

mod apply;
pub mod authority;
pub mod canary;
pub mod model;
mod plan;
mod reference;
mod render;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported, Model, PlanRequest,
    PlanResponse, Read, Resource, Update,
};

pub use apply::ready;
pub use canary::IssuerReady;
pub use reference::{IssuerOutput, IssuerRef, Reference};
pub use render::{IssuerSpec, observe, render};

use crate::orchestrate::composite;
use crate::provider::Session;
use model::Issuer;
pub(crate) use reference::plain;

/// `e2etls_issuer`.
pub struct IssuerResource;

const NAME: &str = "issuer";
const TYPE_NAME: &str = "e2etls_issuer";
/// Address of the only part.
const PART: &str = "issuer";

#[async_trait]
impl Resource for IssuerResource {
    type Model = Issuer;
    type Session = Session;

    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> Schema {
        Issuer::schema(include_str!("README.md"))
    }

    fn validate(&self, config: &Config<Issuer>, diagnostics: &mut Diagnostics) {
        plan::validate(config, diagnostics);
    }

    fn plan(&self, request: &PlanRequest<'_, Self>, response: &mut PlanResponse<Issuer>) {
        plan::fill(request.config, request.prior, &mut response.plan);
        composite::plan(request, response);
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        composite::plan_destroy(request, diagnostics);
    }

    async fn create(&self, context: &Context<Session>, request: Create<Issuer>) -> Applied<Issuer> {
        apply::create(context, request).await
    }

    async fn read(&self, context: &Context<Session>, request: Read<Issuer>) -> Applied<Issuer> {
        apply::read(context, request).await
    }

    async fn update(&self, context: &Context<Session>, request: Update<Issuer>) -> Applied<Issuer> {
        apply::update(context, request).await
    }

    async fn delete(&self, context: &Context<Session>, request: Delete<Issuer>) -> Applied<Issuer> {
        composite::delete(context, request).await
    }

    async fn import(&self, context: &Context<Session>, request: ImportRequest) -> Imported<Issuer> {
        apply::import(context, request).await
    }
}
