//! Lines for a signature. They stay blank: nobody signs by making a page.

use maud::{Markup, html};

use crate::document::Document;
use crate::page::foreign::name;
use crate::page::utc::{NOT_KNOWN, if_known};

/// The section.
pub(super) fn section(document: &Document, json_sha256: &str) -> Markup {
    html! {
        section.sign-off #sign-off aria-labelledby="sign-off-title" {
            h2 #sign-off-title { "Sign-off" }
            p {
                "For the report on " (name(&document.scope)) ", completed " (if_known(document.made.ended)) ". SHA-256 of its JSON: "
                code { @if json_sha256.is_empty() { (NOT_KNOWN) } @else { (name(json_sha256)) } }
            }
            table.blank {
                caption { "To be filled in by hand" }
                tbody {
                    @for title in ["Name", "Date", "Signature"] {
                        tr { th scope="row" { (title) } td {} }
                    }
                }
            }
        }
    }
}
