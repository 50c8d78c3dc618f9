//! The ConfigMap: `nginx.conf` and the scripts, and their hash.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::names::Names;
use super::spec::{Input, Profile, Protocol, ProxySpec};
use crate::sha256;
use e2etls_engine::value::UNKNOWN;

const CONFIGURATION: &str = include_str!("v1/nginx.conf");
const SCRIPTS: [(&str, &str); 5] = [
    ("certificate.sh", include_str!("v1/certificate.sh")),
    ("readiness.sh", include_str!("v1/readiness.sh")),
    ("reload.sh", include_str!("v1/reload.sh")),
    ("start.sh", include_str!("v1/start.sh")),
    ("startup.sh", include_str!("v1/startup.sh")),
];

/// TLS 1.2 ciphers of Mozilla's profile `intermediate` without finite-field Diffie-Hellman, which needs parameters.
const INTERMEDIATE: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
    ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// Shortest time that an old worker has for its last requests: above `keepalive_min_timeout`.
const SHUTDOWN_SECONDS: u64 = 90;
/// What an old worker is granted beyond the longest silence that it accepts.
const SHUTDOWN_MARGIN_SECONDS: u64 = 30;

/// The ConfigMap.
pub(super) fn config_map(spec: &ProxySpec, names: &Names<'_>) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": names.metadata("proxy/config"),
        "data": data(spec, names),
    })
}

/// SHA-256 (hex) of everything in the ConfigMap; [`UNKNOWN`] if any of it is.
#[must_use]
pub fn config_sha256(spec: &ProxySpec) -> String {
    let mut hash = Sha256::new();
    for (file, text) in data(spec, &Names::of(spec)) {
        if text.contains(UNKNOWN) {
            return UNKNOWN.to_owned();
        }
        hash.update(format!("{file} {}\n", text.len()));
        hash.update(text);
    }
    sha256::digits(hash.finalize())
}

fn data(spec: &ProxySpec, names: &Names<'_>) -> BTreeMap<&'static str, String> {
    let mut data: BTreeMap<_, _> = SCRIPTS.iter().map(|(file, text)| (*file, (*text).to_owned())).collect();
    data.insert("nginx.conf", configuration(spec, names));
    if spec.upstream.protocol != Input::Known(Protocol::Http)
        && let Some(pem) = &spec.upstream.ca_pem
    {
        data.insert("upstream-ca.pem", pem.clone());
    }
    data
}

/// The text of `nginx.conf`.
#[must_use]
pub fn configuration(spec: &ProxySpec, names: &Names<'_>) -> String {
    let http = &spec.http;
    let mut values = tls(spec.profile);
    values.extend([
        (
            "worker_shutdown_timeout",
            shutdown_seconds(spec).map_or(UNKNOWN.to_owned(), |seconds| format!("{seconds}s")),
        ),
        ("maps", maps(http.websocket)),
        (
            "proxy_protocol",
            http.proxy_protocol.pick(" proxy_protocol", "").to_owned(),
        ),
        ("http2", http.http2.pick("on", "off").to_owned()),
        ("server_names", spec.server_names.join(" ")),
        ("max_body_size", http.max_body_size.clone()),
        ("real_ip", real_ip(spec)),
        ("hsts", hsts(spec)),
        ("scheme", scheme(spec.upstream.protocol).to_owned()),
        ("upstream", host(spec, names)),
        ("port", text(&spec.upstream.port)),
        ("connect_timeout", http.connect_timeout.clone()),
        ("send_timeout", http.send_timeout.clone()),
        ("read_timeout", http.read_timeout.clone()),
        ("buffering", http.buffering.pick("on", "off").to_owned()),
        ("upgrade", upgrade(http.websocket)),
        ("upstream_tls", upstream_tls(spec, names)),
        (
            "extra_config",
            lines("    ", http.extra_config.iter().flat_map(|text| text.lines())),
        ),
    ]);
    fill(CONFIGURATION, &values)
}

/// Replaces each `{{name}}` in one pass: the content of a value is never scanned again.
fn fill(template: &str, values: &[(&'static str, String)]) -> String {
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

fn tls(profile: Input<Profile>) -> Vec<(&'static str, String)> {
    let (name, protocols, ciphers) = match profile {
        Input::Known(Profile::Intermediate) => (
            "intermediate",
            "TLSv1.2 TLSv1.3",
            format!("  ssl_ciphers {INTERMEDIATE};\n"),
        ),
        Input::Known(Profile::Modern) => ("modern", "TLSv1.3", String::new()),
        Input::Unknown => (UNKNOWN, UNKNOWN, String::new()),
    };
    vec![
        ("profile", name.to_owned()),
        ("protocols", protocols.to_owned()),
        ("ciphers", ciphers),
    ]
}

/// Only upgrades to WebSocket are passed: `h2c` would be a way around the proxy's view of requests.
fn maps(websocket: Input<bool>) -> String {
    let maps = "  map $http_upgrade $e2etls_upgrade {\n    default \"\";\n    ~*^websocket$ websocket;\n  }\n\
        \x20 map $e2etls_upgrade $e2etls_connection {\n    default \"\";\n    websocket upgrade;\n  }\n\n";
    websocket.pick(maps, "").to_owned()
}

fn upgrade(websocket: Input<bool>) -> String {
    let (upgrade, connection) = (
        websocket.pick("$e2etls_upgrade", "\"\""),
        websocket.pick("$e2etls_connection", "\"\""),
    );
    format!("      proxy_set_header Upgrade {upgrade};\n      proxy_set_header Connection {connection};\n")
}

fn real_ip(spec: &ProxySpec) -> String {
    let http = &spec.http;
    if http.real_ip_cidrs.is_empty() {
        return String::new();
    }
    let from = http
        .real_ip_cidrs
        .iter()
        .map(|network| format!("set_real_ip_from {network};"));
    let header = http.proxy_protocol.pick("proxy_protocol", "X-Forwarded-For");
    lines(
        "    ",
        from.chain([format!("real_ip_header {header};"), "real_ip_recursive on;".to_owned()]),
    )
}

fn hsts(spec: &ProxySpec) -> String {
    let directives = spec.http.hsts.iter().flat_map(|value| {
        [
            "proxy_hide_header Strict-Transport-Security;".to_owned(),
            format!("add_header Strict-Transport-Security \"{value}\" always;"),
        ]
    });
    lines("    ", directives)
}

fn upstream_tls(spec: &ProxySpec, names: &Names<'_>) -> String {
    let directives = match spec.upstream.protocol {
        Input::Known(Protocol::Http) => Vec::new(),
        Input::Unknown => vec![format!("# {UNKNOWN}")],
        Input::Known(Protocol::Https) => vec![
            "proxy_ssl_verify on;".to_owned(),
            "proxy_ssl_verify_depth 5;".to_owned(),
            "proxy_ssl_trusted_certificate /etc/e2etls/config/upstream-ca.pem;".to_owned(),
            "proxy_ssl_server_name on;".to_owned(),
            format!("proxy_ssl_name {};", host(spec, names)),
            "proxy_ssl_protocols TLSv1.2 TLSv1.3;".to_owned(),
        ],
    };
    lines("      ", directives)
}

/// The name that the app is called by, and that its certificate must be for with `https`.
fn host(spec: &ProxySpec, names: &Names<'_>) -> String {
    format!("{}.{}.svc.cluster.local", names.upstream(), spec.namespace)
}

fn scheme(protocol: Input<Protocol>) -> &'static str {
    match protocol {
        Input::Known(Protocol::Http) => "http",
        Input::Known(Protocol::Https) => "https",
        Input::Unknown => UNKNOWN,
    }
}

fn lines<T: AsRef<str>>(indent: &str, lines: impl IntoIterator<Item = T>) -> String {
    lines
        .into_iter()
        .map(|line| format!("{indent}{}\n", line.as_ref()))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// How long an old worker lives after a reload, in seconds: above the longest request. `None` if that is not known.
pub(super) fn shutdown_seconds(spec: &ProxySpec) -> Option<u64> {
    let longest = seconds(&spec.http.read_timeout)?.max(seconds(&spec.http.send_timeout)?);
    Some(SHUTDOWN_SECONDS.max(longest.saturating_add(SHUTDOWN_MARGIN_SECONDS)))
}

/// Seconds of a time in NGINX's notation, rounded up.
fn seconds(time: &str) -> Option<u64> {
    let digits = time.find(|c: char| !c.is_ascii_digit()).unwrap_or(time.len());
    let number: u64 = time[..digits].parse().ok()?;
    match &time[digits..] {
        "ms" => Some(number.div_ceil(1000)),
        "" | "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        "d" => number.checked_mul(86400),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_nginx_in_seconds() {
        for (time, expected) in [
            ("60s", Some(60)),
            ("60", Some(60)),
            ("1500ms", Some(2)),
            ("5m", Some(300)),
            ("2h", Some(7200)),
            ("1d", Some(86400)),
            ("", None),
            ("5x", None),
            (UNKNOWN, None),
        ] {
            assert_eq!(seconds(time), expected, "{time}");
        }
    }

    #[test]
    fn values_are_not_looked_at_again() {
        let values = [("a", "{{b}}".to_owned()), ("b", "x".to_owned())];
        assert_eq!(fill("1 {{a}} 2 {{b}} 3 {{", &values), "1 {{b}} 2 x 3 {{");
    }
}
