//! The parts that texts of NGINX are made of.

use e2etls_engine::value::UNKNOWN;
use serde_json::Value;

use super::super::spec::{Input, Protocol, ProxySpec};

/// Replaces each `{{name}}` in one pass: the content of a value is never scanned again.
pub(super) fn fill(template: &str, values: &[(&'static str, String)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, (name, after))) = rest
        .split_once("{{")
        .and_then(|(before, tail)| Some((before, tail.split_once("}}")?)))
    {
        out.push_str(before);
        out.push_str(
            values
                .iter()
                .find(|(key, _)| *key == name)
                .map_or("", |(_, value)| value),
        );
        rest = after;
    }
    out.push_str(rest);
    out
}

/// How the directives of the module start that passes requests.
pub(super) fn prefix(spec: &ProxySpec) -> &'static str {
    match spec.upstream.protocol {
        Input::Known(Protocol::Http | Protocol::Https) => "proxy",
        Input::Known(Protocol::Grpc | Protocol::Grpcs) => "grpc",
        Input::Unknown => UNKNOWN,
    }
}

/// Each line with an indent and an end.
pub(super) fn lines<T: AsRef<str>>(indent: &str, lines: impl IntoIterator<Item = T>) -> String {
    lines
        .into_iter()
        .map(|line| format!("{indent}{}\n", line.as_ref()))
        .collect()
}

/// A text in double quotes, as NGINX's parser reads it back. Variables in it are expanded.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A regular expression that a text alone matches; a `*` as its first label stands for any labels.
pub(super) fn pattern(host: &str) -> String {
    let escaped = |text: &str| text.replace('.', "\\.");
    match host.strip_prefix("*.") {
        Some(rest) => format!("[a-z0-9.-]+\\.{}", escaped(rest)),
        None => escaped(host),
    }
}

/// A number, or the text that stands for one.
pub(in crate::proxy::render) fn number(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_looked_at_again() {
        let values = [("a", "{{b}}".to_owned()), ("b", "x".to_owned())];
        assert_eq!(fill("1 {{a}} 2 {{b}} 3 {{", &values), "1 {{b}} 2 x 3 {{");
    }

    #[test]
    fn texts_are_read_back_as_they_were() {
        assert_eq!(quoted(r#"a "b" \c $d"#), r#""a \"b\" \\c $d""#);
        assert_eq!(pattern("*.shop.example.com"), r"[a-z0-9.-]+\.shop\.example\.com");
    }
}
