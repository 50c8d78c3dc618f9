#![doc = include_str!("README.md")]

pub(crate) mod collect;
pub(crate) mod covered;
pub(crate) mod examine;
pub mod model;
pub(crate) mod phase;
pub(crate) mod probe;
#[cfg(test)]
pub(crate) mod set_up;
pub(crate) mod shown;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use e2etls_report::Scope;
use e2etls_report::document::Made;
use jiff::Timestamp;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{AttributePath, Config, Context, DataSource, Diagnostic, Diagnostics, Model, State};

use crate::kinds::Clients;
use crate::pki::trusted;
use crate::session::Session;
use crate::session::unknown::not_read;
use covered::Covered;
use examine::{Examined, document, examine};
use model::{EncryptionReport, Probe, Scope as Asked};
use probe::Probing;

/// `e2etls_encryption_report`.
pub struct EncryptionReportSource;

#[async_trait]
impl DataSource for EncryptionReportSource {
    type Model = EncryptionReport;
    type Session = Session;

    fn name(&self) -> &'static str {
        "encryption_report"
    }

    fn schema(&self) -> Schema {
        EncryptionReport::schema(include_str!("README.md"))
    }

    fn validate(&self, config: &Config<EncryptionReport>, diagnostics: &mut Diagnostics) {
        if let Some(scope) = config.scope.known() {
            check(scope, diagnostics);
        }
        if let Err(found) = probing(config) {
            diagnostics.extend(found);
        }
        let probes = config
            .probe
            .is_given()
            .map(|given| given && config.probe.known() != Some(&Probe::None));
        if config.ca_pem.is_given() == Some(true) && probes == Some(false) {
            diagnostics.input(
                AttributePath::root("ca_pem"),
                "`ca_pem` has no effect without handshakes",
                "Set `probe = \"port_forward\"`, or remove `ca_pem`.",
            );
        }
    }

    fn waits(&self, session: &Session, config: &Config<EncryptionReport>) -> bool {
        session.unknown_cluster_argument(config.cluster.as_str()).is_some()
    }

    async fn read(
        &self,
        context: &Context<Session>,
        config: Config<EncryptionReport>,
    ) -> Result<(State<EncryptionReport>, Diagnostics), Diagnostics> {
        let asked = config.0;
        if let Some(argument) = context.session.unknown_cluster_argument(asked.cluster.as_str()) {
            return Err(not_read(&argument));
        }
        let looked = tokio::time::timeout(context.timeout, look(&context.session, asked));
        let looked = tokio::select! {
            () = context.cancel.cancelled() => None,
            looked = looked => looked.ok(),
        };
        looked
            .unwrap_or_else(|| {
                Err(Diagnostic::error("The read was interrupted")
                    .because("The read was stopped or timed out.")
                    .advice("Try again.")
                    .into())
            })
            .map(|report| (State(report), Diagnostics::new()))
    }
}

async fn look(session: &Arc<Session>, mut asked: EncryptionReport) -> Result<EncryptionReport, Diagnostics> {
    let covered = Covered::of(&asked.scope.known().cloned().unwrap_or_default());
    let clients = Clients {
        session: Some(Arc::clone(session)),
        ..Clients::default()
    };
    let started = Timestamp::now();
    let probing = probing(&asked)?;
    let examined = examine(&clients, asked.cluster.as_str(), &covered, probing.as_ref(), &|_| ()).await;
    let Examined {
        scope, report: seen, ..
    } = examined.map_err(|failed| failed.why)?;
    let uid = seen.uid.as_deref().unwrap_or_default();
    asked.id = format!("{uid}/{}", named(&scope)).into();
    let made = Made {
        started: Some(started),
        ended: Some(Timestamp::now()),
        ..Made::default()
    };
    let document = document(made, &covered, vec![seen]);
    let report = document.clusters.iter().find_map(|cluster| cluster.report.as_ref());
    if let Some(report) = report {
        shown::fill(&mut asked, report, &document);
    }
    Ok(asked)
}

/// How Pods are asked; `None` if they are not.
fn probing(asked: &EncryptionReport) -> Result<Option<Probing>, Diagnostics> {
    if asked.probe.known() != Some(&Probe::PortForward) {
        return Ok(None);
    }
    let trusted = trusted(&asked.ca_pem)?;
    Ok(Some(Probing { trusted }))
}

/// Exactly one of the arguments says what the report covers.
fn check(scope: &Asked, diagnostics: &mut Diagnostics) {
    let given = [
        scope.hostname.is_given(),
        scope.ingress.is_given(),
        scope.service.is_given(),
        scope.stack.is_given(),
        scope.namespace.is_given(),
        scope
            .all
            .is_given()
            .map(|given| given && scope.all.known() != Some(&false)),
    ];
    let count = given.iter().filter(|given| **given == Some(true)).count();
    if count > 1 || (count == 0 && !given.contains(&None)) {
        diagnostics.input(
            AttributePath::root("scope"),
            "Set exactly one argument of `scope`",
            "The report covers a `hostname`, an `ingress`, a `service`, a `stack`, a `namespace`, or the whole cluster with \
             `all = true`.",
        );
    }
}

/// The scope in an ID.
fn named(scope: &Scope) -> String {
    match scope {
        Scope::Hostname(name) => format!("hostname/{name}"),
        Scope::Ingress(namespace, name) => format!("ingress/{namespace}/{name}"),
        Scope::Service(namespace, name) => format!("service/{namespace}/{name}"),
        Scope::Namespace(name) => format!("namespace/{name}"),
        Scope::All => "all".to_owned(),
    }
}
