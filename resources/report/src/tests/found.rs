//! What a report finds beside the hops, and whether it finds anything at all.

use serde_json::json;

use super::set_up::{NGINX, SetUp, ingress, policy, route, service, shown, whole};
use super::whole::GOOD;
use crate::Scope;
use crate::objects::Route;

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

/// A route of a Gateway is a way in like an Ingress.
#[test]
fn routes_lead_in_through_the_load_balancer_of_their_gateway() {
    let mut set_up = whole();
    set_up.objects.ingresses.clear();
    set_up.objects.routes.push(route("HTTPRoute shop/y", "shop-proxy", 443));
    for (scope, hops) in [
        (Scope::All, &GOOD[..]),
        (Scope::Namespace("shop".to_owned()), &GOOD),
        (Scope::Service("shop".to_owned(), "shop-proxy".to_owned()), &GOOD),
        (Scope::Hostname("shop.example.com".to_owned()), &GOOD),
        (Scope::Namespace("other".to_owned()), &[]),
    ] {
        let report = set_up.report(&scope);
        assert_eq!(shown(&report), hops, "{scope:?}");
        assert!(report.chains.iter().all(|chain| chain.object == "HTTPRoute shop/y"));
    }
    // For another host than the listener's rule, and of a load balancer that is not known.
    set_up.objects.routes[0].hosts = vec!["a.example.com".to_owned(), "b.example.com".to_owned()];
    let unknown = ["client→edge uuu unknown"; 2];
    assert_eq!(shown(&set_up.report(&Scope::All)), unknown);
    assert!(shown(&set_up.report(&Scope::Hostname("c.example.com".to_owned()))).is_empty());
    set_up.objects.routes[0].hosts.pop();
    set_up.objects.routes[0].balancers = Err("gateways were not listed".to_owned());
    let report = set_up.report(&Scope::All);
    assert_eq!(
        shown(&report),
        [
            "client→edge uuu unknown",
            "edge→proxy unu unknown",
            "proxy→app nny confined"
        ]
    );
    let said = &report.chains[0].hops[0].evidence[0];
    assert_eq!(
        said,
        "api: what HTTPRoute shop/y leads through is not known: gateways were not listed"
    );
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
    for (object, name, port) in [
        ("TargetGroupBinding shop/x", "shop-upstream", 8080),
        ("HTTPRoute shop/y", "shop-proxy", 443),
    ] {
        set_up.objects.routes.push(Route {
            hosts: vec!["debug.example.com".to_owned()],
            ..route(object, name, port)
        });
    }
    let report = set_up.report(&Scope::Hostname("shop.example.com".to_owned()));
    assert_eq!(
        report.findings,
        [
            "Ingress shop/debug also leads to Pods of the application",
            "Service shop/debug opens port 30080 of every Node to Pods of the application",
            "TargetGroupBinding shop/x also leads to Pods of the application",
        ]
    );
}
