//! The port that serves NGINX's counters, which is the only one without TLS.

use serde_json::json;

use super::super::check::{Argument, Key, mistakes};
use super::super::expected_hops;
use super::super::spec::{ProxySpec, Source};
use super::cases::{everyday, labels, pods};
use super::objects::{config, object, verdicts};
use e2etls_engine::value::{UNKNOWN, is_unknown};
use e2etls_report::facet::{Facet, Verdict};

#[test]
fn the_port_means_nothing_else() {
    for (app, port, good) in [
        (80, 9113, true),
        (80, 1024, true),
        (80, 65535, true),
        (80, 1023, false),
        (80, 443, false),
        (80, 8443, false),
        (80, 8444, false),
        (9113, 9113, false),
    ] {
        let mut spec = everyday();
        (spec.upstream.port, spec.http.metrics_port) = (app.into(), Some(port.into()));
        let found: Vec<Argument> = mistakes(&spec, &[]).into_iter().map(|(argument, _)| argument).collect();
        let at = Argument::Within("http", "metrics", Some(Key::Attribute("port")));
        assert_eq!(found, if good { vec![] } else { vec![at] }, "{app} {port}");
    }
    let mut spec = everyday();
    (spec.upstream.port, spec.http.metrics_port) = (UNKNOWN.into(), Some(UNKNOWN.into()));
    assert_eq!(mistakes(&spec, &[]), []);
}

#[test]
fn metrics_are_reached_by_those_who_name_their_port_and_only_those() {
    let tcp = |port: u16| json!([{"protocol": "TCP", "port": port}]);
    let rules = |spec: &ProxySpec, address: &str| object(spec, address)["spec"]["ingress"].clone();
    let mut spec = everyday();
    spec.http.metrics_port = Some(json!(9113));
    let balancer = json!({"from": [{"ipBlock": {"cidr": "10.0.16.0/20"}}], "ports": tcp(8443)});
    assert_eq!(rules(&spec, "isolation/proxy"), json!([balancer]), "nobody is named");

    let source = |ports: &[u16]| Source {
        ports: ports.iter().map(|port| json!(port)).collect(),
        ..pods(labels("app", "prometheus"))
    };
    let from = json!([{"podSelector": {"matchLabels": {"app": "prometheus"}}}]);
    spec.isolation.allow_from = vec![source(&[9113])];
    let metrics = json!({"from": from, "ports": tcp(9113)});
    assert_eq!(rules(&spec, "isolation/proxy"), json!([balancer, metrics]));
    assert_eq!(
        rules(&spec, "isolation/app").as_array().map(Vec::len),
        Some(1),
        "the port is the proxy's"
    );
    assert_eq!(verdicts(&spec)[1], Verdict::Confined);

    spec.isolation.allow_from = vec![source(&[9090, 9113])];
    assert_eq!(
        rules(&spec, "isolation/app")[1],
        json!({"from": from, "ports": tcp(9090)})
    );
    spec.isolation.allow_from = vec![source(&[9090])];
    assert_eq!(rules(&spec, "isolation/proxy"), json!([balancer]));
    spec.isolation.allow_from = vec![source(&[])];
    let open = rules(&spec, "isolation/proxy");
    assert_eq!(
        open.as_array().map(Vec::len),
        Some(1),
        "without ports, the port that serves TLS alone"
    );

    spec.isolation.allow_from = vec![source(&[9113])];
    spec.http.metrics_port = Some(json!(UNKNOWN));
    for address in ["isolation/proxy", "isolation/app"] {
        assert!(is_unknown(&object(&spec, address)), "{address}");
    }
}

#[test]
fn a_plaintext_port_is_told() {
    let told = |spec: &ProxySpec| expected_hops(spec).unwrap()[0].evidence[0].clone();
    let mut spec = everyday();
    assert!(told(&spec).ends_with("; no plaintext port is open"));
    spec.http.metrics_port = Some(json!(9113));
    assert!(told(&spec).contains("the only plaintext port is 9113 of the Pods"));
    let text = config(&spec);
    let server = text.split("  server {").find(|server| server.contains("listen 9113;"));
    let server = server.expect("a server of its own");
    assert!(server.contains("stub_status;") && !server.contains("_pass") && !server.contains("ssl"));
    let ports = object(&spec, "proxy/deployment")["spec"]["template"]["spec"]["containers"][0]["ports"].clone();
    assert_eq!(
        ports[1],
        json!({"name": "metrics", "protocol": "TCP", "containerPort": 9113})
    );
    assert!(
        !object(&spec, "proxy/service").to_string().contains("9113"),
        "no Service leads to it"
    );
    spec.http.metrics_port = Some(json!(UNKNOWN));
    assert_eq!(expected_hops(&spec), None);
}

#[test]
fn items_of_allow_from_reach_the_proxy_only_without_ports() {
    let to_proxy = |spec: &ProxySpec| expected_hops(spec).unwrap()[0].clone();
    let everybody = |ports: &[u16]| Source {
        cidrs: vec!["0.0.0.0/0".to_owned()],
        ports: ports.iter().map(|port| json!(port)).collect(),
        ..pods(labels("app", "prometheus"))
    };
    let mut spec = everyday();
    for metrics in [None, Some(json!(9113))] {
        spec.http.metrics_port = metrics;
        spec.isolation.allow_from = vec![everybody(&[9090])];
        let hop = to_proxy(&spec);
        let sources = "a network policy admits only lb_cidrs, and items of allow_from without ports, to the proxy";
        assert!(hop.evidence[2].contains(sources), "{hop:?}");
        assert_eq!(
            hop.confined,
            Facet::Yes,
            "a port of the application is none of the proxy"
        );
        spec.isolation.allow_from = vec![everybody(&[9090]), everybody(&[])];
        let hop = to_proxy(&spec);
        assert!(hop.evidence[2].ends_with("isolation.allow_from admits every address to the proxy"));
        assert_eq!(hop.confined, Facet::No);
    }
}
