//! What a report is asked to cover, and what that is in a cluster.

use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::kinds::SERVICE;
use e2etls_report::Scope;
use e2etls_report::document::in_words;
use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::model::{Place, Scope as Argument};
use crate::proxy::render::PROXY_LABEL;
use crate::session::wording::told;

/// What a report is asked to cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Covered {
    /// What can be looked up as it is.
    Scope(Scope),
    /// A stack or proxy of this provider, by namespace and name.
    Stack(String, String),
}

impl Covered {
    /// The argument `scope` of the data source, of which exactly one is set.
    pub(super) fn of(argument: &Argument) -> Self {
        let place = |place: &Place| {
            let text = |attr: &Attr<String>| attr.as_str().unwrap_or_default().to_owned();
            (text(&place.namespace), text(&place.name))
        };
        if let Some(name) = argument.hostname.as_str() {
            return Self::hostname(name);
        }
        if let Some((namespace, name)) = argument.ingress.known().map(place) {
            return Self::Scope(Scope::Ingress(namespace, name));
        }
        if let Some((namespace, name)) = argument.service.known().map(place) {
            return Self::Scope(Scope::Service(namespace, name));
        }
        if let Some(name) = argument.namespace.as_str() {
            return Self::Scope(Scope::Namespace(name.to_owned()));
        }
        match argument.stack.known().map(place) {
            Some((namespace, name)) => Self::Stack(namespace, name),
            None => Self::Scope(Scope::All),
        }
    }

    /// A host name: DNS knows no case.
    pub(crate) fn hostname(name: &str) -> Self {
        Self::Scope(Scope::Hostname(name.to_ascii_lowercase()))
    }

    /// The same in words, such as `Service shop/web`.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Scope(scope) => in_words(scope),
            Self::Stack(namespace, name) => format!("stack {namespace}/{name}"),
        }
    }

    /// What that is in a cluster: a stack is the Service that its proxy serves at.
    pub(super) async fn in_cluster(&self, cluster: &Cluster) -> Result<Scope, Diagnostics> {
        match self {
            Self::Scope(scope) => Ok(scope.clone()),
            Self::Stack(namespace, name) => served_at(cluster, namespace, name).await,
        }
    }
}

async fn served_at(cluster: &Cluster, namespace: &str, name: &str) -> Result<Scope, Diagnostics> {
    let selector = format!("{PROXY_LABEL}={name}");
    let services = cluster
        .objects
        .list(SERVICE, Some(namespace), &selector)
        .await
        .map_err(|refusal| {
            Diagnostic::error("Can't read the Service of the stack")
                .at(AttributePath::root("scope").attribute("stack"))
                .because(told(&refusal))
                .advice("The report needs the verb `list` on services.")
        })?;
    // The other Service of a proxy leads to the application, and serves no TLS.
    let serves = |service: &&serde_json::Value| {
        service["spec"]["clusterIP"] != "None" && service["spec"]["selector"][PROXY_LABEL] == name
    };
    let service = services
        .iter()
        .find(serves)
        .and_then(|service| service["metadata"]["name"].as_str());
    service.map(|service| Scope::Service(namespace.to_owned(), service.to_owned())).ok_or_else(|| {
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
