//! In front of the proxy.

use super::super::set_up::{BALANCER, NGINX, SetUp, ingress};
use super::{Row, TO_APP, TO_EDGE, TO_PROXY};
use crate::aws::{Answer, TargetGroup};

/// What is broken, and the hops that show it.
pub(super) const ROWS: &[Row] = &[
    (
        "the target group speaks HTTP",
        |it| it.balancer().groups.get_mut("tg").expect("tg").protocol = "HTTP".to_owned(),
        &[TO_EDGE, "edge→proxy nny confined", TO_APP],
    ),
    (
        "one of two target groups speaks HTTP",
        |it| {
            let old = TargetGroup {
                protocol: "HTTP".to_owned(),
                targets: vec![("10.0.1.1".to_owned(), 8443, "healthy".to_owned())],
            };
            it.balancer().groups.insert("old".to_owned(), old);
            it.balancer().listeners[0].rules[0].1.push("old".to_owned());
        },
        &[TO_EDGE, "edge→proxy nny confined", TO_APP],
    ),
    (
        "port 80 serves the application, too",
        |it| it.balancer().listeners[1].rules = vec![(vec!["shop.example.com".to_owned()], vec!["tg".to_owned()])],
        &[TO_EDGE, TO_PROXY, TO_APP, "client→edge nun plaintext", TO_PROXY, TO_APP],
    ),
    (
        "port 80 forwards by default",
        |it| {
            it.balancer().listeners[1].redirects = false;
            it.balancer().listeners[1].groups = vec!["tg".to_owned()];
        },
        &[TO_EDGE, TO_PROXY, TO_APP, "client→edge nun plaintext", TO_PROXY, TO_APP],
    ),
    (
        "the listener leads elsewhere",
        |it| {
            it.balancer().groups.get_mut("tg").expect("tg").targets =
                vec![("10.9.9.9".to_owned(), 8443, "healthy".to_owned())]
        },
        &["client→edge uuu unknown"],
    ),
    (
        "the target group leads to another port of the Pods",
        |it| it.balancer().groups.get_mut("tg").expect("tg").targets[0].1 = 9090,
        &[TO_EDGE, "edge→proxy ynu encrypted", TO_APP],
    ),
    (
        "the load balancer is gone",
        |it| drop(it.aws.balancers.insert(BALANCER.to_owned(), Answer::Absent)),
        &["client→edge uuu unknown"],
    ),
    (
        "the load balancer goes through Nodes",
        |it| {
            it.objects.services[0]
                .spec
                .as_mut()
                .expect("spec")
                .ports
                .as_mut()
                .expect("ports")[0]
                .node_port = Some(30443);
            it.balancer().groups.get_mut("tg").expect("tg").targets =
                vec![("i-0abc".to_owned(), 30443, "healthy".to_owned())];
        },
        &[TO_EDGE, "edge→proxy ynn encrypted", TO_APP],
    ),
    (
        "a Network Load Balancer passes on what clients send",
        SetUp::passes_through,
        &["client→proxy yuu encrypted", TO_APP],
    ),
    (
        "a Network Load Balancer passes on to others, too",
        |it| {
            it.passes_through();
            let targets = &mut it.balancer().groups.get_mut("tg").expect("tg").targets;
            targets.push(("10.9.9.9".to_owned(), 8443, "healthy".to_owned()));
        },
        &["client→proxy uuu unknown", TO_APP],
    ),
    (
        "a Network Load Balancer passes on to NGINX without TLS",
        |it| {
            it.nginx(&NGINX.replace(" ssl", ""));
            it.passes_through();
        },
        &["client→proxy nuu unknown", TO_APP],
    ),
    (
        "the Ingress leads straight to the application",
        |it| {
            it.objects.ingresses[0] = ingress("shop", None, "shop-upstream", 8080);
            let group = it.balancer().groups.get_mut("tg").expect("tg");
            group.protocol = "HTTP".to_owned();
            group.targets = vec![("10.0.1.3".to_owned(), 8080, "healthy".to_owned())];
        },
        &[TO_EDGE, "edge→app nnn plaintext"],
    ),
    (
        "the Service of the Ingress is gone",
        |it| drop(it.objects.services.remove(0)),
        &["client→edge uuu unknown"],
    ),
    (
        "nothing runs behind the Service",
        |it| it.objects.pods.retain(|pod| !pod.name.starts_with("shop-proxy")),
        &["client→edge uuu unknown"],
    ),
    (
        "a target is no Pod of the Service",
        |it| {
            let group = it.balancer().groups.get_mut("tg").expect("tg");
            group.targets.push(("10.9.9.9".to_owned(), 8443, "healthy".to_owned()));
        },
        &[TO_EDGE, "edge→proxy ynu encrypted", TO_APP],
    ),
];
