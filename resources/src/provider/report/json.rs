//! The document as JSON.

use std::fmt::Write as _;

use e2etls_report::document::Document;

use crate::provider::terminal::controls;

/// The document, readable. In a terminal it does no more than in a file: what would control one is written as `\u009b`.
pub(super) fn json(document: &Document) -> Result<String, String> {
    let json = serde_json::to_string_pretty(document).map_err(|error| error.to_string())?;
    let mut written = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        // Outside of texts, only line breaks are such characters; inside, JSON has no line breaks.
        if controls(c) && c != '\n' {
            let _ = write!(written, "\\u{:04x}", u32::from(c));
        } else {
            written.push(c);
        }
    }
    written.push('\n');
    Ok(written)
}
