use serde_json::{Value as Json, json};

use tfplugin_framework::Model as _;

use super::*;
use crate::testkit;

const ARN: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

/// The paths of all mistakes, with these arguments in place of those of a good configuration.
fn mistakes(changes: Json) -> Vec<String> {
    let mut config = json!({
        "name": "shop", "namespace": "shop", "hostnames": ["shop.example.com"], "ca_arn": ARN,
        "app": {"selector": {"app": "shop"}, "port": 8080},
        "proxy": {"mode": "gateway", "isolation": {"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]}},
    });
    for (name, value) in changes.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    testkit::mistakes::<Stack>(&testkit::config::<Stack>(&config))
}

#[test]
fn each_mistake_is_reported_at_its_argument() {
    assert!(mistakes(json!({})).is_empty());
    let isolation = |more: Json| {
        let mut isolation = json!({"mode": "enforce", "lb_cidrs": []});
        for (name, value) in more.as_object().expect("arguments") {
            isolation[name.as_str()] = value.clone();
        }
        json!({"proxy": {"mode": "gateway", "isolation": isolation}})
    };
    let issuer = json!({"name": "corp", "kind": "ClusterIssuer", "group": "cert-manager.io"});
    for (changes, path) in [
        (json!({"ca_arn": null}), "issuer"),
        (json!({"issuer": issuer}), "ca_arn"),
        (
            json!({"ca_arn": null, "issuer": issuer, "template": "EndEntityCertificate/V1"}),
            "template",
        ),
        (json!({"ca_arn": null, "issuer": issuer, "verify": "ready"}), "verify"),
        (json!({"role_arn": "me"}), "role_arn"),
        (json!({"hostnames": ["a.*.example.com"]}), "hostnames[0]"),
        (json!({"app": {"port": 8080}}), "app.selector"),
        (
            json!({"app": {"selector": {"a": "b"}, "image": "x", "port": 8080}}),
            "app.image",
        ),
        (
            json!({"app": {"selector": {"a": "b"}, "port": 8080, "replicas": 2}}),
            "app.replicas",
        ),
        (
            json!({"app": {"selector": {"e2etls.dev/proxy": "shop"}, "port": 8080}}),
            "app.selector",
        ),
        (isolation(json!({"lb_cidrs": null})), "proxy.isolation.lb_cidrs"),
        (isolation(json!({"allow_from": [{}]})), "proxy.isolation.allow_from[0]"),
        (json!({"object_names": {"app": "x"}}), "object_names[\"app\"]"),
        (json!({"template_version": 0}), "template_version"),
        (
            json!({"proxy": {"mode": "gateway", "isolation": {"mode": "off"}, "http": {"metrics": {"port": 8080}}}}),
            "proxy.http.metrics.port",
        ),
        (
            json!({"app": {"image": "x", "port": 8080, "pod": {"image_updates": "patch"}}}),
            "app.pod.image_updates",
        ),
        (
            json!({"proxy": {"mode": "gateway", "isolation": {"mode": "off"},
                "pod": {"image": "nginx:1.30.4", "image_updates": "patch"}}}),
            "proxy.pod.image_updates",
        ),
    ] {
        let found = mistakes(changes.clone());
        assert!(found.iter().any(|found| found == path), "{changes}: {found:?}");
    }
    assert_eq!(mistakes(isolation(json!({"allow_from": [{}]}))).len(), 1);
    assert!(mistakes(json!({"object_names": {"app/deployment": "shop-v2"}})).is_empty());
}

#[test]
fn the_issuer_of_a_stack_is_as_its_arguments_say() {
    let stack = |more: Json| {
        let mut config = json!({
            "name": "shop", "namespace": "shop", "hostnames": ["shop.example.com"], "ca_arn": ARN,
            "create_namespace": false, "template_version": 1, "verify": "issue",
            "app": {"selector": {"app": "shop"}, "port": 8080},
            "proxy": {"mode": "gateway", "isolation": {"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]}},
        });
        for (name, value) in more.as_object().expect("arguments") {
            config[name.as_str()] = value.clone();
        }
        let stack = Stack::from_value(&testkit::config::<Stack>(&config)).expect("a stack");
        let parts = parts::parts(&stack).expect("everything is known");
        let content = |address: &str| {
            let part = parts.iter().find(|part| part.address == address).expect("a part");
            part.content.clone()
        };
        (content("issuer"), content("issuer/check"))
    };
    let (issuer, check) = stack(json!({}));
    assert_eq!(
        (&issuer["spec"]["role"], &check["verify"]),
        (&Json::Null, &json!("issue"))
    );
    let role = "arn:aws:iam::111122223333:role/issuer";
    let (issuer, check) = stack(json!({"role_arn": role, "template": "EndEntityCertificate/V1", "verify": "none"}));
    assert_eq!(issuer["spec"]["role"], role);
    assert_eq!(
        issuer["spec"]["pcaTemplate"]["defaultTemplateName"],
        "EndEntityCertificate/V1"
    );
    assert_eq!(check["verify"], "none");
}
