//! A document as one page of HTML, for auditors: self-contained, without scripts, made to be looked at and to be printed.
//!
//! It shows what the document holds and judges nothing anew. It opens with what was not examined.

mod certificates;
mod chain;
mod contents;
mod foreign;
mod hop;
mod made;
mod not_examined;
mod ordered;
mod requirements;
mod sign_off;
mod summary;
#[cfg(test)]
mod tests;
mod utc;
mod verdict;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::document::Document;
use crate::page::ordered::ordered;

/// Colours, layout and print.
const STYLE: &str = include_str!("page.css");

/// What a browser may do with the page: lay it out. No script runs, nothing is fetched, nothing is sent, even if something in
/// the document got past the escaping.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A document as one file of HTML.
///
/// `json_sha256` is the SHA-256 of the JSON that the page goes with, in hexadecimal; empty if there is none. `now` is when the
/// page is made: a document that ended more than a day before says so.
#[must_use]
pub fn page(document: &Document, json_sha256: &str, now: Timestamp) -> String {
    let chains = ordered(document);
    let body = html! {
        a.skip href="#main" { "Skip to the report" }
        header {
            h1 { "Encryption in transit: " (foreign::name(&document.scope)) }
            p.lead { "What the APIs of Kubernetes and AWS show of each way from a client to an application, hop by hop." }
            (made::age(document, now))
            (sections())
        }
        main #main tabindex="-1" {
            (not_examined::section(document))
            (made::section(document, json_sha256, now))
            (summary::section(document, &chains))
            (contents::section(&chains))
            (chain::section(&chains))
            (certificates::section(document))
            (requirements::section())
            (sign_off::section(document, json_sha256))
        }
        footer {
            p { "Made from the document of the schema " (foreign::name(document.schema)) " at " (utc::in_words(now)) "." }
        }
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(document))
            body { (verdict::shapes()) (body) }
        }
    }
    .into_string()
}

fn head(document: &Document) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(CONTENT_SECURITY_POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            title { "Encryption in transit: " (foreign::plain(&document.scope)) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// Links to the sections, in the order of the page.
fn sections() -> Markup {
    let links = [
        ("not-examined", "Not examined"),
        ("made", "How it was made"),
        ("summary", "Summary"),
        ("contents", "Contents"),
        ("chains", "Chains"),
        ("certificates", "Certificates"),
        ("requirements", "PCI DSS"),
        ("sign-off", "Sign-off"),
    ];
    html! {
        nav.sections aria-label="Sections" {
            ul {
                @for (id, name) in links {
                    li { a href={ "#" (id) } { (name) } }
                }
            }
        }
    }
}
