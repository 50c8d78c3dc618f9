use serde_json::json;

use super::observe;

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
