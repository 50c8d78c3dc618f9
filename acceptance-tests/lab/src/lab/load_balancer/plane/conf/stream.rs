//! Network load balancers.

use std::fmt::Write as _;

use super::http::forward;
use super::{Ground, tls};
use crate::lab::load_balancer::plane::snapshot::{Balancer, Listener};

pub(super) fn write(balancer: &Balancer, ground: &Ground<'_>) -> String {
    let mut text = "stream {\nmap_hash_bucket_size 256;\n".to_owned();
    for listener in &balancer.listeners {
        text.push_str(&server(listener, ground).unwrap_or_default());
    }
    text.push_str("}\n");
    text
}

/// None: a listener without a certificate or a target group that could be had.
fn server(listener: &Listener, ground: &Ground<'_>) -> Option<String> {
    let at = ground.ports.get(&listener.arn)?;
    let is_tls = listener.protocol == "TLS";
    let (outside, inside) = if is_tls {
        tls(listener, ground)?
    } else {
        Default::default()
    };
    let default = listener.rules.iter().find(|rule| rule.priority == "default")?;
    let route = ground.groups.get(forward(default.actions.last()?)?)?;
    let mut text = outside;
    let _ = writeln!(
        text,
        "server {{\nlisten 127.0.0.1:{at}{};",
        if is_tls { " ssl" } else { "" }
    );
    text.push_str(&inside);
    let protocols = match listener.alpn_policy.first().map(String::as_str) {
        Some("HTTP1Only") => "ssl_alpn http/1.1;\n",
        Some("HTTP2Only") => "ssl_alpn h2;\n",
        Some("HTTP2Optional") => "ssl_alpn http/1.1 h2;\n",
        Some("HTTP2Preferred") => "ssl_alpn h2 http/1.1;\n",
        _ => "",
    };
    text.push_str(protocols);
    if route.is_tls {
        text.push_str("proxy_ssl on;\nproxy_ssl_verify off;\nproxy_ssl_server_name off;\n");
    }
    // The relay takes the line away again.
    let _ = writeln!(
        text,
        "proxy_protocol on;\nproxy_timeout 350s;\nproxy_pass 127.0.0.1:{};\n}}",
        route.port
    );
    Some(text)
}
