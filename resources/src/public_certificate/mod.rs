#![doc = include_str!("README.md")]

mod import;
pub mod model;
mod parts;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_engine::kind::{Kind, Observed};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use tfplugin_framework::{Attr, AttributePath, Config, Context, Diagnostics, ImportRequest, Imported, Private};

use crate::kinds::aws::acm_certificate::{ACM_CERTIFICATE, RECORDS, is_over};
use crate::kinds::{Clients, Service};
use crate::lifecycle::attributes::{Common, is_proven};
use crate::lifecycle::place::Place;
use crate::lifecycle::{Changed, Managed, ManagedResource};
use crate::session::Session;
use model::{PublicCertificate, Record};

/// `e2etls_public_certificate`.
pub type PublicCertificateResource = ManagedResource<PublicCertificate>;

/// Validation records carry no marks, and are never deleted: nobody looks for more of them.
static KINDS: [&dyn Kind<Clients>; 1] = [&ACM_CERTIFICATE];

/// Private, of an imported certificate that carried no name: the one that the configuration gives it replaces nothing.
const UNNAMED: &str = "unnamed";

#[async_trait]
impl Managed for PublicCertificate {
    const NAME: &'static str = "public_certificate";
    const TYPE_NAME: &'static str = "e2etls_public_certificate";
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

    fn place(&self) -> Place<'_> {
        Place::Aws {
            service: Service::Certificates,
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
        parts::parts(self)
    }

    fn derive(&mut self) {}

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

    fn replacing(prior: Option<&Self>, private: &Private, replace: &mut Vec<AttributePath>) {
        if prior.is_some_and(is_ended) {
            replace.push(AttributePath::root("status"));
        }
        if private.get(UNNAMED) == Some(true) && prior.is_some_and(|prior| prior.name.is_null()) {
            replace.retain(|path| *path != AttributePath::root("name"));
        }
    }

    async fn prepare(
        &self,
        _context: &Context<Session>,
        op: &Operation<Clients>,
        parts: Vec<Part<Clients>>,
    ) -> Result<Vec<Part<Clients>>, Diagnostics> {
        plan::usable(op, self).await?;
        Ok(parts)
    }

    fn observed(&mut self, objects: &BTreeMap<String, Observed>) {
        let Some(certificate) = objects.get(parts::CERTIFICATE) else {
            return;
        };
        self.arn = certificate.uid.clone().into();
        self.aws.common.id = self.arn.clone();
        self.aws.region = certificate.uid.split(':').nth(3).map(str::to_owned).into();
        if let Some(status) = certificate.outputs.get("status") {
            self.status = status.clone().into();
        }
        if certificate.outputs.contains_key(RECORDS) {
            self.validation_records = records(certificate).into();
        }
    }

    async fn finish(&mut self, _context: &Context<Session>, _diagnostics: &mut Diagnostics) {
        // The certificate was seen before its records were written; that it is issued was seen after.
        if self.status.as_str() == Some("PENDING_VALIDATION") && is_proven(self.common(), parts::WAITS[0]) {
            self.status = "ISSUED".to_owned().into();
        }
    }

    async fn import(context: &Context<Session>, request: ImportRequest) -> Imported<Self> {
        import::import(context, request).await
    }
}

/// True if the certificate can't be issued or used any more: a plan replaces it.
fn is_ended(prior: &PublicCertificate) -> bool {
    prior.status.as_str().is_some_and(is_over)
}

/// The validation records, by name without `*.`.
fn records(certificate: &Observed) -> BTreeMap<String, Record> {
    let text = certificate.outputs.get(RECORDS).map(String::as_str).unwrap_or_default();
    let records: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(text).unwrap_or_default();
    let record = |mut members: BTreeMap<String, String>| {
        let mut member = |name: &str| members.remove(name).into();
        Record {
            name: member("name"),
            r#type: member("type"),
            value: member("value"),
        }
    };
    records
        .into_iter()
        .map(|(base, members)| (base, record(members)))
        .collect()
}
