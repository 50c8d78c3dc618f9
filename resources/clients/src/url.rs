//! URLs of servers.

use http::Uri;

/// An absolute URL of HTTP or HTTPS; `None` if it is none.
pub(crate) fn of_server(text: &str) -> Option<Uri> {
    let parsed: Option<Uri> = text.parse().ok();
    parsed.filter(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some())
}
