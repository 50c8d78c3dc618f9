#![doc = include_str!("README.md")]

mod app;
mod key;
pub mod model;
mod parts;
mod pod_template;
mod sidecar;
#[cfg(test)]
mod tests;
mod validate;

use async_trait::async_trait;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, State};

use crate::kinds::kube::{
    AWS_PCA_ISSUER, CERTIFICATE, CONFIG_MAP, DEPLOYMENT, NAMESPACE, NETWORK_POLICY, POD_DISRUPTION_BUDGET, SECRET,
    SERVICE,
};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Managed, ManagedResource};
use crate::proxy::render;
use crate::proxy::spec;
use crate::proxy::{app_missing, provider_labels, rollout};
use crate::session::Session;
use model::Stack;

/// `e2etls_stack`.
pub type StackResource = ManagedResource<Stack>;

#[async_trait]
impl Managed for Stack {
    const NAME: &'static str = "stack";
    const TYPE_NAME: &'static str = "e2etls_stack";
    const README: &'static str = include_str!("README.md");
    const CONFIGURATION: &'static str = "proxy/config";
    const KINDS: Kinds = &[
        &NAMESPACE,
        &AWS_PCA_ISSUER,
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
        validate::stack(config, diagnostics);
    }

    fn remark(session: Option<&Session>, prior: Option<&State<Self>>, plan: &Self, diagnostics: &mut Diagnostics) {
        let selector = AttributePath::root("app").attribute("selector");
        provider_labels(parts::proxy_spec(plan), session, selector, diagnostics);
        let http = |stack: &Self| stack.proxy.known().map_or(Attr::Unknown, |proxy| proxy.http.clone());
        if let Some(State(prior)) = prior {
            let at = AttributePath::root("proxy").attribute("http");
            rollout(at, &http(prior), &http(plan), diagnostics);
        }
    }

    fn configure(&mut self, session: Option<&Session>) {
        let pod = self.proxy.known().map_or(&Attr::Unknown, |proxy| &proxy.pod);
        self.proxy_image = spec::image(pod, &self.head.template_version, session);
    }

    fn derive(&mut self) {
        self.hostname = match &self.hostnames {
            Attr::Known(names) => names.first().cloned().into(),
            _ => Attr::Unknown,
        };
        let proxy = parts::proxy_spec(self);
        self.expected_hops = proxy.as_ref().map_or(Attr::Unknown, spec::hops);
        let hops = proxy.as_ref().and_then(render::expected_hops);
        self.expected_verdict = hops.map_or(Attr::Unknown, |hops| {
            Attr::Known(render::hops::overall(&hops).to_string())
        });
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        parts::parts(self)
    }

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    async fn prepare(&self, context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let root = AttributePath::root;
        let Some(proxy) = parts::proxy_spec(self) else {
            return Ok(());
        };
        let duration = root("proxy").attribute("certificate").attribute("duration");
        let arn = if self.ca_arn.is_null() {
            root("issuer").attribute("ca_arn")
        } else {
            root("ca_arn")
        };
        spec::may_issue(context, &proxy, spec::CertificatePaths { arn, duration }).await?;
        if self.create_namespace.known() != Some(&true) {
            namespace_exists(op, &proxy.namespace, root("namespace")).await?;
        }
        Ok(())
    }

    async fn applied(&self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        // An app that the stack runs was waited for.
        let runs_app = self.app.known().is_none_or(|app| app.selector.is_null());
        if let Some(proxy) = parts::proxy_spec(self).filter(|_| !runs_app) {
            let at = AttributePath::root("app");
            app_missing(context, self.head.cluster.as_str(), &proxy, &at, diagnostics).await;
        }
    }
}
