//! Verdicts as a shape and a word. Colour only repeats what these two say.

use maud::{Markup, PreEscaped, html};

use crate::facet::Verdict;

/// All verdicts, the weakest first.
pub(super) const ALL: [Verdict; 5] = [
    Verdict::Plaintext,
    Verdict::Unknown,
    Verdict::Confined,
    Verdict::Encrypted,
    Verdict::Authenticated,
];

/// Shape and word.
pub(super) fn badge(verdict: Verdict) -> Markup {
    let name = name(verdict);
    html! {
        span class={ "verdict " (name) } {
            svg.shape aria-hidden="true" width="16" height="16" { use href={ "#shape-" (name) } {} }
            (name)
        }
    }
}

/// The word, which is also the class that the style sheet knows.
pub(super) const fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Plaintext => "plaintext",
        Verdict::Unknown => "unknown",
        Verdict::Confined => "confined",
        Verdict::Encrypted => "encrypted",
        Verdict::Authenticated => "authenticated",
    }
}

/// What it means, for those who read the page and not the documentation.
pub(super) const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Plaintext => "Neither encrypted nor confined: senders other than the previous hop can connect, too.",
        Verdict::Unknown => {
            "What was read does not show whether the hop is encrypted or confined. It may be plaintext."
        }
        Verdict::Confined => {
            "Not shown to be encrypted. Only the previous hop and the listed exceptions can connect: policies that are enforced admit nothing else, or the hop is a Unix socket within the Pod."
        }
        Verdict::Encrypted => "Encrypted, but the sender is not seen to verify the receiver's certificate.",
        Verdict::Authenticated => "Encrypted by TLS to a receiver whose certificate the sender verifies.",
    }
}

/// The path of the shape within 16 × 16. Each has an outline of its own, so that no colour is needed to tell them apart.
const fn path(verdict: Verdict) -> &'static str {
    match verdict {
        // An octagon with a cross.
        Verdict::Plaintext => "M5 1h6l4 4v6l-4 4H5l-4-4V5zM5 5l6 6M11 5l-6 6",
        // A question mark.
        Verdict::Unknown => "M4.5 5.5a3.5 3.5 0 1 1 5 3.2Q8 9.5 8 11M8 13.4v.6",
        // A fence with a gap on each side.
        Verdict::Confined => "M5 2H2v12h3M11 2h3v12h-3M6 8h4",
        // A padlock.
        Verdict::Encrypted => "M2.5 7h11v7.5h-11zM5 7V4.5a3 3 0 0 1 6 0V7",
        // A shield with a tick.
        Verdict::Authenticated => "M8 1l6 2v5q0 4.5-6 7-6-2.5-6-7V3zM5 8l2.3 2.3L11 6",
    }
}

/// The shapes, once for the whole page.
pub(super) fn shapes() -> Markup {
    html! {
        svg.shapes aria-hidden="true" width="0" height="0" {
            @for verdict in ALL {
                symbol id={ "shape-" (name(verdict)) } viewBox="0 0 16 16" {
                    path d=(PreEscaped(path(verdict))) {}
                }
            }
        }
    }
}
