//! Checks of what NGINX reads.

use super::{Checked, refuse};

/// A size in NGINX's notation.
pub fn nginx_size(text: &str) -> Checked {
    notation(
        text,
        &["", "k", "K", "m", "M", "g", "G"],
        "a size such as `512k`, `10m` or `1g`",
    )
}

/// A time in NGINX's notation.
pub fn nginx_time(text: &str) -> Checked {
    notation(text, &["ms", "s", "m", "h"], "a time such as `500ms`, `60s` or `5m`")
}

fn notation(text: &str, units: &[&str], example: &str) -> Checked {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if digits > 0 && digits < 10 && units.contains(&&text[digits..]) {
        return Ok(());
    }
    refuse(format!("`{text}` is not valid in NGINX: use {example}"))
}

/// The value of a header: printable ASCII without quotes and without what NGINX would expand.
pub fn header_value(text: &str) -> Checked {
    if !text.is_empty()
        && text
            .chars()
            .all(|c| (c.is_ascii_graphic() || c == ' ') && !"\"\\${}".contains(c))
    {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid header value: use printable ASCII without quotes, backslashes, braces and `$`"
    ))
}

/// Directives for NGINX's `server` block: balanced, and none that undo the purpose of the proxy.
pub fn nginx_directives(text: &str) -> Checked {
    const KEPT: [&str; 7] = [
        "ssl_certificate",
        "ssl_protocols",
        "ssl_ciphers",
        "ssl_verify",
        "listen",
        "include",
        "load_module",
    ];
    let mut depth = 0i32;
    for character in text.chars() {
        depth += i32::from(character == '{') - i32::from(character == '}');
        if depth < 0 {
            break;
        }
    }
    if depth != 0 {
        return refuse("the braces are not balanced, so the directives would leave the `server` block".to_owned());
    }
    let words = text.split(|c: char| c.is_whitespace() || ";{}".contains(c));
    if let Some(word) = words
        .into_iter()
        .find(|word| KEPT.iter().any(|kept| word.starts_with(kept)) || word.contains("lua"))
    {
        return refuse(format!(
            "`{word}` is not allowed here: the proxy sets it itself, or it could read files that it must not"
        ));
    }
    Ok(())
}
