//! Chains, drawn from the client to the application.

use maud::{Markup, html};

use crate::hop::Hop;
use crate::page::foreign::name;
use crate::page::hop;
use crate::page::not_examined::cluster_name;
use crate::page::ordered::Placed;
use crate::page::verdict::badge;

/// The section.
pub(super) fn section(chains: &[Placed<'_>]) -> Markup {
    html! {
        section #chains aria-labelledby="chains-title" {
            h2 #chains-title { "Chains" }
            @if chains.is_empty() {
                p.missing { strong { "No chain was found." } " That is no sign that everything is encrypted." }
            }
            p.only-open { strong { "This browser prints only evidence that is expanded: " } "expand what you want to print." }
            @for placed in chains {
                (drawn(placed))
            }
        }
    }
}

/// The object, host and listener of a chain; its cluster where there are several.
pub(super) fn title(placed: &Placed<'_>) -> Markup {
    let chain = placed.chain;
    html! {
        (name(&chain.object)) ", "
        @match &chain.host {
            Some(host) => { "host " (name(host)) },
            None => "any host",
        }
        ", "
        @match &chain.listener {
            Some(listener) => { "listener " (name(listener)) },
            None => "no listener known",
        }
        @if let Some(cluster) = placed.cluster {
            ", in the cluster " (cluster_name(cluster))
        }
    }
}

fn drawn(placed: &Placed<'_>) -> Markup {
    let chain = placed.chain;
    let id = placed.id();
    html! {
        article.chain id=(id) aria-labelledby={ (id) "-title" } {
            div.chain-head {
                h3 id={ (id) "-title" } { (placed.number) ". " (title(placed)) }
                p { "Weakest hop: " (badge(chain.verdict)) }
            }
            @if chain.hops.is_empty() {
                p.missing { "No hop is known." }
            }
            @for (at, way) in ways(&chain.hops).enumerate() {
                @if let (true, Some(first)) = (at > 0, way.first()) {
                    p.another { "Another way on from a hop above, beginning at: " (name(first.from)) }
                }
                ol.hops {
                    @for hop in way {
                        (hop::drawn(hop))
                    }
                }
            }
        }
    }
}

/// Hops that lead on from each other. A proxy with several ways on has its hops one after the other in the chain: a hop that
/// does not begin where the last one ended begins another way, and must not be drawn as if it came after it.
fn ways(hops: &[Hop]) -> impl Iterator<Item = &[Hop]> {
    hops.chunk_by(|hop, next| hop.to == next.from)
}
