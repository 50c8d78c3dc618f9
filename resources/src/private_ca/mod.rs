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
use e2etls_engine::kind::{Kind, Observed};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{
    Attr, AttributePath, Config, Context, Diagnostic, Diagnostics, ImportRequest, Imported, Private, State,
};

use crate::kinds::aws::authority::PRIVATE_CA;
use crate::kinds::{Clients, Service};
use crate::lifecycle::attributes::Common;
use crate::lifecycle::place::Place;
use crate::lifecycle::{Changed, Managed, ManagedResource};
use crate::session::Session;
use model::PrivateCa;
use parts::CA;

/// `e2etls_private_ca`.
pub type PrivateCaResource = ManagedResource<PrivateCa>;

static KINDS: [&dyn Kind<Clients>; 1] = [&PRIVATE_CA];

/// Private, of an imported CA: arguments that could not be read back; giving them replaces nothing.
const UNSEEN: &str = "unseen";

#[async_trait]
impl Managed for PrivateCa {
    const NAME: &'static str = "private_ca";
    const TYPE_NAME: &'static str = "e2etls_private_ca";
    const README: &'static str = include_str!("README.md");

    fn kinds() -> &'static [&'static dyn Kind<Clients>] {
        &KINDS
    }

    fn common(&self) -> &Common {
        &self.aws.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.aws.common
    }

    /// Where the CA lives is what its ARN says, whatever the provider's Region has become.
    fn place(&self) -> Place<'_> {
        Place::Aws {
            service: Service::PrivateCa,
            region: self.aws.region.as_str(),
            arn: self.arn.as_str(),
        }
    }

    fn name(&self) -> &str {
        self.name.as_str().unwrap_or_default()
    }

    fn id(&self, _op: &Operation<Clients>) -> Attr<String> {
        Attr::Null
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        Some(vec![Part::new(
            CA,
            &PRIVATE_CA,
            parts::name(self),
            parts::content(self),
        )])
    }

    fn derive(&mut self) {}

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

    fn replacing(_prior: Option<&Self>, private: &Private, replace: &mut Vec<AttributePath>) {
        let unseen: Vec<String> = private.get(UNSEEN).unwrap_or_default();
        replace.retain(|path| !unseen.iter().any(|argument| *path == AttributePath::root(argument)));
    }

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    fn known(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let outputs = [
            ("certificate_pem", &self.certificate_pem),
            ("chain_pem", &self.chain_pem),
            ("csr_pem", &self.csr_pem),
            ("not_after", &self.not_after),
        ];
        let known = outputs
            .into_iter()
            .filter_map(|(output, value)| Some((output.to_owned(), value.known()?.clone())));
        let known: BTreeMap<String, String> = known.collect();
        self.arn.known().map(|arn| (arn.clone(), known)).into_iter().collect()
    }

    fn observed(&mut self, objects: &BTreeMap<String, Observed>) {
        let Some(ca) = objects.get(CA) else { return };
        self.arn = ca.uid.clone().into();
        self.aws.common.id = self.arn.clone();
        self.aws.region = ca.uid.split(':').nth(3).map(str::to_owned).into();
        let outputs = [
            ("status", &mut self.status),
            ("owner_account", &mut self.owner_account),
            ("certificate_pem", &mut self.certificate_pem),
            ("chain_pem", &mut self.chain_pem),
            ("csr_pem", &mut self.csr_pem),
            ("not_after", &mut self.not_after),
        ];
        for (output, attribute) in outputs {
            *attribute = ca.outputs.get(output).cloned().into();
        }
        parts::show_drift(self, &ca.content);
    }

    async fn gone(&self, op: &Operation<Clients>) -> Diagnostics {
        let arn = self.arn.as_str().unwrap_or_default();
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

    async fn import(context: &Context<Session>, request: ImportRequest) -> Imported<Self> {
        import::import(context, request).await
    }

    fn default_timeout() -> Duration {
        Duration::from_secs(5 * 60)
    }
}
