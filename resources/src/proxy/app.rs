//! Whether there is an app behind the proxy.

use e2etls_clients::kube::{kinds, label_selector};
use tfplugin_framework::{AttributePath, Context, Diagnostic, Diagnostics};

use super::render::spec::ProxySpec;
use crate::session::Session;

/// Warns if nothing is there that the proxy would pass requests to: it may come later, so it is no error. `at` is the
/// argument that has `service` or `selector`.
pub(crate) async fn missing(
    context: &Context<Session>,
    cluster: Option<&str>,
    proxy: &ProxySpec,
    at: &AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let Ok(cluster) = context.session.cluster(cluster).await else {
        return;
    };
    let namespace = &proxy.namespace;
    let upstream = &proxy.upstream;
    let objects = &cluster.objects;
    let (summary, argument, missing, remedy) = if let Some(service) = &upstream.service {
        if !matches!(objects.get(kinds::SERVICE, Some(namespace), service).await, Ok(None)) {
            return;
        }
        let missing = format!("The namespace `{namespace}` has no Service `{service}`");
        (
            "The application's Service does not exist",
            "service",
            missing,
            "Create it",
        )
    } else {
        let Some(labels) = upstream.selector.as_ref().filter(|labels| !labels.is_empty()) else {
            return;
        };
        if !matches!(cluster.has_pod(namespace, labels).await, Ok(false)) {
            return;
        }
        let selector = label_selector(labels.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        let missing = format!("No Pod in the namespace `{namespace}` has the labels `{selector}`");
        (
            "The application has no Pods",
            "selector",
            missing,
            "Deploy the application",
        )
    };
    let path = at.clone().attribute(argument);
    diagnostics.add(
        Diagnostic::warning(summary)
            .because(format!("{missing}, so the proxy answers every request with 502."))
            .advice(format!(
                "{remedy}, or correct `{path}`. The proxy finds it within seconds."
            ))
            .at(path),
    );
}
