use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tfplugin_framework::Model as _;

use super::*;
use crate::testkit;

fn config(changes: &Json) -> Json {
    let mut config = json!({
        "name": "shop", "namespace": "web", "mode": "enforce", "app": {"selector": {"app": "shop"}, "port": 8080},
        "lb_cidrs": ["10.0.0.0/20"], "dns": true, "default_deny": "none", "template_version": 1,
    });
    for (name, value) in changes.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    config
}

fn policy(changes: &Json) -> NetworkPolicy {
    NetworkPolicy::from_value(&testkit::config::<NetworkPolicy>(&config(changes))).expect("a policy")
}

/// The rendered objects by address.
fn rendered(changes: &Json) -> Vec<(String, Json)> {
    let parts = parts::parts(&policy(changes)).expect("everything is known");
    parts.into_iter().map(|part| (part.address, part.content)).collect()
}

#[test]
fn each_mistake_is_reported_at_its_argument() {
    let mistakes =
        |changes: Json| testkit::mistakes::<NetworkPolicy>(&testkit::config::<NetworkPolicy>(&config(&changes)));
    for (changes, path) in [
        (json!({"mode": "off"}), "mode"),
        (json!({"app": {"selector": {}, "port": 1}}), "app.selector"),
        (json!({"app": {"selector": {"a": "b"}, "port": 0}}), "app.port"),
        (json!({"lb_cidrs": ["10.0.0.1/20"]}), "lb_cidrs[0]"),
        (json!({"allow_from": [{"ports": [80]}]}), "allow_from[0]"),
        (
            json!({"allow_to": [{"cidrs": ["10.0.0.0/8"]}, {"pods": {}}]}),
            "allow_to[1]",
        ),
        (json!({"dns_cidrs": ["10.0.0.10/32"]}), "dns_cidrs"),
        (
            json!({"dns_cidrs": ["10.0.0.10/32"], "allow_to": [], "dns": false}),
            "dns_cidrs",
        ),
        (json!({"default_deny": "egress"}), "default_deny"),
        (
            json!({"allow_to": [{"namespaces": {"name": "kube-system"}, "pods": {"k8s-app": "kube-dns"}}]}),
            "allow_to[0].namespaces[\"name\"]",
        ),
        (
            json!({"allow_from": [{"namespaces": {"name": "default"}}]}),
            "allow_from[0].namespaces[\"name\"]",
        ),
        (
            json!({"allow_to": [{"cidrs": ["10.0.0.10/32"], "ports": [53]}], "dns": false}),
            "allow_to[0].ports",
        ),
    ] {
        let found = mistakes(changes.clone());
        assert!(found.iter().any(|found| found == path), "{changes}: {found:?}");
    }
    for changes in [
        json!({}),
        json!({"lb_cidrs": null}),
        json!({"allow_to": [], "dns_cidrs": ["10.0.0.10/32"]}),
        json!({"allow_to": [{"cidrs": ["10.0.0.10/32"], "ports": [53]}]}),
        json!({"allow_from": [{"namespaces": {"name": "monitoring"}}]}),
        json!({"default_deny": "all", "dns_cidrs": ["10.0.0.10/32"]}),
    ] {
        assert!(
            mistakes(changes.clone()).is_empty(),
            "{changes}: {:?}",
            mistakes(changes.clone())
        );
    }
}

#[test]
fn only_what_is_listed_gets_to_the_app() {
    let parts = rendered(&json!({"allow_from": [
        {"pods": {"app": "a"}, "namespaces": {"team": "b"}, "cidrs": ["10.1.0.0/16"], "ports": [9090]},
        {"namespaces": {"team": "c"}},
    ]}));
    let addresses: Vec<&str> = parts.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(addresses, ["policy/config", "policy/app"]);
    assert_eq!(parts[0].1["data"], json!({"mode": "enforce"}));
    let spec = &parts[1].1["spec"];
    assert_eq!(
        spec["policyTypes"],
        json!(["Ingress"]),
        "its own connections are not restricted"
    );
    assert_eq!(
        spec["ingress"],
        json!([
            {"from": [{"ipBlock": {"cidr": "10.0.0.0/20"}}], "ports": [{"protocol": "TCP", "port": 8080}]},
            {
                "from": [
                    {"podSelector": {"matchLabels": {"app": "a"}}, "namespaceSelector": {"matchLabels": {"team": "b"}}},
                    {"ipBlock": {"cidr": "10.1.0.0/16"}},
                ],
                "ports": [{"protocol": "TCP", "port": 9090}],
            },
            {"from": [{"namespaceSelector": {"matchLabels": {"team": "c"}}}]},
        ])
    );
}

#[test]
fn nobody_gets_to_an_app_for_which_nothing_is_listed() {
    let parts = rendered(&json!({"lb_cidrs": []}));
    assert_eq!(parts[1].1["spec"]["ingress"], json!([]));
}

#[test]
fn name_servers_answer_where_connections_are_restricted() {
    let dns = |spec: &Json| spec["egress"].as_array().and_then(|rules| rules.last().cloned());
    let ports = json!([{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]);
    let more = json!({"allow_to": [], "default_deny": "all", "dns_cidrs": ["172.20.0.10/32"]});
    let parts = rendered(&more);
    for (address, object) in &parts[1..] {
        let rule = dns(&object["spec"]).expect("a rule");
        assert_eq!(rule["ports"], ports, "{address}");
        assert_eq!(
            rule["to"][1],
            json!({"ipBlock": {"cidr": "172.20.0.10/32"}}),
            "{address}"
        );
    }
    assert_eq!(parts[2].1["spec"]["podSelector"], json!({}));
    assert_eq!(parts[2].1["spec"]["ingress"], json!([]));
    let closed = parts::parts(&policy(&more)).expect("everything is known");
    assert_eq!(
        closed[2].after,
        ["policy/app"],
        "what the app may do is allowed before the namespace is closed"
    );
    let silent = rendered(&json!({"allow_to": [], "default_deny": "all", "dns": false}));
    assert!(
        silent[1..]
            .iter()
            .all(|(_, object)| object["spec"]["egress"] == json!([]))
    );
    let inward = rendered(&json!({"default_deny": "ingress"}));
    assert_eq!(inward[2].1["spec"]["policyTypes"], json!(["Ingress"]));
    assert_eq!(inward[2].1["spec"].get("egress"), None);
}

#[test]
fn an_audit_makes_no_policy_and_shows_each() {
    let parts = rendered(&json!({"mode": "audit", "default_deny": "all"}));
    assert_eq!(parts.len(), 1, "{parts:?}");
    let enforced = rendered(&json!({"default_deny": "all"}));
    for (_, object) in &enforced[1..] {
        let name = object["metadata"]["name"].as_str().expect("a name");
        let shown = parts[0].1["data"][format!("{name}.json")]
            .as_str()
            .expect("it is shown");
        assert_eq!(serde_json::from_str::<Json>(shown).expect("JSON"), *object);
    }
}

proptest! {
    /// A peer, a network or a rule that is empty means everybody: none is ever rendered.
    #[test]
    fn no_rule_admits_everybody(
        pods in any::<Option<bool>>(), namespaces in any::<Option<bool>>(), cidrs in any::<Option<bool>>(),
        ports in any::<Option<bool>>(), deny in prop::sample::select(vec!["none", "ingress", "all"]),
    ) {
        let labels = |some: Option<bool>| match some {
            None => json!(null),
            Some(false) => json!({}),
            Some(true) => json!({"a": "b"}),
        };
        let list = |some: Option<bool>, item: Json| match some {
            None => json!(null),
            Some(false) => json!([]),
            Some(true) => json!([item]),
        };
        let peer = json!([{"pods": labels(pods), "namespaces": labels(namespaces), "cidrs": list(cidrs, json!("10.0.0.0/8")),
            "ports": list(ports, json!(80))}]);
        let parts = rendered(&json!({"allow_from": peer, "allow_to": peer, "default_deny": deny}));
        for (address, object) in &parts[1..] {
            for (direction, end) in [("ingress", "from"), ("egress", "to")] {
                for rule in object["spec"][direction].as_array().into_iter().flatten() {
                    let ends = rule[end].as_array().expect("peers");
                    prop_assert!(!ends.is_empty(), "{} {}", address, rule);
                    prop_assert!(ends.iter().all(|end| end.as_object().is_some_and(|end| !end.is_empty())));
                }
            }
        }
    }
}
