//! Services with a load balancer of their own.

use super::super::annotations::SERVICE;
use super::super::stack::{Flavour, Owner, Stack};
use super::super::{Model, service};
use super::{CERTIFICATE, Own, a_service};
use crate::lab::Result;

fn balanced(own: &[(&str, &str)], flavour: Flavour) -> Result<Model> {
    let owner = Owner::Service("shop".to_owned(), "web".to_owned());
    let mut all = vec![("nlb-target-type", "ip")];
    all.extend(own);
    service::build(&Stack { flavour, owner }, &a_service(SERVICE, &all))
}

#[test]
fn a_service_becomes_listeners_and_groups() {
    let own = [
        ("ssl-cert", CERTIFICATE),
        ("ssl-ports", "https"),
        ("backend-protocol", "ssl"),
    ];
    let model = balanced(&own, Flavour::Own).expect("model");
    let seen: Vec<(u16, &str, &str, u16)> = model
        .listeners
        .iter()
        .zip(&model.groups)
        .map(|(listener, group)| {
            (
                listener.port,
                listener.protocol.as_str(),
                group.protocol.as_str(),
                group.port,
            )
        })
        .collect();
    assert_eq!(seen, [(80, "TCP", "TCP", 8080), (443, "TLS", "TLS", 1)]);
    assert_eq!(model.listeners[1].policy.as_deref(), Some("ELBSecurityPolicy-2016-08"));
    let check = &model.groups[0].check;
    assert_eq!((check.protocol.as_str(), &check.path, check.healthy), ("TCP", &None, 3));
    assert_eq!(model.groups[0].attributes["proxy_protocol_v2.enabled"], "false");
}

#[test]
fn what_services_are_refused_for() {
    let cases: [(Own<'_>, Flavour, &str); 6] = [
        (
            &[("type", "nlb")],
            Flavour::Own,
            "aws-load-balancer-type is not documented",
        ),
        (
            &[("proxy-protocol", "*")],
            Flavour::Auto,
            "aws-load-balancer-proxy-protocol is not documented",
        ),
        (
            &[("proxy-protocol", "yes")],
            Flavour::Own,
            "only value currently supported is *",
        ),
        (
            &[("backend-protocol", "http")],
            Flavour::Own,
            "backend-protocol must be within [tcp, ssl]: http",
        ),
        (
            &[("nlb-target-type", "instance")],
            Flavour::Own,
            "nlb-target-type must be ip",
        ),
        (
            &[("healthcheck-protocol", "ping")],
            Flavour::Own,
            "Unsupported health check protocol PING",
        ),
    ];
    for (own, flavour, wanted) in cases {
        let error = balanced(own, flavour).expect_err(wanted).to_string();
        assert!(error.contains(wanted), "{error}, not {wanted}");
    }
}
