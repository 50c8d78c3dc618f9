//! Lists of who is admitted, and how rules and peers are shown.

use std::time::Instant;

use super::super::Openings;
use super::*;

fn tcp(pod: &Pod, port: u16) -> Target<'_> {
    Target {
        pod,
        port,
        protocol: Protocol::Tcp,
    }
}

#[test]
fn an_opening_names_its_rule_and_its_peers() {
    let web = pod("shop", "web", &[("app", "web")], &["10.0.1.1"]);
    let first = json!({"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}, {"from": [
        {"podSelector": {"matchLabels": {"app": "proxy"}, "matchExpressions": [{"key": "old", "operator": "DoesNotExist"}]}},
        {"namespaceSelector": {"matchExpressions": [{"key": "net", "operator": "In", "values": ["b", "a"]}]}},
        {"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.0.1.0/24"]}},
    ], "ports": [{"port": 443}]}]});
    let second = json!({"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{}]});
    let policies = [policy("shop", "first", &first), policy("shop", "second", &second)];
    let compiled = Policies::new(&policies, &[]);
    let Openings::Rules(rules) = compiled.openings(&tcp(&web, 443)) else {
        panic!("a policy selects it")
    };
    let shown: Vec<String> = rules
        .iter()
        .map(|rule| {
            let peers: Vec<String> = rule.peers.iter().map(ToString::to_string).collect();
            format!("{}/{} {}: {}", rule.namespace, rule.name, rule.rule, peers.join("; "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "shop/first 1: Pods (app=proxy,!old) in the namespace shop; Pods (every one) in namespaces (net in (a,b)); \
             10.0.0.0/16 except 10.0.1.0/24",
            "shop/second 0: everybody",
        ]
    );
}

#[test]
fn without_a_policy_the_reason_is_said() {
    let web = pod("shop", "web", &[], &[]);
    let reason = "no NetworkPolicy selects the Pod for ingress";
    assert_eq!(
        Policies::default().openings(&tcp(&web, 80)),
        Openings::Everybody { reason }
    );
}

#[test]
fn the_targets_themselves_are_not_listed() {
    let pods = ["one", "two", "other"].map(|name| pod("shop", name, &[], &[]));
    let targets = [tcp(&pods[0], 80), tcp(&pods[1], 80)];
    let compiled = Policies::default();
    let names: Vec<&str> = compiled
        .admitted(&pods, &targets)
        .iter()
        .map(|pod| pod.name.as_str())
        .collect();
    assert_eq!(names, ["other"]);
    assert!(compiled.admitted(&pods, &[]).is_empty());
}

/// 5,000 Pods, 500 policies that select the targets, and 500 targets. The bound is far above what it takes, and far below
/// what comparing each with each takes.
#[test]
fn thousands_of_pods_are_listed_at_once() {
    let pods: Vec<Pod> = (0..5000)
        .map(|index| {
            let (namespace, app) = (format!("n{}", index % 50), format!("app{}", index % 100));
            pod(
                &namespace,
                &format!("p{index}"),
                &[("app", &app)],
                &[&format!("10.0.{}.{}", index / 250, index % 250)],
            )
        })
        .collect();
    let policies: Vec<NetworkPolicy> = (0..500)
        .map(|index| {
            let name = format!("n{}", index % 50);
            let peers = json!([
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}, "podSelector": {"matchLabels": {"app": "app7"}}},
                {"ipBlock": {"cidr": format!("10.0.{}.0/28", index % 20)}},
            ]);
            policy("n0", &format!("p{index}"), &json!({"podSelector": {}, "ingress": [{"from": peers, "ports": [{"port": 443}]}]}))
        })
        .collect();
    let started = Instant::now();
    let compiled = Policies::new(&policies, &[]);
    let targets: Vec<Target<'_>> = pods
        .iter()
        .filter(|pod| pod.namespace == "n0")
        .map(|pod| tcp(pod, 443))
        .collect();
    let admitted = compiled.admitted(&pods, &targets);
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
    let own = |pod: &&&Pod| pod.namespace != "n0";
    let expected = |pod: &&Pod| {
        pod.labels["app"] == "app7"
            || pod
                .addresses
                .iter()
                .any(|it| it.to_string().rsplit('.').next().unwrap().parse::<u8>().unwrap() < 16)
    };
    let expected: Vec<&Pod> = pods.iter().filter(|pod| own(&pod) && expected(pod)).collect();
    assert_eq!(admitted, expected);
    assert!(admitted.len() > 300, "{}", admitted.len());
}
