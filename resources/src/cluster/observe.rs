//! From the answers of the remotes to the attributes. What they do not say is null.

use std::net::IpAddr;

use serde_json::Value;

use super::model::ClusterFacts;
use crate::session::model::ClusterConfig;
use e2etls_clients::aws::eks::Description;
use e2etls_clients::kube::connect::Server;
use tfplugin_framework::Attr;

/// What DescribeCluster says.
pub(super) fn eks(facts: &mut ClusterFacts, found: Description) {
    facts.arn = found.arn.into();
    facts.endpoint = found.endpoint.into();
    facts.ca_pem = found.ca_pem.into();
    facts.version = found.version.into();
    facts.auto_mode = found.auto_mode.into();
    facts.oidc_issuer = found.oidc_issuer.into();
    facts.vpc_id = found.vpc_id.into();
}

/// What the configuration says: its own arguments as they are written, or what its kubeconfig names.
pub(super) fn server(facts: &mut ClusterFacts, config: &ClusterConfig, server: &Server) {
    facts.endpoint = Attr::Known(config.host.known().unwrap_or(&server.url).clone());
    facts.ca_pem = config.ca_pem.known().or(server.ca_pem.as_ref()).cloned().into();
}

/// `1.33` from an API server's `1` and `33+`.
pub(super) fn version(major: &str, minor: &str) -> Option<String> {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let (major, minor) = (digits(major), digits(minor));
    (!major.is_empty() && !minor.is_empty()).then(|| format!("{major}.{minor}"))
}

/// The address of a Service; a headless one has none.
pub(super) fn cluster_ip(service: &Value) -> Option<String> {
    let address = service["spec"]["clusterIP"].as_str()?;
    address.parse::<IpAddr>().ok().map(|address| address.to_string())
}
