//! The Ingress of an Application Load Balancer.

use std::collections::BTreeMap;

use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Choice as _};

use super::{Annotations, Check, attributes, count, healthcheck, manifest, ssl_policy, time};
use crate::edge::model::{ClientAuth, ClientAuthMode, Edge, INGRESS_CLASS};
use crate::lifecycle::inputs::{labels, list, number, text};

/// The port of the Services that is used where none is given.
const PORT: i64 = 443;

const CHECK: Check = Check {
    protocol: "HTTPS",
    path: "healthcheck-path",
    codes: "success-codes",
    interval: "healthcheck-interval-seconds",
    timeout: ("healthcheck-timeout-seconds", 5),
    healthy: "healthy-threshold-count",
    unhealthy: "unhealthy-threshold-count",
};

pub(super) fn ingress(edge: &Edge) -> Value {
    let mut annotations = Annotations::new("alb.ingress.kubernetes.io/");
    let known = |attr: Option<&'static str>| attr.unwrap_or(UNKNOWN).to_owned();
    annotations.set(
        "scheme",
        known(edge.settings.scheme.known().map(|scheme| scheme.word())),
    );
    annotations.set("target-type", "ip");
    listen(&mut annotations, edge);
    annotations.set("backend-protocol", "HTTPS");
    match &edge.settings.protocol_version {
        Attr::Null => {}
        given => annotations.set(
            "backend-protocol-version",
            known(given.known().map(|version| version.word())),
        ),
    }
    healthcheck(&mut annotations, edge, &CHECK);
    annotations.pairs("load-balancer-attributes", &attributes(edge));
    if let Some(seconds) = time(&edge.settings.deregistration_delay) {
        let delay = BTreeMap::from([("deregistration_delay.timeout_seconds".to_owned(), seconds)]);
        annotations.pairs("target-group-attributes", &delay);
    }
    if let Some(group) = edge.settings.group.known() {
        annotations.text("group.name", &group.name);
        if let Some(order) = count(&group.order) {
            annotations.set("group.order", order);
        }
    }
    annotations.list("inbound-cidrs", &edge.settings.inbound_cidrs);
    annotations.list("subnets", &edge.settings.subnets);
    if !edge.settings.security_group_ids.is_null() {
        annotations.list("security-groups", &edge.settings.security_group_ids);
        // Without it, the Pods would not let the load balancer in.
        annotations.set("manage-backend-security-group-rules", "true");
    }
    annotations.text("wafv2-acl-arn", &edge.settings.waf_acl_arn);
    annotations.pairs("tags", &labels(&edge.settings.tags).unwrap_or_default());
    let class = match &edge.settings.ingress_class {
        Attr::Null => INGRESS_CLASS.to_owned(),
        given => text(given),
    };
    let spec = json!({"ingressClassName": class, "rules": rules(edge)});
    manifest(edge, "networking.k8s.io/v1", "Ingress", annotations, spec)
}

/// What the load balancer listens to.
fn listen(annotations: &mut Annotations, edge: &Edge) {
    let redirects = edge.settings.redirect_http.known() != Some(&false);
    annotations.set(
        "listen-ports",
        match (edge.settings.redirect_http.is_unknown(), redirects) {
            (true, _) => UNKNOWN,
            (_, true) => r#"[{"HTTP": 80}, {"HTTPS": 443}]"#,
            (_, false) => r#"[{"HTTPS": 443}]"#,
        },
    );
    if redirects {
        annotations.set("ssl-redirect", "443");
    }
    annotations.list("certificate-arn", &edge.settings.certificate_arns);
    annotations.set("ssl-policy", ssl_policy(edge));
    match &edge.settings.client_auth {
        Attr::Known(auth) => annotations.set("mutual-authentication", client_auth(auth)),
        Attr::Unknown => annotations.set("mutual-authentication", UNKNOWN),
        Attr::Null => {}
    }
}

fn client_auth(auth: &ClientAuth) -> String {
    let mode = auth.mode.known().map_or(UNKNOWN, |mode| mode.word());
    let mut config = json!({"port": 443, "mode": mode});
    if !auth.trust_store_arn.is_null() {
        config["trustStore"] = text(&auth.trust_store_arn).into();
    }
    json!([config]).to_string()
}

/// A rule for each host.
fn rules(edge: &Edge) -> Value {
    let Some(routes) = edge.routes.known() else {
        return UNKNOWN.into();
    };
    let rule = routes.iter().map(|(host, route)| {
        let port = number(&route.port).unwrap_or(PORT.into());
        json!({
            "host": host,
            "http": {"paths": [{
                "path": "/",
                "pathType": "Prefix",
                "backend": {"service": {"name": text(&route.service), "port": {"number": port}}},
            }]},
        })
    });
    rule.collect()
}

/// The hosts that are routed, with where each leads.
pub(in crate::edge) fn hosts(edge: &Edge) -> Value {
    let Some(routes) = edge.routes.known() else {
        return UNKNOWN.into();
    };
    let route = routes.iter().map(|(host, route)| {
        let port = number(&route.port).unwrap_or(PORT.into());
        (
            host.clone(),
            Value::from(format!("port {port} of Service {}", text(&route.service))),
        )
    });
    Value::Object(route.collect())
}

pub(super) fn listeners(edge: &Edge) -> Option<Vec<Value>> {
    let auth = match &edge.settings.client_auth {
        Attr::Null => ClientAuthMode::Off.word(),
        Attr::Known(auth) => auth.mode.known().map_or(UNKNOWN, |mode| mode.word()),
        Attr::Unknown => UNKNOWN,
    };
    let mut listeners = vec![json!({
        "port": 443, "protocol": "HTTPS", "ssl_policy": ssl_policy(edge), "client_auth": auth,
        "certificates": list(&edge.settings.certificate_arns),
    })];
    match edge.settings.redirect_http {
        Attr::Unknown => return None,
        Attr::Known(false) => {}
        _ => listeners.push(json!({"port": 80, "protocol": "HTTP", "redirects": true})),
    }
    Some(listeners)
}
