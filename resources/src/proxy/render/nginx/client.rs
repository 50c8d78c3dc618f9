//! What the app is told about its client, and who is believed about that.
//!
//! Networks in front of the proxy (load balancers) are believed. For everybody else the proxy says what it sees itself. No
//! header that an app could take for one of these passes, in whatever spelling: see `start.sh`.

use super::super::spec::{Input, ProxySpec};
use super::text::{lines, prefix, quoted};
use e2etls_engine::value::UNKNOWN;

/// Headers about the client's connection: the proxy says what they say.
const FORWARDING: [&str; 11] = [
    "Proxy",
    "X-Real-IP",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Forwarded-Protocol",
    "X-Forwarded-Scheme",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "X-Forwarded-By",
];
/// Headers in which an Application Load Balancer says who the client is ("Mutual authentication with TLS" in the guide to
/// Application Load Balancers).
const CLIENT_CERTIFICATE: [&str; 6] = [
    "X-Amzn-Mtls-Clientcert",
    "X-Amzn-Mtls-Clientcert-Serial-Number",
    "X-Amzn-Mtls-Clientcert-Issuer",
    "X-Amzn-Mtls-Clientcert-Subject",
    "X-Amzn-Mtls-Clientcert-Validity",
    "X-Amzn-Mtls-Clientcert-Leaf",
];

/// True if the name is one that the proxy decides about, in any spelling.
pub(in crate::proxy) fn is_identity_header(name: &str) -> bool {
    let plain = name.replace(['_', '.'], "-");
    let mut own = FORWARDING.iter().chain(&CLIENT_CERTIFICATE).chain(&["Forwarded"]);
    own.any(|own| own.eq_ignore_ascii_case(&plain))
}

/// One line for each header whose other spellings `start.sh` removes. None for gRPC: no server of it folds spellings.
pub(super) fn identity_headers(spec: &ProxySpec) -> String {
    match prefix(spec) {
        "proxy" => lines("", FORWARDING.iter().chain(&CLIENT_CERTIFICATE)),
        "grpc" => String::new(),
        unknown => unknown.to_owned(),
    }
}

/// The networks whose word about the client counts. A network of all addresses is nobody in particular: it counts only where
/// it was named for this.
pub(in crate::proxy::render) fn trusted(spec: &ProxySpec) -> Vec<&str> {
    let all = |network: &&String| !network.ends_with("/0");
    match &spec.http.real_ip_cidrs {
        Some(networks) => networks.iter().map(String::as_str).collect(),
        None => spec.isolation.lb_cidrs.iter().filter(all).map(String::as_str).collect(),
    }
}

/// Whether headers of the networks count: behind a PROXY header the balancer reads no HTTP, and adds no header.
fn headers_count(spec: &ProxySpec) -> bool {
    !trusted(spec).is_empty() && spec.http.proxy_protocol != Input::Known(true)
}

/// What is believed: the header that says it, what carries it on, what the proxy says itself, and what is taken of the header.
/// Every request asks for them: a value is looked at only if it is believed, and what is usual is found without an expression.
const BELIEVED: [(&str, &str, &str, &str); 4] = [
    (
        "$http_x_forwarded_for",
        "for",
        "$remote_addr",
        "    \"\" $remote_addr;\n    default $http_x_forwarded_for;\n",
    ),
    (
        "$http_x_forwarded_proto",
        "proto",
        "https",
        "    default https;\n    http http;\n",
    ),
    (
        "$http_x_forwarded_port",
        "port",
        "443",
        "    default 443;\n    443 443;\n    80 80;\n    \"~^[0-9]+$\" $http_x_forwarded_port;\n",
    ),
    ("$http_forwarded", "forwarded", "\"\"", "    default $http_forwarded;\n"),
];

/// Maps of the `http` block.
pub(super) fn maps(spec: &ProxySpec) -> String {
    if !headers_count(spec) {
        return String::new();
    }
    let networks = trusted(spec).into_iter().map(|network| format!("    {network} 1;"));
    let certificate: String = CLIENT_CERTIFICATE
        .iter()
        .map(|header| format!("$http_{}", header.replace('-', "_").to_lowercase()))
        .collect();
    let mut text =
        "  # Networks that are believed about the client.\n  geo $realip_remote_addr $e2etls_trusted {\n    \
        default 0;\n"
            .to_owned();
    text += &lines("", networks);
    text += "  }\n";
    for (header, target, own, seen) in BELIEVED {
        text += &format!(
            "  map {header} $e2etls_{target}_seen {{\n{seen}  }}\n  map $e2etls_trusted $e2etls_{target} {{\n    default {own};\n    \
             1 $e2etls_{target}_seen;\n  }}\n"
        );
    }
    text += &format!(
        "  # An identity that only a load balancer may state.\n  map \"{certificate}\" $e2etls_stated {{\n    \"\" 0;\n    \
         default 1;\n  }}\n  map $e2etls_trusted $e2etls_forged {{\n    default 0;\n    0 $e2etls_stated;\n  }}\n\n"
    );
    text
}

/// Where the client's address is taken from.
pub(super) fn real_ip(spec: &ProxySpec) -> String {
    let networks = trusted(spec);
    if networks.is_empty() {
        return String::new();
    }
    let from = networks.iter().map(|network| format!("set_real_ip_from {network};"));
    let header = spec.http.proxy_protocol.pick("proxy_protocol", "X-Forwarded-For");
    let rest = [format!("real_ip_header {header};"), "real_ip_recursive on;".to_owned()];
    lines("    ", from.chain(rest))
}

/// Refusal of an identity that somebody else than the load balancer states.
pub(super) fn refusal(spec: &ProxySpec) -> &'static str {
    if headers_count(spec) {
        "    if ($e2etls_forged) {\n      return 400;\n    }\n"
    } else {
        ""
    }
}

/// The directives that say to the app what is known of its client.
pub(super) fn headers(spec: &ProxySpec) -> Vec<String> {
    let count = headers_count(spec);
    let or = |counted: &'static str, own: &'static str| if count { counted } else { own };
    let told = [
        ("X-Real-IP", "$remote_addr"),
        ("X-Forwarded-For", or("$e2etls_for", "$remote_addr")),
        ("X-Forwarded-Host", "$http_host"),
        ("X-Forwarded-Port", or("$e2etls_port", "443")),
        ("X-Forwarded-Proto", or("$e2etls_proto", "https")),
        ("Forwarded", or("$e2etls_forwarded", "\"\"")),
    ];
    let silent = |header: &&&str| !told.iter().any(|(name, _)| name == *header);
    let removed = FORWARDING.iter().filter(silent).map(|header| (*header, "\"\""));
    let certificate = CLIENT_CERTIFICATE
        .iter()
        .filter(|_| !count)
        .map(|header| (*header, "\"\""));
    let own = told.into_iter().chain(removed).chain(certificate);
    let own = own.map(|(name, value)| format!("{}_set_header {name} {value};", prefix(spec)));
    let given = spec
        .http
        .request_headers
        .iter()
        .map(|(name, value)| format!("{}_set_header {name} {};", prefix(spec), quoted(value)));
    own.chain(given).collect()
}

/// What the app is told of the client, for an auditor; `None` if it is not known yet.
pub(in crate::proxy::render) fn evidence(spec: &ProxySpec) -> Option<String> {
    let networks = trusted(spec);
    if networks.iter().any(|network| network.contains(UNKNOWN)) || spec.http.proxy_protocol == Input::Unknown {
        return None;
    }
    let how = if spec.http.proxy_protocol == Input::Known(true) {
        "the PROXY header"
    } else {
        "X-Forwarded-For, X-Forwarded-Proto and X-Amzn-Mtls-*"
    };
    Some(match networks.as_slice() {
        [] => "what clients state about themselves in forwarding headers is replaced".to_owned(),
        networks => format!(
            "{how} is believed from {} only; for everybody else the proxy states what it sees",
            networks.join(", ")
        ),
    })
}
