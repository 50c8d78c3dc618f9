//! Plans of stacks: mistakes at their arguments, and what is rendered.

mod alarm;
mod app;
mod certificate;
mod edge;

use serde_json::{Value as Json, json};

use tfplugin_framework::Model as _;
use tfplugin_framework::server::Server;

use super::*;
use crate::lifecycle::Managed as _;
use crate::provider::E2etls;
use crate::testkit;

const ARN: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

/// The paths of all mistakes, with these arguments in place of those of a good configuration.
fn mistakes(changes: Json) -> Vec<String> {
    testkit::mistakes::<Stack>(&config(changes))
}

/// A good configuration but for these arguments.
fn config(changes: Json) -> tfplugin_framework::Value {
    let mut config = json!({
        "name": "shop", "namespace": "shop", "hostnames": ["shop.example.com"], "ca_arn": ARN,
        "app": {"selector": {"app": "shop"}, "port": 8080},
        "proxy": {"mode": "gateway", "isolation": {"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]}},
    });
    for (name, value) in changes.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    testkit::config::<Stack>(&config)
}

/// The arguments of a stack whose app has its proxy beside it.
fn sidecar(proxy: Json, app: Json) -> Json {
    let merged = |mut all: Json, more: Json| {
        for (name, value) in more.as_object().expect("arguments") {
            all[name.as_str()] = value.clone();
        }
        all
    };
    let isolation = json!({"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]});
    json!({
        "app": merged(json!({"image": "registry.example.com/shop:7", "port": 80}), app),
        "proxy": merged(json!({"mode": "sidecar", "isolation": isolation}), proxy),
    })
}

/// The same with a Pod template, to whose `spec` something is added.
fn template(app: Json, pod: Json) -> Json {
    let mut spec = json!({
        "terminationGracePeriodSeconds": 60,
        "containers": [
            {"name": "nginx", "image": "registry.example.com/shop:7", "ports": [{"containerPort": 80}]},
            {"name": "logs", "image": "registry.example.com/logs:1", "lifecycle": {"preStop": {"sleep": {"seconds": 3}}}},
        ],
        "initContainers": [{"name": "migrate", "image": "registry.example.com/shop:7"}],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "securityContext": {"fsGroup": 2000},
    });
    for (name, value) in pod.as_object().expect("fields") {
        spec[name.as_str()] = value.clone();
    }
    let text = json!({"metadata": {"labels": {"app": "shop"}}, "spec": spec}).to_string();
    let mut all = json!({"image": null, "pod_template_json": text});
    for (name, value) in app.as_object().expect("arguments") {
        all[name.as_str()] = value.clone();
    }
    sidecar(json!({}), all)
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
        (
            json!({"app": {"selector": {"a": "b"}, "port": 8080, "min_ready": "1m"}}),
            "app.min_ready",
        ),
        (
            json!({"proxy": {"mode": "gateway", "isolation": {"mode": "off"},
                "pod": {"pre_stop": "30s", "termination_grace": "30s"}}}),
            "proxy.pod.pre_stop",
        ),
        (
            sidecar(
                json!({"pod": {"pre_stop": "31s"}}),
                json!({"pod": {"termination_grace": "30s"}}),
            ),
            "proxy.pod.pre_stop",
        ),
        (sidecar(json!({"min_ready": "1m"}), json!({})), "proxy.min_ready"),
        (
            sidecar(json!({}), json!({"pod": {"termination_grace": "10s"}})),
            "app.pod.termination_grace",
        ),
        (
            template(json!({}), json!({"terminationGracePeriodSeconds": 0})),
            "app.pod_template_json",
        ),
        (template(json!({}), json!({"hostPID": true})), "app.pod_template_json"),
        (
            template(
                json!({}),
                json!({"volumes": [{"name": "tmp", "secret": {"secretName": "shop-proxy-tls"}}]}),
            ),
            "app.pod_template_json",
        ),
        (
            template(
                json!({}),
                json!({"containers": [{"name": "a", "image": "b", "securityContext": {"privileged": true}}]}),
            ),
            "app.pod_template_json",
        ),
        (
            template(
                json!({}),
                json!({"containers": [{"name": "a", "image": "b", "ports": [{"containerPort": 8443}]}]}),
            ),
            "app.pod_template_json",
        ),
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
            json!({"app": {"image": "x", "port": 8080, "pod": {"labels": {"e2etls.dev/app": "y"}}}}),
            "app.pod.labels[\"e2etls.dev/app\"]",
        ),
        (
            json!({"proxy": {"mode": "gateway", "isolation": {"mode": "off"},
                "pod": {"image": "nginx:1.30.4", "image_updates": "patch"}}}),
            "proxy.pod.image_updates",
        ),
        (
            sidecar(json!({}), json!({"image": null, "selector": {"a": "b"}})),
            "proxy.mode",
        ),
        (sidecar(json!({"replicas": 2}), json!({})), "proxy.replicas"),
        (sidecar(json!({"autoscaled": true}), json!({})), "proxy.autoscaled"),
        (
            sidecar(json!({"pod": {"tolerations_json": "[]"}}), json!({})),
            "proxy.pod.tolerations_json",
        ),
        (
            sidecar(json!({}), json!({"pod": {"resources_json": "{\"limit\":{}}"}})),
            "app.pod.resources_json",
        ),
        (sidecar(json!({}), json!({"image": ""})), "app.image"),
        (sidecar(json!({}), json!({"image": " foo"})), "app.image"),
        (sidecar(json!({}), json!({"env": {"": "x"}})), "app.env[\"\"]"),
        (sidecar(json!({"pod": {"image": ""}}), json!({})), "proxy.pod.image"),
        (sidecar(json!({}), json!({"port": 8443})), "app.port"),
        (
            template(json!({}), json!({"hostNetwork": true})),
            "app.pod_template_json",
        ),
        (
            template(
                json!({}),
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 80, "hostPort": 80}]}]}),
            ),
            "app.pod_template_json",
        ),
        (
            template(
                json!({}),
                json!({"containers": [{"name": "a", "volumeMounts": [{"name": "e2etls-tls", "mountPath": "/k"}]}]}),
            ),
            "app.pod_template_json",
        ),
        (template(json!({"env": {"a": "b"}}), json!({})), "app.env"),
        (template(json!({"pod": {"labels": {}}}), json!({})), "app.pod"),
        (template(json!({"image": "x"}), json!({})), "app.pod_template_json"),
        (template(json!({}), json!({"containers": []})), "app.pod_template_json"),
        (
            template(json!({}), json!({"shareProcessNamespace": true})),
            "app.pod_template_json",
        ),
        (
            template(json!({}), json!({"volumes": [{"name": "e2etls-tls"}]})),
            "app.pod_template_json",
        ),
        (
            template(
                json!({}),
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 8443}]}]}),
            ),
            "app.pod_template_json",
        ),
        (
            json!({"app": {"port": 8080, "replicas": 2, "selector": {"a": "b"}}}),
            "app.replicas",
        ),
        (
            sidecar(json!({}), json!({"pod": {"labels": {"e2etls.dev/x": "y"}}})),
            "app.pod.labels[\"e2etls.dev/x\"]",
        ),
    ] {
        let found = mistakes(changes.clone());
        assert!(found.iter().any(|found| found == path), "{changes}: {found:?}");
    }
    assert_eq!(mistakes(isolation(json!({"allow_from": [{}]}))).len(), 1);
    assert!(mistakes(json!({"object_names": {"app/deployment": "shop-v2"}})).is_empty());
    let pod = json!({"image": "nginx:1.30.4", "resources_json": "{}"});
    assert!(
        mistakes(sidecar(
            json!({"pod": pod}),
            json!({"replicas": 3, "pod": {"priority_class": "high"}})
        ))
        .is_empty()
    );
}

/// The stack of a configuration, without what a plan fills in.
fn stack(changes: &Json) -> Stack {
    let mut config = json!({
        "name": "shop", "namespace": "shop", "hostnames": ["shop.example.com"], "ca_arn": ARN,
        "create_namespace": false, "template_version": 1, "verify": "issue",
        "app": {"selector": {"app": "shop"}, "port": 8080},
        "proxy": {"mode": "gateway", "isolation": {"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]}},
    });
    for (name, value) in changes.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    Stack::from_value(&testkit::config::<Stack>(&config)).expect("a stack")
}

#[test]
fn the_issuer_of_a_stack_is_as_its_arguments_say() {
    let rendered = |more: Json| {
        let parts = parts::parts(&stack(&more)).expect("everything is known");
        let content = |address: &str| {
            let part = parts.iter().find(|part| part.address == address).expect("a part");
            part.content.clone()
        };
        (content("issuer"), content("issuer/check"))
    };
    let (issuer, check) = rendered(json!({}));
    assert_eq!(
        (&issuer["spec"]["role"], &check["verify"]),
        (&Json::Null, &json!("issue"))
    );
    let role = "arn:aws:iam::111122223333:role/issuer";
    let (issuer, check) = rendered(json!({"role_arn": role, "template": "EndEntityCertificate/V1", "verify": "none"}));
    assert_eq!(issuer["spec"]["role"], role);
    assert_eq!(
        issuer["spec"]["pcaTemplate"]["defaultTemplateName"],
        "EndEntityCertificate/V1"
    );
    assert_eq!(check["verify"], "none");
}
