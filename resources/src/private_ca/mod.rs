#![doc = include_str!("README.md")]

mod certify;
mod change;
mod convert;
mod create;
mod end;
pub mod model;
mod observe;
mod plan;
mod run;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, AttributePath, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported, Model,
    Operation, PlanRequest, PlanResponse, Private, Read, Resource, State, Update,
};

use crate::lifecycle::refusals;
use crate::session::Session;
use e2etls_clients::aws::acm_pca::AcmPca as Service;
use model::PrivateCa;
use plan::Notes;
use run::Run;

/// `e2etls_private_ca`.
pub struct PrivateCaResource;

const NAME: &str = "private_ca";
const TYPE_NAME: &str = "e2etls_private_ca";

#[async_trait]
impl Resource for PrivateCaResource {
    type Model = PrivateCa;
    type Session = Session;

    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> Schema {
        PrivateCa::schema(include_str!("README.md"))
    }

    fn validate(&self, config: &Config<PrivateCa>, diagnostics: &mut Diagnostics) {
        plan::validate(config, diagnostics);
    }

    fn plan(&self, request: &PlanRequest<'_, Self>, response: &mut PlanResponse<PrivateCa>) {
        plan::plan(request, response);
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        plan::plan_destroy(request, diagnostics);
    }

    async fn create(&self, context: &Context<Session>, request: Create<PrivateCa>) -> Applied<PrivateCa> {
        match context.session.private_ca(request.plan.region.as_str()).await {
            Ok(service) => create_with(&Run::new(context, &service), request).await,
            Err(diagnostics) => Applied::failed(None, Private::default(), diagnostics),
        }
    }

    async fn read(&self, context: &Context<Session>, request: Read<PrivateCa>) -> Applied<PrivateCa> {
        let Read {
            state: State(mut model),
            private,
        } = request;
        let service = match service(context, &model).await {
            Ok(service) => service,
            Err(diagnostics) => return Applied::failed(Some(model), private, diagnostics),
        };
        match observe::read(&Run::new(context, &service), &mut model).await {
            Ok(true) => Applied::done(model, private),
            Ok(false) => Applied::gone(),
            Err(diagnostics) => Applied::failed(Some(model), private, diagnostics),
        }
    }

    async fn update(&self, context: &Context<Session>, request: Update<PrivateCa>) -> Applied<PrivateCa> {
        match service(context, &request.prior).await {
            Ok(service) => update_with(&Run::new(context, &service), request).await,
            Err(diagnostics) => Applied::failed(Some(request.prior.0), request.private, diagnostics),
        }
    }

    async fn delete(&self, context: &Context<Session>, request: Delete<PrivateCa>) -> Applied<PrivateCa> {
        match service(context, &request.prior).await {
            Ok(service) => delete_with(&Run::new(context, &service), request).await,
            Err(diagnostics) => Applied::failed(Some(request.prior.0), request.private, diagnostics),
        }
    }

    async fn import(&self, context: &Context<Session>, request: ImportRequest) -> Imported<PrivateCa> {
        if let Err(invalid) = crate::syntax::ca_arn(&request.id) {
            let mut diagnostics = Diagnostics::new();
            diagnostics.input(AttributePath::root("id"), "The import id is no ARN", invalid.message);
            return Err(diagnostics);
        }
        let service = context.session.private_ca(request.id.split(':').nth(3)).await?;
        observe::import(&Run::new(context, &service), &request.id).await
    }

    fn default_timeout(&self, _operation: Operation) -> Duration {
        Duration::from_secs(5 * 60)
    }
}

/// The service where the CA lives, which its ARN says, whatever the provider's region has become.
async fn service(context: &Context<Session>, state: &PrivateCa) -> Result<Service, Diagnostics> {
    let region = state.arn.as_str().and_then(|arn| arn.split(':').nth(3));
    context.session.private_ca(region).await
}

async fn create_with(run: &Run<'_>, request: Create<PrivateCa>) -> Applied<PrivateCa> {
    let mut model = request.plan.0;
    let made = create::create(run, &mut model, request.private.leg()).await;
    let exists = model.arn.known().is_some();
    let mut private = Private::default();
    if exists {
        let written = written(run, &model).await;
        Notes {
            written,
            creating: made.is_err(),
        }
        .store(&mut private);
    }
    match made {
        Ok(()) => Applied::done(model, private),
        // Nothing else was seen yet; the host is told null for what is not known.
        Err(diagnostics) => Applied::failed(exists.then_some(model), private, diagnostics),
    }
}

/// The tags that a create writes, without the instance.
async fn written(run: &Run<'_>, model: &PrivateCa) -> Option<run::Tags> {
    let owner = run.owner(model.name.as_str().unwrap_or_default()).await.ok()?;
    let mut tags = convert::user_tags(run.default_tags, model);
    tags.insert(crate::kinds::aws::marks::OWNER.to_owned(), owner.to_string());
    Some(tags)
}

async fn update_with(run: &Run<'_>, request: Update<PrivateCa>) -> Applied<PrivateCa> {
    let mut model = request.plan.0;
    let mut notes = Notes::load(&request.private);
    let mut private = Private::default();
    match change::update(run, &request.prior.0, &mut model, &mut notes).await {
        Ok(diagnostics) => {
            notes.store(&mut private);
            Applied::done(model, private).with(diagnostics)
        }
        Err(diagnostics) => Applied::failed(Some(request.prior.0), request.private, diagnostics),
    }
}

async fn delete_with(run: &Run<'_>, request: Delete<PrivateCa>) -> Applied<PrivateCa> {
    let hand_over = request.before_create() && plan::wants_the_same(&request.private, &request.prior);
    match end::delete(run, &request.prior, hand_over).await {
        Ok(diagnostics) => Applied::gone().with(diagnostics),
        Err(diagnostics) => Applied::failed(Some(request.prior.0), request.private, diagnostics),
    }
}

fn protect(prior: &PrivateCa, diagnostics: &mut Diagnostics) {
    let what = format!("the CA {}", prior.arn.as_str().unwrap_or_default());
    refusals::refuse_destruction(prior.deletion_protection.known().copied(), &what, diagnostics);
}
