//! The ConfigMap: `nginx.conf` and the scripts, and their hash.

mod client;
mod location;
mod text;
mod time;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::names::Names;
use super::spec::{Input, Profile, ProxySpec};
use crate::sha256;
use e2etls_engine::value::UNKNOWN;
use text::{fill, lines, quoted};

pub(in crate::proxy) use client::is_identity_header;
pub(super) use client::{evidence, trusted};
pub(super) use location::scheme;
pub(super) use text::number;
pub(crate) use time::seconds;

const CONFIGURATION: &str = include_str!("../v1/nginx.conf");
/// The script that starts NGINX with the `nginx.conf` beside it, by its name in the ConfigMap.
pub(crate) const START: (&str, &str) = ("start.sh", include_str!("../v1/start.sh"));
const SCRIPTS: [(&str, &str); 3] = [
    ("mounted.sh", include_str!("../v1/mounted.sh")),
    ("reload.sh", include_str!("../v1/reload.sh")),
    START,
];

/// TLS 1.2 ciphers of Mozilla's profile `intermediate` without finite-field Diffie-Hellman, which needs parameters.
const INTERMEDIATE: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
    ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// Port of the Pods that serves TLS.
pub(crate) const PORT: u16 = 8443;
/// Port of the probes if the other one expects a PROXY header. No Service and no policy names it.
pub(super) const PROBE_PORT: u16 = 8444;
/// The path that probes and health checks ask for.
pub(crate) const HEALTH: &str = "/e2etls-healthz";

/// The path of the counters, which the exporter asks for unless it is told otherwise.
const METRICS: &str = "/stub_status";

/// Shortest time that a stopping Pod has for its last requests: above `keepalive_min_timeout`.
const SHUTDOWN_SECONDS: u64 = 90;
/// What a stopping Pod is granted beyond the longest silence that it accepts.
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
    let data = data(spec, &Names::of(spec));
    if data.values().any(|text| text.contains(UNKNOWN)) {
        return UNKNOWN.to_owned();
    }
    digest(data.iter().map(|(file, text)| (*file, text.as_str())))
}

/// SHA-256 (hex) of the files of a ConfigMap, in the order of their names.
pub(crate) fn digest<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut hash = Sha256::new();
    for (file, text) in files {
        hash.update(format!("{file} {}\n", text.len()));
        hash.update(text);
    }
    sha256::digits(hash.finalize())
}

fn data(spec: &ProxySpec, names: &Names<'_>) -> BTreeMap<&'static str, String> {
    let mut data: BTreeMap<_, _> = SCRIPTS.iter().map(|(file, text)| (*file, (*text).to_owned())).collect();
    data.insert("nginx.conf", configuration(spec, names));
    data.insert("identity-headers", client::identity_headers(spec));
    if spec.upstream.protocol.is_tls() != Input::Known(false)
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
    let proxy_protocol = http.proxy_protocol.pick(" proxy_protocol", "");
    let mut values = tls(spec.profile);
    values.extend([
        ("renewal_drain_timeout", http.renewal_drain_timeout.clone()),
        ("log_path", http.log_query.pick("$request_uri", "$uri").to_owned()),
        ("maps", maps(spec)),
        ("proxy_protocol", proxy_protocol.to_owned()),
        ("http2", http.http2.pick("on", "off").to_owned()),
        ("server_names", spec.server_names.join(" ")),
        ("max_body_size", http.max_body_size.clone()),
        ("real_ip", client::real_ip(spec)),
        ("refusals", refusals(spec)),
        ("rate_limit", rate_limit(spec)),
        ("response_headers", response_headers(spec)),
        ("health", health()),
        ("probe_server", probe_server(http.proxy_protocol)),
        ("metrics_server", metrics_server(spec)),
        ("upstream", location::server(spec, names)),
        ("app", location::app(spec, names)),
        ("locations", location::locations(spec)),
        (
            "extra_config",
            lines("    ", http.extra_config.iter().flat_map(|text| text.lines())),
        ),
    ]);
    fill(CONFIGURATION, &values)
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

/// Maps, zones and the timeout of streams, for the `http` block.
fn maps(spec: &ProxySpec) -> String {
    // Only upgrades to WebSocket are passed: `h2c` would be a way around the proxy's view of requests.
    let websocket = "  map $http_upgrade $e2etls_upgrade {\n    default \"\";\n    ~*^websocket$ websocket;\n  }\n\
        \x20 map $e2etls_upgrade $e2etls_connection {\n    default \"\";\n    websocket upgrade;\n  }\n\n";
    let mut text = client::maps(spec);
    text += spec.http.websocket.pick(websocket, "");
    if text::prefix(spec) == "grpc" {
        // A stream may be silent for as long as the app may.
        text += &format!("  client_body_timeout {};\n\n", spec.http.read_timeout);
    }
    // A client that states no name is a load balancer, or is told by the name of its request.
    text += &format!(
        "  map $ssl_server_name $e2etls_other_name {{\n    hostnames;\n    default 1;\n    \"\" 0;\n{}  }}\n\n",
        lines("    ", spec.server_names.iter().map(|name| format!("{name} 0;")))
    );
    if let Some(limit) = &spec.http.rate_limit {
        text += &format!(
            "  limit_req_zone $binary_remote_addr zone=e2etls_clients:10m rate={}r/s;\n\n",
            number(&limit.requests_per_second)
        );
    }
    text
}

/// Requests that are refused whatever they ask for.
fn refusals(spec: &ProxySpec) -> String {
    format!(
        "    if ($e2etls_other_name) {{\n      return 421;\n    }}\n{}",
        client::refusal(spec)
    )
}

fn rate_limit(spec: &ProxySpec) -> String {
    let directives = spec.http.rate_limit.iter().flat_map(|limit| {
        [
            format!("limit_req zone=e2etls_clients burst={} nodelay;", number(&limit.burst)),
            "limit_req_status 429;".to_owned(),
        ]
    });
    lines("    ", directives)
}

/// Headers that are added to every response, in place of the app's own.
fn response_headers(spec: &ProxySpec) -> String {
    let hsts = spec
        .http
        .hsts
        .iter()
        .map(|value| ("Strict-Transport-Security", value.as_str()));
    let given = spec
        .http
        .response_headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let prefix = text::prefix(spec);
    let directives = hsts.chain(given).flat_map(|(name, value)| {
        [
            format!("{prefix}_hide_header {name};"),
            format!("add_header {name} {} always;", quoted(value)),
        ]
    });
    lines("    ", directives)
}

/// `reload.sh` keeps the file while NGINX serves what is mounted.
fn health() -> String {
    format!(
        "    location = {HEALTH} {{\n      access_log off;\n      default_type text/plain;\n      if (!-f \
         /run/e2etls/serving) {{\n        return 503 \"NGINX does not serve the mounted certificate\\n\";\n      }}\n      \
         return 200 \"ok\\n\";\n    }}\n\n"
    )
}

/// Probes send no PROXY header: where the other port expects one, they have a port of their own.
fn probe_server(proxy_protocol: Input<bool>) -> String {
    let server = format!(
        "  # For probes, which send no PROXY header.\n  server {{\n    listen {} ssl;\n    access_log off;\n{}    \
         location / {{\n      return 421;\n    }}\n  }}\n\n",
        PROBE_PORT,
        health()
    );
    proxy_protocol.pick(&server, "").to_owned()
}

/// Counters of NGINX, in plain text: nothing of the app may be served here.
fn metrics_server(spec: &ProxySpec) -> String {
    let server = |port: &Value| {
        format!(
            "  # Counters of NGINX, without TLS. Nothing here leads to the app.\n  server {{\n    listen {};\n    \
             access_log off;\n    location = {METRICS} {{\n      stub_status;\n    }}\n    location / {{\n      return \
             404;\n    }}\n  }}\n\n",
            number(port)
        )
    };
    spec.http.metrics_port.as_ref().map(server).unwrap_or_default()
}

/// How long a stopping Pod serves its last requests, in seconds: above the longest silence. `None` if that is not known.
pub(super) fn shutdown_seconds(spec: &ProxySpec) -> Option<u64> {
    let longest = longest_silence(spec)?;
    Some(SHUTDOWN_SECONDS.max(longest.saturating_add(SHUTDOWN_MARGIN_SECONDS)))
}

/// The longest silence of client or app that the proxy accepts, in seconds. `None` if that is not known.
pub(crate) fn longest_silence(spec: &ProxySpec) -> Option<u64> {
    let mut longest = seconds(&spec.http.read_timeout)?.max(seconds(&spec.http.send_timeout)?);
    for settings in spec.http.paths.values() {
        if let Some(timeout) = &settings.read_timeout {
            longest = longest.max(seconds(timeout)?);
        }
    }
    Some(longest)
}
