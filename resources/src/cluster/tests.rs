use serde_json::json;

use e2etls_clients::kube::connect::Server;

use super::model::ClusterFacts;
use super::observe;
use crate::session::model::ClusterConfig;

#[test]
fn reads_versions_with_a_suffix() {
    assert_eq!(observe::version("1", "33+").as_deref(), Some("1.33"));
    assert_eq!(observe::version("", ""), None);
}

#[test]
fn a_headless_service_has_no_address() {
    assert_eq!(
        observe::cluster_ip(&json!({"spec": {"clusterIP": "10.100.0.10"}})).as_deref(),
        Some("10.100.0.10")
    );
    assert_eq!(observe::cluster_ip(&json!({"spec": {"clusterIP": "None"}})), None);
}

#[test]
fn a_kubeconfig_says_where_the_server_is() {
    let server = Server {
        url: "https://a.example.com".to_owned(),
        ca_pem: Some("pem".to_owned()),
    };
    let mut facts = ClusterFacts::default();
    observe::server(&mut facts, &ClusterConfig::default(), &server);
    assert_eq!(
        (facts.endpoint.as_str(), facts.ca_pem.as_str()),
        (Some("https://a.example.com"), Some("pem"))
    );
    let host = ClusterConfig {
        host: "https://b.example.com/".to_owned().into(),
        ..ClusterConfig::default()
    };
    observe::server(&mut facts, &host, &Server::default());
    assert_eq!(
        (facts.endpoint.as_str(), facts.ca_pem.as_str()),
        (Some("https://b.example.com/"), None)
    );
}
