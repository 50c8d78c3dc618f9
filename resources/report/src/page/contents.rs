//! The table of contents: every chain, the worst first.

use maud::{Markup, html};

use crate::page::chain::title;
use crate::page::ordered::Placed;
use crate::page::verdict::badge;

/// The section.
pub(super) fn section(chains: &[Placed<'_>]) -> Markup {
    html! {
        nav.contents #contents aria-labelledby="contents-title" {
            h2 #contents-title { "Contents" }
            @if chains.is_empty() {
                p { "There are no chains." }
            } @else {
                p { "Chains by verdict, the weakest first." }
                ol {
                    @for placed in chains {
                        li { (badge(placed.chain.verdict)) " " a href={ "#" (placed.id()) } { (title(placed)) } }
                    }
                }
            }
        }
    }
}
