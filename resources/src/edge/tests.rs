use std::sync::Arc;
use std::time::Duration;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::elbv2::fake::Kept;
use e2etls_clients::aws::elbv2::{Listener, LoadBalancer};
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::ledger::UNPROVEN;
use e2etls_engine::table::Asked;
use serde_json::{Value as Json, json};
use tfplugin_framework::{Attr, Model as _, Value};

use super::*;
use crate::kinds::kube::marks::OWNER_LABEL;
use crate::lifecycle::attributes::PartState;
use crate::testkit;

const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:111122223333:certificate/1";
const ARN: &str = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/k8s-web-shop-1/1";

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

/// An edge whose load balancer is known, and AWS with that load balancer.
fn served() -> (Edge, Clients, FakeAws, Arc<e2etls_clients::aws::elbv2::fake::FakeElbV2>) {
    let aws = FakeAws::default();
    let elbv2 = Arc::new(aws.elbv2("eu-central-1"));
    let listener = Listener {
        arn: "listener".to_owned(),
        port: 443,
        protocol: "HTTPS".to_owned(),
        ssl_policy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09".to_owned(),
        ..Listener::default()
    };
    elbv2.all().push(Kept {
        load_balancer: LoadBalancer {
            arn: ARN.to_owned(),
            dns_name: "k8s-web-shop-1-2.eu-central-1.elb.amazonaws.com".to_owned(),
            zone_id: "Z1".to_owned(),
            state: "active".to_owned(),
            ..LoadBalancer::default()
        },
        name: "k8s-web-shop-1".to_owned(),
        listeners: vec![(listener, Vec::new(), Vec::new())],
        ..Kept::default()
    });
    let mut edge = edge(&alb(&json!({})));
    let part = |uid: &str, digest: &str| PartState {
        r#ref: Attr::Null,
        uid: uid.to_owned().into(),
        digest: digest.to_owned().into(),
        made: true.into(),
    };
    edge.head.common.parts = Attr::Known(
        [
            (parts::LOAD_BALANCER.to_owned(), part(ARN, "follows")),
            (parts::LISTENERS.to_owned(), part("", "0a")),
        ]
        .into(),
    );
    edge.head.common.drift = Attr::Known(Vec::new());
    edge.lb_arn = Attr::Unknown;
    let clients = Clients {
        elbv2: Some(elbv2.clone()),
        ..Clients::default()
    };
    (edge, clients, aws, elbv2)
}

async fn read_back(edge: &mut Edge, clients: &Clients) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    seen::read_back(edge.shown(), clients, &mut diagnostics).await;
    diagnostics
}

#[tokio::test]
async fn what_aws_says_is_shown_and_costs_one_request_later() {
    let (mut edge, clients, aws, elbv2) = served();
    assert!(read_back(&mut edge, &clients).await.is_empty());
    assert_eq!(edge.lb_zone_id.as_str(), Some("Z1"));
    assert_eq!(edge.lb_arn.as_str(), Some(ARN));
    assert_eq!(edge.head.common.drift, Attr::Known(Vec::new()));
    aws.faults.reset();
    read_back(&mut edge, &clients).await;
    assert_eq!(aws.faults.calls().len(), 1);
    // Somebody has switched the policy.
    elbv2.all()[0].listeners[0].0.ssl_policy = "ELBSecurityPolicy-2016-08".to_owned();
    read_back(&mut edge, &clients).await;
    assert_eq!(edge.effective_ssl_policy.as_str(), Some("ELBSecurityPolicy-2016-08"));
    assert_eq!(edge.head.common.drift, Attr::Known(vec![parts::LISTENERS.to_owned()]));
    let parts = edge.head.common.parts.known().expect("parts");
    assert_eq!(parts[parts::LISTENERS].digest.as_str(), Some(UNPROVEN));
}

#[tokio::test]
async fn a_load_balancer_that_is_gone_is_drift() {
    let (mut edge, clients, aws, elbv2) = served();
    read_back(&mut edge, &clients).await;
    elbv2.all().clear();
    read_back(&mut edge, &clients).await;
    let drift = edge.head.common.drift.known().expect("drift");
    assert_eq!(drift, &[parts::LOAD_BALANCER, parts::LISTENERS]);
    assert!(parts::arn(edge.common()).is_none());
    let (mut edge, ..) = served();
    aws.faults
        .rule(|_| e2etls_clients::faults::Fate::Refused(e2etls_engine::refusal::Answer::Unauthenticated));
    assert!(
        read_back(&mut edge, &clients).await.has_errors(),
        "not knowing is no drift"
    );
    assert_eq!(edge.head.common.drift, Attr::Known(Vec::new()));
}

#[tokio::test]
async fn a_class_that_does_not_fit_is_refused_first() {
    let cluster = FakeCluster::default();
    let class = |name: &str, controller: &str, parameters: Json| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": name},
            "spec": {"controller": controller, "parameters": parameters}})
    };
    let params = json!({"apiGroup": "eks.amazonaws.com", "kind": "IngressClassParams", "name": "shared"});
    for class in [
        class("alb", "ingress.k8s.aws/alb", json!({})),
        class("nginx", "k8s.io/ingress-nginx", json!({})),
        class("auto", "eks.amazonaws.com/alb", json!({})),
        class("shared", "eks.amazonaws.com/alb", params),
    ] {
        cluster.put(kinds::INGRESS_CLASS, &class);
    }
    cluster.put(
        kinds::AUTO_MODE_INGRESS_CLASS_PARAMS,
        &json!({"apiVersion": "eks.amazonaws.com/v1", "kind": "IngressClassParams", "metadata": {"name": "shared"},
            "spec": {"group": {"name": "web"}}}),
    );
    let remotes = Clients {
        cluster: Some(Arc::new(cluster.cluster(OWNER_LABEL))),
        ..Clients::default()
    };
    let op = testkit::operation(Asked::Create, remotes, Edge::KINDS, "edge");
    for (changes, refused) in [
        (json!({}), None),
        (json!({"group": {"name": "g"}}), None),
        (json!({"ingress_class": "none"}), Some("ingress_class")),
        (json!({"ingress_class": "nginx"}), Some("ingress_class")),
        (json!({"ingress_class": "auto"}), None),
        (json!({"ingress_class": "auto", "group": {"name": "g"}}), Some("group")),
        (json!({"ingress_class": "shared"}), Some("group")),
        (
            json!({"ingress_class": "shared", "group": {"name": "other"}}),
            Some("group"),
        ),
        (json!({"ingress_class": "shared", "group": {"name": "web"}}), None),
    ] {
        let found = class::fits(&edge(&alb(&changes)), &op, &AttributePath::default()).await;
        let paths = found.as_ref().err().map(|found| {
            let first = found.iter().next().expect("a message");
            first.path.as_ref().map(ToString::to_string).unwrap_or_default()
        });
        assert_eq!(paths.as_deref(), refused, "{changes}");
    }
    assert!(
        class::fits(&edge(&nlb(&json!({}))), &op, &AttributePath::default())
            .await
            .is_ok()
    );
    // Where it may not be read, the controller has the last word.
    let forbidden = e2etls_engine::refusal::Answer::Forbidden(e2etls_engine::refusal::Denial::Permission);
    cluster
        .faults
        .rule(move |_| e2etls_clients::faults::Fate::Refused(forbidden.clone()));
    assert!(
        class::fits(
            &edge(&alb(&json!({"ingress_class": "nginx"}))),
            &op,
            &AttributePath::default()
        )
        .await
        .is_ok()
    );
}

/// The controller in the test's place: it writes a host name, and makes a load balancer for it.
#[tokio::test(start_paused = true)]
async fn a_create_ends_when_the_load_balancer_serves_and_a_destroy_when_it_is_gone() {
    let (mut model, clients, _aws, elbv2) = served();
    let kept = elbv2.all().pop().expect("a load balancer");
    let cluster = FakeCluster::default();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}});
    cluster.put(kinds::NAMESPACE, &namespace);
    let remotes = Clients {
        cluster: Some(Arc::new(cluster.cluster(OWNER_LABEL))),
        ..clients.clone()
    };
    model.head.common.parts = Attr::Null;
    let rendered: Vec<Part<Clients>> = parts::parts(&model).expect("parts");
    let mut op = testkit::operation(Asked::Create, remotes.clone(), Edge::KINDS, "edge");
    op.owner.namespace = Some("web".to_owned());
    let outcome = {
        let (cluster, elbv2) = (cluster.clone(), elbv2.clone());
        let controller = async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let status = json!({"loadBalancer": {"ingress": [{"hostname": kept.load_balancer.dns_name}]}});
            cluster.edit(kinds::INGRESS, Some("web"), "shop", |live| live["status"] = status);
            elbv2.all().push(kept);
            tokio::time::sleep(Duration::from_secs(5)).await;
            // Its default certificate, a redirect, a rule and a target come later.
            let mut all = elbv2.all();
            all[0].listeners[0].1.push(CERTIFICATE.to_owned());
            all[0].listeners[0].2.push(e2etls_clients::aws::elbv2::Rule {
                hosts: vec!["shop.example.com".to_owned()],
                target_groups: vec!["group".to_owned()],
            });
            let redirect = Listener {
                arn: "redirect".to_owned(),
                port: 80,
                protocol: "HTTP".to_owned(),
                redirects: true,
                ..Listener::default()
            };
            all[0].listeners.push((redirect, Vec::new(), Vec::new()));
            let group = e2etls_clients::aws::elbv2::TargetGroup {
                arn: "group".to_owned(),
                protocol: "HTTPS".to_owned(),
            };
            let target = e2etls_clients::aws::elbv2::Target {
                state: "healthy".to_owned(),
                ..Default::default()
            };
            all[0].target_groups.push((group, vec![target]));
        };
        tokio::join!(testkit::create(&op, &rendered, "i1", false), controller).0
    };
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    assert_eq!(outcome.ledger[parts::LOAD_BALANCER].uid.as_deref(), Some(ARN));
    assert_eq!(outcome.outputs[parts::LOAD_BALANCER]["zone_id"], "Z1");
    let mut op = testkit::operation(Asked::Delete, remotes, Edge::KINDS, "edge");
    op.owner.namespace = Some("web".to_owned());
    let began = tokio::time::Instant::now();
    let elbv2 = elbv2.clone();
    let (removed, ()) = tokio::join!(
        e2etls_engine::remove::delete_resource(&op, &rendered, &outcome.ledger, "i1", &[]),
        async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            elbv2.all().clear();
        }
    );
    assert!(
        removed.failures.is_empty() && removed.left.is_empty(),
        "{:?}",
        removed.failures
    );
    assert!(began.elapsed() >= Duration::from_secs(20), "it was not waited for");
    assert!(cluster.all(kinds::INGRESS).is_empty());
}
