#![doc = include_str!("README.md")]

mod apply;
mod issued;
pub mod model;
mod plan;
mod proof;
mod reissue;
mod render;
pub(crate) mod report;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported, Model, PlanRequest,
    PlanResponse, Read, Resource, Update,
};

pub use apply::issued_by;
pub use issued::IssuedBy;
pub use render::{CA_ANNOTATION, CertificateSpec, KeySpec, observe, render, spec_sha256};

use crate::orchestrate::composite;
use crate::provider::Session;
use model::Certificate;

/// `e2etls_certificate`.
pub struct CertificateResource;

const NAME: &str = "certificate";
const TYPE_NAME: &str = "e2etls_certificate";
/// Address of the only part.
const PART: &str = "certificate";

#[async_trait]
impl Resource for CertificateResource {
    type Model = Certificate;
    type Session = Session;

    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> Schema {
        Certificate::schema(include_str!("README.md"))
    }

    fn validate(&self, config: &Config<Certificate>, diagnostics: &mut Diagnostics) {
        plan::validate(config, diagnostics);
    }

    fn plan(&self, request: &PlanRequest<'_, Self>, response: &mut PlanResponse<Certificate>) {
        plan::fill(request.config, &mut response.plan);
        composite::plan(request, response);
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        composite::plan_destroy(request, diagnostics);
    }

    async fn create(&self, context: &Context<Session>, request: Create<Certificate>) -> Applied<Certificate> {
        apply::create(context, request).await
    }

    async fn read(&self, context: &Context<Session>, request: Read<Certificate>) -> Applied<Certificate> {
        composite::read(context, request).await
    }

    async fn update(&self, context: &Context<Session>, request: Update<Certificate>) -> Applied<Certificate> {
        apply::update(context, request).await
    }

    async fn delete(&self, context: &Context<Session>, request: Delete<Certificate>) -> Applied<Certificate> {
        composite::delete(context, request).await
    }

    async fn import(&self, context: &Context<Session>, request: ImportRequest) -> Imported<Certificate> {
        apply::import(context, request).await
    }
}
