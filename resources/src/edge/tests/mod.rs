//! Plans of edges: mistakes at their arguments, and what is rendered.

mod served;

use serde_json::{Value as Json, json};
use tfplugin_framework::{Attr, Model as _, Value};

use super::*;
use crate::testkit;

const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:111122223333:certificate/1";

fn with(base: Json, changes: &Json) -> Value {
    let mut config = base;
    for (name, value) in changes.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    testkit::config::<Edge>(&config)
}

fn alb(changes: &Json) -> Value {
    let base = json!({
        "name": "shop", "namespace": "web", "kind": "alb", "scheme": "internal", "certificate_arns": [CERTIFICATE],
        "routes": {"shop.example.com": {"service": "shop-proxy"}}, "template_version": 1,
    });
    with(base, changes)
}

fn nlb(changes: &Json) -> Value {
    let base = json!({
        "name": "shop", "namespace": "web", "kind": "nlb_tls", "scheme": "internal", "certificate_arns": [CERTIFICATE],
        "target": {"selector": {"e2etls.dev/proxy": "shop"}, "port": 8443}, "template_version": 1,
    });
    with(base, changes)
}

fn edge(config: &Value) -> Edge {
    let mut edge = Edge::from_value(config).expect("an edge");
    edge.derive();
    edge
}

/// The object that is rendered.
fn object(config: &Value) -> Json {
    let parts = parts::parts(&edge(config)).expect("everything is known");
    parts.into_iter().next().expect("an object").content
}

/// Its annotations, without their prefix.
fn annotations(config: &Value) -> Json {
    let object = object(config);
    let annotations = object["metadata"]["annotations"]
        .as_object()
        .expect("annotations")
        .clone();
    let prefixes = [
        "alb.ingress.kubernetes.io/",
        "service.beta.kubernetes.io/aws-load-balancer-",
    ];
    let short = annotations.into_iter().map(|(key, value)| {
        let rest = prefixes.iter().find_map(|prefix| key.strip_prefix(prefix));
        (rest.expect("a documented prefix").to_owned(), value)
    });
    Json::Object(short.collect())
}

#[test]
fn each_mistake_is_reported_at_its_argument() {
    for (config, path) in [
        (alb(&json!({"kind": "clb"})), "kind"),
        (alb(&json!({"routes": null})), "routes"),
        (alb(&json!({"routes": {}})), "routes"),
        (
            alb(&json!({"routes": {"Shop_1": {"service": "a"}}})),
            "routes[\"Shop_1\"]",
        ),
        (
            alb(&json!({"routes": {"a.b": {"service": "a", "port": 0}}})),
            "routes[\"a.b\"].port",
        ),
        (alb(&json!({"certificate_arns": null})), "certificate_arns"),
        (alb(&json!({"certificate_arns": ["x"]})), "certificate_arns[0]"),
        (alb(&json!({"ssl_policy": "ELBSecurityPolicy-2016-08"})), "ssl_policy"),
        (alb(&json!({"target": {"selector": {"a": "b"}, "port": 1}})), "target"),
        (
            alb(&json!({"load_balancer_class": "service.k8s.aws/nlb"})),
            "load_balancer_class",
        ),
        (alb(&json!({"alpn_policy": "HTTP2Preferred"})), "alpn_policy"),
        (alb(&json!({"proxy_protocol": true})), "proxy_protocol"),
        (alb(&json!({"group": {"name": "A"}})), "group.name"),
        (alb(&json!({"group": {"name": "a", "order": 1001}})), "group.order"),
        (
            alb(&json!({"client_auth": {"mode": "verify"}})),
            "client_auth.trust_store_arn",
        ),
        (
            alb(&json!({"inbound_cidrs": ["10.0.0.0/8"], "security_group_ids": ["sg-1"]})),
            "inbound_cidrs",
        ),
        (alb(&json!({"idle_timeout": "1h"})), "idle_timeout"),
        (alb(&json!({"access_logs": {"bucket": "a,b"}})), "access_logs.bucket"),
        (alb(&json!({"healthcheck": {"path": "x"}})), "healthcheck.path"),
        (nlb(&json!({"target": null})), "target"),
        (nlb(&json!({"target": {"selector": {}, "port": 1}})), "target.selector"),
        (nlb(&json!({"routes": {"a.b": {"service": "a"}}})), "routes"),
        (nlb(&json!({"ingress_class": "alb"})), "ingress_class"),
        (nlb(&json!({"redirect_http": false})), "redirect_http"),
        (nlb(&json!({"idle_timeout": "60s"})), "idle_timeout"),
        (nlb(&json!({"kind": "nlb_passthrough"})), "certificate_arns"),
        (
            nlb(
                &json!({"kind": "nlb_passthrough", "certificate_arns": null, "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}),
            ),
            "ssl_policy",
        ),
    ] {
        let found = testkit::mistakes::<Edge>(&config);
        assert!(found.iter().any(|found| found == path), "{path}: {found:?}");
    }
    for config in [
        alb(&json!({})),
        alb(&json!({"ssl_policy": "ELBSecurityPolicy-2016-08", "allow_legacy_tls": true})),
        alb(&json!({"client_auth": {"mode": "off"}})),
        nlb(&json!({})),
        nlb(&json!({"kind": "nlb_passthrough", "certificate_arns": null, "proxy_protocol": true})),
    ] {
        let found = testkit::mistakes::<Edge>(&config);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn an_ingress_has_documented_annotations_only() {
    let plain = json!({
        "scheme": "internal", "target-type": "ip", "listen-ports": r#"[{"HTTP": 80}, {"HTTPS": 443}]"#,
        "ssl-redirect": "443", "certificate-arn": CERTIFICATE,
        "ssl-policy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "backend-protocol": "HTTPS",
        "healthcheck-protocol": "HTTPS", "healthcheck-port": "traffic-port", "healthcheck-path": "/e2etls-healthz",
        "success-codes": "200",
    });
    assert_eq!(annotations(&alb(&json!({}))), plain);
    let everything = annotations(&alb(&json!({
        "scheme": "internet-facing", "redirect_http": false, "protocol_version": "HTTP2",
        "group": {"name": "web", "order": -5}, "subnets": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"],
        "waf_acl_arn": "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/a/b",
        "access_logs": {"bucket": "logs", "prefix": "shop"}, "idle_timeout": "2m", "deregistration_delay": "30s",
        "attributes": {"routing.http2.enabled": "true"}, "tags": {"team": "shop", "a": "b"},
        "client_auth": {"mode": "verify", "trust_store_arn": "arn:aws:elasticloadbalancing:eu-central-1:111122223333:truststore/a/b"},
        "healthcheck": {"path": "/ready", "interval": "5s", "healthy_threshold": 2, "unhealthy_threshold": 3, "success_codes": "200-299"},
    })));
    for (key, value) in [
        ("listen-ports", r#"[{"HTTPS": 443}]"#),
        ("backend-protocol-version", "HTTP2"),
        ("group.name", "web"),
        ("group.order", "-5"),
        ("subnets", "subnet-1,subnet-2"),
        ("security-groups", "sg-1"),
        ("manage-backend-security-group-rules", "true"),
        (
            "wafv2-acl-arn",
            "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/a/b",
        ),
        (
            "load-balancer-attributes",
            "access_logs.s3.bucket=logs,access_logs.s3.enabled=true,access_logs.s3.prefix=shop,\
             idle_timeout.timeout_seconds=120,routing.http2.enabled=true",
        ),
        ("target-group-attributes", "deregistration_delay.timeout_seconds=30"),
        ("tags", "a=b,team=shop"),
        (
            "mutual-authentication",
            r#"[{"mode":"verify","port":443,"trustStore":"arn:aws:elasticloadbalancing:eu-central-1:111122223333:truststore/a/b"}]"#,
        ),
        ("healthcheck-path", "/ready"),
        ("healthcheck-interval-seconds", "5"),
        ("healthcheck-timeout-seconds", "4"),
        ("healthy-threshold-count", "2"),
        ("unhealthy-threshold-count", "3"),
        ("success-codes", "200-299"),
    ] {
        assert_eq!(everything[key], value, "{key}");
    }
    assert_eq!(everything.get("ssl-redirect"), None);
    let spec = object(&alb(&json!({})))["spec"].clone();
    assert_eq!(
        spec,
        json!({"ingressClassName": "alb", "rules": [{"host": "shop.example.com", "http": {"paths": [{
            "path": "/", "pathType": "Prefix",
            "backend": {"service": {"name": "shop-proxy", "port": {"number": 443}}}}]}}]})
    );
}

#[test]
fn a_service_opens_no_port_of_the_nodes() {
    let found = annotations(&nlb(&json!({"alpn_policy": "HTTP2Preferred", "proxy_protocol": true})));
    assert_eq!(
        found,
        json!({
            "scheme": "internal", "nlb-target-type": "ip", "ssl-cert": CERTIFICATE, "ssl-ports": "443",
            "ssl-negotiation-policy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "backend-protocol": "ssl",
            "alpn-policy": "HTTP2Preferred", "healthcheck-protocol": "https", "healthcheck-port": "traffic-port",
            "healthcheck-path": "/e2etls-healthz", "healthcheck-success-codes": "200",
            "target-group-attributes": "preserve_client_ip.enabled=false,proxy_protocol_v2.enabled=true",
        })
    );
    let through = nlb(
        &json!({"kind": "nlb_passthrough", "certificate_arns": null, "inbound_cidrs": ["10.0.0.0/8"],
        "load_balancer_class": "eks.amazonaws.com/nlb"}),
    );
    let found = annotations(&through);
    for key in [
        "ssl-cert",
        "ssl-ports",
        "ssl-negotiation-policy",
        "backend-protocol",
        "alpn-policy",
    ] {
        assert_eq!(found.get(key), None, "{key}");
    }
    assert_eq!(
        object(&through)["spec"],
        json!({"type": "LoadBalancer", "loadBalancerClass": "eks.amazonaws.com/nlb",
            "allocateLoadBalancerNodePorts": false, "selector": {"e2etls.dev/proxy": "shop"},
            "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 8443}],
            "loadBalancerSourceRanges": ["10.0.0.0/8"]})
    );
}

#[test]
fn hops_say_that_a_load_balancer_verifies_nobody() {
    let verdicts = |config: &Value| {
        let hops = edge(config).expected_hops;
        let hops = hops.known().expect("known hops").clone();
        let text = |attr: &Attr<String>| attr.as_str().unwrap_or_default().to_owned();
        hops.iter()
            .map(|hop| {
                [&hop.from, &hop.to, &hop.peer_verified, &hop.verdict]
                    .map(text)
                    .join(" ")
            })
            .collect::<Vec<_>>()
    };
    let terminated = ["client edge unknown encrypted", "edge target no encrypted"];
    assert_eq!(verdicts(&alb(&json!({}))), terminated);
    assert_eq!(verdicts(&nlb(&json!({}))), terminated);
    let through = nlb(&json!({"kind": "nlb_passthrough", "certificate_arns": null}));
    assert_eq!(verdicts(&through), ["client target unknown unknown"]);
}

#[test]
fn an_identity_replaces_and_nothing_else() {
    let plan = |changes: Json| {
        let first = testkit::plan::<Edge>(
            Value::Null,
            alb(&json!({"deletion_protection": false})),
            Default::default(),
        );
        let prior = testkit::applied::<Edge>(&first.planned).to_value();
        let mut config = json!({"deletion_protection": false});
        config
            .as_object_mut()
            .expect("arguments")
            .extend(changes.as_object().expect("arguments").clone());
        let planned = testkit::plan::<Edge>(prior, alb(&config), first.private);
        planned.replace.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(plan(json!({"scheme": "internet-facing"})), ["scheme"]);
    assert_eq!(plan(json!({"ingress_class": "other"})), ["ingress_class"]);
    assert_eq!(plan(json!({"group": {"name": "g"}})), ["group.name"]);
    for same in [
        json!({"certificate_arns": [CERTIFICATE, "arn:aws:acm:eu-central-1:111122223333:certificate/2"]}),
        json!({"ssl_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"}),
        json!({"subnets": ["subnet-1"]}),
        json!({"routes": {"other.example.com": {"service": "x"}}}),
    ] {
        assert!(plan(same.clone()).is_empty(), "{same}");
    }
}
