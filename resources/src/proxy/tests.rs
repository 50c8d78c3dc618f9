use serde_json::{Value as Json, json};
use tfplugin_framework::server::{PlanCall, Server};
use tfplugin_framework::{Model as _, Private, Value};

use super::render::Updates::{self, Pinned};
use super::*;
use crate::provider::E2etls;
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
        (
            json!({"isolation": {"allow_from": [{"namespaces": {"name": "kube-system"}}]}}),
            "isolation.allow_from[0].namespaces[\"name\"]",
        ),
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
        (json!({"http": {"metrics": {"port": 0}}}), "http.metrics.port"),
        (json!({"http": {"metrics": {"port": 65536}}}), "http.metrics.port"),
        (json!({"http": {"metrics": {"port": 8443}}}), "http.metrics.port"),
        (
            json!({"pod": {"image": "nginx:1", "image_updates": "patch"}}),
            "pod.image_updates",
        ),
        (json!({"pod": {"image_updates": "newest"}}), "pod.image_updates"),
        (json!({"pod": {"image": ""}}), "pod.image"),
        (json!({"pod": {"image": "nginx"}}), "pod.image"),
        (json!({"pod": {"pull_secrets": [""]}}), "pod.pull_secrets[0]"),
        (json!({"pod": {"priority_class": ""}}), "pod.priority_class"),
        (json!({"pod": {"service_account": "A"}}), "pod.service_account"),
        (
            json!({"pod": {"node_selector": {"a b": "x"}}}),
            "pod.node_selector[\"a b\"]",
        ),
        (
            json!({"upstream": {"protocol": "grpc"}, "http": {"http2": false}}),
            "http.http2",
        ),
        (
            json!({"upstream": {"protocol": "grpc"}, "http": {"websocket": true}}),
            "http.websocket",
        ),
        (
            json!({"isolation": {"mode": "off", "allow_from": [{"pods": {"a": "b"}}]}}),
            "isolation.allow_from",
        ),
        (
            json!({"pod": {"resources_json": "{\"limits\":{\"cpu\":\"lots\"}}"}}),
            "pod.resources_json",
        ),
        (
            json!({"pod": {"tolerations_json": "[\"all\"]"}}),
            "pod.tolerations_json",
        ),
        (
            json!({"pod": {"topology_spread_json": "[{\"topologyKey\":\"zone\"}]"}}),
            "pod.topology_spread_json",
        ),
        (json!({"pod": {"image": "nginx:latest"}}), "pod.image"),
        (json!({"pod": {"image": "nginx@sha256:00"}}), "pod.image"),
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

/// What a provider with this `image_registry` plans.
fn planned(registry: Value, prior: Value, change: &Json) -> Proxy {
    let server = Server::new(E2etls);
    let provider = testkit::with(&server.schema().provider.empty_value(), &[("image_registry", registry)]);
    assert!(!server.configure(&provider).has_errors());
    let mut config = everyday();
    for (name, value) in change.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    let config = testkit::config::<Proxy>(&config);
    let call = PlanCall {
        prior,
        proposed: config.clone(),
        config,
        private: Private::default(),
    };
    let planned = server.plan_resource(Proxy::TYPE_NAME, call);
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    Proxy::from_value(&planned.planned).expect("a proxy")
}

const MIRROR: &str = "registry.example.com/hub";

#[test]
fn the_image_comes_from_the_registry_unless_it_is_given() {
    let given = json!({"pod": {"image": "nginx:1.30.4"}});
    let (ours, copy) = (render::image(1, Pinned, None), render::image(1, Pinned, Some(MIRROR)));
    let newest = render::image(1, Updates::Patch, Some(MIRROR));
    assert!(copy.starts_with(MIRROR) && !ours.starts_with(MIRROR));
    for (registry, change, expected) in [
        (Value::Null, json!({}), Some(&*ours)),
        (MIRROR.into(), json!({}), Some(&*copy)),
        (Value::Unknown, json!({}), None),
        (
            MIRROR.into(),
            json!({"pod": {"image_updates": "patch"}}),
            Some(&*newest),
        ),
        (MIRROR.into(), given.clone(), Some("nginx:1.30.4")),
        (Value::Unknown, given.clone(), Some("nginx:1.30.4")),
    ] {
        let plan = planned(registry.clone(), Value::Null, &change);
        assert_eq!(plan.image.as_str(), expected, "{registry:?} {change}");
        let parts = plan.head.common.parts.known().expect("which parts there are is known");
        let unknown: Vec<&String> = parts
            .iter()
            .filter(|(_, part)| part.digest.is_unknown())
            .map(|(at, _)| at)
            .collect();
        let deployment = "proxy/deployment".to_owned();
        assert_eq!(
            unknown,
            expected
                .is_none()
                .then_some(&deployment)
                .into_iter()
                .collect::<Vec<_>>()
        );
    }
}

#[test]
fn another_registry_is_a_change_of_the_deployment_alone() {
    let before: Proxy = testkit::applied(&planned(Value::Null, Value::Null, &json!({})).to_value());
    let again = planned(Value::Null, before.to_value(), &json!({}));
    assert_eq!(again, before, "nothing changes");
    for registry in [MIRROR.into(), Value::Unknown] {
        let after = planned(registry, before.to_value(), &json!({}));
        let (old, new) = (before.head.common.parts.known(), after.head.common.parts.known());
        let (old, new) = (old.expect("known"), new.expect("known"));
        let changed: Vec<&String> = new.keys().filter(|at| new.get(*at) != old.get(*at)).collect();
        assert_eq!(changed, ["proxy/deployment"]);
        assert_eq!(
            (&after.config_sha256, &after.expected_hops),
            (&before.config_sha256, &before.expected_hops)
        );
    }
    let given = json!({"pod": {"image": "nginx:1.30.4"}});
    let before: Proxy = testkit::applied(&planned(Value::Null, Value::Null, &given).to_value());
    assert_eq!(
        planned(MIRROR.into(), before.to_value(), &given),
        before,
        "an image that is given stays"
    );
}
