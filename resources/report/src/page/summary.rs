//! How many chains have each verdict, and what the words mean. There is no total: no number says that all is well.

use maud::{Markup, html};

use crate::document::Document;
use crate::page::ordered::Placed;
use crate::page::verdict::{ALL, badge, meaning};

/// Facets of a hop, and what they mean.
const FACETS: [(&str, &str); 4] = [
    ("TLS", "The hop is encrypted by TLS."),
    (
        "Certificate verified",
        "The sender verifies the receiver's certificate.",
    ),
    (
        "Confined",
        "Only the previous hop can connect: policies that are enforced admit nothing else, or the hop is a Unix socket within the Pod.",
    ),
    (
        "Link encrypted",
        "Traffic is encrypted below TLS, such as by the network between nodes. No report of this version shows it.",
    ),
];

/// The section.
pub(super) fn section(document: &Document, chains: &[Placed<'_>]) -> Markup {
    let unreached = document
        .clusters
        .iter()
        .filter(|cluster| cluster.report.is_none())
        .count();
    html! {
        section #summary aria-labelledby="summary-title" {
            h2 #summary-title { "Summary" }
            p { "A chain is one way from a client to an application, and a hop is one connection on it: edge is the load balancer, app is the application. A chain is as good as its weakest hop. “Yes” is only said of what was read; what is not known never counts as good." }
            @if unreached > 0 {
                p.missing { strong { "Clusters that were not examined: " (unreached) ". " } "Their chains are not counted." }
            }
            table.verdicts {
                caption { "Chains by verdict, the weakest first" }
                thead {
                    tr { th scope="col" { "Verdict" } th scope="col" { "Chains" } th scope="col" { "Meaning" } }
                }
                tbody {
                    @for verdict in ALL {
                        tr {
                            th scope="row" { (badge(verdict)) }
                            td.count { (chains.iter().filter(|placed| placed.chain.verdict == verdict).count()) }
                            td { (meaning(verdict)) }
                        }
                    }
                }
            }
            table.meanings {
                caption { "Facets of a hop: each is yes, no or unknown" }
                thead { tr { th scope="col" { "Facet" } th scope="col" { "Meaning" } } }
                tbody {
                    @for (facet, meaning) in FACETS {
                        tr { th scope="row" { (facet) } td { (meaning) } }
                    }
                }
            }
        }
    }
}
