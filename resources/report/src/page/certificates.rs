//! The certificates on the way: what an inventory asks for, those that end first at the top.

use maud::{Markup, html};

use crate::Item;
use crate::document::{ClusterReport, Document};
use crate::page::foreign::{name, sentence};
use crate::page::not_examined::cluster_name;
use crate::page::utc::if_known;

/// The section.
pub(super) fn section(document: &Document) -> Markup {
    html! {
        section #certificates aria-labelledby="certificates-title" {
            h2 #certificates-title { "Certificates" }
            p { "Certificates of listeners, as ACM describes them, and those of cert-manager that Pods on the way mount. No Secret was read. Certificates that only a handshake showed are not in this table." }
            @for cluster in &document.clusters {
                (of_cluster(cluster))
            }
        }
    }
}

fn of_cluster(cluster: &ClusterReport) -> Markup {
    let Some(report) = &cluster.report else {
        return html! {};
    };
    html! {
        h3 { "In the cluster " (cluster_name(cluster)) }
        @if report.inventory.is_empty() {
            p { "None was found." }
        } @else {
            section.scrolls aria-label="Table of certificates" tabindex="0" {
                table.certificates {
                    caption { "By expiration date, the earliest first" }
                    thead {
                        tr {
                            @for title in ["Certificate", "Managed by", "Names", "Issuer", "Expires", "Days left", "Used by"] {
                                th scope="col" { (title) }
                            }
                        }
                    }
                    tbody {
                        @for item in &report.inventory { (row(item)) }
                    }
                }
            }
        }
    }
}

fn row(item: &Item) -> Markup {
    html! {
        tr {
            th scope="row" { (name(&item.name)) }
            td { (item.managed_by) }
            td { (sentence(&item.dns_names.join(", "))) }
            td {
                @match &item.issuer {
                    Some(issuer) => (name(issuer)),
                    None => "not known",
                }
            }
            td { (if_known(item.not_after)) }
            td { (days(item.days_left)) }
            td { (sentence(&item.used_by.join(", "))) }
        }
    }
}

/// In words where a number alone could be overlooked.
fn days(left: Option<i64>) -> Markup {
    html! {
        @match left {
            Some(days) if days < 0 => strong { "expired" },
            Some(days) => (days),
            None => "not known",
        }
    }
}
