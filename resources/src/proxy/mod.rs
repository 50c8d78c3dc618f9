#![doc = include_str!("README.md")]

pub mod model;
pub mod render;
pub(crate) mod spec;
#[cfg(test)]
mod tests;
mod validate;

pub(crate) use validate::{autoscaling, one_of, rendered, template_version, validate_isolation};

use async_trait::async_trait;
use tfplugin_framework::{AttributePath, Config, Context, Diagnostics, Plan, State};

use crate::orchestrate::composite::{Common, Composite};
use crate::orchestrate::engine::Engine;
use crate::orchestrate::frame::Place;
use crate::orchestrate::part::Part;
use crate::orchestrate::resource::CompositeResource;
use crate::session::Session;
use e2etls_clients::kube::kinds::Kind;
use model::Proxy;

/// `e2etls_proxy`.
pub type ProxyResource = CompositeResource<Proxy>;

#[async_trait]
impl Composite for Proxy {
    const NAME: &'static str = "proxy";
    const TYPE_NAME: &'static str = "e2etls_proxy";
    const README: &'static str = include_str!("README.md");
    const NOT_KEPT: &'static [&'static str] = &["cluster", "timeouts", "force_conflicts"];
    const CONFIGURATION: &'static str = "proxy/config";
    const KINDS: &'static [Kind] = &spec::KINDS;

    fn place(&self) -> Place<'_> {
        Place {
            cluster: self.cluster.as_str(),
            cluster_uid: self.cluster_uid.as_str(),
            force_conflicts: self.force_conflicts.known() == Some(&true),
            resource: Self::NAME,
            type_name: Self::TYPE_NAME,
            namespace: self.namespace.as_str(),
            name: self.name.as_str().unwrap_or_default(),
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

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        validate::proxy(config, diagnostics);
    }

    fn fill(config: &Config<Self>, _prior: Option<&State<Self>>, plan: &mut Plan<Self>) {
        spec::fill_template_version(&config.template_version, &mut plan.template_version);
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
