//! Directives of NGINX that name an address.

use std::net::Ipv4Addr;

use super::super::address::Ports;

/// `listen PORT` becomes `listen <address>:PORT`; a `[::]` one is dropped, as the address serves both.
pub(super) fn listen(text: &str, address: Ipv4Addr, ports: Ports) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        out.push_str(&listen_line(line, address, ports));
    }
    out
}

/// Handles every `listen` directive of a line.
fn listen_line(line: &str, address: Ipv4Addr, ports: Ports) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("listen") {
        let (before, directive) = rest.split_at(at);
        let starts = before.trim_end().chars().next_back().is_none_or(|c| "{};".contains(c));
        let (directive, after) = match directive.find(';') {
            Some(end) if starts && directive[6..].starts_with([' ', '\t']) => directive.split_at(end + 1),
            _ => {
                out.push_str(before);
                out.push_str("listen");
                rest = &directive[6..];
                continue;
            }
        };
        out.push_str(before);
        out.push_str(&one_listen(directive, address, ports));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// One directive from `listen` to its semicolon.
fn one_listen(directive: &str, address: Ipv4Addr, ports: Ports) -> String {
    let body = directive[6..].trim_end_matches(';').trim_start();
    let (target, parameters) = body.split_once([' ', '\t']).map_or((body, ""), |(t, p)| (t, p.trim()));
    if target.starts_with("[::]:") {
        return String::new();
    }
    let port = ["*:", "0.0.0.0:", "127.0.0.1:", "localhost:"]
        .iter()
        .find_map(|host| target.strip_prefix(host))
        .unwrap_or(target);
    let Ok(port) = port.parse::<u16>() else {
        return directive.to_owned();
    };
    let separator = if parameters.is_empty() { "" } else { " " };
    format!("listen {address}:{}{separator}{parameters};", ports.lab_port(port))
}

/// Connections to upstreams leave from the pod's address, as they would from its network namespace.
pub(super) fn source(text: &str, address: Ipv4Addr) -> String {
    if text.contains("proxy_bind") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 32);
    for line in text.split_inclusive('\n') {
        let block = line.trim_end();
        if matches!(block, "http {" | "http{" | "stream {" | "stream{") {
            out.push_str(&format!("{block} proxy_bind {address};{}", &line[block.len()..]));
        } else {
            out.push_str(line);
        }
    }
    out
}

/// The lab's NGINX is built without its counters: an answer of their form takes their place.
pub(super) fn counters(text: &str) -> String {
    let answer = "default_type text/plain; return 200 \"Active connections: 1 \\nserver accepts handled requests\\n 1 1 1 \\n\
                  Reading: 0 Writing: 1 Waiting: 0 \\n\";";
    text.replace("stub_status;", answer)
}
