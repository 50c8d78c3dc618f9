#![doc = include_str!("README.md")]

pub mod model;
mod parts;
mod plan;
mod prepare;
mod ready;
mod role;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, State};

use crate::kinds::aws::eks::{ADDON, ASSOCIATION};
use crate::kinds::aws::iam_role::IAM_ROLE;
use crate::kinds::kube::CONFIG_MAP;
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head};
use crate::lifecycle::place::Place;
use crate::lifecycle::{Changed, Managed, ManagedResource};
use crate::session::Session;
use model::{NAMESPACE, Platform};

/// `e2etls_platform`.
pub type PlatformResource = ManagedResource<Platform>;

#[async_trait]
impl Managed for Platform {
    const NAME: &'static str = "platform";
    const TYPE_NAME: &'static str = "e2etls_platform";
    const README: &'static str = include_str!("README.md");
    const CONFIGURATION: &'static str = parts::CONFIGURATION;
    const KINDS: Kinds = &[&CONFIG_MAP, &ASSOCIATION, &ADDON, &IAM_ROLE];

    fn head(&mut self) -> Head<'_> {
        Head::InCluster(&mut self.head)
    }

    fn common(&self) -> &Common {
        &self.head.common
    }

    fn place(&self) -> Place<'_> {
        self.head.place(Some(NAMESPACE))
    }

    /// A cluster has one platform.
    fn name(&self) -> &'static str {
        "platform"
    }

    fn called(&self) -> String {
        Self::TYPE_NAME.to_owned()
    }

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        plan::validate(config, diagnostics);
    }

    fn configure(&mut self, session: Option<&Session>) {
        plan::configure(self, session);
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        parts::parts(self)
    }

    fn planned(prior: Option<&Self>, plan: &mut Self, changed: Changed<'_>) {
        let kept = prior.filter(|_| !changed.is(parts::ROLE));
        plan.role_arn = kept.map_or(Attr::Unknown, |prior| prior.role_arn.clone());
    }

    /// The objects are in the cluster of that name.
    fn replacing(prior: &Self, plan: &Self, replace: &mut Vec<AttributePath>) {
        if prior.eks_cluster != plan.eks_cluster {
            replace.push(AttributePath::root("cluster_name"));
        }
    }

    fn remark(session: Option<&Session>, prior: Option<&State<Self>>, plan: &Self, diagnostics: &mut Diagnostics) {
        if let Some(State(prior)) = prior {
            plan::removals(prior, plan, diagnostics);
        }
        plan::named(session, plan, diagnostics);
    }

    fn protection(&self) -> Option<bool> {
        self.deletion_protection.known().copied()
    }

    async fn prepare(&self, _context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        prepare::fits(self, op).await
    }

    async fn is_free(&self, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        prepare::is_free(op).await
    }

    fn observed(&mut self, objects: &BTreeMap<String, Observed>) {
        // An update that leaves the role alone does not look at it.
        if let Some(role) = objects.get(parts::ROLE) {
            self.role_arn = role.outputs.get("arn").cloned().into();
        }
    }
}
