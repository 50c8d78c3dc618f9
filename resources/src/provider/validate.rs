//! What must hold across the arguments of the provider. Unknown values may be anything.

use tfplugin_framework::{AttributePath, Diagnostics};

use crate::session::model::{ClusterConfig, ProviderConfig};

pub(super) fn provider(config: &ProviderConfig, diagnostics: &mut Diagnostics) {
    let root = AttributePath::root;
    if !config.cluster.is_null() && !config.clusters.is_null() {
        diagnostics.input(
            root("clusters"),
            "Contradicting arguments",
            "Give `cluster` where there is one cluster, or `clusters` where there are several, not both.",
        );
    }
    if !config.assume_role.is_null() && !config.assume_role_with_web_identity.is_null() {
        diagnostics.input(
            root("assume_role_with_web_identity"),
            "Contradicting arguments",
            "Give `assume_role` or `assume_role_with_web_identity`, not both.",
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
    if known.len() > 1 {
        diagnostics.input(
            at.clone().attribute(known[1]),
            "Contradicting arguments",
            format!(
                "`{}` and `{}` name two ways to the cluster: give one.",
                known[0], known[1]
            ),
        );
    } else if known.is_empty() && !open {
        diagnostics.input(
            at.clone(),
            "No way to the cluster",
            "Give `name` (of an EKS cluster), `kubeconfig` or `host`.",
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
        .filter(|(_, given)| *given == Some(true) && cluster.host.is_null())
    {
        diagnostics.input(
            at.clone().attribute(*argument),
            "Contradicting arguments",
            format!("`{argument}` is used with `host` only."),
        );
    }
    if cluster.client_certificate_pem.is_given() == Some(true) && cluster.client_key_pem.is_null() {
        diagnostics.input(
            at.clone().attribute("client_key_pem"),
            "Missing key",
            "`client_certificate_pem` needs its key as `client_key_pem`.",
        );
    }
    if cluster.role_arn.known().is_some() && cluster.name.is_null() {
        diagnostics.input(
            at.clone().attribute("role_arn"),
            "Contradicting arguments",
            "`role_arn` is assumed for an EKS cluster: it is used with `name` only.",
        );
    }
}
