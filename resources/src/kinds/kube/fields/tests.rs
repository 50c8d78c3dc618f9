//! Differences between what is set and what the API server has.
//!
//! This file is long because each test is a table, with recorded answers of the API server.

use serde_json::json;

use super::*;

fn paths(desired: &Value, live: &Value) -> Vec<String> {
    differences(desired, live).into_keys().collect()
}

/// `value` at a path of fields; a number is a position in a list.
fn at(path: &str, value: Value) -> Value {
    path.rsplit('.').fold(value, |inner, name| match name {
        "0" => json!([inner]),
        name => json!({name: inner}),
    })
}

const POD: &str = "spec.template.spec";

#[test]
fn only_fields_that_are_desired_count() {
    let desired =
        json!({"spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "nginx", "image": "a"}]}}}});
    let live = json!({"spec": {"replicas": 2, "paused": false, "template": {"spec": {"containers": [
        {"name": "foreign", "image": "x"}, {"name": "nginx", "image": "b", "imagePullPolicy": "Always"}]}}}});
    let found = differences(&desired, &live);
    let path = ".spec.template.spec.containers[name=\"nginx\"].image";
    assert_eq!(found, BTreeMap::from([(path.to_owned(), json!("b"))]));
}

#[test]
fn an_absent_object_differs_at_every_leaf() {
    let desired = json!({"data": {"a": "1", "b": "2"}, "spec": {"ports": [{"port": 1, "name": "x"}]}});
    assert_eq!(
        paths(&desired, &json!({})),
        [
            ".data.a",
            ".data.b",
            ".spec.ports[port=1,protocol=\"TCP\"].name",
            ".spec.ports[port=1,protocol=\"TCP\"].port"
        ]
    );
}

/// Field, what we set, what somebody makes of it by adding.
fn atoms() -> Vec<(String, Value, Value)> {
    let labels = |more: bool| {
        if more {
            json!({"app": "web", "tier": "x"})
        } else {
            json!({"app": "web"})
        }
    };
    let selector = |more| json!({"matchLabels": labels(more)});
    let rule = |peer: Value| json!([{"from": [peer], "ports": [{"protocol": "TCP", "port": 80}]}]);
    let peer = |more| json!({"podSelector": selector(more)});
    let open = json!({"podSelector": selector(false), "namespaceSelector": {}});
    let more_ports = json!([{"from": [peer(false)], "ports": [{"protocol": "TCP", "port": 80}, {"port": 81}]}]);
    let field = |path: &str, wanted: Value, live: Value| (path.to_owned(), wanted, live);
    let of_pod = |path: &str, wanted: Value, live: Value| (format!("{POD}.{path}"), wanted, live);
    vec![
        field("spec.ingress", rule(peer(false)), rule(open)),
        field("spec.ingress", rule(peer(false)), rule(peer(true))),
        field("spec.ingress", rule(peer(false)), more_ports),
        field("spec.ingress", rule(peer(false)), json!([{}, {"from": [peer(false)]}])),
        field("spec.policyTypes", json!(["Ingress"]), json!(["Ingress", "Egress"])),
        field("spec.podSelector", selector(false), selector(true)),
        field("spec.selector", labels(false), labels(true)),
        field("spec.selector", selector(false), selector(true)),
        field("spec.dnsNames", json!(["a"]), json!(["a", "b"])),
        field(
            "spec.usages",
            json!(["server auth"]),
            json!(["server auth", "client auth"]),
        ),
        field(
            "spec.secretRef",
            json!({"name": "a"}),
            json!({"name": "a", "namespace": "b"}),
        ),
        of_pod("nodeSelector", labels(false), labels(true)),
        of_pod(
            "tolerations",
            json!([{"key": "a"}]),
            json!([{"key": "a", "effect": "NoExecute"}]),
        ),
        of_pod(
            "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
            labels(false),
            labels(true),
        ),
    ]
}

#[test]
fn what_is_atomic_is_compared_exactly() {
    for (path, wanted, live) in atoms() {
        let (desired, live) = (at(&path, wanted), at(&path, live));
        assert_eq!(paths(&desired, &live), [format!(".{path}")]);
        assert_eq!(paths(&desired, &desired), Vec::<String>::new());
    }
}

#[test]
fn what_is_atomic_inside_items_is_compared_exactly() {
    for (list, item, wanted, live, path) in [
        (
            "topologySpreadConstraints",
            json!({"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}),
            json!({"labelSelector": {"matchLabels": {"a": "b"}}}),
            json!({"labelSelector": {"matchLabels": {"a": "b", "c": "d"}}}),
            "[topologyKey=\"zone\",whenUnsatisfiable=\"ScheduleAnyway\"].labelSelector",
        ),
        (
            "containers",
            json!({"name": "a"}),
            json!({"securityContext": {"capabilities": {"drop": ["ALL"]}}}),
            json!({"securityContext": {"capabilities": {"drop": ["ALL", "CHOWN"]}}}),
            "[name=\"a\"].securityContext.capabilities.drop",
        ),
        (
            "initContainers",
            json!({"name": "a"}),
            json!({"env": [{"name": "E", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}]}),
            json!({"env": [{"name": "E", "valueFrom": {"fieldRef": {"fieldPath": "y"}}}]}),
            "[name=\"a\"].env[name=\"E\"].valueFrom.fieldRef",
        ),
        (
            "volumes",
            json!({"name": "a"}),
            json!({"secret": {"items": [{"key": "k", "path": "p"}]}}),
            json!({"secret": {"items": [{"key": "k", "path": "p", "mode": 256}]}}),
            "[name=\"a\"].secret.items",
        ),
    ] {
        let whole = |more: &Value| {
            let mut whole = item.clone();
            for (name, value) in more.as_object().into_iter().flatten() {
                whole[name] = value.clone();
            }
            at(&format!("{POD}.{list}"), json!([whole]))
        };
        assert_eq!(paths(&whole(&wanted), &whole(&live)), [format!(".{POD}.{list}{path}")]);
        assert_eq!(paths(&whole(&wanted), &whole(&wanted)), Vec::<String>::new());
    }
}

#[test]
fn what_is_merged_may_hold_more() {
    for (wanted, live) in [
        (
            json!({"spec": {"ports": [{"port": 443, "targetPort": 8443}]}}),
            json!({"spec": {"ports": [{"port": 80}, {"port": 443, "protocol": "TCP", "targetPort": 8443, "nodePort": 3}]}}),
        ),
        (
            at("metadata.labels", json!({"a": "b"})),
            at("metadata.labels", json!({"a": "b", "c": "d"})),
        ),
        (
            at("spec.issuerRef", json!({"name": "a"})),
            at("spec.issuerRef", json!({"name": "a", "kind": "Issuer"})),
        ),
        (at("spec.ingress", json!([])), json!({"spec": {}})),
        (at("spec.emptyDir", json!({})), json!({"spec": {}})),
        (
            at("spec.emptyDir", json!({})),
            at("spec.emptyDir", json!({"medium": "Memory"})),
        ),
    ] {
        assert_eq!(paths(&wanted, &live), Vec::<String>::new());
    }
}

#[test]
fn none_and_empty_differ_where_the_api_tells_them_apart() {
    let everything = at("spec.selector", json!({}));
    assert_eq!(paths(&everything, &json!({"spec": {}})), [".spec.selector"]);
    let nothing = at("spec.ingress", json!([]));
    assert_eq!(paths(&nothing, &at("spec.ingress", json!([{}]))), [".spec.ingress"]);
}

#[test]
fn durations_are_compared_as_durations() {
    for (field, wanted, live, same) in [
        ("duration", "144h", "144h0m0s", true),
        ("duration", "144h", "8640m", true),
        ("duration", "144h", "145h0m0s", false),
        ("renewBefore", "1h", "60m0s", true),
        ("secretName", "1h", "60m", false),
        ("duration", "x", "y", false),
    ] {
        let found = paths(&json!({"spec": {field: wanted}}), &json!({"spec": {field: live}}));
        assert_eq!(found.is_empty(), same, "{wanted} {live}");
    }
    assert_eq!(paths(&at("spec.duration", json!("1h")), &json!({})), [".spec.duration"]);
}

/// A field of the container `a`.
fn in_container(field: &str, value: &Value) -> Value {
    at(&format!("{POD}.containers"), json!([{"name": "a", field: value}]))
}

#[test]
fn amounts_are_compared_as_amounts() {
    for (wanted, live, same) in [
        (json!("1000m"), json!("1"), true),
        (json!(0.5), json!("500m"), true),
        (json!(134_217_728), json!("134217728"), true),
        (json!("1024Mi"), json!("1Gi"), true),
        (json!("0.0001"), json!("1m"), true),
        (json!("1"), json!("2"), false),
        (json!("1"), json!(null), false),
        (json!("x"), json!("y"), false),
    ] {
        let resources = |value: &Value| in_container("resources", &json!({"limits": {"cpu": value}}));
        let found = paths(&resources(&wanted), &resources(&live));
        assert_eq!(found.is_empty(), same, "{wanted} {live}");
    }
    let image = |text: &str| in_container("image", &json!(text));
    assert_eq!(paths(&image("1000m"), &image("1")).len(), 1, "this is no amount");
}

/// What we set, and what the API server makes of it: recorded answers of a Kubernetes 1.36 API server.
#[test]
fn what_the_server_fills_in_or_leaves_out_is_no_difference() {
    let env = |value: Value| in_container("env", &json!([value]));
    let of = |path: &str, value: Value| at(&format!("{POD}.{path}"), value);
    let volume = |mut value: Value| {
        value["name"] = json!("v");
        of("volumes", json!([value]))
    };
    let ports = |port: Value| {
        at(
            "spec.ingress",
            json!([{"from": [{"podSelector": {}}], "ports": [port]}]),
        )
    };
    let spread = |selector: Value| json!([{"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 1, "labelSelector": selector}]);
    for (wanted, live, other) in [
        (
            env(json!({"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}})),
            env(json!({"name": "IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}})),
            env(json!({"name": "IP", "valueFrom": {"fieldRef": {"apiVersion": "v2", "fieldPath": "status.podIP"}}})),
        ),
        (
            env(json!({"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}})),
            env(json!({"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"}}})),
            env(json!({"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}})),
        ),
        (
            env(json!({"name": "A", "value": ""})),
            env(json!({"name": "A"})),
            env(json!({"name": "A", "value": "b"})),
        ),
        (
            of(
                "tolerations",
                json!([{"key": "a", "operator": "", "value": "", "effect": null}]),
            ),
            of("tolerations", json!([{"key": "a"}])),
            of("tolerations", json!([{"key": "a", "value": "b"}])),
        ),
        (
            of("topologySpreadConstraints", spread(json!({"matchLabels": {}}))),
            of("topologySpreadConstraints", spread(json!({}))),
            of("topologySpreadConstraints", spread(json!({"matchLabels": {"a": "b"}}))),
        ),
        (
            volume(json!({"downwardAPI": {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.labels"}}]}})),
            volume(
                json!({"downwardAPI": {"items": [{"path": "a", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels"}}]}}),
            ),
            volume(json!({"downwardAPI": {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.name"}}]}})),
        ),
        (
            volume(json!({"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}})),
            volume(
                json!({"projected": {"sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}]}}),
            ),
            volume(
                json!({"projected": {"sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 600}}]}}),
            ),
        ),
        (
            volume(json!({"emptyDir": {"sizeLimit": "1024Mi"}})),
            volume(json!({"emptyDir": {"sizeLimit": "1Gi"}})),
            volume(json!({"emptyDir": {"sizeLimit": "2Gi"}})),
        ),
        (
            of("overhead", json!({"cpu": "1000m"})),
            of("overhead", json!({"cpu": "1"})),
            of("overhead", json!({"cpu": "2"})),
        ),
        (
            ports(json!({"port": 80})),
            ports(json!({"port": 80, "protocol": "TCP"})),
            ports(json!({"port": 80, "protocol": "UDP"})),
        ),
    ] {
        assert_eq!(paths(&wanted, &live), Vec::<String>::new());
        assert_eq!(paths(&live, &wanted), Vec::<String>::new());
        assert_eq!(paths(&wanted, &other).len(), 1, "{other}");
    }
    let nodes = |labels: Value| of("nodeSelector", labels);
    assert_eq!(
        paths(&nodes(json!({"a": ""})), &nodes(json!({}))).len(),
        1,
        "an empty label is one"
    );
}

#[test]
fn paths_overlap_at_whole_steps_only() {
    assert!(overlaps(".spec.replicas", ".spec"));
    assert!(overlaps(".spec.dnsNames", ".spec.dnsNames[0]"));
    assert!(!overlaps(".spec.replica", ".spec.replicas"));
    assert!(overlaps("", ".spec.replicas"));
}
