use serde_json::{Value as Json, json};

use super::*;
use crate::testkit;

fn everyday() -> Json {
    json!({
        "name": "shop", "namespace": "shop", "mode": "gateway", "server_names": ["shop.example.com"],
        "upstream": {"selector": {"app": "shop"}, "port": 8080},
        "certificate": {"issuer": {"name": "corp", "kind": "ClusterIssuer", "group": "cert-manager.io"}},
        "isolation": {"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]},
    })
}

/// The paths of all mistakes, with `change` (of arguments, and of those inside of objects) in a good configuration.
fn mistakes(change: &Json) -> Vec<String> {
    let mut config = everyday();
    for (name, value) in change.as_object().expect("arguments") {
        match (config.get_mut(name), value) {
            (Some(Json::Object(old)), Json::Object(new)) => old.extend(new.clone()),
            _ => config[name.as_str()] = value.clone(),
        }
    }
    testkit::mistakes::<Proxy>(&testkit::config::<Proxy>(&config))
}

#[test]
fn each_mistake_is_reported_at_its_argument() {
    assert!(mistakes(&json!({})).is_empty());
    for (change, path) in [
        (json!({"name": "9shop"}), "name"),
        (json!({"server_names": ["*.shop"]}), "server_names[0]"),
        (
            json!({"upstream": {"selector": {"app.kubernetes.io/managed-by": "e2etls"}}}),
            "upstream.selector",
        ),
        (json!({"pod": {"labels": {"app": "shop"}}}), "upstream.selector"),
        (json!({"upstream": {"selector": {}}}), "upstream.selector"),
        (json!({"upstream": {"selector": null}}), "upstream"),
        (json!({"upstream": {"service": "9"}}), "upstream.service"),
        (json!({"upstream": {"protocol": "https"}}), "upstream.ca_pem"),
        (json!({"upstream": {"ca_pem": "x"}}), "upstream.ca_pem"),
        (
            json!({"certificate": {"secret_name": "tls"}}),
            "certificate.secret_name",
        ),
        (json!({"certificate": {"issuer": null}}), "certificate.issuer"),
        (json!({"isolation": {"allow_from": [{}]}}), "isolation.allow_from[0]"),
        (json!({"isolation": {"lb_cidrs": null}}), "isolation.lb_cidrs"),
        (json!({"autoscaled": true, "replicas": 3}), "replicas"),
        (
            json!({"object_names": {"proxy/deploy": "x"}}),
            "object_names[\"proxy/deploy\"]",
        ),
        (
            json!({"object_names": {"proxy/service": "X"}}),
            "object_names[\"proxy/service\"]",
        ),
        (json!({"template_version": 7}), "template_version"),
    ] {
        let found = mistakes(&change);
        assert!(found.iter().any(|found| found == path), "{change}: {found:?}");
    }
}

#[test]
fn long_names_of_things_that_exist_are_good() {
    let service = format!("app-{}", "x".repeat(59));
    assert!(mistakes(&json!({"upstream": {"service": service}})).is_empty());
    assert!(mistakes(&json!({"certificate": {"issuer": null, "secret_name": "shop.example.com"}})).is_empty());
}
