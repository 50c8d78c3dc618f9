//! Application load balancers.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Ground, tls};
use crate::lab::load_balancer::plane::snapshot::{Balancer, Listener, Rule};

/// What all servers share.
const COMMON: &str = r#"
access_log off;
server_tokens off;
client_max_body_size 0;
client_body_temp_path client;
proxy_temp_path proxy;
fastcgi_temp_path fastcgi;
uwsgi_temp_path uwsgi;
scgi_temp_path scgi;
default_type text/plain;
map_hash_bucket_size 256;
map $http_upgrade $lab_connection { default upgrade; '' ''; }
map $request_uri $lab_path { ~^(?<lab_only_path>[^?]*) $lab_only_path; }
"#;

pub(super) fn write(balancer: &Balancer, ground: &Ground<'_>) -> String {
    let mut text = format!("http {{{COMMON}");
    let attribute = |name: &str| balancer.attributes.get(name).map_or("", String::as_str);
    let idle = attribute("idle_timeout.timeout_seconds");
    let keep = attribute("client_keep_alive.seconds");
    let _ = writeln!(
        text,
        "proxy_read_timeout {idle}s;\nproxy_send_timeout {idle}s;\nkeepalive_timeout {idle}s;"
    );
    let _ = writeln!(text, "keepalive_time {keep}s;");
    for listener in &balancer.listeners {
        let Some(port) = ground.ports.get(&listener.arn) else {
            continue;
        };
        text.push_str(&server(balancer, listener, *port, ground).unwrap_or_default());
    }
    text.push_str("}\n");
    text
}

/// None: a listener without a certificate that could be had.
fn server(balancer: &Balancer, listener: &Listener, at: u16, ground: &Ground<'_>) -> Option<String> {
    let is_tls = listener.protocol == "HTTPS";
    let (outside, inside) = if is_tls {
        tls(listener, ground)?
    } else {
        Default::default()
    };
    let port = listener.port;
    let mut rules: Vec<&Rule> = listener.rules.iter().collect();
    rules.sort_by_key(|rule| rule.priority.parse::<u32>().unwrap_or(u32::MAX));
    let mut text = outside;
    text.push_str(&maps(&rules, port, ground));
    let _ = writeln!(
        text,
        "server {{\nlisten 127.0.0.1:{at}{};",
        if is_tls { " ssl" } else { "" }
    );
    if is_tls
        && balancer
            .attributes
            .get("routing.http2.enabled")
            .is_some_and(|it| it == "true")
    {
        text.push_str("http2 on;\n");
    }
    text.push_str(&inside);
    let authentication = listener.mutual_authentication.as_ref();
    let asks = authentication.is_some_and(|it| it.mode == "passthrough");
    if asks {
        text.push_str("ssl_verify_client optional_no_ca;\n");
    }
    text.push_str("location / {\n");
    text.push_str(&answers(&rules, port));
    text.push_str(&headers(balancer, port));
    let client = if asks { "$ssl_client_escaped_cert" } else { "\"\"" };
    let _ = writeln!(text, "proxy_set_header X-Amzn-Mtls-Clientcert {client};");
    let _ = writeln!(text, "proxy_pass $lab_target_{port};\n}}\n}}");
    Some(text)
}

/// Which rule a request matches, and where that leads.
fn maps(rules: &[&Rule], port: u16, ground: &Ground<'_>) -> String {
    let mut which = format!("map \"$host $lab_path\" $lab_rule_{port} {{\n");
    let mut target = format!("map $lab_rule_{port} $lab_target_{port} {{\ndefault '';\n");
    for (number, rule) in rules.iter().enumerate() {
        match rule.priority.as_str() {
            "default" => drop(writeln!(which, "default {number};")),
            _ => drop(writeln!(which, "\"~{}\" {number};", pattern(&rule.conditions))),
        }
        let group = rule
            .actions
            .last()
            .and_then(forward)
            .and_then(|arn| ground.groups.get(arn));
        if let Some(route) = group.filter(|route| !route.is_empty) {
            let scheme = if route.is_tls { "https" } else { "http" };
            let _ = writeln!(target, "{number} {scheme}://127.0.0.1:{};", route.port);
        }
    }
    format!("{which}}}\n{target}}}\n")
}

/// The target group that an action forwards to: the first, if there are several.
pub(super) fn forward(action: &Value) -> Option<&str> {
    let group = &action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"];
    group.as_str().or_else(|| action["TargetGroupArn"].as_str())
}

/// Answers that need no target.
fn answers(rules: &[&Rule], port: u16) -> String {
    let mut text = String::new();
    for (number, rule) in rules.iter().enumerate() {
        let Some(action) = rule.actions.last() else { continue };
        let answer = match action["Type"].as_str() {
            Some("fixed-response") => {
                let fixed = &action["FixedResponseConfig"];
                let body = fixed["MessageBody"].as_str().unwrap_or_default();
                format!("{} {}", fixed["StatusCode"].as_str().unwrap_or("404"), quoted(body))
            }
            Some("redirect") => {
                let redirect = &action["RedirectConfig"];
                let to = redirect["Port"].as_str().unwrap_or("443");
                let code = if redirect["StatusCode"] == "HTTP_302" { 302 } else { 301 };
                format!("{code} https://$host:{to}$request_uri")
            }
            _ => continue,
        };
        let _ = writeln!(text, "if ($lab_rule_{port} = {number}) {{ return {answer}; }}");
    }
    let _ = writeln!(text, "if ($lab_target_{port} = '') {{ return 503; }}");
    text
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "");
    format!("\"{text}\"")
}

/// What targets hear of the client.
fn headers(balancer: &Balancer, port: u16) -> String {
    let attribute = |name: &str| balancer.attributes.get(name).map_or("", String::as_str);
    let mode = attribute("routing.http.xff_header_processing.mode");
    let from = match mode {
        "preserve" => "$http_x_forwarded_for",
        "remove" => "\"\"",
        _ => "$proxy_add_x_forwarded_for",
    };
    format!(
        "proxy_http_version 1.1;\n\
         proxy_buffering off;\n\
         proxy_request_buffering off;\n\
         proxy_next_upstream off;\n\
         proxy_ssl_verify off;\n\
         proxy_ssl_server_name off;\n\
         proxy_ssl_session_reuse off;\n\
         proxy_set_header Host $http_host;\n\
         proxy_set_header Upgrade $http_upgrade;\n\
         proxy_set_header Connection $lab_connection;\n\
         proxy_set_header X-Forwarded-For {from};\n\
         proxy_set_header X-Forwarded-Proto $scheme;\n\
         proxy_set_header X-Forwarded-Port {port};\n\
         proxy_set_header X-Amzn-Trace-Id Root=1-$request_id;\n"
    )
}

/// Conditions as one regular expression for `host path`. What the lab doesn't know of conditions never matches.
fn pattern(conditions: &[Value]) -> String {
    let (mut host, mut path) = ("[^ ]*".to_owned(), ".*".to_owned());
    for condition in conditions {
        let values = |config: &str| {
            condition[config]["Values"]
                .as_array()
                .or(condition["Values"].as_array())
        };
        let (is_host, values) = match condition["Field"].as_str() {
            Some("host-header") => (true, values("HostHeaderConfig")),
            Some("path-pattern") => (false, values("PathPatternConfig")),
            _ => return "(?!)".to_owned(),
        };
        let values = values.into_iter().flatten().filter_map(Value::as_str);
        let choices: Vec<String> = values.map(|value| wildcards(value, is_host)).collect();
        let choice = format!("(?:{})", choices.join("|"));
        match is_host {
            true => host = format!("(?i:{choice})"),
            false => path = choice,
        }
    }
    format!("^{host} {path}$")
}

/// `*` is any text, `?` any character.
fn wildcards(text: &str, is_host: bool) -> String {
    let mut pattern = String::new();
    for character in text.chars() {
        match character {
            '*' if is_host => pattern.push_str("[^ ]*"),
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            _ if character.is_ascii_alphanumeric() || "-_/~".contains(character) => pattern.push(character),
            _ => drop(write!(pattern, "[{character}]")),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::pattern;

    #[test]
    fn conditions_are_one_expression() {
        let host = json!({ "Field": "host-header", "HostHeaderConfig": { "Values": ["*.example.com"] } });
        let path = json!({ "Field": "path-pattern", "PathPatternConfig": { "Values": ["/shop", "/shop/*"] } });
        assert_eq!(
            pattern(&[host, path]),
            "^(?i:(?:[^ ]*[.]example[.]com)) (?:/shop|/shop/.*)$"
        );
        assert_eq!(pattern(&[json!({ "Field": "source-ip" })]), "(?!)");
    }
}
