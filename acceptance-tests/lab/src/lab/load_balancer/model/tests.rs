//! From annotations to listeners, rules and target groups, and what is refused.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::Ingress;
use serde_json::{Value, json};

use super::annotations::INGRESS;
use super::member::Classed;
use super::stack::{Flavour, Owner, Stack};
use super::{Action, Model, ingress};
use crate::lab::Result;

mod services;

const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:123456789012:certificate/a";

/// Annotations without their prefix.
type Own<'a> = &'a [(&'a str, &'a str)];

fn annotated(prefix: &str, own: &[(&str, &str)]) -> Value {
    let pairs = own.iter().map(|(key, value)| (format!("{prefix}{key}"), json!(value)));
    Value::Object(pairs.collect())
}

fn an_ingress(own: &[(&str, &str)]) -> Ingress {
    let mut all = vec![("target-type", "ip")];
    all.extend(own);
    let backend = json!({ "service": { "name": "web", "port": { "number": 80 } } });
    serde_json::from_value(json!({
        "metadata": { "name": "shop", "namespace": "shop", "annotations": annotated(INGRESS, &all) },
        "spec": { "rules": [{ "host": "shop.example.com", "http": { "paths": [
            { "path": "/", "pathType": "Prefix", "backend": backend },
            { "path": "/api", "pathType": "Prefix", "backend": backend },
            { "path": "/exact", "pathType": "Exact", "backend": { "service": { "name": "gone", "port": { "number": 1 } } } },
        ] } }] },
    }))
    .expect("ingress")
}

fn a_service(prefix: &str, own: &[(&str, &str)]) -> Service {
    serde_json::from_value(json!({
        "metadata": { "name": "web", "namespace": "shop", "uid": "1", "annotations": annotated(prefix, own) },
        "spec": { "ports": [
            { "name": "http", "port": 80, "targetPort": 8080 },
            { "name": "https", "port": 443, "targetPort": "tls" },
        ] },
    }))
    .expect("service")
}

fn built(ingresses: &[Ingress], of_service: &[(&str, &str)]) -> Result<Model> {
    let stack = ingress::stack(&ingresses[0], Flavour::Own, None);
    let ingresses: Vec<Classed> = ingresses.iter().map(|it| (Arc::new(it.clone()), None)).collect();
    let service = Arc::new(a_service(INGRESS, of_service));
    ingress::build(&stack, &ingresses, &|_, name| {
        (name == "web").then(|| Arc::clone(&service))
    })
}

#[test]
fn an_ingress_becomes_listeners_rules_and_groups() {
    let model = built(
        &[an_ingress(&[
            ("scheme", "internet-facing"),
            ("listen-ports", r#"[{"HTTP":80},{"HTTPS":443}]"#),
            ("ssl-redirect", "443"),
            ("certificate-arn", &format!("{CERTIFICATE}, {CERTIFICATE}2")),
            ("target-group-attributes", "deregistration_delay.timeout_seconds=5"),
        ])],
        &[("backend-protocol", "HTTPS"), ("healthcheck-port", "http")],
    )
    .expect("model");
    assert!(model.balancer.name.starts_with("k8s-shop-shop-") && model.balancer.name.len() == 24);
    let [plain, secure] = model.listeners.as_slice() else {
        panic!("{:?}", model.listeners)
    };
    assert_eq!(
        (plain.port, &plain.default, plain.rules.len()),
        (80, &Action::Redirect(443), 0)
    );
    assert_eq!(secure.policy.as_deref(), Some("ELBSecurityPolicy-2016-08"));
    assert_eq!(secure.certificates, [CERTIFICATE.to_owned(), format!("{CERTIFICATE}2")]);
    assert_eq!(secure.default, Action::Fixed("404".to_owned(), String::new()));
    let paths: Vec<String> = secure.rules.iter().map(|rule| rule.paths.join(" ")).collect();
    assert_eq!(paths, ["/exact", "/api /api/*", "/*"]);
    assert_eq!(
        secure.rules[0].action,
        Action::Fixed("503".to_owned(), "Backend service does not exist".to_owned())
    );
    let [group] = model.groups.as_slice() else {
        panic!("{:?}", model.groups)
    };
    assert_eq!((group.id.as_str(), group.port), ("shop/shop-web:80", 8080));
    assert_eq!(
        (group.protocol.as_str(), group.check.protocol.as_str()),
        ("HTTPS", "HTTPS")
    );
    assert_eq!((group.check.port.as_str(), group.check.interval), ("8080", 15));
}

#[test]
fn a_group_shares_one_load_balancer_in_its_order() {
    let grouped = |name: &str, own: &[(&str, &str)]| {
        let mut ingress = an_ingress(own);
        ingress.metadata.name = Some(name.to_owned());
        ingress
    };
    let first = grouped("z", &[("group.name", "public"), ("group.order", "-1")]);
    let second = grouped("a", &[("group.name", "public")]);
    let model = built(&[second, first], &[]).expect("model");
    assert!(model.balancer.name.starts_with("k8s-public-"));
    assert_eq!(model.listeners[0].rules.len(), 6);
    assert_eq!(
        model.listeners[0].rules[1].action,
        Action::Forward("shop/z-web:80".to_owned())
    );
    let of_auto = ingress::stack(&grouped("a", &[("group.name", "public")]), Flavour::Auto, None);
    assert_eq!(of_auto.to_string(), "shop/a");
}

#[test]
fn what_ingresses_are_refused_for() {
    let https = ("listen-ports", r#"[{"HTTPS":443}]"#);
    let certificate = ("certificate-arn", CERTIFICATE);
    let cases: [(Own<'_>, &str); 13] = [
        (
            &[("colour", "red")],
            "annotation alb.ingress.kubernetes.io/colour is not documented",
        ),
        (&[("target-type", "instance")], "target-type must be ip"),
        (
            &[("scheme", "public")],
            "scheme must be within [internal, internet-facing]: public",
        ),
        (&[https], "no certificate found for host: shop.example.com"),
        (
            &[("listen-ports", "443")],
            "failed to parse listen-ports configuration: `443`",
        ),
        (&[("listen-ports", "[]")], "empty listen-ports configuration"),
        (
            &[("listen-ports", r#"[{"TCP":1}]"#)],
            "listen protocol must be within [HTTP, HTTPS]: TCP",
        ),
        (
            &[("listen-ports", r#"[{"HTTP":0}]"#)],
            "listen port must be within [1, 65535]: 0",
        ),
        (
            &[("ssl-redirect", "443")],
            "listener does not exist for SSLRedirect port: 443",
        ),
        (
            &[("ssl-redirect", "80")],
            "listener protocol non-SSL for SSLRedirect port: 80",
        ),
        (
            &[("backend-protocol", "tls")],
            "backend-protocol must be within [HTTP, HTTPS]: tls",
        ),
        (
            &[("inbound-cidrs", "everywhere")],
            "invalid inbound-cidrs settings on Ingress: shop/shop",
        ),
        (
            &[
                certificate,
                ("mutual-authentication", r#"[{"port":443,"mode":"verify"}]"#),
            ],
            "trustStore is required when mutualAuthentication mode is verify for port 443",
        ),
    ];
    for (own, wanted) in cases {
        let error = built(&[an_ingress(own)], &[]).expect_err(wanted).to_string();
        assert!(error.contains(wanted), "{error}, not {wanted}");
    }
}

#[test]
fn what_stands_behind_an_ingress_must_fit() {
    let mut lost = an_ingress(&[]);
    let paths = lost.spec.as_mut().and_then(|spec| spec.rules.as_mut()).expect("rules");
    let http = paths[0].http.as_mut().expect("paths");
    let backend = http.paths[0].backend.service.as_mut().expect("service");
    backend.port.as_mut().expect("port").number = Some(81);
    let error = built(&[lost], &[]).expect_err("no such port").to_string();
    assert_eq!(error, "ingress: shop/shop: unable to find port 81 on service shop/web");
    let error = built(&[an_ingress(&[])], &[("scheme", "internal")]).expect_err("of an Ingress alone");
    assert!(
        error.to_string().contains("alb.ingress.kubernetes.io/scheme"),
        "{error}"
    );
}

#[test]
fn marks_are_those_of_the_flavour() {
    let owner = Owner::Group("public".to_owned());
    let stack = Stack {
        flavour: Flavour::Auto,
        owner: owner.clone(),
    };
    assert_eq!(stack.tags()["ingress.eks.amazonaws.com/stack"], "public");
    assert_eq!(stack.tags()["eks:eks-cluster-name"], "lab");
    let finalizers = ["group.ingress.k8s.aws/public", "ingress.k8s.aws/resources", "other"].map(str::to_owned);
    let held = Stack::of_finalizers("shop", "web", &finalizers);
    let flavour = Flavour::Own;
    let own = Owner::Ingress("shop".to_owned(), "web".to_owned());
    assert_eq!(held, [Stack { flavour, owner }, Stack { flavour, owner: own }]);
    assert_eq!(held[0].finalizer(), finalizers[0]);
}

#[test]
fn parameters_of_a_class_come_before_annotations() {
    let ingress = an_ingress(&[("scheme", "internal"), ("tags", "Team=a,Env=b"), ("group.name", "own")]);
    let params = json!({ "spec": {
        "scheme": "internet-facing", "certificateARNs": [CERTIFICATE], "group": { "name": "shared" },
        "tags": [{ "key": "Env", "value": "c" }],
    } });
    let stack = ingress::stack(&ingress, Flavour::Auto, Some(&params));
    assert_eq!(stack.finalizer(), "group.ingress.eks.amazonaws.com/shared");
    let service = Arc::new(a_service(INGRESS, &[]));
    let members = [(Arc::new(ingress), Some(params))];
    let model = ingress::build(&stack, &members, &|_, name| {
        (name == "web").then(|| Arc::clone(&service))
    })
    .expect("model");
    assert!(!model.balancer.is_internal);
    assert_eq!(model.balancer.tags["Env"], "c");
    assert_eq!(model.balancer.tags["Team"], "a");
    assert_eq!(
        (model.listeners[0].port, model.listeners[0].certificates.len()),
        (443, 1)
    );
}
