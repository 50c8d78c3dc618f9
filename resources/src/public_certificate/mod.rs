#![doc = include_str!("README.md")]

pub mod model;
pub(crate) mod parts;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use serde_json::Value;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, Invalid};

use crate::kinds::aws::acm_certificate::{ACM_CERTIFICATE, is_over};
use crate::kinds::{Clients, Kinds, Service};
use crate::lifecycle::attributes::{Common, Head, is_proven};
use crate::lifecycle::place::Place;
use crate::lifecycle::{Changed, Managed, ManagedResource};
use crate::session::Session;
use model::{PublicCertificate, Record};

/// `e2etls_public_certificate`.
pub type PublicCertificateResource = ManagedResource<PublicCertificate>;

#[async_trait]
impl Managed for PublicCertificate {
    const NAME: &'static str = "public_certificate";
    const TYPE_NAME: &'static str = "e2etls_public_certificate";
    const README: &'static str = include_str!("README.md");
    /// Validation records carry no marks, and are never deleted: nobody looks for more of them.
    const KINDS: Kinds = &[&ACM_CERTIFICATE];
    const OUTPUTS: &'static [&'static str] = &["arn", "status", "validation_records"];

    fn head(&mut self) -> Head<'_> {
        Head::InAws(&mut self.aws)
    }

    fn common(&self) -> &Common {
        &self.aws.common
    }

    fn place(&self) -> Place<'_> {
        self.aws.place(Service::Certificates)
    }

    fn name(&self) -> &str {
        self.name.as_str().unwrap_or_default()
    }

    fn render(&self) -> Option<Vec<Part<Clients>>> {
        parts::parts(self)
    }

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        plan::check(config, diagnostics);
    }

    fn planned(prior: Option<&Self>, plan: &mut Self, changed: Changed<'_>) {
        let Some(prior) = prior else {
            let unknown = || Record {
                name: Attr::Unknown,
                r#type: Attr::Unknown,
                value: Attr::Unknown,
            };
            let records = parts::bases(plan).map(|bases| bases.into_iter().map(|base| (base, unknown())).collect());
            plan.validation_records = records.map_or(Attr::Unknown, Attr::Known);
            return;
        };
        let waits = parts::WAITS.iter().any(|address| changed.is(address));
        plan.status = match waits || is_ended(prior) {
            true => Attr::Unknown,
            false => prior.status.clone(),
        };
    }

    fn replacing(prior: &Self, _plan: &Self, replace: &mut Vec<AttributePath>) {
        if is_ended(prior) {
            replace.push(AttributePath::root("status"));
        }
    }

    async fn prepare(&self, _context: &Context<Session>, op: &Operation<Clients>) -> Result<(), Diagnostics> {
        plan::usable(op, self).await
    }

    async fn finish(&mut self, _context: &Context<Session>, _diagnostics: &mut Diagnostics) {
        // The certificate was seen before its records were written; that it is issued was seen after.
        if self.status.as_str() == Some("PENDING_VALIDATION") && is_proven(self.common(), parts::WAITS[0]) {
            self.status = "ISSUED".to_owned().into();
        }
    }

    fn check_arn(arn: &str) -> Result<(), Invalid> {
        match arn.starts_with("arn:") && arn.contains(":acm:") {
            true => Ok(()),
            false => Err(Invalid::new(format!("`{arn}` is not the ARN of an ACM certificate."))),
        }
    }

    fn arguments(content: Value) -> Value {
        parts::arguments(content)
    }

    async fn describe(
        &mut self,
        _op: &Operation<Clients>,
        found: &Observed,
    ) -> Result<BTreeMap<String, String>, Diagnostics> {
        Ok(parts::record_uids(self, found))
    }
}

/// True if the certificate can't be issued or used any more: a plan replaces it.
fn is_ended(prior: &PublicCertificate) -> bool {
    prior.status.as_str().is_some_and(is_over)
}
