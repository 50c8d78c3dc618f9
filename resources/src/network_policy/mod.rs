#![doc = include_str!("README.md")]

mod audit;
pub mod model;
mod parts;
mod plan;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{AttributePath, Config, Context, Diagnostics};

use crate::kinds::kube::{CONFIG_MAP, NETWORK_POLICY};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Managed, ManagedResource};
use crate::session::Session;
use model::{Mode, NetworkPolicy};

/// `e2etls_network_policy`.
pub type NetworkPolicyResource = ManagedResource<NetworkPolicy>;

#[async_trait]
impl Managed for NetworkPolicy {
    const NAME: &'static str = "network_policy";
    const TYPE_NAME: &'static str = "e2etls_network_policy";
    const README: &'static str = include_str!("README.md");
    const CONFIGURATION: &'static str = parts::CONFIGURATION;
    const KINDS: Kinds = &[&CONFIG_MAP, &NETWORK_POLICY];

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
        plan::validate(config, diagnostics);
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        parts::parts(self)
    }

    async fn prepare(&self, _context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let namespace = self.namespace.as_str().unwrap_or_default();
        namespace_exists(op, namespace, AttributePath::root("namespace")).await
    }

    async fn applied(&self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        if self.mode.known() == Some(&Mode::Audit) {
            audit::report(self, context, diagnostics).await;
        }
    }
}
