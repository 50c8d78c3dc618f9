#![doc = include_str!("README.md")]

pub(crate) mod collect;
pub mod model;
mod shown;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::kinds::SERVICE;
use e2etls_report::Scope;
use e2etls_report::document::{Document, Made, SCHEMA, in_words};
use jiff::Timestamp;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{Attr, AttributePath, Config, Context, DataSource, Diagnostic, Diagnostics, Model, State};

use crate::kinds::Clients;
use crate::proxy::render::PROXY_LABEL;
use crate::session::Session;
use crate::session::unknown::not_read;
use crate::session::wording::{told, unidentified};
use collect::collect;
use model::{EncryptionReport, Place, Scope as Asked};

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
    let cluster = session.cluster(asked.cluster.as_str()).await?;
    let uid = cluster
        .uid()
        .await
        .map_err(|why| unidentified(&why, &cluster))?
        .to_owned();
    let scope = scope(&cluster, asked.scope.known().cloned().unwrap_or_default()).await?;
    let clients = Clients {
        session: Some(Arc::clone(session)),
        ..Clients::default()
    };
    let started = Timestamp::now();
    let found = collect(&cluster, &clients, &scope).await;
    let seen = found.report(&cluster, &uid, &scope);
    asked.id = format!("{uid}/{}", named(&scope)).into();
    let report = seen.report.clone();
    let document = Document {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made: Made {
            started: Some(started),
            ended: Some(Timestamp::now()),
            ..Made::default()
        },
        scope: in_words(&scope),
        clusters: vec![seen],
    };
    if let Some(report) = report {
        shown::fill(&mut asked, &report, &document);
    }
    Ok(asked)
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

/// What is covered; a stack by the Service that its proxy serves at.
async fn scope(cluster: &Cluster, asked: Asked) -> Result<Scope, Diagnostics> {
    let place = |place: &Place| {
        let text = |attr: &Attr<String>| attr.as_str().unwrap_or_default().to_owned();
        (text(&place.namespace), text(&place.name))
    };
    if let Some(name) = asked.hostname.as_str() {
        return Ok(Scope::Hostname(name.to_ascii_lowercase()));
    }
    if let Some((namespace, name)) = asked.ingress.known().map(place) {
        return Ok(Scope::Ingress(namespace, name));
    }
    if let Some((namespace, name)) = asked.service.known().map(place) {
        return Ok(Scope::Service(namespace, name));
    }
    if let Some(name) = asked.namespace.as_str() {
        return Ok(Scope::Namespace(name.to_owned()));
    }
    let Some((namespace, name)) = asked.stack.known().map(place) else {
        return Ok(Scope::All);
    };
    let selector = format!("{PROXY_LABEL}={name}");
    let services = cluster
        .objects
        .list(SERVICE, Some(&namespace), &selector)
        .await
        .map_err(|refusal| {
            Diagnostic::error("Can't read the Service of the stack")
                .at(AttributePath::root("scope").attribute("stack"))
                .because(told(&refusal))
                .advice("The report needs the verb `list` on services.")
        })?;
    // The other Service of a proxy leads to the application, and serves no TLS.
    let serves = |service: &&serde_json::Value| {
        service["spec"]["clusterIP"] != "None" && service["spec"]["selector"][PROXY_LABEL] == name.as_str()
    };
    let service = services
        .iter()
        .find(serves)
        .and_then(|service| service["metadata"]["name"].as_str());
    service.map(|service| Scope::Service(namespace.clone(), service.to_owned())).ok_or_else(|| {
        Diagnostic::error("The stack does not exist")
            .at(AttributePath::root("scope").attribute("stack"))
            .because(format!("No Service in the namespace {namespace} has the label {selector}."))
            .advice(
                "Check the names. If a resource creates the stack in the same run, take them from that resource, so that the \
                 report is made afterward.",
            )
            .into()
    })
}

fn named(scope: &Scope) -> String {
    match scope {
        Scope::Hostname(name) => format!("hostname/{name}"),
        Scope::Ingress(namespace, name) => format!("ingress/{namespace}/{name}"),
        Scope::Service(namespace, name) => format!("service/{namespace}/{name}"),
        Scope::Namespace(name) => format!("namespace/{name}"),
        Scope::All => "all".to_owned(),
    }
}
