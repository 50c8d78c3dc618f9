//! What was not examined, which comes first: what is not there to be seen must not be read as fine.

use maud::{Markup, html};

use crate::document::{ClusterReport, Document};
use crate::page::foreign::{name, sentence};

/// What no report of this version examines.
const NEVER: [&str; 9] = [
    "Live handshakes with load balancers: which protocol version and cipher suite they negotiate, and which certificate they present. Handshakes with Pods are made only with --probe; evidence that begins with “probe:” shows them.",
    "Revocation of certificates, their keys and signatures, and certificates that neither ACM nor cert-manager manages.",
    "DNS records: whether a host name leads to the load balancer that is shown.",
    "Other ways than those of Ingresses, Services of type LoadBalancer, and routes of Gateways and TargetGroupBindings. What a Gateway that runs in Pods does with requests is not read.",
    "CloudFront and other services in front of the load balancer.",
    "Security groups, network ACLs and routes.",
    "Encryption between nodes, by the network or by the instance types.",
    "Ingress controllers and proxies other than NGINX with a configuration that is mounted from ConfigMaps.",
    "Traffic that leaves the applications, such as to databases.",
];

/// The section.
pub(super) fn section(document: &Document) -> Markup {
    html! {
        section.not-examined #not-examined aria-labelledby="not-examined-title" {
            h2 #not-examined-title { "What was not examined" }
            p { "Nothing below says anything about what is listed here." }
            @if document.clusters.is_empty() {
                p.missing { strong { "No cluster was examined." } }
            }
            @for cluster in &document.clusters {
                (of_cluster(cluster))
            }
            h3 { "In every report of this version" }
            ul.never {
                @for item in NEVER {
                    li { (item) }
                }
            }
        }
    }
}

/// What is missing in one cluster; nothing where all was read.
fn of_cluster(cluster: &ClusterReport) -> Markup {
    let is_reached = cluster.report.is_some();
    html! {
        @if !is_reached || cluster.error.is_some() {
            h3 { "Cluster " (cluster_name(cluster)) " was not examined" }
            p.missing {
                strong { "Reason: " }
                @match &cluster.error {
                    Some(error) => (sentence(error)),
                    None => "it is not known why.",
                }
            }
        } @else if !cluster.incomplete.is_empty() {
            h3 { "Cluster " (cluster_name(cluster)) " was only partly read" }
        }
        @if !cluster.incomplete.is_empty() {
            ul.missing {
                @for line in &cluster.incomplete {
                    li { (sentence(line)) }
                }
            }
        }
    }
}

/// What a cluster is called on the page.
pub(super) fn cluster_name(cluster: &ClusterReport) -> Markup {
    html! {
        @if !cluster.name.is_empty() {
            (name(&cluster.name))
        } @else if !cluster.server.is_empty() {
            (name(&cluster.server))
        } @else {
            "that has no name"
        }
    }
}
