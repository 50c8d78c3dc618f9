//! No plan of any registered resource ever breaks a rule of the host: random configurations, states and unknowns, each
//! planned twice with the clock moved in between.
//!
//! This file is long because the values that arguments may have stand here, for all resources.

use std::collections::BTreeMap;

use e2etls_resources::provider::E2etls;
use tfplugin_framework::server::Server;
use tfplugin_framework::testkit::Sweep;
use tfplugin_framework::{Private, Type, Value};

const ARN: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

/// Values that pass the checks of a place.
fn spelled(place: &str) -> Vec<Value> {
    // A ROOT has none of these: made up, they would only be refused.
    if matches!(place, "parent_arn" | "signed_certificate_pem" | "signed_chain_pem") {
        return vec![Value::Null];
    }
    // The provider's configurations have one cluster, or none: a key would only be refused.
    if place == "cluster" {
        return vec![Value::Null];
    }
    if matches!(place, "hostnames" | "server_names" | "dns_names") {
        let names = |names: &[&str]| Value::List(names.iter().map(|name| Value::from(*name)).collect());
        return vec![names(&["a.example.com"]), names(&["*.example.com", "b.example.com"])];
    }
    if place == "service" {
        return Vec::new();
    }
    if place == "ca_arns" {
        return vec![Value::List(vec![Value::from(ARN)])];
    }
    if place.ends_with("metrics.port") {
        return vec![9113.into()];
    }
    if place.ends_with("lb_cidrs") {
        return vec![Value::List(vec![Value::from("10.0.0.0/8")])];
    }
    let texts: &[&str] = match place.rsplit('.').next().unwrap_or(place) {
        "name" | "namespace" | "canary_namespace" | "service" | "secret_name" => &["shop", "web-1"],
        "arn" | "ca_arn" | "parent_arn" | "restore_arn" => &[ARN],
        "status" => &["ACTIVE", "PENDING_CERTIFICATE"],
        "role_arn" => &["arn:aws:iam::111122223333:role/issuer"],
        "template" => &["EndEntityCertificate/V1"],
        "cluster_name" | "eks_cluster" => &["prod"],
        "role_name" => &["issuer", "pca"],
        "oidc_provider_arn" => &["arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/A1"],
        "permissions_boundary" => &["arn:aws:iam::111122223333:policy/boundary"],
        "cert_manager" | "pod_identity_agent" => &["existing", "v1.20.3-eksbuild.1"],
        // The add-on excludes another service account.
        "private_ca_connector" => &["existing"],
        "server_names[]" | "hostnames[]" | "dns_names[]" => &["a.example.com", "b.example.com", "*.example.com"],
        "custom_cname" => &["crl.example.com"],
        "duration" => &["144h", "24h"],
        "create" | "read" | "update" | "delete" => &["10m", "1h"],
        "max_body_size" => &["1m", "512k"],
        "read_timeout" | "send_timeout" | "connect_timeout" => &["5s", "60s"],
        "min_ready" | "pre_stop" => &["30s", "2m"],
        "hsts" => &["max-age=600"],
        "extra_config" => &["gzip on;"],
        "real_ip_cidrs[]" | "lb_cidrs[]" => &["10.0.0.0/8", "192.168.0.0/16"],
        "resources_json" => &["{}"],
        "tolerations_json" | "topology_spread_json" => &["[]"],
        "image" => &["nginx:1"],
        "country" => &["DE"],
        "kind" => &["AWSPCAIssuer", "ClusterIssuer"],
        "group" => &["awspca.cert-manager.io"],
        "algorithm" => &["ECDSA", "RSA"],
        last if last.contains("[keys]") || last.ends_with("selector{}") => &["app"],
        _ => return numbers(place),
    };
    texts.iter().map(|text| Value::from(*text)).collect()
}

fn numbers(place: &str) -> Vec<Value> {
    let numbers: &[i64] = match place.rsplit('.').next().unwrap_or(place) {
        "port" => &[80, 8080],
        "ports[]" => &[9090, 9113],
        "replicas" => &[1, 2, 3],
        "validity_days" => &[365, 3650],
        "deletion_window_days" => &[7, 30],
        "expiration_in_days" => &[7],
        "template_version" => &[1],
        "renew_before_percentage" => &[33, 50],
        "size" => &[256],
        _ => return Vec::new(),
    };
    numbers.iter().map(|number| Value::from(*number)).collect()
}

/// An object with these attributes; the server fills in the rest.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn isolations() -> Vec<Value> {
    let isolation =
        |mode: &str, cidrs: Value| object([("mode", mode.into()), ("allow_from", Value::Null), ("lb_cidrs", cidrs)]);
    vec![
        isolation("enforce", Value::List(vec!["10.0.0.0/8".into()])),
        isolation("off", Value::Null),
        isolation("audit", Value::Null),
    ]
}

/// Whole objects where arguments exclude each other: made-up ones would nearly all be refused.
fn consistent(type_name: &str, place: &str) -> Option<Vec<Value>> {
    let selector = || object([("app", "shop".into())]);
    let upstream = || {
        let unused = [
            ("service", Value::Null),
            ("protocol", Value::Null),
            ("ca_pem", Value::Null),
        ];
        let [service, protocol, ca_pem] = unused;
        object([
            ("selector", selector()),
            ("port", 8080.into()),
            service,
            protocol,
            ca_pem,
        ])
    };
    let app = || {
        let unused = ["image", "pod_template_json", "replicas", "env"].map(|name| (name, Value::Null));
        let [image, template, replicas, env] = unused;
        object([
            ("selector", selector()),
            ("port", 8080.into()),
            image,
            template,
            replicas,
            env,
        ])
    };
    let zones = || {
        let zones = object([("example.com", "Z0123456789".into())]);
        object([
            ("zones", zones),
            ("allow_overwrite", Value::Null),
            ("records_only", Value::Null),
        ])
    };
    match (type_name, place) {
        ("e2etls_public_certificate", "domain") => Some(vec!["example.com".into(), "www.example.com".into()]),
        ("e2etls_public_certificate", "sans") => Some(vec![
            Value::Null,
            Value::List(vec!["api.example.com".into()]),
            Value::List(vec!["*.example.com".into()]),
        ]),
        ("e2etls_public_certificate", "dns") => Some(vec![zones()]),
        ("e2etls_public_certificate", "wait") => Some(vec![Value::Null, "issued".into()]),
        ("e2etls_public_certificate", "status") => Some(vec!["ISSUED".into(), "PENDING_VALIDATION".into()]),
        ("e2etls_proxy", "upstream") => Some(vec![upstream()]),
        ("e2etls_proxy", "certificate.secret_name" | "autoscaled")
        | ("e2etls_stack", "issuer" | "proxy.autoscaled") => Some(vec![Value::Null]),
        ("e2etls_proxy", "isolation") | ("e2etls_stack", "proxy.isolation") => Some(isolations()),
        ("e2etls_stack", "app") => Some(vec![app()]),
        ("e2etls_proxy", "mode") | ("e2etls_stack", "proxy.mode") => Some(vec!["gateway".into()]),
        ("e2etls_edge", _) => of_edge(place, "alb"),
        (
            "e2etls_stack",
            "alarm" | "edge" | "dns" | "lb_arn" | "lb_hostname" | "lb_zone_id" | "effective_ssl_policy",
        ) => Some(vec![Value::Null]),
        _ => None,
    }
}

/// Arguments of a load balancer of this kind: what another kind has would be refused.
fn of_edge(place: &str, kind: &str) -> Option<Vec<Value>> {
    let (alb, terminates) = (kind == "alb", kind != "nlb_passthrough");
    let texts = |texts: &[&str]| Some(texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>());
    let list = |text: &str| Value::List(vec![text.into()]);
    let foreign = match place {
        "load_balancer_class" | "target" | "proxy_protocol" => alb,
        "ingress_class" | "routes" | "redirect_http" | "protocol_version" | "group" | "waf_acl_arn"
        | "idle_timeout" | "client_auth" => !alb,
        "certificate_arns" | "ssl_policy" => !terminates,
        "alpn_policy" => kind != "nlb_tls",
        _ => false,
    };
    if foreign {
        return Some(vec![Value::Null]);
    }
    let certificate = |number: &str| list(&format!("arn:aws:acm:eu-central-1:111122223333:certificate/{number}"));
    match place {
        "kind" => texts(&[kind]),
        "ingress_class" => texts(&["alb", "other"]),
        "routes" => {
            let route = |service: &str| object([("service", service.into()), ("port", Value::Null)]);
            let hosts = |hosts: &[(&str, &str)]| {
                let routes = hosts.iter().map(|(host, service)| ((*host).to_owned(), route(service)));
                Value::Map(routes.collect())
            };
            Some(vec![
                hosts(&[("a.example.com", "a")]),
                hosts(&[("a.example.com", "a"), ("*.example.com", "b")]),
            ])
        }
        "target" => Some(vec![object([
            ("selector", object([("app", "shop".into())])),
            ("port", 8443.into()),
        ])]),
        "certificate_arns" => Some(vec![certificate("1"), certificate("2")]),
        "ssl_policy" => texts(&[
            "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "ELBSecurityPolicy-TLS13-1-3-2021-06",
        ]),
        "group" => {
            let group = |name: &str, order: Value| object([("name", name.into()), ("order", order)]);
            Some(vec![Value::Null, group("web", Value::Null), group("web", 5.into())])
        }
        "inbound_cidrs" => Some(vec![Value::Null, list("10.0.0.0/8")]),
        "security_group_ids" | "client_auth" | "healthcheck" | "access_logs" | "attributes" | "tags" => {
            Some(vec![Value::Null])
        }
        "subnets" => Some(vec![Value::Null, list("subnet-1")]),
        "waf_acl_arn" => texts(&["arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/a/b"]),
        "idle_timeout" | "deregistration_delay" => texts(&["60s", "2m"]),
        "effective_ssl_policy" | "hostname" | "lb_arn" | "lb_zone_id" => texts(&["x"]),
        _ => None,
    }
}

/// The same for a stack whose proxy is a sidecar: the Pods are the app's.
fn beside_the_app(place: &str) -> Option<Vec<Value>> {
    let app = |replicas: Value| {
        object([
            ("image", "registry.example.com/shop:7".into()),
            ("pod_template_json", Value::Null),
            ("port", 8080.into()),
            ("replicas", replicas),
            ("selector", Value::Null),
            ("env", Value::Null),
        ])
    };
    match place {
        "app" => Some(vec![app(Value::Null), app(3.into()), app(Value::Unknown)]),
        "proxy.mode" => Some(vec!["sidecar".into()]),
        "proxy.replicas" | "proxy.min_ready" | "proxy.pod" => Some(vec![Value::Null]),
        _ => consistent("e2etls_stack", place),
    }
}

/// The same for a stack behind a load balancer of this kind, whose names lead there.
fn behind_an_edge(place: &str, kind: &str) -> Option<Vec<Value>> {
    let texts = |texts: &[&str]| Some(texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>());
    let certificates = of_edge("certificate_arns", kind).and_then(|all| all.into_iter().next());
    let certificates = certificates.unwrap_or(Value::Null);
    let edge = |scheme: &str, policy: &str, certificates: &Value| {
        let policy = if certificates.is_null() {
            Value::Null
        } else {
            policy.into()
        };
        object([
            ("kind", kind.into()),
            ("scheme", scheme.into()),
            ("certificate_arns", certificates.clone()),
            ("ssl_policy", policy),
        ])
    };
    let policies = [
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
    ];
    match place {
        // What other sweeps draw, and is refused too often beside all this.
        "alarm" | "object_names" | "proxy.pod" => Some(vec![Value::Null]),
        "edge" => Some(vec![
            edge("internal", policies[0], &certificates),
            edge("internal", policies[1], &certificates),
            edge("internet-facing", policies[0], &certificates),
        ]),
        "proxy.http" => Some(vec![Value::Null]),
        "dns.zone_id" => texts(&["Z1", "Z2"]),
        "lb_arn" | "lb_hostname" | "lb_zone_id" | "effective_ssl_policy" => texts(&["x"]),
        "dns" => None,
        _ => consistent("e2etls_stack", place),
    }
}

/// The same with a certificate that the stack makes, given, or not known yet.
fn behind_a_certificate(place: &str) -> Option<Vec<Value>> {
    let edge = |kind: &str, certificates: Value| {
        object([
            ("kind", kind.into()),
            ("scheme", "internal".into()),
            ("certificate_arns", certificates),
        ])
    };
    let zone = |id: Value| object([("zone_id", id)]);
    match place {
        "edge" => {
            let mut given = of_edge("certificate_arns", "alb")?.into_iter();
            Some(vec![
                edge("alb", Value::Null),
                edge("nlb_tls", Value::Null),
                edge("alb", Value::Unknown),
                edge("alb", given.next()?),
            ])
        }
        "dns" => Some(vec![zone("Z1".into()), zone("Z2".into()), zone(Value::Unknown)]),
        _ => behind_an_edge(place, "alb"),
    }
}

/// The same with alarms on the certificates, and without names: what excludes each other is drawn too often otherwise.
fn with_alarms(place: &str) -> Option<Vec<Value>> {
    let topic = |name: &str| Value::from(format!("arn:aws:sns:eu-central-1:111122223333:{name}"));
    let alarm = |days: Value, actions: Value| object([("days", days), ("actions", actions)]);
    match place {
        "alarm" => Some(vec![
            alarm(Value::Null, Value::List(vec![topic("a")])),
            alarm(30.into(), Value::List(vec![topic("a"), topic("b")])),
            alarm(Value::Unknown, Value::Unknown),
        ]),
        "dns" => Some(vec![Value::Null]),
        _ => behind_an_edge(place, "alb"),
    }
}

/// A configuration of the provider that says something of everything that plans show.
fn provider(server: &Server<E2etls>) -> Value {
    let Value::Map(mut config) = server.schema().provider.empty_value() else {
        panic!("a configuration is an object")
    };
    let cluster = server.schema().provider.attribute("cluster").expect("declared");
    let Type::Object(members) = cluster.shape.value_type() else {
        panic!("a cluster is an object")
    };
    let mut cluster: BTreeMap<String, Value> = members.into_keys().map(|name| (name, Value::Null)).collect();
    cluster.insert("name".to_owned(), "prod".into());
    let said = [
        ("owner_id", "state-a".into()),
        ("region", "eu-central-1".into()),
        ("default_tags", object([("team", "tls".into()), ("env", "test".into())])),
        ("labels", object([("team", "tls".into())])),
        ("image_registry", "registry.example.com/hub".into()),
        ("ignore_tags", Value::List(vec!["cost-*".into()])),
        ("cluster", Value::Map(cluster)),
    ];
    config.extend(said.map(|(name, value)| (name.to_owned(), value)));
    Value::Map(config)
}

/// What an apply remembers of the provider's configuration, here another one than the plan's.
fn written(_: &Value) -> Private {
    let mut private = Private::default();
    let stamp = serde_json::json!({"owner_id": "before", "default_tags": {"team": "pki"}, "labels": {"team": "pki"}});
    private.set("stamp", &stamp);
    private
}

/// How many cases to try; `SWEEP_CASES` says so for a long run.
fn cases() -> u32 {
    std::env::var("SWEEP_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(96)
}

fn planned_at_random(type_name: &'static str, server: &Server<E2etls>) -> Sweep {
    Sweep::new(type_name)
        .provider(server.schema().provider.empty_value())
        .provider(provider(server))
        .candidates(move |place| consistent(type_name, place).unwrap_or_else(|| spelled(place)))
        .between_plans(|| std::thread::sleep(std::time::Duration::from_millis(1)))
        .planner_reads_state()
        .cases(cases())
}

fn sweep(type_name: &'static str) {
    let server = Server::new(E2etls);
    planned_at_random(type_name, &server).run(&server);
}

#[test]
fn private_ca_keeps_the_rules() {
    sweep("e2etls_private_ca");
}

#[test]
fn private_ca_keeps_the_rules_beside_what_was_written() {
    let server = Server::new(E2etls);
    planned_at_random("e2etls_private_ca", &server)
        .private(written)
        .run(&server);
}

/// What of the provider a later plan may not know: an update or a replacement in the same run decides it.
const LATER: [&str; 6] = [
    "default_tags",
    "owner_id",
    "region",
    "cluster",
    "ignore_tags",
    "image_registry",
];

#[test]
fn what_the_provider_does_not_know_yet_changes_nothing_that_was_planned() {
    let server = Server::new(E2etls);
    let names: Vec<&String> = server.schema().resources.keys().collect();
    for name in names {
        let name: &'static str = name.clone().leak();
        planned_at_random(name, &server)
            .unknown_at_first(&LATER)
            .private(written)
            .run(&server);
    }
}

#[test]
fn issuer_keeps_the_rules() {
    sweep("e2etls_issuer");
}

#[test]
fn certificate_keeps_the_rules() {
    sweep("e2etls_certificate");
}

#[test]
fn edge_keeps_the_rules() {
    let server = Server::new(E2etls);
    for kind in ["alb", "nlb_tls", "nlb_passthrough"] {
        planned_at_random("e2etls_edge", &server)
            .candidates(|place| of_edge(place, kind).unwrap_or_else(|| spelled(place)))
            .run(&server);
    }
}

#[test]
fn network_policy_keeps_the_rules() {
    sweep("e2etls_network_policy");
}

#[test]
fn platform_keeps_the_rules() {
    sweep("e2etls_platform");
}

#[test]
fn proxy_keeps_the_rules() {
    sweep("e2etls_proxy");
}

#[test]
fn proxy_keeps_the_rules_beside_what_was_written() {
    let server = Server::new(E2etls);
    planned_at_random("e2etls_proxy", &server).private(written).run(&server);
}

#[test]
fn public_certificate_keeps_the_rules() {
    sweep("e2etls_public_certificate");
}

#[test]
fn stack_keeps_the_rules() {
    sweep("e2etls_stack");
}

#[test]
fn stack_with_a_sidecar_keeps_the_rules() {
    let server = Server::new(E2etls);
    planned_at_random("e2etls_stack", &server)
        .candidates(|place| beside_the_app(place).unwrap_or_else(|| spelled(place)))
        .run(&server);
}

#[test]
fn stack_behind_an_edge_keeps_the_rules() {
    let server = Server::new(E2etls);
    for kind in ["alb", "nlb_passthrough"] {
        planned_at_random("e2etls_stack", &server)
            .candidates(move |place| behind_an_edge(place, kind).unwrap_or_else(|| spelled(place)))
            .run(&server);
    }
}

#[test]
fn stack_that_makes_a_certificate_keeps_the_rules() {
    let server = Server::new(E2etls);
    planned_at_random("e2etls_stack", &server)
        .candidates(|place| behind_a_certificate(place).unwrap_or_else(|| spelled(place)))
        .run(&server);
}

#[test]
fn stack_with_alarms_keeps_the_rules() {
    let server = Server::new(E2etls);
    planned_at_random("e2etls_stack", &server)
        .candidates(|place| with_alarms(place).unwrap_or_else(|| spelled(place)))
        .run(&server);
}

#[test]
fn every_registered_resource_is_swept() {
    let server = Server::new(E2etls);
    let names: Vec<&String> = server.schema().resources.keys().collect();
    let swept = [
        "e2etls_certificate",
        "e2etls_edge",
        "e2etls_issuer",
        "e2etls_network_policy",
        "e2etls_platform",
        "e2etls_private_ca",
        "e2etls_proxy",
        "e2etls_public_certificate",
        "e2etls_stack",
    ];
    assert_eq!(names, swept);
}
