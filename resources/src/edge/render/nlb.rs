//! The Service of a Network Load Balancer.

use std::collections::BTreeMap;

use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Choice as _};

use super::{Annotations, Check, attributes, healthcheck, manifest, ssl_policy, time};
use crate::edge::model::{Edge, Kind, LoadBalancerClass, Target};
use crate::lifecycle::inputs::{flag, labels, list, number};

const CHECK: Check = Check {
    protocol: "https",
    path: "healthcheck-path",
    codes: "healthcheck-success-codes",
    interval: "healthcheck-interval",
    timeout: ("healthcheck-timeout", 10),
    healthy: "healthcheck-healthy-threshold",
    unhealthy: "healthcheck-unhealthy-threshold",
};

pub(super) fn service(edge: &Edge, kind: Kind) -> Value {
    let mut annotations = Annotations::new("service.beta.kubernetes.io/aws-load-balancer-");
    let scheme = edge.settings.scheme.known().map_or(UNKNOWN, |scheme| scheme.word());
    annotations.set("scheme", scheme);
    annotations.set("nlb-target-type", "ip");
    if kind == Kind::NlbTls {
        annotations.list("ssl-cert", &edge.settings.certificate_arns);
        annotations.set("ssl-ports", "443");
        annotations.set("ssl-negotiation-policy", ssl_policy(edge));
        annotations.set("backend-protocol", "ssl");
        match &edge.settings.alpn_policy {
            Attr::Null => {}
            given => annotations.set("alpn-policy", given.known().map_or(UNKNOWN, |policy| policy.word())),
        }
    }
    healthcheck(&mut annotations, edge, &CHECK);
    annotations.pairs("target-group-attributes", &target_group(edge));
    annotations.pairs("attributes", &attributes(edge));
    annotations.list("subnets", &edge.settings.subnets);
    if !edge.settings.security_group_ids.is_null() {
        annotations.list("security-groups", &edge.settings.security_group_ids);
        annotations.set("manage-backend-security-group-rules", "true");
    }
    annotations.pairs(
        "additional-resource-tags",
        &labels(&edge.settings.tags).unwrap_or_default(),
    );
    manifest(edge, "v1", "Service", annotations, spec(edge))
}

fn spec(edge: &Edge) -> Value {
    let (selector, port) = match &edge.target {
        Attr::Known(Target { selector, port }) => {
            let selector = labels(selector).map_or(json!({}), |labels| json!(labels));
            (selector, number(port).unwrap_or_default())
        }
        _ => (UNKNOWN.into(), UNKNOWN.into()),
    };
    let class = match &edge.settings.load_balancer_class {
        Attr::Null => LoadBalancerClass::Service.word(),
        given => given.known().map_or(UNKNOWN, |class| class.word()),
    };
    let mut spec = json!({
        "type": "LoadBalancer",
        "loadBalancerClass": class,
        // Targets are addresses of Pods: a port of every node would only be another way in.
        "allocateLoadBalancerNodePorts": false,
        "selector": selector,
        "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": port}],
    });
    if !edge.settings.inbound_cidrs.is_null() {
        spec["loadBalancerSourceRanges"] = json!(list(&edge.settings.inbound_cidrs));
    }
    spec
}

/// Attributes of the target group. With the client's address as the sender's, a network policy that admits the load
/// balancer's networks would cut every client off.
fn target_group(edge: &Edge) -> BTreeMap<String, String> {
    let mut set = BTreeMap::from([("preserve_client_ip.enabled".to_owned(), "false".to_owned())]);
    if !edge.settings.proxy_protocol.is_null() {
        let flag = match flag(&edge.settings.proxy_protocol) {
            Value::Bool(flag) => flag.to_string(),
            _ => UNKNOWN.to_owned(),
        };
        set.insert("proxy_protocol_v2.enabled".to_owned(), flag);
    }
    if let Some(seconds) = time(&edge.settings.deregistration_delay) {
        set.insert("deregistration_delay.timeout_seconds".to_owned(), seconds);
    }
    set
}

pub(super) fn listeners(edge: &Edge, kind: Kind) -> Vec<Value> {
    vec![match kind {
        Kind::NlbTls => json!({
            "port": 443, "protocol": "TLS", "ssl_policy": ssl_policy(edge),
            "certificates": list(&edge.settings.certificate_arns),
        }),
        _ => json!({"port": 443, "protocol": "TCP"}),
    }]
}
