//! The CA, what the cluster needs, and network policies.

use serde_json::json;

use super::Answer::{NoArgument, Rendered, Told};
use super::{Row, row};

pub(super) fn rows() -> Vec<Row> {
    let mut rows = authorities();
    rows.extend(software());
    rows.extend(policies());
    rows
}

fn authorities() -> Vec<Row> {
    vec![
        row(
            "the CA is never activated",
            "private_ca",
            json!({"enabled": false, "restore_arn": null}),
            Told("enabled", "can't issue anything"),
        ),
        row(
            "the CA is any that is active, perhaps another team's",
            "stack",
            json!({"ca_arn": "ACTIVE"}),
            Told("ca_arn", "not a valid ARN of a private CA"),
        ),
        row(
            "every CA of the account may be used",
            "platform",
            json!({"ca_arns": ["arn:aws:acm-pca:*:*:certificate-authority/*"]}),
            Told("ca_arns", "not a valid ARN of a private CA"),
        ),
        row(
            "the role belongs to a service account that no Pod has",
            "platform",
            json!({"addons": {"private_ca_connector": "v1.10.1-eksbuild.1"},
                "service_account": {"name": "aws-pca-issuer"}}),
            Told("service_account", "always has the service account"),
        ),
        row(
            "the role is that of the nodes",
            "platform",
            json!({}),
            NoArgument(&["node_role", "role_arn_of_nodes", "instance_profile"]),
        ),
    ]
}

fn software() -> Vec<Row> {
    vec![
        row(
            "cert-manager has the version of an old chart",
            "platform",
            json!({"addons": {"cert_manager": "1.13.1"}}),
            Told("addons.cert_manager", "neither the version of an EKS add-on"),
        ),
        row(
            "values of the chart are superseded, or for debugging only",
            "platform",
            json!({"addons": {"cert_manager": "v1.20.3-eksbuild.1"}}),
            NoArgument(&["addons.values", "addons.configuration", "addons.install_crds"]),
        ),
        row(
            "NGINX is past its end of life",
            "stack",
            json!({"proxy": {"pod": {"image": "nginx:1.25"}}}),
            Told("proxy.pod.image", "1.29.3 or later"),
        ),
    ]
}

fn policies() -> Vec<Row> {
    let kube_dns = json!([{"namespaces": {"name": "kube-system"}, "pods": {"k8s-app": "kube-dns"}}]);
    let tcp = json!([{"cidrs": ["10.96.0.10/32"], "ports": [53]}]);
    let both = json!([{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]);
    let metadata = "/spec/egress/0/to/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name";
    vec![
        row(
            "the namespace of the name servers is found by a label that it does not have",
            "network_policy",
            json!({"allow_to": kube_dns}),
            Told("allow_to[0].namespaces[\"name\"]", "kubernetes.io/metadata.name"),
        ),
        row(
            "the namespace of the name servers is found by a label that it does not have",
            "network_policy",
            json!({"allow_to": []}),
            Rendered("policy/app", metadata, json!("kube-system")),
        ),
        row(
            "a namespace is found by a label that it does not have",
            "stack",
            json!({"proxy": {"isolation": {"allow_from": [{"namespaces": {"name": "kube-system"}}]}}}),
            Told(
                "proxy.isolation.allow_from[0].namespaces[\"name\"]",
                "kubernetes.io/metadata.name",
            ),
        ),
        row(
            "name servers are reached over one of UDP and TCP alone",
            "network_policy",
            json!({"allow_to": []}),
            Rendered("policy/app", "/spec/egress/0/ports", both),
        ),
        row(
            "name servers are reached over one of UDP and TCP alone",
            "network_policy",
            json!({"allow_to": tcp, "dns": false}),
            Told("allow_to[0].ports", "UDP to port 53 stays denied"),
        ),
        row(
            "an empty selector is taken for none",
            "network_policy",
            json!({"app": {"selector": {}}}),
            Told("app.selector", ""),
        ),
        row(
            "an empty selector is taken for none",
            "stack",
            json!({"app": {"selector": {}}}),
            Told("app.selector", ""),
        ),
        row(
            "the load balancer is taken for a Pod",
            "stack",
            json!({"proxy": {"isolation": {"lb_cidrs": null}}}),
            Told("proxy.isolation.lb_cidrs", "load balancer's subnets"),
        ),
    ]
}
