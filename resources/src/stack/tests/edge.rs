//! A stack with a load balancer, and records that lead to it.

use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_engine::table::Asked;
use serde_json::{Value as Json, json};
use tfplugin_framework::Model as _;

use super::{config, mistakes, sidecar};
use crate::kinds::Clients;
use crate::lifecycle::Managed as _;
use crate::stack::model::Stack;
use crate::stack::{dns, parts};
use crate::testkit;

const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:111122223333:certificate/1";

fn merged(mut all: Json, more: &Json) -> Json {
    for (name, value) in more.as_object().expect("arguments") {
        all[name.as_str()] = value.clone();
    }
    all
}

/// The argument `edge` of an ALB.
fn alb(more: Json) -> Json {
    let base = json!({"kind": "alb", "scheme": "internal", "certificate_arns": [CERTIFICATE]});
    json!({"edge": merged(base, &more), "template_version": 1, "create_namespace": false})
}

fn passthrough(more: Json) -> Json {
    let base = json!({"kind": "nlb_passthrough", "scheme": "internal"});
    json!({"edge": merged(base, &more), "template_version": 1, "create_namespace": false})
}

fn stack(changes: Json) -> Stack {
    let mut stack = Stack::from_value(&config(changes)).expect("a stack");
    stack.proxy_image = "nginx:1".to_owned().into();
    stack.derive();
    stack
}

/// Name and content of the part at an address.
fn part(stack: &Stack, address: &str) -> (String, Json) {
    let all = parts::parts(stack).expect("everything is known");
    let found = all.into_iter().find(|part| part.address == address);
    let found = found.unwrap_or_else(|| panic!("no {address}"));
    (found.name, found.content)
}

#[test]
fn each_mistake_of_an_edge_is_reported_at_its_argument() {
    let proxy = |more: Json| {
        let isolation = json!({"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]});
        json!({"proxy": merged(json!({"mode": "gateway", "isolation": isolation}), &more)})
    };
    for (changes, path) in [
        (json!({"dns": {"zone_id": "Z1"}}), "dns"),
        (alb(json!({"certificate_arns": null})), "edge.certificate_arns"),
        (alb(json!({"alpn_policy": "HTTP2Only"})), "edge.alpn_policy"),
        (passthrough(json!({"proxy_protocol": true})), "edge.proxy_protocol"),
        (
            merged(alb(json!({})), &proxy(json!({"http": {"proxy_protocol": true}}))),
            "proxy.http.proxy_protocol",
        ),
        (
            merged(
                alb(json!({"ssl_policy": "ELBSecurityPolicy-TLS-1-2-Ext-2018-06"})),
                &proxy(json!({"tls": {"profile": "modern"}})),
            ),
            "edge.ssl_policy",
        ),
    ] {
        let found = mistakes(changes);
        assert!(found.iter().any(|found| found == path), "{path}: {found:?}");
    }
    for changes in [
        alb(json!({})),
        merged(alb(json!({})), &json!({"dns": {"zone_id": "Z1"}})),
        merged(
            passthrough(json!({"proxy_protocol": true})),
            &proxy(json!({"http": {"proxy_protocol": true}})),
        ),
        merged(alb(json!({})), &proxy(json!({"tls": {"profile": "modern"}}))),
    ] {
        assert!(
            mistakes(changes.clone()).is_empty(),
            "{changes}: {:?}",
            mistakes(changes.clone())
        );
    }
}

#[test]
fn an_edge_leads_to_the_proxy_and_the_names_to_the_edge() {
    let all = merged(
        alb(json!({})),
        &json!({"dns": {"zone_id": "Z1"}, "hostnames": ["a.example.com", "b.example.com"]}),
    );
    let shop = stack(all);
    let (name, ingress) = part(&shop, "edge");
    assert_eq!(ingress["kind"], "Ingress");
    assert!(name.starts_with("shop/shop-"), "{name}");
    let rules = ingress["spec"]["rules"].as_array().expect("rules");
    let hosts: Vec<&Json> = rules.iter().map(|rule| &rule["host"]).collect();
    assert_eq!(hosts, ["a.example.com", "b.example.com"]);
    let backend = &rules[0]["http"]["paths"][0]["backend"]["service"];
    assert_eq!(*backend, json!({"name": "shop-proxy", "port": {"number": 443}}));
    let (record, _) = part(&shop, "dns/b.example.com");
    assert_eq!(record, "Z1/b.example.com");
    let balanced = part(&stack(passthrough(json!({}))), "edge").1;
    assert_eq!(balanced["spec"]["selector"], json!({"e2etls.dev/proxy": "shop"}));
    // The Pods of the app are the proxy's.
    let beside = merged(alb(json!({})), &sidecar(json!({}), json!({})));
    let all = parts::parts(&stack(beside)).expect("everything is known");
    let edge = all.iter().find(|part| part.address == "edge").expect("an edge");
    // It is made while the Pods start, and what it leads to is waited for beside it.
    let of = |address: &str| all.iter().find(|part| part.address == address).expect("a part").needs();
    assert!(
        of("app/deployment").iter().all(|address| edge.after.contains(address)),
        "{:?}",
        edge.after
    );
    assert!(edge.after.contains(&"proxy/service".to_owned()));
}

#[test]
fn rollouts_wait_for_the_load_balancer_unless_the_arguments_say_otherwise() {
    let proxy = |more: Json| {
        let isolation = json!({"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]});
        json!({"proxy": merged(json!({"mode": "gateway", "isolation": isolation}), &more)})
    };
    let said = |changes: Json, address: &str| {
        let spec = part(&stack(changes), address).1["spec"].clone();
        let containers = spec["template"]["spec"]["containers"].as_array().expect("containers");
        let nginx = containers.iter().find(|one| one["name"] == "nginx").expect("the proxy");
        (
            spec["minReadySeconds"].clone(),
            nginx["lifecycle"]["preStop"]["exec"]["command"][1].clone(),
        )
    };
    let plain = json!({"template_version": 1, "create_namespace": false});
    let given = proxy(json!({"min_ready": "5s", "pod": {"pre_stop": "7s"}}));
    for (changes, expected) in [
        (plain, (Json::Null, json!("10"))),
        (alb(json!({})), (json!(30), json!("30"))),
        (passthrough(json!({})), (json!(180), json!("30"))),
        (merged(alb(json!({})), &given), (json!(5), json!("7"))),
    ] {
        assert_eq!(said(changes.clone(), "proxy/deployment"), expected, "{changes}");
    }
    let beside = merged(alb(json!({})), &sidecar(json!({}), json!({})));
    let spec = part(&stack(beside), "app/deployment").1["spec"].clone();
    assert_eq!(spec["minReadySeconds"], 30);
    let short = proxy(json!({"pod": {"termination_grace": "31s"}}));
    assert_eq!(
        mistakes(merged(alb(json!({})), &short)),
        ["proxy.pod.termination_grace"]
    );
    assert_eq!(mistakes(short), Vec::<String>::new());
}

#[test]
fn another_load_balancer_has_another_name_and_the_same_keeps_it() {
    let name = |more: Json| part(&stack(alb(more)), "edge").0;
    let first = name(json!({}));
    for same in [
        json!({"ingress_class": "alb"}),
        json!({"ssl_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"}),
        json!({"subnets": ["subnet-1"]}),
    ] {
        assert_eq!(name(same.clone()), first, "{same}");
    }
    for other in [
        json!({"scheme": "internet-facing"}),
        json!({"ingress_class": "other"}),
        json!({"group": {"name": "g"}}),
    ] {
        assert_ne!(name(other.clone()), first, "{other}");
    }
}

#[test]
fn the_idle_timeout_follows_the_longest_path() {
    let attributes = |http: Json| {
        let isolation = json!({"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]});
        let proxy = json!({"proxy": {"mode": "gateway", "isolation": isolation, "http": http}});
        let ingress = part(&stack(merged(alb(json!({})), &proxy)), "edge").1;
        ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/load-balancer-attributes"].clone()
    };
    assert_eq!(
        attributes(json!({"read_timeout": "30s", "send_timeout": "30s"})),
        Json::Null
    );
    assert_eq!(
        attributes(json!({"paths": {"/long/": {"read_timeout": "10m"}}})),
        "idle_timeout.timeout_seconds=605"
    );
}

#[test]
fn the_verdict_behind_a_load_balancer_is_at_best_encrypted() {
    let hops = |changes: Json| {
        let stack = stack(changes);
        let hops = stack.expected_hops.known().expect("known hops").clone();
        let text = |attr: &tfplugin_framework::Attr<String>| attr.as_str().unwrap_or_default().to_owned();
        let shown = hops
            .iter()
            .map(|hop| [&hop.from, &hop.to, &hop.verdict].map(text).join(" "));
        (shown.collect::<Vec<_>>(), text(&stack.expected_verdict))
    };
    let last = "proxy app confined".to_owned();
    let (shown, verdict) = hops(alb(json!({})));
    assert_eq!(shown[..2], ["client edge encrypted", "edge proxy encrypted"]);
    assert_eq!((shown[2].clone(), verdict.as_str()), (last.clone(), "confined"));
    let (shown, _) = hops(passthrough(json!({})));
    assert_eq!(shown, ["client proxy encrypted".to_owned(), last]);
}

#[tokio::test]
async fn a_zone_that_can_not_hold_the_names_is_refused_first() {
    let aws = FakeAws::default();
    let (public, private) = (
        aws.route53.add_zone("example.com", false),
        aws.route53.add_zone("example.com", true),
    );
    let other = aws.route53.add_zone("example.org", false);
    let remotes = Clients {
        route53: Some(Arc::clone(&aws.route53) as _),
        ..Clients::default()
    };
    let op = testkit::operation(Asked::Create, remotes, Stack::KINDS, "stack");
    for (zone, scheme, fits) in [
        (public.as_str(), "internet-facing", true),
        (public.as_str(), "internal", true),
        (private.as_str(), "internal", true),
        (private.as_str(), "internet-facing", false),
        (other.as_str(), "internal", false),
        ("Z00000000", "internal", false),
    ] {
        let stack = stack(merged(
            alb(json!({"scheme": scheme})),
            &json!({"dns": {"zone_id": zone}}),
        ));
        assert_eq!(dns::usable(&stack, &op).await.is_ok(), fits, "{zone} {scheme}");
    }
}
