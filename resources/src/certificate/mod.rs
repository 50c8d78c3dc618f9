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
use jiff::Timestamp;
use tfplugin_framework::{
    Attr, AttributePath, Config, Context, Diagnostics, ImportRequest, Imported, Plan, State, parse_go_duration,
};

use crate::cert_manager::authority;
use crate::cert_manager::certificate::CertificateSpec;
use crate::cert_manager::{names, parts};
use crate::kinds::kube::{CERTIFICATE, SECRET};
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::attributes::{Common, Head, is_proven};
use crate::lifecycle::place::{Place, namespace_exists};
use crate::lifecycle::{Managed, ManagedResource};
use crate::session::Session;
use model::Certificate;

/// `e2etls_certificate`.
pub type CertificateResource = ManagedResource<Certificate>;

/// Address of the Certificate.
const PART: &str = "certificate";
/// Address of the Secret that cert-manager creates for it.
const SECRET_PART: &str = "secret";

#[async_trait]
impl Managed for Certificate {
    const NAME: &'static str = "certificate";
    const TYPE_NAME: &'static str = "e2etls_certificate";
    const README: &'static str = include_str!("README.md");
    const KINDS: Kinds = &[&SECRET, &CERTIFICATE];
    const IMPORTABLE: &'static [&'static str] = &[kinds::CERTIFICATE.kind];

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

    fn fill(config: &Config<Self>, prior: Option<&State<Self>>, planned: &mut Plan<Self>) {
        plan::fill(config, prior, planned);
    }

    fn remark(_session: Option<&Session>, prior: Option<&State<Self>>, plan: &Self, diagnostics: &mut Diagnostics) {
        let before = prior.map(|State(prior)| &prior.dns_names);
        names::remark(&AttributePath::root("dns_names"), before, &plan.dns_names, diagnostics);
    }

    fn derive(&mut self) {
        plan::derive(self);
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        let (spec, manifest) = (plan::spec(self), plan::manifest(self));
        Some(parts::certificate(PART, SECRET_PART, &spec, manifest).into())
    }

    async fn prepare(&self, context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        let arn = AttributePath::root("issuer").attribute("ca_arn");
        may_issue(
            &context.session,
            &plan::spec(self),
            arn,
            AttributePath::root("duration"),
        )
        .await?;
        let namespace = self.namespace.as_str().unwrap_or_default();
        namespace_exists(op, namespace, AttributePath::root("namespace")).await
    }

    async fn finish(&mut self, _context: &Context<Session>, _diagnostics: &mut Diagnostics) {
        self.ready = Attr::Known(is_proven(self.common(), PART));
    }

    async fn import(context: &Context<Session>, request: &ImportRequest) -> Option<Imported<Self>> {
        Some(import::from_object(context, request).await)
    }
}

/// Checks that the CA behind the issuer of `spec` can issue it.
///
/// # Errors
/// At `arn` and `duration`, where the user wrote them: a CA that can't issue, or not for that long.
pub async fn may_issue(
    session: &Session,
    spec: &CertificateSpec,
    arn: AttributePath,
    duration: AttributePath,
) -> Result<(), Diagnostics> {
    let Some(ca_arn) = &spec.issuer.ca_arn else {
        return Ok(());
    };
    let authority = authority::look(session, ca_arn, arn).await?;
    match parse_go_duration(&spec.duration) {
        Some(lifetime) => authority.may_issue_for(lifetime, Timestamp::now(), duration),
        None => Ok(()),
    }
}
