//! Who made the document, when, of what: what makes it a piece of evidence.

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, Render, html};

use crate::document::{ClusterReport, Document, examined};
use crate::objects::Objects;
use crate::page::foreign::{Foreign, name, sentence};
use crate::page::not_examined::cluster_name;
use crate::page::utc::{NOT_KNOWN, if_known, in_words};
use crate::page::verdict::badge;

/// After this, a document says that it is old: clusters change daily.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// That a document is old, or that its age is not known; nothing while it is fresh.
pub(super) fn age(document: &Document, now: Timestamp) -> Markup {
    let Some(ended) = document.made.ended else {
        return html! { p.old { strong { "The age is not known: " } "the document does not say when it ended." } };
    };
    let age = now.duration_since(ended);
    if age > FRESH {
        let days = age.as_hours() / 24;
        let word = if days == 1 { "day" } else { "days" };
        return html! {
            p.old {
                strong { "This report is old: " }
                "it was completed " (in_words(ended)) ", more than " (days) " " (word) " before this page was made. The clusters may have changed since."
            }
        };
    }
    html! {
        @if age.is_negative() {
            p.old {
                strong { "The clocks disagree: " }
                "the document ended " (in_words(ended)) ", after this page was made. Its age is not known."
            }
        }
    }
}

/// The section.
pub(super) fn section(document: &Document, json_sha256: &str, now: Timestamp) -> Markup {
    let made = &document.made;
    html! {
        section #made aria-labelledby="made-title" {
            h2 #made-title { "How it was made" }
            table.facts {
                caption { "The document" }
                tbody {
                    (row("Scope", &name(&document.scope)))
                    (row("Started", &if_known(made.started)))
                    (row("Ended", &if_known(made.ended)))
                    (row("Page made", &in_words(now)))
                    (row("AWS identity", &known(made.aws_identity.as_deref())))
                    (row("Kubernetes user", &known(made.kubernetes_user.as_deref())))
                    (row("Command line", &command(&made.command)))
                    (row("Version of the tool", &known(Some(&document.version))))
                    (row("Schema", &name(document.schema)))
                    (row("SHA-256 of the JSON", &html! { code { (known(Some(json_sha256))) } }))
                }
            }
            @for cluster in &document.clusters {
                (of_cluster(cluster))
            }
        }
    }
}

fn row(title: &str, value: &dyn Render) -> Markup {
    html! { tr { th scope="row" { (title) } td { (value.render()) } } }
}

/// What may not be known.
fn known(text: Option<&str>) -> Markup {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => name(text).render(),
        None => html! { (NOT_KNOWN) },
    }
}

/// Each argument by itself, so that blanks within one are seen.
fn command(arguments: &[String]) -> Markup {
    html! {
        @if arguments.is_empty() { "none" }
        @for argument in arguments.iter().map(|argument| -> Foreign<'_> { name(argument) }) {
            code.argument { (argument) } " "
        }
    }
}

fn of_cluster(cluster: &ClusterReport) -> Markup {
    html! {
        h3 { "Cluster " (cluster_name(cluster)) }
        table.facts {
            caption { "Identity and objects" }
            tbody {
                (row("API server", &known(Some(&cluster.server))))
                (row("UID of kube-system", &known(cluster.uid.as_deref())))
                (row("Objects examined", &counts(cluster)))
                @if let Some(report) = &cluster.report {
                    (row("Weakest verdict", &badge(report.verdict)))
                }
            }
        }
        (findings(cluster))
    }
}

/// How many objects of each kind there are. A kind that was not listed is named, so that it is not missed.
fn counts(cluster: &ClusterReport) -> Markup {
    if cluster.report.is_none() && cluster.examined.is_empty() {
        return html! { "none" };
    }
    let mut kinds: Vec<&'static str> = examined(&Objects::default()).into_keys().collect();
    kinds.extend(cluster.examined.keys().copied());
    kinds.sort_unstable();
    kinds.dedup();
    html! {
        ul.counts {
            @for kind in kinds {
                li {
                    (name(kind)) ": "
                    @match cluster.examined.get(kind) {
                        Some(count) => (count),
                        None => strong { "not listed" },
                    }
                }
            }
        }
    }
}

fn findings(cluster: &ClusterReport) -> Markup {
    let Some(report) = &cluster.report else {
        return html! {};
    };
    html! {
        h4 { "Findings" }
        @if report.findings.is_empty() {
            p { "None among what was examined." }
        } @else {
            ul.findings {
                @for finding in &report.findings {
                    li { (sentence(finding)) }
                }
            }
        }
    }
}
