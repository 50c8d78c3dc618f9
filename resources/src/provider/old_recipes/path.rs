//! The path of a request: load balancer, certificates, names and alarms.

use serde_json::json;

use super::Answer::{NoArgument, Planned, Rendered, Told};
use super::{Row, row};

const ANNOTATIONS: &str = "alb.ingress.kubernetes.io";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = certificates();
    rows.extend(application_load_balancer());
    rows.extend(network_load_balancer());
    rows.extend(verdicts());
    rows
}

fn certificates() -> Vec<Row> {
    vec![
        row(
            "the public certificate has no validation record",
            "public_certificate",
            json!({"dns": {"zones": null}}),
            Told("dns", "Set `zones`"),
        ),
        row(
            "nobody waits until the public certificate is issued",
            "public_certificate",
            json!({"wait": "requested"}),
            Told("wait", "always waits until the certificate is issued"),
        ),
        row(
            "a certificate is found by its name, of which there may be several",
            "stack",
            json!({"edge": {"certificate_arns": ["shop.example.com"]}}),
            Told("edge.certificate_arns[0]", "not a valid ARN of a certificate"),
        ),
        row(
            "a wildcard is taken for the name above it",
            "stack",
            json!({"hostnames": ["*.app.example.com"]}),
            Told("hostnames[0]", "not for `app.example.com`"),
        ),
        row(
            "a wildcard is taken for the name above it",
            "certificate",
            json!({"dns_names": ["*.app.example.com"]}),
            Told("dns_names[0]", "not for `app.example.com`"),
        ),
        row(
            "a renewed certificate keeps its key",
            "certificate",
            json!({}),
            Rendered("certificate", "/spec/privateKey/rotationPolicy", json!("Always")),
        ),
        row(
            "the alarm tells nobody",
            "stack",
            json!({"alarm": {"actions": null}}),
            Told("alarm.actions", "actions"),
        ),
        row(
            "the alarm is on before the certificate would be renewed",
            "stack",
            json!({"alarm": {"days": 60}}),
            Told("alarm.days", "45 days before it expires"),
        ),
        row(
            "the alarm has no evaluation periods",
            "stack",
            json!({}),
            Rendered("alarm/0", "/periods", json!(1)),
        ),
        row(
            "the alarm is quiet once the metric ends with the certificate",
            "stack",
            json!({}),
            Rendered("alarm/0", "/missing_data", json!("breaching")),
        ),
        row(
            "the name is a CNAME, which a zone's own name can't be",
            "stack",
            json!({}),
            NoArgument(&["dns.type", "dns.cname", "dns.record_type"]),
        ),
    ]
}

fn application_load_balancer() -> Vec<Row> {
    let at = |annotation: &str| -> &'static str { format!("/metadata/annotations/{ANNOTATIONS}~1{annotation}").leak() };
    vec![
        row(
            "the class of the Ingress is an annotation, which EKS Auto Mode ignores",
            "edge",
            json!({}),
            NoArgument(&["annotations"]),
        ),
        row(
            "the class of the Ingress is an annotation, which EKS Auto Mode ignores",
            "edge",
            json!({}),
            Rendered("edge", "/spec/ingressClassName", json!("alb")),
        ),
        row(
            "the name of the annotation is taken for a class",
            "edge",
            json!({"ingress_class": "kubernetes.io/ingress.class"}),
            Told("ingress_class", "not a valid"),
        ),
        row(
            "plain HTTP is neither refused nor redirected",
            "edge",
            json!({}),
            Rendered("edge", at("ssl-redirect"), json!("443")),
        ),
        row(
            "the security policy is the old default of the API",
            "edge",
            json!({}),
            Rendered(
                "edge",
                at("ssl-policy"),
                json!("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"),
            ),
        ),
        row(
            "the security policy is the old default of the API",
            "edge",
            json!({"ssl_policy": "ELBSecurityPolicy-2016-08"}),
            Told("ssl_policy", "RFC 8996"),
        ),
        row(
            "the health check has another protocol than its port",
            "edge",
            json!({}),
            NoArgument(&["healthcheck.port", "healthcheck.protocol"]),
        ),
        row(
            "the health check has another protocol than its port",
            "edge",
            json!({}),
            Rendered("edge", at("healthcheck-protocol"), json!("HTTPS")),
        ),
        row(
            "the application gets plain text from the load balancer",
            "edge",
            json!({}),
            Rendered("edge", at("backend-protocol"), json!("HTTPS")),
        ),
    ]
}

fn network_load_balancer() -> Vec<Row> {
    let passthrough = json!({"kind": "nlb_passthrough", "certificate_arns": null, "routes": null,
        "target": {"selector": {"app": "shop"}, "port": 8443}});
    let mut tls = passthrough.clone();
    tls["kind"] = json!("nlb_tls");
    tls["certificate_arns"] = json!([super::ACM]);
    let mut legacy = passthrough.clone();
    legacy["load_balancer_class"] = json!("nlb");
    let backend = "/metadata/annotations/service.beta.kubernetes.io~1aws-load-balancer-backend-protocol";
    vec![
        row(
            "the type `nlb` selects the legacy controller",
            "edge",
            legacy,
            Told("load_balancer_class", "`service.k8s.aws/nlb`"),
        ),
        row(
            "the backend protocol is `http`, which is none",
            "edge",
            json!({}),
            NoArgument(&["backend_protocol"]),
        ),
        row(
            "the backend protocol is `http`, which is none",
            "edge",
            tls.clone(),
            Rendered("edge", backend, json!("ssl")),
        ),
        row(
            "the load balancer listens in plain text",
            "edge",
            tls,
            Rendered("edge", "/spec/ports/0/port", json!(443)),
        ),
        row(
            "the load balancer listens in plain text",
            "edge",
            passthrough,
            Rendered("edge", "/spec/ports/0/port", json!(443)),
        ),
    ]
}

fn verdicts() -> Vec<Row> {
    let off = json!({"proxy": {"isolation": {"mode": "off", "lb_cidrs": null}}});
    vec![
        row(
            "a path whose last hop is plain text is called encrypted end to end",
            "stack",
            off.clone(),
            Planned("/expected_verdict", "plaintext"),
        ),
        row(
            "a path whose last hop is plain text is called encrypted end to end",
            "stack",
            off,
            Planned("/expected_hops/2/tls", "no"),
        ),
        row(
            "nodes are said to encrypt, whatever they are",
            "stack",
            json!({}),
            Planned("/expected_hops/2/link", "unknown"),
        ),
        row(
            "a load balancer is said to verify its targets",
            "stack",
            json!({}),
            Planned("/expected_hops/1/peer_verified", "no"),
        ),
        row(
            "a policy is said to protect, whether or not anything enforces it",
            "stack",
            json!({}),
            Planned("/expected_hops/2/evidence", ENFORCED),
        ),
        row(
            "a policy is said to stop the Pod's own node",
            "stack",
            json!({}),
            Planned("/expected_hops/2/except", OWN_NODE),
        ),
        row(
            "a second Content-Type is added to that of the application",
            "stack",
            json!({"proxy": {"http": {"extra_config": "add_header Content-Type text/plain;"}}}),
            Told("proxy.http.extra_config", "use `default_type`"),
        ),
        row(
            "a second Content-Type is added to that of the application",
            "stack",
            json!({"proxy": {"http": {"response_headers": {"Content-Type": "text/plain"}}}}),
            Told("proxy.http.response_headers[\"Content-Type\"]", "sets itself"),
        ),
    ]
}

const ENFORCED: &str = "declared: network policies take effect only if the cluster enforces them, which the configuration \
    does not show";
const OWN_NODE: &str = "processes on the Pod's own node, Pods with hostNetwork on that node, and traffic that arrives through a \
    NodePort of that node";
