#![doc = include_str!("README.md")]

mod import;
pub mod model;
mod parts;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use serde_json::Value;
use tfplugin_framework::{Config, Diagnostic, Diagnostics, Invalid, State};

use crate::kinds::aws::authority::PRIVATE_CA;
use crate::kinds::{Clients, Kinds, Service};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::inputs::text;
use crate::lifecycle::place::Place;
use crate::lifecycle::{Changed, Managed, ManagedResource};
use crate::session::Session;
use crate::syntax;
use model::PrivateCa;
use parts::CA;

/// `e2etls_private_ca`.
pub type PrivateCaResource = ManagedResource<PrivateCa>;

#[async_trait]
impl Managed for PrivateCa {
    const NAME: &'static str = "private_ca";
    const TYPE_NAME: &'static str = "e2etls_private_ca";
    const README: &'static str = include_str!("README.md");
    const KINDS: Kinds = &[&PRIVATE_CA];
    const OUTPUTS: &'static [&'static str] = &[
        "arn",
        "status",
        "owner_account",
        "certificate_pem",
        "chain_pem",
        "csr_pem",
        "not_after",
    ];
    const UNSEEN: &'static [&'static str] = &["name", "parent_arn"];

    fn head(&mut self) -> Head<'_> {
        Head::InAws(&mut self.aws)
    }

    fn common(&self) -> &Common {
        &self.aws.common
    }

    fn place(&self) -> Place<'_> {
        self.aws.place(Service::PrivateCa)
    }

    fn name(&self) -> &str {
        self.name.as_str().unwrap_or_default()
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        Some(vec![Part::new(CA, &PRIVATE_CA, text(&self.name), parts::content(self))])
    }

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        plan::check(config, diagnostics);
    }

    fn planned(prior: Option<&Self>, plan: &mut Self, changed: Changed<'_>) {
        if let Some(prior) = prior {
            plan::moved(prior, plan, changed.is(CA));
        }
    }

    fn remark(_session: Option<&Session>, prior: Option<&State<Self>>, plan: &Self, diagnostics: &mut Diagnostics) {
        if prior.is_none() && plan.restore_arn.is_null() {
            diagnostics.add(plan::price(plan));
        }
    }

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    fn observed(&mut self, objects: &BTreeMap<String, Observed>) {
        if let Some(ca) = objects.get(CA) {
            parts::show_drift(self, &ca.content);
        }
    }

    async fn gone(&self, op: &Operation<Clients>) -> Diagnostics {
        let arn = self.aws.common.id.as_str().unwrap_or_default();
        let found = op.bounded(op.remotes.acm_pca().describe(arn)).await.ok().flatten();
        let until = found
            .filter(|found| found.status == "DELETED")
            .and_then(|found| found.restorable_until);
        let warning = until.map(|until| {
            Diagnostic::warning("The CA was deleted")
                .because(format!(
                    "{arn} can be restored until {until}. If it is not, the next apply creates a CA with a new key, \
                     which nobody trusts yet."
                ))
                .advice(format!("To restore it, set `restore_arn = {arn:?}` and apply."))
        });
        warning.into_iter().collect()
    }

    fn check_arn(arn: &str) -> Result<(), Invalid> {
        syntax::ca_arn(arn)
    }

    fn arguments(content: Value) -> Value {
        parts::arguments(content)
    }

    async fn describe(
        &mut self,
        op: &Operation<Clients>,
        found: &Observed,
    ) -> Result<BTreeMap<String, String>, Diagnostics> {
        import::describe(self, op, found).await.map(|()| BTreeMap::new())
    }

    fn default_timeout() -> Duration {
        Duration::from_secs(5 * 60)
    }
}
