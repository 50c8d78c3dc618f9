//! Checks of headers and paths.

use std::collections::BTreeMap;

use tfplugin_framework::{AttributePath, Invalid};

use super::{Checked, refuse};

/// The value of `Strict-Transport-Security` (RFC 6797 §6.1): `max-age` and, after it, `includeSubDomains` and `preload`.
pub fn hsts(text: &str) -> Checked {
    let mut directives = text.split(';').map(str::trim);
    let age = directives.next().unwrap_or_default().to_ascii_lowercase();
    let seconds = age.strip_prefix("max-age=").unwrap_or_default();
    let rest: Vec<String> = directives.map(str::to_ascii_lowercase).collect();
    let known = rest
        .iter()
        .all(|directive| directive == "includesubdomains" || directive == "preload");
    if !seconds.is_empty() && seconds.len() < 11 && seconds.bytes().all(|b| b.is_ascii_digit()) && known {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid value: use `max-age=SECONDS`, optionally followed by `; includeSubDomains` and `; preload`"
    ))
}

/// Headers of requests to the app.
pub fn request_headers(headers: &BTreeMap<String, String>) -> Checked {
    const OWN: [&str; 9] = [
        "host",
        "connection",
        "upgrade",
        "content-length",
        "transfer-encoding",
        "te",
        "trailer",
        "keep-alive",
        "proxy-connection",
    ];
    all_headers(headers, &OWN)
}

/// Headers of responses to clients.
pub fn response_headers(headers: &BTreeMap<String, String>) -> Checked {
    const OWN: [&str; 9] = [
        "connection",
        "content-length",
        "content-type",
        "date",
        "server",
        "strict-transport-security",
        "transfer-encoding",
        "trailer",
        "upgrade",
    ];
    all_headers(headers, &OWN)
}

fn all_headers(headers: &BTreeMap<String, String>, own: &[&str]) -> Checked {
    for (name, value) in headers {
        let at = |message: String| Err(Invalid::at(AttributePath::default().key(name), message));
        let token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            return at(format!(
                "`{name}` is not a valid header name: use letters, digits, hyphens, underscores and dots"
            ));
        }
        if own.contains(&name.to_ascii_lowercase().as_str()) {
            let instead = if name.eq_ignore_ascii_case("strict-transport-security") {
                ": use `hsts`"
            } else {
                ""
            };
            return at(format!("`{name}` is a header that the proxy sets itself{instead}"));
        }
        if headers
            .keys()
            .any(|other| other != name && other.eq_ignore_ascii_case(name))
        {
            return at(format!("`{name}` is given twice: header names are case-insensitive"));
        }
        let printable = |c: char| (c.is_ascii_graphic() || c == ' ') && c != '$';
        if value.trim().is_empty() || !value.chars().all(printable) {
            return at(format!(
                "`{value}` is not a valid header value: use printable ASCII characters, without `$`"
            ));
        }
    }
    Ok(())
}

/// Prefixes of paths.
pub fn path_prefixes<T>(paths: &BTreeMap<String, T>) -> Checked {
    for path in paths.keys() {
        let inner = |c: char| c.is_ascii_alphanumeric() || "/-._~!*+,=:@%".contains(c);
        if !path.starts_with('/') || !path.chars().all(inner) || path.starts_with("/e2etls-") {
            return Err(Invalid::at(
                AttributePath::default().key(path),
                format!(
                    "`{path}` is not a valid prefix: start with `/`, and use only characters that are valid in a \
                     path, as in `/upload/`"
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn hsts_as_browsers_read_it() {
        for good in [
            "max-age=0",
            "max-age=31536000",
            "max-age=1; includeSubDomains; preload",
            "Max-Age=5;preload",
        ] {
            assert!(hsts(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "foo",
            "max-age",
            "max-age=",
            "max-age=x",
            "max-age=1 includeSubDomains",
            "max-age=1; foo",
        ] {
            assert!(hsts(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn headers_and_prefixes() {
        assert!(request_headers(&map("X-Team", "edge \"1\"; a=b")).is_ok());
        for (name, value) in [
            ("Host", "x"),
            ("X Y", "x"),
            ("", "x"),
            ("X", ""),
            ("X", "$host"),
            ("X", "a\nb"),
        ] {
            assert!(request_headers(&map(name, value)).is_err(), "{name}: {value}");
        }
        assert!(response_headers(&map("Strict-Transport-Security", "x")).is_err());
        for (path, good) in [
            ("/", true),
            ("/upload/", true),
            ("upload", false),
            ("/a b", false),
            ("/{", false),
        ] {
            assert_eq!(path_prefixes(&map(path, "")).is_ok(), good, "{path}");
        }
    }
}
