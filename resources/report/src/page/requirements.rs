//! Which requirements of PCI DSS an assessor may use the page for, and what it leaves open.

use maud::{Markup, html};

/// Requirement, what the page supports, and what it does not cover.
const ROWS: [(&str, &str, &str); 3] = [
    (
        "4.2.1",
        "Supports 4.2.1 (configurations of TLS in transit): for each hop, whether the configuration calls for TLS, whether the sender verifies the certificate, and the security policy of the load balancer's listener.",
        "Whether certificates are trusted and not revoked; which protocol version and cipher suites are negotiated; wireless networks (4.2.1.2); messaging (4.2.2).",
    ),
    (
        "4.2.1.1",
        "Supports 4.2.1.1 (inventory): certificates that listeners and Pods on the way use, with names, issuers and expiration dates.",
        "Keys; certificates that are used elsewhere, or that neither ACM nor cert-manager manages; the trust stores of clients.",
    ),
    (
        "12.3.3",
        "Supports 12.3.3 (TLS part): part of an inventory of the protocols in use, where they are used, and by which configuration, on the date of this page.",
        "Cipher suites one by one; cryptography other than TLS, such as of stored data; the review every 12 months; the watch on the viability of cipher suites and protocols; the plan for changes.",
    ),
];

/// The section.
pub(super) fn section() -> Markup {
    html! {
        section #requirements aria-labelledby="requirements-title" {
            h2 #requirements-title { "PCI DSS 4.0.1" }
            p { "This page is evidence for parts of the requirements below. It does not decide whether a requirement is fulfilled: that is for the assessor to decide." }
            section.scrolls aria-label="Requirements" tabindex="0" {
                table.requirements {
                    caption { "What this page supports" }
                    thead {
                        tr { th scope="col" { "Requirement" } th scope="col" { "Supports" } th scope="col" { "Does not cover" } }
                    }
                    tbody {
                        @for (requirement, supports, open) in ROWS {
                            tr { th scope="row" { (requirement) } td { (supports) } td { (open) } }
                        }
                    }
                }
            }
            p { "Which hops carry cardholder data, and which of them cross open, public networks, is for the entity to declare. The APIs do not show it, and this page does not guess." }
        }
    }
}
