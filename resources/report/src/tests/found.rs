//! What a report finds beside the hops, and whether it finds anything at all.

use serde_json::json;

use super::set_up::{NGINX, SetUp, ingress, policy, service, whole};
use crate::Scope;
use crate::objects::Leading;

/// Nobody is there today, and whoever creates a Pod there gets in.
#[test]
fn pods_that_come_later_are_an_exception() {
    let mut set_up = whole();
    let later = |set_up: &SetUp| {
        let report = set_up.report(&Scope::All);
        let hop = report.chains[0].hops.last().expect("a hop").clone();
        assert_eq!(hop.confined, crate::facet::Facet::Yes, "{hop:?}");
        hop.except.iter().any(|except| except.contains("created later"))
    };
    assert!(!later(&set_up));
    let from = json!([{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "debug"}}}]}]);
    set_up
        .objects
        .policies
        .push(policy("debug", &json!({"app": "shop"}), &from));
    assert!(later(&set_up));
}

/// Otherwise an answer about nothing would pass for one about something.
#[test]
fn what_does_not_exist_is_not_found() {
    let named = |name: &str| ("shop".to_owned(), name.to_owned());
    let service = |name| Scope::Service(named(name).0, named(name).1);
    let ingress = |name| Scope::Ingress(named(name).0, named(name).1);
    let mut set_up = whole();
    for (scope, found) in [
        (Scope::All, true),
        (Scope::Namespace("other".to_owned()), true),
        (Scope::Namespace("nowhere".to_owned()), false),
        (Scope::Hostname("shop.example.com".to_owned()), true),
        (Scope::Hostname("shop.example.org".to_owned()), false),
        (service("shop-proxy"), true),
        (service("shop-prox"), false),
        (ingress("shop"), true),
        (ingress("shopp"), false),
    ] {
        assert_eq!(set_up.report(&scope).found, found, "{scope:?}");
    }
    // What was not listed may be there.
    set_up.objects.unread = ["namespaces", "ingresses", "services"].map(str::to_owned).to_vec();
    for scope in [
        Scope::Namespace("nowhere".to_owned()),
        service("shop-prox"),
        ingress("shopp"),
    ] {
        assert!(set_up.report(&scope).found, "{scope:?}");
    }
}

/// What is covered, and has no way in that is followed.
#[test]
fn a_gateway_alone_is_said_not_to_be_followed() {
    let mut set_up = whole();
    set_up.objects.ingresses.clear();
    set_up.objects.others.push(Leading {
        object: "HTTPRoute shop/y".to_owned(),
        service: ("shop".to_owned(), "shop-proxy".to_owned()),
    });
    let line = "HTTPRoute shop/y leads to Service shop/shop-proxy, and was not followed";
    for (scope, found) in [
        (Scope::All, true),
        (Scope::Namespace("shop".to_owned()), true),
        (Scope::Service("shop".to_owned(), "shop-proxy".to_owned()), true),
        (Scope::Namespace("other".to_owned()), false),
    ] {
        let findings = set_up.report(&scope).findings;
        assert_eq!(
            findings.iter().any(|finding| finding == line),
            found,
            "{scope:?}: {findings:?}"
        );
    }
}

/// Around the port that is served with TLS.
#[test]
fn another_port_without_tls_is_found() {
    let mut set_up = whole();
    set_up.nginx(&NGINX.replace(
        "server { listen 8443 ssl default_server;",
        "server { listen 127.0.0.1:9000; location / { proxy_pass http://app; } } server { listen 8080; location / { proxy_pass http://app; } }
         server { listen 9090; return 200; } server { listen 8443 ssl default_server;",
    ));
    let report = set_up.report(&Scope::All);
    assert_eq!(
        report.findings,
        [
            "NGINX with ConfigMap shop/shop-proxy-config also accepts requests without TLS on port 8080, and forwards them"
        ]
    );
}

/// Ways that the scope does not cover.
#[test]
fn other_ways_are_found() {
    let mut set_up = whole();
    let spec = json!({"type": "NodePort", "selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}]});
    set_up.objects.services.push(service("debug", &spec));
    set_up
        .objects
        .ingresses
        .push(ingress("debug", Some("debug.example.com"), "shop-upstream", 8080));
    for (object, name) in [
        ("TargetGroupBinding shop/x", "shop-upstream"),
        ("HTTPRoute shop/y", "shop-proxy"),
    ] {
        set_up.objects.others.push(Leading {
            object: object.to_owned(),
            service: ("shop".to_owned(), name.to_owned()),
        });
    }
    let report = set_up.report(&Scope::Hostname("shop.example.com".to_owned()));
    assert_eq!(
        report.findings,
        [
            "HTTPRoute shop/y leads to Service shop/shop-proxy, and was not followed",
            "Ingress shop/debug also leads to Pods of the application",
            "Service shop/debug opens port 30080 of every Node to Pods of the application",
            "TargetGroupBinding shop/x leads to Service shop/shop-upstream, and was not followed",
        ]
    );
}
