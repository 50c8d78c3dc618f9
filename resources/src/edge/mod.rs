#![doc = include_str!("README.md")]

mod class;
mod hops;
pub mod model;
mod parts;
mod render;
mod seen;
#[cfg(test)]
mod tests;
mod validate;
mod values;

use async_trait::async_trait;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics};

use crate::kinds::kube::{INGRESS, SERVICE};
use crate::kinds::load_balancer::{APPLICATION, NETWORK, SHARED_APPLICATION};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Changed, Managed, ManagedResource};
use crate::session::Session;
use model::Edge;

/// `e2etls_edge`.
pub type EdgeResource = ManagedResource<Edge>;

#[async_trait]
impl Managed for Edge {
    const NAME: &'static str = "edge";
    const TYPE_NAME: &'static str = "e2etls_edge";
    const README: &'static str = include_str!("README.md");
    const CONFIGURATION: &'static str = parts::OBJECT;
    const KEEPERS: &'static [&'static str] = &["Ingress", "Service"];
    const KINDS: Kinds = &[&APPLICATION, &SHARED_APPLICATION, &NETWORK, &SERVICE, &INGRESS];

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
        validate::edge(config, diagnostics);
    }

    fn derive(&mut self) {
        self.expected_hops = hops::expected(self);
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        parts::parts(self)
    }

    fn planned(prior: Option<&Self>, plan: &mut Self, changed: Changed<'_>) {
        let Some(prior) = prior else { return };
        let moved = changed.is(parts::LOAD_BALANCER) || parts::arn(prior).is_none();
        let kept = |attr: &Attr<String>, moved: bool| if moved { Attr::Unknown } else { attr.clone() };
        plan.lb_arn = kept(&prior.lb_arn, moved);
        plan.hostname = kept(&prior.hostname, moved);
        plan.lb_zone_id = kept(&prior.lb_zone_id, moved);
        plan.effective_ssl_policy = kept(&prior.effective_ssl_policy, moved || changed.is(parts::LISTENERS));
    }

    fn replacing(prior: &Self, plan: &Self, replace: &mut Vec<AttributePath>) {
        let differing = prior.settings.identity().into_iter().zip(plan.settings.identity());
        let differing = differing.filter(|((_, prior), (_, plan))| prior != plan);
        replace.extend(differing.map(|((path, _), _)| path));
    }

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    async fn prepare(&self, _context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let namespace = self.namespace.as_str().unwrap_or_default();
        namespace_exists(op, namespace, AttributePath::root("namespace")).await?;
        class::fits(self, op).await
    }

    async fn finish(&mut self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        seen::read_back(self, &Clients::of(&context.session), diagnostics).await;
    }
}
