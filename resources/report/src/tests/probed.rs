//! What handshakes with Pods change in a report, and what they leave alone.

use std::collections::BTreeMap;

use super::set_up::{NGINX, SetUp, shown, whole};
use crate::Scope;
use crate::hop::MOVING;
use crate::objects::PodPort;
use crate::probe::{Probed, Speaks};

/// What was seen at Pods whose names begin like this.
type Seen = (&'static str, Speaks);
type Row = (&'static str, fn(&mut SetUp), &'static [Seen], &'static [&'static str]);

fn probed(set_up: &SetUp, seen: &[Seen]) -> crate::Report {
    let mut report = set_up.report(&Scope::All);
    let found = report.ports().into_iter().filter_map(|at| {
        let (_, speaks) = seen.iter().find(|(start, _)| at.pod.starts_with(start))?;
        let probed = Probed {
            speaks: *speaks,
            words: format!("is {speaks:?}"),
            certificate: Some("a certificate".to_owned()),
            finding: (*speaks == Speaks::Tls).then(|| "it is odd".to_owned()),
        };
        Some((at, probed))
    });
    let found: BTreeMap<PodPort, Probed> = found.collect();
    report.take(&found);
    report
}

const TO_EDGE: &str = "client→edge yun encrypted";
const TO_PROXY: &str = "edge→proxy yny encrypted";
const TO_APP: &str = "proxy→app nny confined";

/// The proxies have no configuration that can be read, and nothing is in front of them.
fn unread(it: &mut SetUp) {
    it.pods("shop-proxy").for_each(|pod| pod.config_maps.clear());
    it.objects.ingresses.clear();
    it.objects.services[0].spec.as_mut().expect("spec").type_ = Some("LoadBalancer".to_owned());
    it.aws.balancers.clear();
    let points = k8s_openapi::api::core::v1::LoadBalancerIngress {
        ip: Some("192.0.2.1".to_owned()),
        ..Default::default()
    };
    let status = k8s_openapi::api::core::v1::LoadBalancerStatus {
        ingress: Some(vec![points]),
    };
    it.objects.services[0].status = Some(k8s_openapi::api::core::v1::ServiceStatus {
        load_balancer: Some(status),
        ..Default::default()
    });
}

#[test]
fn a_handshake_tells_what_was_not_known_and_contradicts_what_is_not_so() {
    let rows: &[Row] = &[
        ("nothing was asked", |_| (), &[], &[TO_EDGE, TO_PROXY, TO_APP]),
        (
            "everything is as it was read",
            |_| (),
            &[("shop-proxy", Speaks::TlsOnly), ("shop", Speaks::Plain)],
            &[TO_EDGE, TO_PROXY, TO_APP],
        ),
        (
            "one proxy does not speak TLS",
            |_| (),
            &[("shop-proxy-a", Speaks::TlsOnly), ("shop-proxy-b", Speaks::Plain)],
            &[TO_EDGE, "edge→proxy nny confined", TO_APP],
        ),
        (
            "load balancers choose TLS where a port takes both",
            |_| (),
            &[("shop-proxy", Speaks::Tls)],
            &[TO_EDGE, TO_PROXY, TO_APP],
        ),
        (
            "nothing answers",
            |_| (),
            &[("shop-proxy", Speaks::Nothing)],
            &[TO_EDGE, TO_PROXY, TO_APP],
        ),
        (
            "the application could take TLS, and the proxy sends none",
            |_| (),
            &[("shop-a", Speaks::TlsOnly), ("shop-b", Speaks::TlsOnly)],
            &[TO_EDGE, TO_PROXY, TO_APP],
        ),
        (
            "the proxy is to send TLS, and the application takes none",
            |it| it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass https://app")),
            &[("shop-a", Speaks::Plain), ("shop-b", Speaks::TlsOnly)],
            &[TO_EDGE, TO_PROXY, TO_APP],
        ),
        (
            "what was not read speaks TLS only",
            unread,
            &[("shop-proxy", Speaks::TlsOnly)],
            &[
                "client→edge uuu unknown",
                "edge→proxy ynu encrypted",
                "proxy→app uuu unknown",
            ],
        ),
        (
            "what was not read speaks TLS only, as far as one Pod was asked",
            unread,
            &[("shop-proxy-a", Speaks::TlsOnly)],
            &[
                "client→edge uuu unknown",
                "edge→proxy unu unknown",
                "proxy→app uuu unknown",
            ],
        ),
        (
            "what was not read speaks both",
            unread,
            &[("shop-proxy", Speaks::Tls)],
            &[
                "client→edge uuu unknown",
                "edge→proxy unu unknown",
                "proxy→app uuu unknown",
            ],
        ),
        (
            "what was not read speaks no TLS",
            unread,
            &[("shop-proxy", Speaks::Plain)],
            &[
                "client→edge uuu unknown",
                "edge→proxy nnu unknown",
                "proxy→app uuu unknown",
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (what, change, seen, expected) in rows {
        let mut set_up = whole();
        change(&mut set_up);
        let report = probed(&set_up, seen);
        let found = shown(&report);
        if found != *expected {
            wrong.push(format!("{what}:\n  expected {expected:?}\n  found    {found:?}"));
        }
        let weakest = report
            .chains
            .iter()
            .flat_map(|chain| &chain.hops)
            .map(|hop| hop.verdict)
            .min();
        assert_eq!(Some(report.verdict), weakest, "{what}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn clients_choose_what_they_speak_to_a_port_that_takes_both() {
    let mut set_up = whole();
    set_up.objects.ingresses.clear();
    let scope = Scope::Service("shop".to_owned(), "shop-proxy".to_owned());
    let mut report = set_up.report(&scope);
    assert_eq!(shown(&report)[0], "client→proxy yuu encrypted");
    let seen = |speaks| Probed {
        speaks,
        words: String::new(),
        certificate: None,
        finding: None,
    };
    let found = report.ports().into_iter().map(|at| (at, seen(Speaks::Tls))).collect();
    report.take(&found);
    assert_eq!(shown(&report)[0], "client→proxy nuu unknown");
}

#[test]
fn what_was_seen_is_told_once_for_all_and_what_moves_apart() {
    let report = probed(
        &whole(),
        &[
            ("shop-proxy-a", Speaks::TlsOnly),
            ("shop-proxy-b", Speaks::Tls),
            ("shop", Speaks::Plain),
        ],
    );
    let hops = &report.chains[0].hops;
    let said = |hop: usize, start: &str| -> Vec<&String> {
        hops[hop]
            .evidence
            .iter()
            .filter(|line| line.starts_with(start))
            .collect()
    };
    assert_eq!(
        said(1, "probe: "),
        [
            "probe: through port-forward, port 8443 of at least one Pod is Tls",
            "probe: through port-forward, port 8443 of at least one Pod is TlsOnly"
        ]
    );
    assert_eq!(
        said(2, "probe: "),
        ["probe: through port-forward, port 8080 of every ready Pod is Plain"]
    );
    let moving = format!("{MOVING}Pod shop/shop-proxy-a shows a certificate");
    assert!(hops[1].evidence.contains(&moving), "{:?}", hops[1].evidence);
    assert_eq!(report.findings, ["Pod shop/shop-proxy-b, port 8443: it is odd"]);
}

/// A Pod that is not ready gets no requests; addresses of nobody can't be asked.
#[test]
fn only_ready_pods_are_asked() {
    let mut set_up = whole();
    set_up.pods("shop-proxy-b").for_each(|pod| pod.ready = false);
    let names: Vec<String> = set_up
        .report(&Scope::All)
        .ports()
        .into_iter()
        .map(|at| at.pod)
        .collect();
    assert!(
        names.contains(&"shop-proxy-a".to_owned()) && !names.contains(&"shop-proxy-b".to_owned()),
        "{names:?}"
    );
}

/// Requests go to Pods that are not ready, too, where the Service says so.
#[test]
fn pods_that_are_not_ready_are_asked_where_requests_go_to_them() {
    let asked = |change: fn(&mut SetUp)| {
        let mut set_up = whole();
        set_up.pods("shop-proxy-b").for_each(|pod| pod.ready = false);
        change(&mut set_up);
        let ports = set_up.report(&Scope::All).ports();
        ports.iter().any(|at| at.pod == "shop-proxy-b")
    };
    assert!(!asked(|_| ()));
    assert!(asked(|it| {
        let spec = it.objects.services[0].spec.as_mut().expect("spec");
        spec.publish_not_ready_addresses = Some(true);
    }));
}
