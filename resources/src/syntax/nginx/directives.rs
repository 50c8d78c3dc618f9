//! Directives that users add to the `server` block.
//!
//! This file is long because half of it are directives that must and must not pass, as tables.

use super::super::{Checked, refuse};
use super::added::{Added, written};
use super::allowed::{Place, argument, is_allowed};
use e2etls_report::nginx::{Token, tokens};

/// The name of the upstream that requests of an added `location` may be passed to.
pub const APP: &str = "e2etls_app";

/// How deep blocks may be nested; NGINX itself is recursive.
const DEPTH: usize = 8;

/// Directives for NGINX's `server` block: balanced, and of those that leave the purpose of the proxy intact.
pub fn nginx_directives(text: &str) -> Checked {
    match read(text) {
        Ok(_) => Ok(()),
        Err(why) => refuse(why),
    }
}

/// What directives say that [`nginx_directives`] accepts; nothing if it refuses them.
#[must_use]
pub fn added(text: &str) -> Added {
    read(text).unwrap_or_default()
}

fn read(text: &str) -> Result<Added, String> {
    let mut reader = Reader {
        tokens: tokens(text)?.into_iter(),
        added: Added::default(),
        within: None,
    };
    reader.block(Place::Server, 0)?;
    Ok(reader.added)
}

struct Reader {
    tokens: std::vec::IntoIter<Token>,
    added: Added,
    /// The index of the innermost `location` that is being read.
    within: Option<usize>,
}

impl Reader {
    /// Reads directives to the end of the block; says whether one of them answers requests.
    fn block(&mut self, place: Place, depth: usize) -> Result<bool, String> {
        let mut answers = false;
        let mut words = Vec::new();
        loop {
            match self.tokens.next() {
                Some(Token::Word(word)) => words.push(word),
                Some(Token::End) if !words.is_empty() => {
                    answers |= self.directive(&std::mem::take(&mut words), place)?;
                }
                Some(Token::Open) if !words.is_empty() => {
                    answers |= self.nested(&std::mem::take(&mut words), place, depth)?;
                }
                Some(Token::End) => return Err("unexpected `;`".to_owned()),
                Some(Token::Open) => return Err("unexpected `{`".to_owned()),
                Some(Token::Close) if words.is_empty() && depth > 0 => return Ok(answers),
                Some(Token::Close) if depth == 0 => {
                    return Err("`}` would close the `server` block".to_owned());
                }
                Some(Token::Close) => return Err(unfinished(&words)),
                None if !words.is_empty() => return Err(unfinished(&words)),
                None if depth > 0 => return Err("a block is not closed: `}` is missing".to_owned()),
                None => return Ok(answers),
            }
        }
    }

    fn directive(&mut self, words: &[String], place: Place) -> Result<bool, String> {
        let (name, arguments) = named(words, place)?;
        match name {
            "if" | "location" | "limit_except" => Err(format!("`{name}` needs a block: `{{` is missing")),
            "proxy_pass" | "grpc_pass" => self.pass(name, arguments).map(|()| true),
            "return" => Ok(true),
            "proxy_hide_header" => {
                if let Some(within) = self.within {
                    self.added.locations[within].hidden.extend_from_slice(arguments);
                }
                Ok(false)
            }
            "access_log" if arguments != ["off"] => {
                Err("`access_log` may only be `off`: the proxy logs to standard output".to_owned())
            }
            "add_header" if arguments.first().is_some_and(|name| name.eq_ignore_ascii_case("content-type")) => Err(
                "`add_header Content-Type` adds a second header of that name: for responses of NGINX itself, use `default_type`"
                    .to_owned(),
            ),
            "set" | "auth_request_set" => {
                let variable = arguments.first().map_or("", String::as_str);
                if variable.trim_start_matches(['$', '{']).starts_with("e2etls") {
                    return Err(format!(
                        "`{variable}` is a variable of the proxy itself: choose another name"
                    ));
                }
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    fn nested(&mut self, words: &[String], place: Place, depth: usize) -> Result<bool, String> {
        let (name, arguments) = named(words, place)?;
        if depth + 1 >= DEPTH {
            return Err("blocks are nested too deeply".to_owned());
        }
        match name {
            "if" | "limit_except" => self.block(Place::Condition, depth + 1),
            "location" => self.location(arguments, depth).map(|()| true),
            _ => Err(format!("unexpected `{{` after `{name}`")),
        }
    }

    fn location(&mut self, arguments: &[String], depth: usize) -> Result<(), String> {
        let location = written(arguments);
        let path = location.path.clone();
        if location.is_prefix() && path == "/" || path.starts_with("/e2etls-") {
            return Err(format!(
                "`location {path}` is the proxy's own: write the directives without `location`, or use `http.paths`"
            ));
        }
        if self.added.locations.iter().any(|other| other.excludes(&location)) {
            return Err(format!(
                "`location {path}` is there twice: write one with the directives of both"
            ));
        }
        let outside = self.within.replace(self.added.locations.len());
        self.added.locations.push(location);
        let answers = self.block(Place::Location, depth + 1)?;
        self.within = outside;
        if answers {
            return Ok(());
        }
        Err(format!(
            "`location {path}` has no response: add `proxy_pass http://{APP};` (or `https://`, by `upstream.protocol`) to \
             pass its requests to the application, or `return`"
        ))
    }

    /// Requests go to the app of the proxy and nowhere else.
    fn pass(&mut self, name: &str, arguments: &[String]) -> Result<(), String> {
        let module = name.trim_end_matches("_pass");
        let schemes: &[&str] = if module == "grpc" {
            &["grpc", "grpcs"]
        } else {
            &["http", "https"]
        };
        let scheme = match arguments {
            [target] => target
                .strip_suffix(APP)
                .and_then(|rest| rest.strip_suffix("://"))
                .filter(|scheme| schemes.contains(scheme)),
            _ => None,
        };
        match scheme {
            Some(scheme) => {
                self.added.schemes.push(scheme.to_owned());
                Ok(())
            }
            None => Err(format!(
                "`{name} {}` is not allowed: requests can go only to the application, as `{name} {}://{APP}`",
                arguments.join(" "),
                schemes[0]
            )),
        }
    }
}

fn named(words: &[String], place: Place) -> Result<(&str, &[String]), String> {
    let Some((name, arguments)) = words.split_first() else {
        return Err("a directive has no name".to_owned());
    };
    if is_allowed(name, place) {
        return Ok((name, arguments));
    }
    Err(match (argument(name), place) {
        (Some(argument), _) => format!("`{name}` is not allowed here: use {argument}"),
        (None, Place::Condition) => format!("`{name}` is not allowed in `if` and `limit_except`"),
        (None, _) if is_allowed(name, Place::Location) => format!("`{name}` is allowed in a `location` only"),
        (None, _) if is_allowed(name, Place::Server) => format!("`{name}` is not allowed in a `location`"),
        (None, _) => format!(
            "`{name}` is not allowed: it could change where requests go, what is exposed or what is verified, or the \
             proxy sets it itself"
        ),
    })
}

fn unfinished(words: &[String]) -> String {
    format!("`;` is missing after `{}`", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        nginx_directives(text).map_or_else(|invalid| invalid.message, |()| String::new())
    }

    #[test]
    fn the_common_wishes_are_accepted() {
        for text in [
            "",
            "add_header Strict-Transport-Security \"max-age=1; includeSubDomains\" always;",
            "location /evaluate { return 204; }",
            "# listens { on nothing\ngzip on;",
            "add_header X \"{\";",
            "location ~ ^/a{2}$ { return 404; }",
            "location \"~^/a{2}\" { return 404; }",
            "location /admin/ { allow 10.0.0.0/8; deny all; proxy_pass http://e2etls_app; proxy_read_timeout 5m; }",
            "if ($request_method = TRACE) { return 405; }",
            "set $backend x; rewrite ^/old/(.*)$ /new/$1 last;",
            "location /a/ { limit_except GET { deny all; } proxy_pass https://e2etls_app; }",
            "error_page 502 = @down; location @down { return 503 \"back soon\"; }",
            "access_log off;",
        ] {
            // `{2}` without quotes ends the word in NGINX too.
            if text.contains("~ ^/a{2}") {
                assert_ne!(why(text), "", "{text}");
            } else {
                assert_eq!(why(text), "", "{text}");
            }
        }
    }

    #[test]
    fn whatever_could_move_or_open_something_is_refused() {
        for (text, part) in [
            ("\"listen\" 18081;", "`listen` is not allowed"),
            ("'lis''ten' 1;", "unexpected"),
            ("li\\sten 1;", "is not allowed"),
            ("location /k/ { alias /etc/e2etls/tls/; }", "`alias` is not allowed"),
            ("root /;", "`root` is not allowed"),
            (
                "add_header X \"{\"; } server { listen 1; add_header Y \"}\";",
                "close the `server` block",
            ),
            (
                "location /x { proxy_pass http://elsewhere; }",
                "go only to the application",
            ),
            (
                "location /x { proxy_pass http://e2etls_app/other; }",
                "go only to the application",
            ),
            ("location /x { proxy_pass $where; }", "go only to the application"),
            ("proxy_pass http://e2etls_app;", "in a `location` only"),
            ("include /etc/passwd;", "`include` is not allowed"),
            ("proxy_set_header X-Forwarded-For x;", "use `http.request_headers`"),
            ("proxy_read_timeout 5m;", "use `http.read_timeout`"),
            ("client_max_body_size 5m;", "use `http.max_body_size`"),
            ("proxy_ssl_verify off;", "use `upstream`"),
            ("http2 off;", "use `http.http2`"),
            ("server_name x;", "use `server_names`"),
            ("location / { return 204; }", "is the proxy's own"),
            ("location = /e2etls-healthz { return 200; }", "is the proxy's own"),
            ("location /x { deny all; }", "has no response"),
            ("if ($x) { proxy_pass http://e2etls_app; }", "not allowed in `if`"),
            ("set $e2etls_trusted 1;", "variable of the proxy itself"),
            ("set ${e2etls_trusted} 1;", "variable of the proxy itself"),
            ("access_log /dev/stdout;", "only be `off`"),
            ("add_header Content-Type text/plain;", "use `default_type`"),
            (
                "location /x { add_header \"content-type\" text/plain; return 200; }",
                "use `default_type`",
            ),
            ("gzip on", "`;` is missing"),
            ("location /x { return 204;", "not closed"),
            (";", "unexpected `;`"),
            ("{ }", "unexpected `{`"),
            ("gzip on { }", "unexpected `{` after `gzip`"),
            ("if ($x);", "needs a block"),
            ("access_by_lua x;", "is not allowed"),
        ] {
            assert!(why(text).contains(part), "{text}: {}", why(text));
        }
        let nested: String = (1..20)
            .map(|depth| format!("location /{} {{ ", "a".repeat(depth)))
            .collect();
        assert!(why(&nested).contains("too deeply"));
    }

    #[test]
    fn what_is_added_is_told() {
        let text = "proxy_hide_header A; location /a { proxy_hide_header B; location ^~ /a/b { proxy_pass https://e2etls_app; } \
            proxy_hide_header C; } location =/b { grpc_pass grpc://e2etls_app; } location \"~^/c\" { return 204; }";
        let added = added(text);
        assert_eq!(added.schemes, ["https", "grpc"]);
        let seen: Vec<_> = added
            .locations
            .iter()
            .map(|location| {
                (
                    location.modifier.as_str(),
                    location.path.as_str(),
                    location.hidden.concat(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("", "/a", "BC".to_owned()),
                ("^~", "/a/b", String::new()),
                ("=", "/b", String::new()),
                ("~", "^/c", String::new())
            ]
        );
    }

    #[test]
    fn a_location_is_there_once() {
        for (text, is_twice) in [
            ("location /a { return 204; } location /a { return 200; }", true),
            ("location /a { return 204; } location ^~ /a { return 200; }", true),
            ("location = /a { return 204; } location =/a { return 200; }", true),
            ("location @a { return 204; } location @a { return 200; }", true),
            ("location = /a { return 204; } location /a { return 200; }", false),
            ("location ~ /a { return 204; } location ~ /a { return 200; }", false),
            ("location /a { return 204; } location /a/ { return 200; }", false),
        ] {
            assert_eq!(why(text).contains("is there twice"), is_twice, "{text}: {}", why(text));
        }
    }
}
