//! Certificates on the way.

use super::set_up::{ARN, SetUp, certificates, whole};
use crate::Scope;
use crate::aws::{Answer, Described};

fn described(set_up: &mut SetUp) -> &mut Described {
    match &mut set_up.balancer().listeners[0].certificates[0].described {
        Answer::Seen(described) => described,
        _ => panic!("a certificate"),
    }
}

#[test]
fn the_inventory_names_what_is_used_and_how_long_it_lasts() {
    let report = whole().report(&Scope::All);
    assert_eq!(
        certificates(&report),
        [
            "cert-manager Certificate shop/shop-proxy 4 Pod shop/shop-proxy-a, Pod shop/shop-proxy-b".to_owned(),
            format!("ACM {ARN} 154 HTTPS:443 of the load balancer k8s-shop"),
        ]
    );
    // One that nothing on the way mounts is not on the way.
    let mut set_up = whole();
    set_up.objects.certificates[0].secret = "other".to_owned();
    assert_eq!(certificates(&set_up.report(&Scope::All)).len(), 1);
}

type Row = (&'static str, fn(&mut SetUp), &'static [&'static str]);

#[test]
fn what_is_wrong_with_certificates_is_found() {
    let rows: &[Row] = &[
        ("nothing", |_| {}, &[]),
        (
            "it is for another name",
            |it| described(it).names = vec!["other.example.com".to_owned()],
            &["port 443 of the load balancer k8s-shop has no certificate for shop.example.com"],
        ),
        (
            "it has expired",
            |it| {
                described(it).not_after = "2026-11-27T00:00:00Z".parse().ok();
                described(it).status = "EXPIRED".to_owned();
            },
            &["has no certificate for shop.example.com", "expired on 2026-11-27"],
        ),
        (
            "it ends soon",
            |it| described(it).not_after = "2026-12-08T00:00:00Z".parse().ok(),
            &["expires on 2026-12-08 and has not been renewed yet"],
        ),
        (
            "it is not issued",
            |it| described(it).status = "FAILED".to_owned(),
            &["has no certificate for shop.example.com", "is FAILED"],
        ),
        (
            "it is gone",
            |it| it.balancer().listeners[0].certificates[0].described = Answer::Absent,
            &["has no certificate for shop.example.com", "ACM has no certificate"],
        ),
        (
            "it may not be read",
            |it| it.balancer().listeners[0].certificates[0].described = Answer::Unread("denied".to_owned()),
            &[],
        ),
        (
            "the listener takes old versions",
            |it| it.balancer().listeners[0].ssl_policy = "ELBSecurityPolicy-2016-08".to_owned(),
            &["may accept TLS 1.0 or 1.1 with the security policy ELBSecurityPolicy-2016-08"],
        ),
        (
            "the proxy's has expired",
            |it| it.objects.certificates[0].not_after = "2026-11-27T23:59:59Z".parse().ok(),
            &["Certificate shop/shop-proxy expired on 2026-11-27"],
        ),
        (
            "the proxy's is not ready",
            |it| it.objects.certificates[0].not_ready = Some("Failed: denied".to_owned()),
            &["Certificate shop/shop-proxy is not ready: Failed: denied"],
        ),
    ];
    for (what, breaks, expected) in rows {
        let mut set_up = whole();
        breaks(&mut set_up);
        let findings = set_up.report(&Scope::All).findings;
        assert_eq!(findings.len(), expected.len(), "{what}: {findings:?}");
        for wanted in *expected {
            assert!(
                findings.iter().any(|line| line.contains(wanted)),
                "{what}: {findings:?}"
            );
        }
    }
}
