#![doc = include_str!("README.md")]

mod import;
pub mod model;
mod plan;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use e2etls_clients::kube::kinds;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::value::UNKNOWN;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, ImportRequest, Imported, Plan, State};

use crate::cert_manager::authority;
use crate::cert_manager::issuer::{Verify, render};
use crate::cert_manager::parts::{Check, check_of, issuer};
use crate::kinds::kube::{AWS_PCA_CLUSTER_ISSUER, AWS_PCA_ISSUER};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head, is_proven};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Managed, ManagedResource};
use crate::session::Session;
use crate::usage;
use model::Issuer;

/// `e2etls_issuer`.
pub type IssuerResource = ManagedResource<Issuer>;

/// Address of the issuer.
const PART: &str = "issuer";

#[async_trait]
impl Managed for Issuer {
    const NAME: &'static str = "issuer";
    const TYPE_NAME: &'static str = "e2etls_issuer";
    const README: &'static str = include_str!("README.md");
    const KINDS: Kinds = &[&AWS_PCA_ISSUER, &AWS_PCA_CLUSTER_ISSUER];
    const IMPORTABLE: &'static [&'static str] = &[kinds::AWS_PCA_ISSUER.kind, kinds::AWS_PCA_CLUSTER_ISSUER.kind];

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

    fn fill(_config: &Config<Self>, prior: Option<&State<Self>>, planned: &mut Plan<Self>) {
        plan::fill(prior, planned);
    }

    fn derive(&mut self) {
        plan::derive(self);
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        let spec = plan::spec(self)?;
        let usages = match &self.usages {
            Attr::Unknown => vec![UNKNOWN.to_owned()],
            usages => usage::words(usages.known().map(Vec::as_slice).unwrap_or_default()),
        };
        let check = Check {
            verify: self.verify.known().copied(),
            namespace: self.canary_namespace().unwrap_or_default().to_owned(),
            usages,
        };
        Some(issuer(PART, &spec, render(&spec), check).into())
    }

    async fn prepare(&self, context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let arn = self.ca_arn.as_str().unwrap_or_default();
        authority::look(&context.session, arn, AttributePath::root("ca_arn")).await?;
        let path = if self.namespace.is_null() {
            "canary_namespace"
        } else {
            "namespace"
        };
        if !self.namespace.is_null() || self.verify.known() == Some(&Verify::Issue) {
            let namespace = self.canary_namespace().unwrap_or_default();
            namespace_exists(op, namespace, AttributePath::root(path)).await?;
        }
        Ok(())
    }

    async fn finish(&mut self, context: &Context<Session>, diagnostics: &mut Diagnostics) {
        let checked = self.verify.known() != Some(&Verify::Nothing);
        self.ready = Attr::Known(checked && is_proven(self.common(), &check_of(PART)));
        let Some(arn) = self.ca_arn.as_str() else { return };
        // The CA may have a new certificate: the bundle follows, if it can be read from here.
        match authority::look(&context.session, arn, AttributePath::root("ca_arn")).await {
            Ok(authority) => self.ca_bundle_pem = Attr::Known(authority.root.pem()),
            Err(refused) if self.ca_bundle_pem.known().is_none() && !diagnostics.has_errors() => {
                diagnostics.extend(refused);
            }
            Err(_) => tracing::debug!("the issuer's CA could not be read: the bundle is kept"),
        }
    }

    async fn import(context: &Context<Session>, request: &ImportRequest) -> Option<Imported<Self>> {
        Some(import::from_object(context, request).await)
    }
}

impl Issuer {
    /// Namespace of the request that checks it.
    fn canary_namespace(&self) -> Option<&str> {
        self.namespace.as_str().or_else(|| self.canary_namespace.as_str())
    }
}
