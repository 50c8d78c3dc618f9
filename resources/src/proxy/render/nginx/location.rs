//! The way from the proxy to the app: the directives of the `server` block, and the locations.

use std::collections::BTreeMap;

use super::super::names::Names;
use super::super::spec::{Input, Mode, PathSettings, Protocol, ProxySpec};
use super::client;
use super::text::{lines, number, pattern, prefix};
use crate::syntax::{APP, added};
use e2etls_engine::value::UNKNOWN;

/// The name that the app is called by.
pub(super) fn host(spec: &ProxySpec, names: &Names<'_>) -> String {
    format!("{}.{}.svc.cluster.local", names.upstream(), spec.namespace)
}

/// Where the app listens: a name is looked up again and again.
pub(super) fn server(spec: &ProxySpec, names: &Names<'_>) -> String {
    let port = number(&spec.upstream.port);
    match spec.mode {
        Mode::Gateway => format!("{}:{port} resolve", host(spec, names)),
        Mode::Sidecar => format!("127.0.0.1:{port}"),
    }
}

/// Directives that every location inherits.
pub(super) fn app(spec: &ProxySpec, names: &Names<'_>) -> String {
    let prefix = prefix(spec);
    let http = &spec.http;
    let mut directives = vec![
        format!("{prefix}_connect_timeout {};", http.connect_timeout),
        format!("{prefix}_send_timeout {};", http.send_timeout),
        format!("{prefix}_read_timeout {};", http.read_timeout),
        // Apps answer with large cookies; an Application Load Balancer passes 32 KB.
        format!("{prefix}_buffer_size 32k;"),
        format!("{prefix}_socket_keepalive on;"),
    ];
    if prefix != "grpc" {
        directives.extend(
            [
                "proxy_buffers 8 32k;",
                "proxy_busy_buffers_size 64k;",
                "proxy_http_version 1.1;",
            ]
            .map(str::to_owned),
        );
        directives.push(format!("proxy_buffering {};", http.buffering.pick("on", "off")));
        let requests = http.request_buffering.pick("on", "off");
        directives.push(format!("proxy_request_buffering {requests};"));
        directives.extend(redirects(spec, names));
        directives.push(format!(
            "proxy_set_header Upgrade {};",
            http.websocket.pick("$e2etls_upgrade", "\"\"")
        ));
        directives.push(format!(
            "proxy_set_header Connection {};",
            http.websocket.pick("$e2etls_connection", "\"\"")
        ));
    }
    directives.push(format!("{prefix}_set_header Host $http_host;"));
    directives.extend(client::headers(spec));
    directives.push("include /run/e2etls/spellings.conf;".to_owned());
    directives.extend(tls(spec, names));
    lines("    ", directives)
}

/// An app that does not know of TLS, or of the name that it is called by, redirects to plain HTTP, to its own port, or to
/// the name of its Service. Redirects to other hosts are not touched.
fn redirects(spec: &ProxySpec, names: &Names<'_>) -> Vec<String> {
    let alternatives = |hosts: Vec<String>| hosts.join("|");
    let served = alternatives(spec.server_names.iter().map(|name| pattern(name)).collect());
    let inside = alternatives(inside(spec, names).iter().map(|name| pattern(name)).collect());
    let port = number(&spec.upstream.port);
    let rest = "(?<e2etls_rest>[/?#].*)?$";
    vec![
        format!(
            "proxy_redirect \"~*^http://(?<e2etls_host>{served})(?::[0-9]+)?{rest}\" https://$e2etls_host$e2etls_rest;"
        ),
        format!(
            "proxy_redirect \"~*^https://(?<e2etls_host>{served}):{port}{rest}\" https://$e2etls_host$e2etls_rest;"
        ),
        format!("proxy_redirect \"~*^https?://(?:{inside})(?::[0-9]+)?{rest}\" https://$http_host$e2etls_rest;"),
    ]
}

/// The names that the app may know itself by.
fn inside(spec: &ProxySpec, names: &Names<'_>) -> Vec<String> {
    if spec.mode == Mode::Sidecar {
        return vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    }
    let service = names.upstream();
    let namespace = &spec.namespace;
    vec![
        service.clone(),
        format!("{service}.{namespace}"),
        format!("{service}.{namespace}.svc"),
        format!("{service}.{namespace}.svc.cluster.local"),
    ]
}

fn tls(spec: &ProxySpec, names: &Names<'_>) -> Vec<String> {
    let prefix = prefix(spec);
    match spec.upstream.protocol {
        Input::Unknown => return vec![format!("# {UNKNOWN}")],
        Input::Known(Protocol::Http | Protocol::Grpc) => return Vec::new(),
        Input::Known(Protocol::Https | Protocol::Grpcs) => {}
    }
    let name = spec.upstream.server_name.clone().unwrap_or_else(|| host(spec, names));
    let mut directives = vec![
        "ssl_verify on;".to_owned(),
        "ssl_verify_depth 5;".to_owned(),
        "ssl_trusted_certificate /etc/e2etls/config/upstream-ca.pem;".to_owned(),
        "ssl_server_name on;".to_owned(),
        format!("ssl_name {name};"),
        "ssl_protocols TLSv1.2 TLSv1.3;".to_owned(),
    ];
    if spec.upstream.client_certificate_secret.is_some() {
        directives.push("ssl_certificate /etc/e2etls/client/tls.crt;".to_owned());
        directives.push("ssl_certificate_key /etc/e2etls/client/tls.key;".to_owned());
    }
    directives
        .iter()
        .map(|directive| format!("{prefix}_{directive}"))
        .collect()
}

/// How the address of the app starts; `None` if that is not known.
pub(in crate::proxy::render) fn scheme(protocol: Input<Protocol>) -> Option<&'static str> {
    Some(match protocol {
        Input::Known(Protocol::Http) => "http",
        Input::Known(Protocol::Https) => "https",
        Input::Known(Protocol::Grpc) => "grpc",
        Input::Known(Protocol::Grpcs) => "grpcs",
        Input::Unknown => return None,
    })
}

/// Where requests go: everything, and the prefixes that have settings of their own.
pub(super) fn locations(spec: &ProxySpec) -> String {
    let scheme = scheme(spec.upstream.protocol).unwrap_or(UNKNOWN);
    let prefix = prefix(spec);
    let pass = format!("{prefix}_pass {scheme}://{APP};");
    let location = |path: &str, settings: &PathSettings| {
        let directives = [path_settings(prefix, settings), vec![pass.clone()]].concat();
        format!("    location {path} {{\n{}    }}\n\n", lines("      ", directives))
    };
    let paths = &spec.http.paths;
    let mut text: String = paths.iter().map(|(path, settings)| location(path, settings)).collect();
    for path in without_slash(spec) {
        text += &location(&path, settings_of(&path, paths).unwrap_or(&PathSettings::default()));
    }
    if !paths.contains_key("/") {
        text += &format!("    location / {{\n      {pass}\n    }}\n");
    }
    text
}

/// NGINX answers `/up` with a redirect where `/up/` is a location that passes requests on, and none is called `/up`. What
/// starts with `/up` and is not below `/up/` keeps the settings that it would have without this location.
fn without_slash(spec: &ProxySpec) -> Vec<String> {
    let paths = &spec.http.paths;
    let added = added(spec.http.extra_config.as_deref().unwrap_or_default()).locations;
    // A location of the user decides about such requests: it stays the longest that matches.
    let is_decided = |path: &str| {
        let mut prefixes = added.iter().filter(|location| location.is_prefix());
        prefixes.any(|location| path.starts_with(&location.path))
    };
    let roots = paths.keys().filter_map(|path| path.strip_suffix('/'));
    roots
        .filter(|path| !path.is_empty() && !paths.contains_key(*path) && !is_decided(path))
        .map(str::to_owned)
        .collect()
}

/// The settings of requests to a path.
fn settings_of<'a>(path: &str, paths: &'a BTreeMap<String, PathSettings>) -> Option<&'a PathSettings> {
    let matching = paths.iter().filter(|(prefix, _)| path.starts_with(prefix.as_str()));
    let longest = matching.max_by_key(|(prefix, _)| prefix.len())?;
    Some(longest.1)
}

fn path_settings(prefix: &str, settings: &PathSettings) -> Vec<String> {
    let mut directives = Vec::new();
    if let Some(timeout) = &settings.read_timeout {
        directives.push(format!("{prefix}_read_timeout {timeout};"));
    }
    if let Some(size) = &settings.max_body_size {
        directives.push(format!("client_max_body_size {size};"));
    }
    // gRPC is never buffered.
    for (buffering, directive) in [
        (settings.buffering, "proxy_buffering"),
        (settings.request_buffering, "proxy_request_buffering"),
    ] {
        if let Some(buffering) = buffering.filter(|_| prefix != "grpc") {
            directives.push(format!("{directive} {};", buffering.pick("on", "off")));
        }
    }
    directives
}
