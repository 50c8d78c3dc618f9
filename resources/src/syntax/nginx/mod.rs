//! Checks of what NGINX reads.

mod added;
mod allowed;
mod directives;

use super::{Checked, refuse};

pub use added::{Added, Location};
pub use directives::{APP, added, nginx_directives};

/// A size in NGINX's notation.
pub fn nginx_size(text: &str) -> Checked {
    notation(
        text,
        &["", "k", "K", "m", "M", "g", "G"],
        "a size such as `512k`, `10m` or `1g`",
    )
}

/// A time of at least a millisecond in NGINX's notation.
pub fn nginx_timeout(text: &str) -> Checked {
    notation(text, &["ms", "s", "m", "h"], "a time such as `500ms`, `60s` or `5m`")?;
    if text
        .trim_end_matches(|c: char| c.is_ascii_lowercase())
        .chars()
        .all(|c| c == '0')
    {
        return refuse(format!("`{text}` is zero: every request would fail immediately"));
    }
    Ok(())
}

fn notation(text: &str, units: &[&str], example: &str) -> Checked {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if digits > 0 && digits < 10 && units.contains(&&text[digits..]) {
        return Ok(());
    }
    refuse(format!("`{text}` is not valid in NGINX: use {example}"))
}
