//! One hop: who sends to whom, the verdict, the facets it follows from, and their evidence.

use maud::{Markup, html};

use crate::facet::Facet;
use crate::hop::Hop;
use crate::page::foreign::{name, sentence};
use crate::page::verdict::{badge, name as class};

/// A hop as an arrow between two boxes, and a card below it.
pub(super) fn drawn(hop: &Hop) -> Markup {
    html! {
        li class={ "hop " (class(hop.verdict)) } {
            p.way {
                span.node { (name(hop.from)) }
                span.arrow { span.in-words { " to " } }
                span.node.receiver { (name(hop.to)) }
            }
            div.card {
                p.outcome { (badge(hop.verdict)) }
                dl.facets {
                    (facet("TLS", hop.tls))
                    (facet("Certificate verified", hop.peer_verified))
                    (facet("Confined", hop.confined))
                    (facet("Link encrypted", hop.link))
                }
                (except(&hop.except))
                (evidence(&hop.evidence))
            }
        }
    }
}

/// The value is a word; its border is as strong as what it says.
fn facet(title: &str, value: Facet) -> Markup {
    html! {
        div { dt { (title) } dd class={ "facet-" (value) } { (value) } }
    }
}

fn except(items: &[String]) -> Markup {
    html! {
        @if !items.is_empty() {
            div.except {
                p { "Confined, except for:" }
                ul {
                    @for item in items {
                        li { (sentence(item)) }
                    }
                }
            }
        }
    }
}

fn evidence(items: &[String]) -> Markup {
    html! {
        @if items.is_empty() {
            p.evidence { "Evidence: none" }
        } @else {
            details.evidence {
                summary { "Evidence (" (items.len()) ")" }
                ul {
                    @for item in items {
                        li { (sentence(item)) }
                    }
                }
            }
        }
    }
}
