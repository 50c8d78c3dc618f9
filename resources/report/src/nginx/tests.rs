use proptest::prelude::*;

use super::{Files, Forwarding, Scheme, Target};

/// Reads `nginx.conf` of a folder that holds nothing else.
fn read(texts: &[(&str, &str)]) -> Result<Forwarding, String> {
    let mut files = Files::default();
    files.cover("/etc/nginx", true);
    for (name, text) in texts {
        files.add(&format!("/etc/nginx/{name}"), text);
    }
    super::read(&files, "/etc/nginx/nginx.conf")
}

/// `PORT[ tls][ passes]` for each listen, `SCHEME TARGET[,TARGET][ verified]` for each pass, and what was not read.
fn shown(found: &Forwarding) -> Vec<String> {
    let mut lines = Vec::new();
    for listen in &found.listens {
        let at = if listen.address.is_empty() {
            String::new()
        } else {
            format!("{}:", listen.address)
        };
        let tls = if listen.tls { " tls" } else { "" };
        let passes = if listen.passes { " passes" } else { "" };
        lines.push(format!("{at}{}{tls}{passes}", listen.port));
    }
    for pass in &found.passes {
        let targets: Vec<String> = pass
            .targets
            .iter()
            .map(|target| match target {
                Target::Host(host, port) => format!("{host}:{port}"),
                Target::Socket(path) => format!("socket {path}"),
                Target::Variable(name) => name.clone(),
            })
            .collect();
        let scheme = match pass.scheme {
            Scheme::Plain => "plain",
            Scheme::Tls => "tls",
            Scheme::Variable => "variable",
        };
        let verified = if pass.verified { " verified" } else { "" };
        lines.push(format!("{scheme} {}{verified}", targets.join(",")));
    }
    lines.extend(found.unread.iter().map(|path| format!("unread {path}")));
    lines
}

#[test]
fn what_listens_and_where_requests_go() {
    for (text, expected) in [
        ("http { server { } }", &["80"][..]),
        (
            "server { listen 8443 ssl; location / { proxy_pass http://shop:8080; } }",
            &["8443 tls passes", "plain shop:8080"],
        ),
        (
            "upstream app { server A.web.svc:8080 resolve; server 10.0.0.1; } server { listen 443 ssl; location / { proxy_pass http://app/x; } }",
            &["443 tls passes", "plain a.web.svc:8080,10.0.0.1:80"],
        ),
        (
            "http { proxy_ssl_verify on; server { proxy_ssl_trusted_certificate ca; location / { proxy_pass https://app; } } }",
            &["80 passes", "tls app:443 verified"],
        ),
        (
            "http { proxy_ssl_verify on; server { proxy_ssl_trusted_certificate ca; location / { proxy_ssl_verify off; proxy_pass https://app; } } }",
            &["80 passes", "tls app:443"],
        ),
        // What is set for one directive says nothing about another.
        (
            "server { proxy_ssl_verify on; proxy_ssl_trusted_certificate ca; location / { grpc_pass grpcs://app:9000; } }",
            &["80 passes", "tls app:9000"],
        ),
        (
            "server { location / { proxy_ssl_verify on; proxy_pass https://app; } }",
            &["80 passes", "tls app:443"],
        ),
        (
            "server { listen [::]:8080; listen 127.0.0.1:81; listen unix:/x; fastcgi_pass unix:/run/php.sock; }",
            &[":::8080 passes", "127.0.0.1:81 passes", "plain socket /run/php.sock"],
        ),
        (
            "server { set $s http; location / { proxy_pass $s://app; } }",
            &["80 passes", "variable app:80"],
        ),
        (
            "server { location / { proxy_pass $where; } }",
            &["80 passes", "variable $where"],
        ),
        (
            "server { location / { proxy_pass https://$where; } }",
            &["80 passes", "tls $where"],
        ),
        (
            "server { location / { if ($a) { proxy_pass http://b; } } }",
            &["80 passes", "plain b:80"],
        ),
        // One socket, two servers: who speaks TLS is not a matter of the name.
        (
            "server { listen 443 ssl; } server { listen *:443; } server { listen 10.0.0.1:443; }",
            &["443 tls", "443 tls", "10.0.0.1:443"],
        ),
        (
            "stream { server { listen 5432; proxy_pass db:5432; } server { listen 5433; proxy_ssl on; proxy_pass db:5433; } }",
            &["5432 passes", "5433 passes", "plain db:5432", "tls db:5433"],
        ),
        (
            "server { listen 80; js_content main.hello; }",
            &["80", "unread the code of `js_content`"],
        ),
        (
            "server { include /elsewhere/*.conf; include conf.d/*.conf; include mime.types; include b.conf; }",
            &["80", "unread /elsewhere/*.conf", "unread b.conf"],
        ),
        (
            "server { location / { proxy_pass http://unix:/run/app.sock:/; } }",
            &["80 passes", "plain socket /run/app.sock"],
        ),
        (
            "server { location / { proxy_pass http://[::1]:3000; } }",
            &["80 passes", "plain ::1:3000"],
        ),
    ] {
        let found = read(&[("nginx.conf", text)]).expect(text);
        assert_eq!(shown(&found), expected, "{text}");
    }
}

#[test]
fn files_include_each_other_and_nothing_twice_over() {
    let found = read(&[
        ("nginx.conf", "http { include /etc/nginx/conf.d/*.conf; }"),
        ("conf.d/shop.conf", "server { include pass; }"),
        ("conf.d/shop.txt", "server { listen 81; }"),
        ("pass", "location / { proxy_pass http://app; }"),
    ]);
    let found = found.expect("a configuration");
    assert_eq!(shown(&found), ["80 passes", "plain app:80"]);
    let files: Vec<&String> = found.files.iter().collect();
    assert_eq!(
        files,
        [
            "/etc/nginx/conf.d/shop.conf",
            "/etc/nginx/nginx.conf",
            "/etc/nginx/pass"
        ]
    );
    let circle = [("nginx.conf", "http { include a; }"), ("a", "include a;")];
    assert!(read(&circle).is_err_and(|error| error.contains("levels deep")));
    // A relative path begins at the folder of the main file, wherever it is included.
    let found = read(&[
        ("nginx.conf", "include conf.d/default.conf;"),
        ("conf.d/default.conf", "server { listen 443 ssl; include pass; }"),
        ("conf.d/pass", "location / { proxy_pass http://app; }"),
    ]);
    assert_eq!(shown(&found.expect("a configuration")), ["443 tls", "unread pass"]);
    assert!(read(&[("other.conf", "")]).is_err_and(|error| error.contains("/etc/nginx/nginx.conf was not read")));
}

#[test]
fn what_nginx_does_not_read_is_an_error() {
    for (text, expected) in [
        ("server {", "`server {` is not closed"),
        ("}", "unexpected `}`"),
        ("a b", "`a b` is not ended"),
        ("a { b }", "unexpected `}`"),
        (";", "without a name"),
        ("a 'b", "not closed"),
    ] {
        let error = read(&[("nginx.conf", text)]).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
    let deep = format!("{}{}", "a {".repeat(5_000), "}".repeat(5_000));
    assert!(read(&[("nginx.conf", &deep)]).is_err());
}

proptest! {
    /// Whatever a ConfigMap holds is read or refused.
    #[test]
    fn nothing_panics(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "server", "listen", "443", "ssl", "{", "}", ";", "proxy_pass", "http://a:b", "https://", "$x", "upstream", "[", "]",
            "include", "*", "*.conf", "unix:", "::", "[::1]:99999", "stream", "\"", "'", "\\", "server_name", " ", "é", "location",
        ]), 0..60), joined in proptest::bool::ANY) {
        let text = words.join(if joined { "" } else { " " });
        let _ = read(&[("nginx.conf", &text), ("a.conf", &text)]);
    }
}
