//! One named row for each case that the API documents, and for each that it leaves open.
//!
//! This file is long because it is these tables, and nothing else.

use super::*;

/// Who asks: a Pod by its name, or an address.
#[derive(Clone, Copy)]
enum Asker {
    Pod(&'static str),
    Ip(&'static str),
}
use Asker::{Ip, Pod as By};

type Asked = (Asker, u16, Protocol, bool);
use Protocol::{Sctp, Tcp, Udp};

/// The target is `shop/web` (`app=web`, `tier=front`), with `https` on TCP 8443 and `metrics` on UDP 9000.
fn target() -> Pod {
    let mut web = pod("shop", "web", &[("app", "web"), ("tier", "front")], &["10.0.1.1"]);
    web.containers = vec![
        container(vec![port("https", 8443, "TCP"), port("", 8080, "TCP")]),
        container(vec![port("https", 8444, "UDP"), port("metrics", 9000, "UDP")]),
    ];
    web
}

fn sources() -> Vec<Pod> {
    vec![
        target(),
        pod("shop", "proxy", &[("app", "proxy")], &["10.0.1.2", "2001:db8::2"]),
        pod("shop", "job", &[("app", "job"), ("tier", "back")], &["10.0.1.3"]),
        pod("edge", "proxy-edge", &[("app", "proxy")], &["10.0.2.2"]),
        pod("edge", "job-edge", &[("app", "job")], &["10.0.2.3"]),
        pod("unlisted", "proxy-unlisted", &[("app", "proxy")], &["10.0.3.2"]),
    ]
}

fn check(row: &str, policies: &[NetworkPolicy], asked: &[Asked]) {
    let namespaces = [
        namespace("shop", &[("team", "a")]),
        namespace("edge", &[("team", "b"), ("net", "edge")]),
    ];
    let compiled = Policies::new(policies, &namespaces);
    let (web, sources) = (target(), sources());
    for (from, port, protocol, expected) in asked {
        let source = match from {
            By(name) => Source::Pod(sources.iter().find(|pod| pod.name == *name).unwrap()),
            Ip(text) => Source::Address(address(text)),
        };
        let target = Target {
            pod: &web,
            port: *port,
            protocol: *protocol,
        };
        let seen = compiled.admits(source, &target);
        assert_eq!(seen, *expected, "{row}: {source:?} to {port}/{protocol}");
    }
}

/// One policy in `shop` that selects `app=web` and has these rules.
fn rules(rules: Value) -> Vec<NetworkPolicy> {
    vec![policy(
        "shop",
        "p",
        &json!({"podSelector": {"matchLabels": {"app": "web"}}, "ingress": rules}),
    )]
}

/// One rule with these peers, and all ports.
fn from(peers: Value) -> Vec<NetworkPolicy> {
    rules(json!([{"from": peers}]))
}

/// One rule with these ports, and all peers.
fn ports(ports: Value) -> Vec<NetworkPolicy> {
    rules(json!([{"ports": ports}]))
}

/// A policy with this `podSelector`, and this `policyTypes`, without rules.
fn deny(selector: Value, types: Value) -> NetworkPolicy {
    policy("shop", "deny", &json!({"podSelector": selector, "policyTypes": types}))
}

const OPEN: &[Asked] = &[
    (By("job"), 1, Tcp, true),
    (Ip("192.0.2.1"), 1, Udp, true),
    (By("job-edge"), 1, Sctp, true),
];
const SHUT: &[Asked] = &[
    (By("job"), 1, Tcp, false),
    (Ip("192.0.2.1"), 1, Udp, false),
    (By("web"), 1, Sctp, true),
];

#[test]
fn isolation() {
    let selector = json!({"matchLabels": {"app": "web"}});
    check("no policy", &[], OPEN);
    check(
        "a policy of another namespace",
        &[policy("edge", "p", &json!({"podSelector": {}}))],
        OPEN,
    );
    check(
        "a policy of other Pods",
        &[deny(json!({"matchLabels": {"app": "x"}}), json!(["Ingress"]))],
        OPEN,
    );
    check(
        "default deny: an empty podSelector",
        &[deny(json!({}), json!(["Ingress"]))],
        SHUT,
    );
    check(
        "no podSelector is an empty one",
        &[policy("shop", "p", &json!({"policyTypes": ["Ingress"]}))],
        SHUT,
    );
    check("no rules", &[deny(selector.clone(), json!(["Ingress"]))], SHUT);
    check(
        "both types",
        &[deny(selector.clone(), json!(["Egress", "Ingress"]))],
        SHUT,
    );
    check("types missing", &[deny(selector.clone(), json!(null))], SHUT);
    check("types empty", &[deny(selector.clone(), json!([]))], SHUT);
    check("egress only", &[deny(selector.clone(), json!(["Egress"]))], OPEN);
    let egress = json!({"podSelector": selector, "egress": [{}]});
    check(
        "types missing, with egress rules",
        &[policy("shop", "p", &egress)],
        SHUT,
    );
    check("allow all: a rule that is empty", &rules(json!([{}])), OPEN);
    let both = [
        deny(json!({}), json!(["Ingress"])),
        from(json!([{"podSelector": {}}])).remove(0),
    ];
    let added = [
        (By("job"), 1, Tcp, true),
        (By("job-edge"), 1, Tcp, false),
        (Ip("192.0.2.1"), 1, Tcp, false),
    ];
    check("policies add up", &both, &added);
    let egress_rules = json!({"podSelector": {}, "policyTypes": ["Egress"], "ingress": [{}]});
    let egress = [deny(json!({}), json!(["Ingress"])), policy("shop", "e", &egress_rules)];
    check("ingress rules of a policy for egress open nothing", &egress, SHUT);
}

#[test]
fn peers() {
    let proxy = json!({"matchLabels": {"app": "proxy"}});
    check("from missing", &rules(json!([{"ports": []}])), OPEN);
    check("from empty", &from(json!([])), OPEN);
    check(
        "podSelector alone: the policy's namespace",
        &from(json!([{"podSelector": proxy}])),
        &[
            (By("proxy"), 1, Tcp, true),
            (By("job"), 1, Tcp, false),
            (By("proxy-edge"), 1, Tcp, false),
        ],
    );
    check(
        "podSelector empty: all Pods of the policy's namespace, no addresses",
        &from(json!([{"podSelector": {}}])),
        &[
            (By("job"), 1, Tcp, true),
            (By("job-edge"), 1, Tcp, false),
            (Ip("10.0.1.2"), 1, Tcp, false),
        ],
    );
    check(
        "namespaceSelector alone: all Pods there",
        &from(json!([{"namespaceSelector": {"matchLabels": {"net": "edge"}}}])),
        &[
            (By("job-edge"), 1, Tcp, true),
            (By("proxy-edge"), 1, Tcp, true),
            (By("proxy"), 1, Tcp, false),
        ],
    );
    check(
        "namespaceSelector empty: all Pods of all namespaces, no addresses",
        &from(json!([{"namespaceSelector": {}}])),
        &[
            (By("job-edge"), 1, Tcp, true),
            (By("proxy-unlisted"), 1, Tcp, true),
            (Ip("192.0.2.1"), 1, Tcp, false),
        ],
    );
    check(
        "both in one entry: and",
        &from(json!([{"namespaceSelector": {"matchLabels": {"net": "edge"}}, "podSelector": proxy}])),
        &[
            (By("proxy-edge"), 1, Tcp, true),
            (By("job-edge"), 1, Tcp, false),
            (By("proxy"), 1, Tcp, false),
        ],
    );
    check(
        "in two entries: or",
        &from(json!([{"namespaceSelector": {"matchLabels": {"net": "edge"}}}, {"podSelector": proxy}])),
        &[
            (By("job-edge"), 1, Tcp, true),
            (By("proxy"), 1, Tcp, true),
            (By("job"), 1, Tcp, false),
        ],
    );
    check(
        "a namespace by its name",
        &from(json!([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "edge"}}}])),
        &[(By("job-edge"), 1, Tcp, true), (By("job"), 1, Tcp, false)],
    );
    check(
        "a namespace that is not listed, by its name",
        &from(json!([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "unlisted"}}}])),
        &[(By("proxy-unlisted"), 1, Tcp, true), (By("job"), 1, Tcp, false)],
    );
    check(
        "a namespace that is not listed has no other labels",
        &from(json!([{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}}])),
        &[(By("proxy-unlisted"), 1, Tcp, false), (By("job"), 1, Tcp, true)],
    );
}

#[test]
fn expressions() {
    let pods = |expression: Value| from(json!([{"podSelector": {"matchExpressions": [expression]}}]));
    let rows = [
        (
            "In",
            json!({"key": "app", "operator": "In", "values": ["proxy", "x"]}),
            true,
            false,
        ),
        (
            "In, without the key",
            json!({"key": "tier", "operator": "In", "values": ["front"]}),
            false,
            false,
        ),
        (
            "NotIn",
            json!({"key": "app", "operator": "NotIn", "values": ["proxy", "x"]}),
            false,
            true,
        ),
        (
            "NotIn, without the key",
            json!({"key": "tier", "operator": "NotIn", "values": ["front"]}),
            true,
            true,
        ),
        ("Exists", json!({"key": "tier", "operator": "Exists"}), false, true),
        (
            "DoesNotExist",
            json!({"key": "tier", "operator": "DoesNotExist"}),
            true,
            false,
        ),
    ];
    for (row, expression, proxy, job) in rows {
        check(
            row,
            &pods(expression),
            &[(By("proxy"), 1, Tcp, proxy), (By("job"), 1, Tcp, job)],
        );
    }
    let all = json!({"matchLabels": {"app": "job"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]});
    check(
        "labels and expressions: and",
        &from(json!([{"podSelector": all}])),
        &[(By("job"), 1, Tcp, false)],
    );
    let selector = json!({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["front"]}]});
    check(
        "expressions select the target",
        &[deny(selector, json!(["Ingress"]))],
        SHUT,
    );
    let selector = json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["front"]}]});
    check(
        "expressions do not select the target",
        &[deny(selector, json!(["Ingress"]))],
        OPEN,
    );
}

#[test]
fn blocks() {
    let block = |block: Value| from(json!([{"ipBlock": block}]));
    check(
        "ipBlock",
        &block(json!({"cidr": "192.0.2.0/24"})),
        &[
            (Ip("192.0.2.0"), 1, Tcp, true),
            (Ip("192.0.2.255"), 1, Tcp, true),
            (Ip("192.0.3.0"), 1, Tcp, false),
        ],
    );
    check(
        "except",
        &block(json!({"cidr": "192.0.2.0/24", "except": ["192.0.2.128/25", "192.0.2.1/32"]})),
        &[
            (Ip("192.0.2.2"), 1, Tcp, true),
            (Ip("192.0.2.1"), 1, Tcp, false),
            (Ip("192.0.2.200"), 1, Tcp, false),
        ],
    );
    check(
        "IPv6",
        &block(json!({"cidr": "2001:db8::/64", "except": ["2001:db8::ff00/120"]})),
        &[
            (Ip("2001:db8::1"), 1, Tcp, true),
            (Ip("2001:db8::ff01"), 1, Tcp, false),
            (Ip("10.0.1.1"), 1, Tcp, false),
        ],
    );
    check(
        "a Pod by its address, one of two",
        &block(json!({"cidr": "2001:db8::/64"})),
        &[(By("proxy"), 1, Tcp, true), (By("job"), 1, Tcp, false)],
    );
    check(
        "a Pod is not admitted by what is excepted",
        &block(json!({"cidr": "10.0.0.0/8", "except": ["10.0.2.0/24"]})),
        &[(By("proxy"), 1, Tcp, true), (By("proxy-edge"), 1, Tcp, false)],
    );
    check(
        "bits of a host",
        &block(json!({"cidr": "192.0.2.77/24"})),
        &[(Ip("192.0.2.1"), 1, Tcp, true)],
    );
    check(
        "leading zeros are decimal",
        &block(json!({"cidr": "192.000.02.0/024"})),
        &[(Ip("192.0.2.1"), 1, Tcp, true)],
    );
    check(
        "IPv4 as IPv6",
        &block(json!({"cidr": "::ffff:192.0.2.0/120"})),
        &[(Ip("192.0.2.1"), 1, Tcp, true)],
    );
    check(
        "IPv4 as IPv6, asked",
        &block(json!({"cidr": "192.0.2.0/24"})),
        &[(Ip("::ffff:192.0.2.1"), 1, Tcp, true)],
    );
    check(
        "every IPv6 address is no IPv4 address",
        &block(json!({"cidr": "::/0"})),
        &[(Ip("192.0.2.1"), 1, Tcp, false)],
    );
    for cidr in [
        "",
        "/",
        "192.0.2.0",
        "192.0.2.0/33",
        "192.0.2/24",
        "192.0.2.0/+24",
        "192.0.2.0/",
        "x/0",
        "::/129",
        "0.0.0.0 /0",
    ] {
        check(&format!("malformed: {cidr:?}"), &block(json!({"cidr": cidr})), SHUT);
    }
    let except = json!({"cidr": "192.0.2.0/24", "except": ["x", "0.0.0.0", "192.0.2.0/99"]});
    check(
        "a malformed exception excepts nobody",
        &block(except),
        &[(Ip("192.0.2.1"), 1, Tcp, true)],
    );
}

#[test]
fn numbers() {
    check("ports missing", &rules(json!([{"from": []}])), OPEN);
    check("ports empty", &ports(json!([])), OPEN);
    check(
        "a number: TCP unless said otherwise",
        &ports(json!([{"port": 80}])),
        &[
            (By("job"), 80, Tcp, true),
            (By("job"), 81, Tcp, false),
            (By("job"), 80, Udp, false),
            (By("job"), 80, Sctp, false),
        ],
    );
    check(
        "a protocol: all its ports",
        &ports(json!([{"protocol": "UDP"}])),
        &[
            (By("job"), 80, Udp, true),
            (By("job"), 65535, Udp, true),
            (By("job"), 80, Tcp, false),
        ],
    );
    check(
        "nothing set: all ports of TCP",
        &ports(json!([{}])),
        &[(By("job"), 7, Tcp, true), (By("job"), 7, Udp, false)],
    );
    check(
        "SCTP",
        &ports(json!([{"protocol": "SCTP", "port": 80}])),
        &[(By("job"), 80, Sctp, true), (By("job"), 80, Tcp, false)],
    );
    check(
        "endPort",
        &ports(json!([{"port": 80, "endPort": 82}])),
        &[
            (By("job"), 79, Tcp, false),
            (By("job"), 80, Tcp, true),
            (By("job"), 82, Tcp, true),
            (By("job"), 83, Tcp, false),
        ],
    );
    check(
        "endPort equal to port",
        &ports(json!([{"port": 80, "endPort": 80}])),
        &[(By("job"), 80, Tcp, true)],
    );
    check(
        "entries: or",
        &ports(json!([{"port": 80}, {"protocol": "UDP", "port": 81}])),
        &[
            (By("job"), 80, Tcp, true),
            (By("job"), 81, Udp, true),
            (By("job"), 81, Tcp, false),
        ],
    );
    let both = json!([{"from": [{"podSelector": {"matchLabels": {"app": "proxy"}}}], "ports": [{"port": 80}]}]);
    check(
        "ports and from: and",
        &rules(both),
        &[
            (By("proxy"), 80, Tcp, true),
            (By("proxy"), 81, Tcp, false),
            (By("job"), 80, Tcp, false),
        ],
    );
    let two = json!([{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}, {"ports": [{"port": 81}]}]);
    check(
        "rules: or, and each by itself",
        &rules(two),
        &[
            (By("job"), 80, Tcp, true),
            (Ip("192.0.2.1"), 80, Tcp, false),
            (Ip("192.0.2.1"), 81, Tcp, true),
        ],
    );
}

#[test]
fn named_ports() {
    check(
        "a name is the target's, by protocol",
        &ports(json!([{"port": "https"}])),
        &[
            (By("job"), 8443, Tcp, true),
            (By("job"), 8444, Tcp, false),
            (By("job"), 8444, Udp, false),
            (By("job"), 8443, Udp, false),
        ],
    );
    check(
        "of the protocol that the entry says",
        &ports(json!([{"port": "https", "protocol": "UDP"}])),
        &[
            (By("job"), 8444, Udp, true),
            (By("job"), 8443, Udp, false),
            (By("job"), 8443, Tcp, false),
        ],
    );
    check(
        "in any container",
        &ports(json!([{"port": "metrics", "protocol": "UDP"}])),
        &[(By("job"), 9000, Udp, true)],
    );
    check(
        "a name of another protocol",
        &ports(json!([{"port": "metrics"}])),
        &[(By("job"), 9000, Tcp, false)],
    );
    check(
        "a name that the target has not",
        &ports(json!([{"port": "admin"}])),
        SHUT,
    );
}

/// What the API server would refuse: more is let in, never less.
#[test]
fn outside_the_api() {
    let pods = |selector: Value| from(json!([{"podSelector": selector}]));
    let expression = |key: &str, operator: &str, values: Value| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
    let odd = [
        expression("app", "Equals", json!(["nobody"])),
        expression("app", "in", json!(["nobody"])),
        expression("app", "", json!(null)),
        expression("app", "In", json!([])),
        expression("app", "NotIn", json!(null)),
        expression("none", "Exists", json!(["x"])),
        expression("app", "DoesNotExist", json!(["x"])),
        expression("", "Exists", json!(null)),
        expression("a b", "Exists", json!(null)),
        expression("Upper.Case/none", "Exists", json!(null)),
        expression("a//b", "Exists", json!(null)),
        expression("none", "In", json!(["-x"])),
        json!({"matchLabels": {"app": "no body"}}),
        json!({"matchLabels": {"app": "x".repeat(64)}}),
        json!({"matchLabels": {"": ""}}),
    ];
    for selector in odd {
        let row = selector.to_string();
        check(
            &row,
            &pods(selector.clone()),
            &[(By("job"), 1, Tcp, true), (By("job-edge"), 1, Tcp, false)],
        );
        check(&row, &[deny(selector.clone(), json!(["Ingress"]))], OPEN);
        let open = policy(
            "shop",
            "odd",
            &json!({"podSelector": selector, "ingress": [{"from": [{"podSelector": {}}]}]}),
        );
        let both = [deny(json!({}), json!(["Ingress"])), open];
        check(
            &row,
            &both,
            &[(By("job"), 1, Tcp, true), (By("job-edge"), 1, Tcp, false)],
        );
    }
    let and = json!({"matchLabels": {"app": "proxy"}, "matchExpressions": [{"key": "app", "operator": "?"}]});
    check(
        "what is legal must still hold",
        &pods(and),
        &[(By("proxy"), 1, Tcp, true), (By("job"), 1, Tcp, false)],
    );
    let odd = [
        json!({"port": 0}),
        json!({"port": -1}),
        json!({"port": 65536}),
        json!({"port": 80, "endPort": 79}),
        json!({"port": 80, "endPort": -1}),
        json!({"port": 80, "endPort": 65536}),
        json!({"port": "https", "endPort": 9000}),
        json!({"endPort": 80}),
        json!({"port": ""}),
        json!({"port": "80"}),
        json!({"port": "UPPER"}),
        json!({"port": "a--b"}),
    ];
    for port in odd {
        check(
            &port.to_string(),
            &ports(json!([port])),
            &[(By("job"), 7, Tcp, true), (By("job"), 7, Udp, false)],
        );
    }
    for protocol in ["ICMP", "tcp", ""] {
        let asked = [
            (By("job"), 80, Tcp, true),
            (By("job"), 80, Sctp, true),
            (By("job"), 81, Tcp, false),
        ];
        check(protocol, &ports(json!([{"protocol": protocol, "port": 80}])), &asked);
    }
    check("a peer that sets nothing", &from(json!([{}])), OPEN);
    let both = json!([{"ipBlock": {"cidr": "192.0.2.1/32"}, "podSelector": {"matchLabels": {"app": "job"}}}]);
    let asked = [
        (By("job"), 1, Tcp, true),
        (Ip("192.0.2.1"), 1, Tcp, true),
        (By("proxy"), 1, Tcp, false),
    ];
    check("a block and a selector: or", &from(both), &asked);
    check("a type that is none", &[deny(json!({}), json!(["ingress"]))], OPEN);
    check(
        "a type that is none, beside one that is",
        &[deny(json!({}), json!(["Ingress", "x"]))],
        SHUT,
    );
}
