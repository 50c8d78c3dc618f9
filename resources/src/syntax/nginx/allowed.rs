//! Which directives users may add to the `server` block, and where: those that can't change where requests go, what is
//! open, what is verified, and which files are read.

/// Where a directive stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the `server` block.
    Server,
    /// In a `location`.
    Location,
    /// In an `if` or `limit_except`.
    Condition,
}

/// Directives that may stand in the `server` block and in a `location`.
pub(super) const ANYWHERE: &[&str] = &[
    "absolute_redirect",
    "access_log",
    "add_header",
    "add_trailer",
    "add_trailer_inherit",
    "allow",
    "auth_request",
    "auth_request_set",
    "charset",
    "charset_types",
    "client_body_buffer_size",
    "client_body_timeout",
    "default_type",
    "deny",
    "error_page",
    "etag",
    "expires",
    "gunzip",
    "gzip",
    "gzip_buffers",
    "gzip_comp_level",
    "gzip_disable",
    "gzip_http_version",
    "gzip_min_length",
    "gzip_proxied",
    "gzip_types",
    "gzip_vary",
    "if",
    "if_modified_since",
    "keepalive_requests",
    "keepalive_time",
    "keepalive_timeout",
    "lingering_close",
    "lingering_time",
    "lingering_timeout",
    "limit_rate",
    "limit_rate_after",
    "location",
    "log_not_found",
    "max_ranges",
    "port_in_redirect",
    "postpone_output",
    "proxy_cookie_domain",
    "proxy_cookie_flags",
    "proxy_cookie_path",
    "proxy_force_ranges",
    "proxy_hide_header",
    "proxy_ignore_client_abort",
    "proxy_ignore_headers",
    "proxy_intercept_errors",
    "proxy_limit_rate",
    "proxy_max_temp_file_size",
    "proxy_next_upstream",
    "proxy_next_upstream_timeout",
    "proxy_next_upstream_tries",
    "proxy_pass_header",
    "proxy_pass_trailers",
    "recursive_error_pages",
    "reset_timedout_connection",
    "return",
    "rewrite",
    "satisfy",
    "send_timeout",
    "server_name_in_redirect",
    "set",
    "sub_filter",
    "sub_filter_last_modified",
    "sub_filter_once",
    "sub_filter_types",
    "tcp_nodelay",
];

/// Directives that may stand in the `server` block only.
pub(super) const SERVER: &[&str] = &["client_header_buffer_size", "client_header_timeout", "merge_slashes"];

/// Directives that may stand in a `location` only: in the `server` block the proxy sets them itself.
pub(super) const LOCATION: &[&str] = &[
    "add_header_inherit",
    "client_max_body_size",
    "grpc_pass",
    "grpc_read_timeout",
    "grpc_send_timeout",
    "internal",
    "limit_except",
    "proxy_buffering",
    "proxy_pass",
    "proxy_read_timeout",
    "proxy_request_buffering",
    "proxy_send_timeout",
];

/// Directives that may stand in an `if` or `limit_except`.
pub(super) const CONDITION: &[&str] = &["allow", "break", "deny", "limit_rate", "return", "rewrite", "set"];

/// Directives with an argument of their own: how the name starts, and the argument.
const ARGUMENTS: &[(&str, &str)] = &[
    ("client_max_body_size", "`http.max_body_size` or `http.paths`"),
    ("grpc_read_timeout", "`http.read_timeout` or `http.paths`"),
    ("grpc_send_timeout", "`http.send_timeout`"),
    ("grpc_set_header", "`http.request_headers`"),
    ("grpc_ssl_", "`upstream`"),
    ("http2", "`http.http2`"),
    ("limit_req", "`http.rate_limit`"),
    ("proxy_buffering", "`http.buffering` or `http.paths`"),
    ("proxy_request_buffering", "`http.request_buffering` or `http.paths`"),
    ("proxy_connect_timeout", "`http.connect_timeout`"),
    ("proxy_read_timeout", "`http.read_timeout` or `http.paths`"),
    ("proxy_send_timeout", "`http.send_timeout`"),
    ("proxy_set_header", "`http.request_headers`"),
    ("proxy_ssl_", "`upstream`"),
    ("real_ip", "`http.real_ip_cidrs`"),
    ("server_name", "`server_names`, or `hostnames` of a stack"),
    ("set_real_ip_from", "`http.real_ip_cidrs`"),
    ("ssl_protocols", "`tls.profile`"),
    ("ssl_ciphers", "`tls.profile`"),
];

/// The argument that says what a directive would.
pub(super) fn argument(directive: &str) -> Option<&'static str> {
    let mut arguments = ARGUMENTS.iter();
    arguments
        .find(|(start, _)| directive.starts_with(start))
        .map(|(_, argument)| *argument)
}

/// True if the directive may stand there.
pub(super) fn is_allowed(directive: &str, place: Place) -> bool {
    let lists: &[&[&str]] = match place {
        Place::Server => &[ANYWHERE, SERVER],
        Place::Location => &[ANYWHERE, LOCATION],
        Place::Condition => &[CONDITION],
    };
    lists.iter().any(|list| list.contains(&directive))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_every_directive() {
        let page = include_str!("../../../../docs/guides/extra-configuration.md");
        let section = |title: &str| {
            let (_, rest) = page.split_once(title).unwrap_or_else(|| panic!("no section `{title}`"));
            rest.split("\n## ").next().unwrap_or_default()
        };
        for (title, list) in [
            ("## In the `server` block and in a `location`", ANYWHERE),
            ("## In the `server` block only", SERVER),
            ("## In a `location` only", LOCATION),
            ("## In an `if` or `limit_except`", CONDITION),
        ] {
            let named: Vec<&str> = section(title).split('`').skip(1).step_by(2).collect();
            assert_eq!(named, list, "{title}");
        }
        let example = page.split_once("<<-EOT\n").and_then(|(_, rest)| rest.split_once("EOT"));
        assert!(super::super::nginx_directives(example.expect("an example").0).is_ok());
        let instead = section("## Arguments that replace directives");
        for (start, argument) in ARGUMENTS {
            assert!(
                instead.contains(&format!("| `{start}`")) && instead.contains(argument),
                "{start}"
            );
        }
    }
}
