#![doc = include_str!("README.md")]

mod certify;
mod convert;
mod create;
mod life;
pub mod model;

use std::time::Duration;

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, Attr, AttributePath, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported,
    Model, Operation, PlanRequest, PlanResponse, Private, Read, Resource, Update,
};

use crate::orchestrate::frame;
use crate::provider::Session;
use model::{CaType, PrivateCa};

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
        let root = config.r#type.known() == Some(&CaType::Root);
        let signed_outside = [
            ("signed_certificate_pem", config.signed_certificate_pem.known().is_some()),
            ("signed_chain_pem", config.signed_chain_pem.known().is_some()),
        ];
        if root && config.parent_arn.known().is_some() {
            refuse("parent_arn", "A `ROOT` signs itself: `parent_arn` is of a `SUBORDINATE`.", diagnostics);
        }
        for (argument, _) in signed_outside.iter().filter(|(_, given)| *given) {
            if root || config.parent_arn.known().is_some() {
                let why = "The certificate is signed in AWS: leave it out, or use a `SUBORDINATE` without `parent_arn`.";
                refuse(argument, why, diagnostics);
            }
        }
        if config.signed_certificate_pem.known().is_some() && config.signed_chain_pem.is_null() {
            refuse("signed_chain_pem", "A certificate that is signed outside needs its chain up to the root.", diagnostics);
        }
    }

    fn plan(&self, request: &PlanRequest<'_, Self>, response: &mut PlanResponse<PrivateCa>) {
        let Some(prior) = request.prior else {
            frame::plan_notes(request.session.map(std::convert::AsRef::as_ref), true, &mut response.diagnostics);
            return;
        };
        let plan = &mut response.plan.0;
        let renewed = plan.validity_days != prior.validity_days
            || plan.signed_certificate_pem != prior.signed_certificate_pem
            || prior.status.as_str() == Some("EXPIRED");
        for (attribute, before) in [
            (&mut plan.certificate_pem, &prior.certificate_pem),
            (&mut plan.chain_pem, &prior.chain_pem),
            (&mut plan.not_after, &prior.not_after),
        ] {
            *attribute = if renewed { Attr::Unknown } else { before.clone() };
        }
        let switched = plan.enabled != prior.enabled;
        plan.status = if renewed || switched { Attr::Unknown } else { prior.status.clone() };
        if plan.to_value() != prior.to_value() {
            frame::plan_notes(request.session.map(std::convert::AsRef::as_ref), false, &mut response.diagnostics);
        }
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        protect(request.prior, diagnostics);
        frame::plan_notes(request.session.map(std::convert::AsRef::as_ref), false, diagnostics);
    }

    async fn create(&self, context: &Context<Session>, request: Create<PrivateCa>) -> Applied<PrivateCa> {
        let mut model = request.plan.0;
        let made = create::create(context, &mut model, request.private.leg()).await;
        match made {
            Ok(()) => Applied::done(model, Private::default()),
            Err(diagnostics) => {
                let exists = model.arn.known().is_some();
                Applied::failed(exists.then_some(model), Private::default(), diagnostics)
            }
        }
    }

    async fn read(&self, context: &Context<Session>, request: Read<PrivateCa>) -> Applied<PrivateCa> {
        let mut model = request.state.0;
        match life::read(context, &mut model).await {
            Ok(true) => Applied::done(model, request.private),
            Ok(false) => Applied::gone(),
            Err(diagnostics) => Applied::failed(Some(model), request.private, diagnostics),
        }
    }

    async fn update(&self, context: &Context<Session>, request: Update<PrivateCa>) -> Applied<PrivateCa> {
        let mut model = request.plan.0;
        match life::update(context, &request.prior.0, &mut model).await {
            Ok(diagnostics) => Applied::done(model, request.private).with(diagnostics),
            Err(diagnostics) => Applied::failed(Some(request.prior.0), request.private, diagnostics),
        }
    }

    async fn delete(&self, context: &Context<Session>, request: Delete<PrivateCa>) -> Applied<PrivateCa> {
        let before_create = request.before_create();
        let prior = request.prior.0;
        let mut refusal = Diagnostics::new();
        if !before_create {
            protect(&prior, &mut refusal);
        }
        if refusal.has_errors() {
            return Applied::failed(Some(prior), request.private, refusal);
        }
        match life::delete(context, &prior, before_create).await {
            Ok(diagnostics) => Applied::gone().with(diagnostics),
            Err(diagnostics) => Applied::failed(Some(prior), request.private, diagnostics),
        }
    }

    async fn import(&self, context: &Context<Session>, request: ImportRequest) -> Imported<PrivateCa> {
        life::import(context, &request.id).await
    }

    fn default_timeout(&self, _operation: Operation) -> Duration {
        Duration::from_secs(5 * 60)
    }
}

fn protect(prior: &PrivateCa, diagnostics: &mut Diagnostics) {
    let what = format!("the CA {}", prior.arn.as_str().unwrap_or_default());
    frame::protect(prior.deletion_protection.known().copied(), &what, diagnostics);
}

fn refuse(argument: &str, why: &str, diagnostics: &mut Diagnostics) {
    diagnostics.input(AttributePath::root(argument), "Contradicting arguments", why);
}
