#![doc = include_str!("README.md")]

pub mod model;
pub mod render;
pub(crate) mod spec;
#[cfg(test)]
mod tests;
mod validate;

pub(crate) use validate::{autoscaling, one_of, rendered, template_version, validate_isolation};

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Applied, AttributePath, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported, Model,
    PlanRequest, PlanResponse, Read, Resource, Update,
};

use crate::clients::kube::kinds::Kind;
use crate::orchestrate::composite::{self, Common, Composite};
use crate::orchestrate::engine::Engine;
use crate::orchestrate::frame::Place;
use crate::orchestrate::part::Part;
use crate::provider::Session;
use model::Proxy;

/// `e2etls_proxy`.
pub struct ProxyResource;

const NAME: &str = "proxy";
const TYPE_NAME: &str = "e2etls_proxy";

#[async_trait]
impl Resource for ProxyResource {
    type Model = Proxy;
    type Session = Session;

    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> Schema {
        Proxy::schema(include_str!("README.md"))
    }

    fn validate(&self, config: &Config<Proxy>, diagnostics: &mut Diagnostics) {
        validate::proxy(config, diagnostics);
    }

    fn plan(&self, request: &PlanRequest<'_, Self>, response: &mut PlanResponse<Proxy>) {
        spec::fill_template_version(&request.config.template_version, &mut response.plan.template_version);
        composite::plan(request, response);
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        composite::plan_destroy(request, diagnostics);
    }

    async fn create(&self, context: &Context<Session>, request: Create<Proxy>) -> Applied<Proxy> {
        composite::create(context, request).await
    }

    async fn read(&self, context: &Context<Session>, request: Read<Proxy>) -> Applied<Proxy> {
        composite::read(context, request).await
    }

    async fn update(&self, context: &Context<Session>, request: Update<Proxy>) -> Applied<Proxy> {
        composite::update(context, request).await
    }

    async fn delete(&self, context: &Context<Session>, request: Delete<Proxy>) -> Applied<Proxy> {
        composite::delete(context, request).await
    }

    async fn import(&self, context: &Context<Session>, request: ImportRequest) -> Imported<Proxy> {
        composite::import(context, request, place("", "")).await
    }
}

fn place<'a>(namespace: &'a str, name: &'a str) -> Place<'a> {
    Place {
        resource: NAME,
        type_name: TYPE_NAME,
        cluster: None,
        cluster_uid: None,
        namespace: Some(namespace),
        name,
        force_conflicts: false,
    }
}

#[async_trait]
impl Composite for Proxy {
    const NOT_KEPT: &'static [&'static str] = &["cluster", "timeouts", "force_conflicts"];
    const CONFIGURATION: &'static str = "proxy/config";
    const KINDS: &'static [Kind] = &spec::KINDS;

    fn place(&self) -> Place<'_> {
        Place {
            cluster: self.cluster.as_str(),
            cluster_uid: self.cluster_uid.as_str(),
            force_conflicts: self.force_conflicts.known() == Some(&true),
            ..place(
                self.namespace.as_str().unwrap_or_default(),
                self.name.as_str().unwrap_or_default(),
            )
        }
    }

    fn common(&mut self) -> Common<'_> {
        Common {
            id: &mut self.id,
            instance: &mut self.instance,
            cluster_uid: &mut self.cluster_uid,
            parts: &mut self.parts,
            drift: &mut self.drift,
        }
    }

    fn render(&self) -> Option<Vec<Part>> {
        Some(spec::parts(&spec::of_proxy(self)?))
    }

    fn derive(&mut self) {
        spec::derive(self);
    }

    async fn prepare(
        &self,
        context: &Context<Session>,
        _engine: &Engine,
        parts: Vec<Part>,
    ) -> Result<Vec<Part>, Diagnostics> {
        let at = AttributePath::root("certificate");
        let arn = at.clone().attribute("issuer").attribute("ca_arn");
        spec::prepare(
            context,
            parts,
            spec::CertificatePaths {
                arn,
                duration: at.attribute("duration"),
            },
        )
        .await
    }
}
