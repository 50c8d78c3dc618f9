//! Instants as the page writes them.

use jiff::Timestamp;
use maud::{Markup, html};

/// What stands where something is not known.
pub(super) const NOT_KNOWN: &str = "not known";

/// An instant in UTC, for people and for programs.
pub(super) fn in_words(at: Timestamp) -> Markup {
    html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (at.strftime("%Y-%m-%d %H:%M:%S UTC")) } }
}

/// The same, where it may not be known.
pub(super) fn if_known(at: Option<Timestamp>) -> Markup {
    at.map_or_else(|| html! { (NOT_KNOWN) }, in_words)
}
