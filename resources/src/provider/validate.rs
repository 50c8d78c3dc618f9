//! What must hold across the arguments of the provider. Unknown values may be anything.

use tfplugin_framework::{AttributePath, Diagnostics};

use crate::session::model::{ClusterConfig, ProviderConfig};

pub(super) fn provider(config: &ProviderConfig, diagnostics: &mut Diagnostics) {
    let root = AttributePath::root;
    if !config.cluster.is_null() && !config.clusters.is_null() {
        diagnostics.input(
            root("clusters"),
            "Conflicting arguments",
            "Set either `cluster` (for a single cluster) or `clusters` (for several), not both.",
        );
    }
    if !config.assume_role.is_null() && !config.assume_role_with_web_identity.is_null() {
        diagnostics.input(
            root("assume_role_with_web_identity"),
            "Conflicting arguments",
            "Set either `assume_role` or `assume_role_with_web_identity`, not both.",
        );
    }
    if let Some(cluster) = config.cluster.known() {
        validate_cluster(&root("cluster"), cluster, diagnostics);
    }
    for (key, cluster) in config.clusters.known().into_iter().flatten() {
        validate_cluster(&root("clusters").key(key), cluster, diagnostics);
    }
}

fn validate_cluster(at: &AttributePath, cluster: &ClusterConfig, diagnostics: &mut Diagnostics) {
    let ways = [
        ("name", cluster.name.is_given()),
        ("kubeconfig", cluster.kubeconfig.is_given()),
        ("host", cluster.host.is_given()),
    ];
    let known: Vec<&str> = ways
        .iter()
        .filter(|(_, given)| *given == Some(true))
        .map(|(way, _)| *way)
        .collect();
    let open = ways.iter().any(|(_, given)| given.is_none());
    // Beside `name`, `host` is another way to its endpoint.
    if known.len() > 1 && known != ["name", "host"] {
        diagnostics.input(
            at.clone().attribute(known[1]),
            "Conflicting arguments",
            format!(
                "`{}` and `{}` are two different ways to reach the cluster. Set exactly one.",
                known[0], known[1]
            ),
        );
    } else if known.is_empty() && !open {
        diagnostics.input(
            at.clone(),
            "Incomplete cluster configuration",
            "Set `name` (of an EKS cluster), `kubeconfig` or `host`.",
        );
    }
    let with_host = [
        ("ca_pem", cluster.ca_pem.is_given()),
        ("token", cluster.token.is_given()),
        ("client_certificate_pem", cluster.client_certificate_pem.is_given()),
        ("client_key_pem", cluster.client_key_pem.is_given()),
        ("exec", cluster.exec.is_given()),
    ];
    for (argument, _) in with_host
        .iter()
        .filter(|(_, given)| *given == Some(true) && (cluster.host.is_null() || cluster.name.is_given() == Some(true)))
    {
        diagnostics.input(
            at.clone().attribute(*argument),
            "Conflicting arguments",
            format!("`{at}.{argument}` has an effect only with `host`, and without `name`."),
        );
    }
    if cluster.client_certificate_pem.is_given() == Some(true) && cluster.client_key_pem.is_null() {
        diagnostics.input(
            at.clone().attribute("client_key_pem"),
            "Missing `client_key_pem`",
            "`client_certificate_pem` requires `client_key_pem`, its private key.",
        );
    }
    if cluster.role_arn.known().is_some() && cluster.name.is_null() {
        diagnostics.input(
            at.clone().attribute("role_arn"),
            "Conflicting arguments",
            "`role_arn` is assumed to reach an EKS cluster, so it has an effect only with `name`.",
        );
    }
}
