#![doc = include_str!("README.md")]

mod app;
pub mod model;
pub mod render;
pub(crate) mod spec;
#[cfg(test)]
mod tests;
mod validate;

pub(crate) use app::missing as app_missing;
pub(crate) use validate::{
    Place as ArgumentPlace, autoscaling, image_updates, one_of, pre_stop, provider_labels, rendered, rollout,
    system_namespace, validate_isolation,
};

use async_trait::async_trait;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, Plan, State};

use crate::cert_manager::names;
use crate::kinds::kube::{CERTIFICATE, CONFIG_MAP, DEPLOYMENT, NETWORK_POLICY, POD_DISRUPTION_BUDGET, SECRET, SERVICE};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Managed, ManagedResource};
use crate::session::Session;
use model::Proxy;

/// `e2etls_proxy`.
pub type ProxyResource = ManagedResource<Proxy>;

#[async_trait]
impl Managed for Proxy {
    const NAME: &'static str = "proxy";
    const TYPE_NAME: &'static str = "e2etls_proxy";
    const README: &'static str = include_str!("README.md");
    const CONFIGURATION: &'static str = render::FIRST;
    const KEEPERS: &'static [&'static str] = &["Service"];
    const KINDS: Kinds = &[
        &SECRET,
        &CERTIFICATE,
        &CONFIG_MAP,
        &SERVICE,
        &DEPLOYMENT,
        &POD_DISRUPTION_BUDGET,
        &NETWORK_POLICY,
    ];

    fn head(&mut self) -> Head<'_> {
        Head::InCluster(&mut self.head)
    }

    fn common(&self) -> &Common {
        &self.head.common
    }

    fn place(&self) -> Place<'_> {
        self.head.place(self.namespace.as_str())
    }

    fn name(&self) -> &str {
        self.name.as_str().unwrap_or_default()
    }

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        validate::proxy(config, diagnostics);
    }

    fn fill(config: &Config<Self>, _prior: Option<&State<Self>>, plan: &mut Plan<Self>) {
        // The default is for those who decide the number here.
        if config.replicas.is_null() && config.autoscaled.known() == Some(&true) {
            plan.replicas = Attr::Null;
        }
    }

    fn remark(session: Option<&Session>, prior: Option<&State<Self>>, plan: &Self, diagnostics: &mut Diagnostics) {
        let selector = AttributePath::root("upstream").attribute("selector");
        validate::provider_labels(spec::of_proxy(plan), session, selector, diagnostics);
        let names = prior.map(|State(prior)| &prior.server_names);
        names::remark(
            &AttributePath::root("server_names"),
            names,
            &plan.server_names,
            diagnostics,
        );
        if let Some(State(prior)) = prior {
            validate::rollout(AttributePath::root("http"), &prior.http, &plan.http, diagnostics);
        }
    }

    fn configure(&mut self, session: Option<&Session>) {
        self.image = spec::image(&self.pod, &self.head.template_version, session);
    }

    fn derive(&mut self) {
        spec::derive(self);
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        Some(spec::parts(&spec::of_proxy(self)?))
    }

    async fn prepare(&self, context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let Some(proxy) = spec::of_proxy(self) else {
            return Ok(());
        };
        let at = AttributePath::root("certificate");
        let arn = at.clone().attribute("issuer").attribute("ca_arn");
        let duration = at.attribute("duration");
        spec::may_issue(context, &proxy, spec::CertificatePaths { arn, duration }).await?;
        namespace_exists(op, &proxy.namespace, AttributePath::root("namespace")).await
    }

    async fn applied(&self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        if let Some(proxy) = spec::of_proxy(self) {
            let at = AttributePath::root("upstream");
            app::missing(context, self.head.cluster.as_str(), &proxy, &at, diagnostics).await;
        }
    }
}
