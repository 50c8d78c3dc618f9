#![doc = include_str!("README.md")]

pub(crate) mod class;
pub(crate) mod hops;
pub mod model;
pub(crate) mod parts;
mod render;
pub(crate) mod seen;
#[cfg(test)]
mod tests;
pub(crate) mod validate;
mod values;

use async_trait::async_trait;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{AttributePath, Config, Context, Diagnostics, State};

use crate::kinds::kube::{INGRESS, SERVICE};
use crate::kinds::load_balancer::{APPLICATION, NETWORK, SHARED_APPLICATION};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Changed, Managed, ManagedResource};
use crate::proxy::spec;
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
        self.expected_hops = spec::hops(hops::hops(self).as_deref());
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        parts::parts(self)
    }

    fn planned(prior: Option<&Self>, plan: &mut Self, changed: Changed<'_>) {
        let Some(prior) = prior else { return };
        let shown = [
            &prior.lb_arn,
            &prior.hostname,
            &prior.lb_zone_id,
            &prior.effective_ssl_policy,
        ];
        [plan.lb_arn, plan.hostname, plan.lb_zone_id, plan.effective_ssl_policy] =
            seen::planned(prior.common(), &changed, shown);
    }

    fn replacing(prior: &Self, plan: &Self, replace: &mut Vec<AttributePath>) {
        let differing = prior.settings.identity().into_iter().zip(plan.settings.identity());
        let differing = differing.filter(|((_, prior), (_, plan))| prior != plan);
        replace.extend(differing.map(|((path, _), _)| path));
    }

    fn remark(_: Option<&Session>, prior: Option<&State<Self>>, plan: &Self, diagnostics: &mut Diagnostics) {
        let moves = prior.is_some_and(|State(prior)| prior.settings.identity() != plan.settings.identity());
        if moves && plan.common().create_before_destroy.known() == Some(&true) {
            diagnostics.input(
                AttributePath::root("create_before_destroy"),
                "The new edge can't be created first",
                "Both would have the same Ingress or Service. Use another `name`, or remove `create_before_destroy` here and in \
                 `lifecycle`: then there is no load balancer for some minutes. A stack with `edge` and `dns` moves without a gap.",
            );
        }
    }

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    async fn prepare(&self, _context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let namespace = self.namespace.as_str().unwrap_or_default();
        namespace_exists(op, namespace, AttributePath::root("namespace")).await?;
        class::fits(self, op, &AttributePath::default()).await
    }

    async fn finish(&mut self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        seen::read_back(self.shown(), &Clients::of(&context.session), diagnostics).await;
    }
}

impl Edge {
    /// What the load balancer shows.
    fn shown(&mut self) -> seen::Shown<'_> {
        let expected = parts::expected_ssl_policy(self);
        seen::Shown {
            common: &mut self.head.common,
            expected,
            arn: &mut self.lb_arn,
            hostname: &mut self.hostname,
            zone_id: &mut self.lb_zone_id,
            ssl_policy: &mut self.effective_ssl_policy,
        }
    }
}
