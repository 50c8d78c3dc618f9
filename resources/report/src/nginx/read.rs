//! What a configuration listens on, and where it passes requests on to.

use std::collections::{BTreeMap, BTreeSet};

use super::address::{Target, is_loopback, is_range, listen, target};
use super::files::Files;
use super::tree::{Directive, tree};

/// What a configuration does with requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarding {
    /// What it listens on, once for each server.
    pub listens: Vec<Listen>,
    /// Where requests go on.
    pub passes: Vec<Pass>,
    /// Paths of the files that it consists of.
    pub files: BTreeSet<String>,
    /// Files that it includes and that were not there to be read. They may add servers and passes.
    pub unread: Vec<String>,
}

/// A `listen` of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Port.
    pub port: u16,
    /// Address that it is bound to; empty for all.
    pub address: String,
    /// It takes TLS only.
    pub tls: bool,
    /// The server passes requests on.
    pub passes: bool,
}

impl Listen {
    /// It takes connections from its own Pod only.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.address)
    }
}

/// A `proxy_pass`, `grpc_pass` or the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Ports that the server listens on; none if it listens on Unix sockets only.
    pub ports: Vec<u16>,
    /// How it speaks to the next one.
    pub scheme: Scheme,
    /// Where to: all servers of the upstream.
    pub targets: Vec<Target>,
    /// The certificate of the next one is verified: `proxy_ssl_verify on` with CA certificates.
    pub verified: bool,
}

/// How requests are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Plain,
    /// With TLS.
    Tls,
    /// It is in a variable.
    Variable,
}

/// Reads a configuration from its main file.
///
/// # Errors
/// What NGINX could not read, or that the main file is not known.
pub fn read(files: &Files<'_>, main: &str) -> Result<Forwarding, String> {
    let tree = tree(files, main)?;
    let mut found = Forwarding {
        files: tree.read,
        unread: tree.unread,
        ..Forwarding::default()
    };
    let scope = Scope::default();
    found.level(&tree.directives, &scope, false);
    found.sockets();
    found.unread.retain(|path| !is_harmless(path));
    found.unread.sort_unstable();
    found.unread.dedup();
    Ok(found)
}

/// Files of the image, and those that the proxy of this provider writes when it starts: neither holds a server or a pass.
fn is_harmless(path: &str) -> bool {
    let image = [
        "mime.types",
        "fastcgi_params",
        "uwsgi_params",
        "scgi_params",
        "fastcgi.conf",
    ];
    let ours = [
        "/run/e2etls/resolver.conf",
        "/run/e2etls/groups.conf",
        "/run/e2etls/spellings.conf",
    ];
    image.contains(&path.rsplit('/').next().unwrap_or(path)) || ours.contains(&path)
}

/// A list of OpenSSL that has a cipher without encryption or without a certificate, and does not take it out.
fn allows_null(list: &str) -> bool {
    let mut ciphers = list.split([':', ',', ' ']);
    ciphers.any(|cipher| cipher.contains("NULL") && !cipher.starts_with(['!', '-']))
}

/// What a module runs may send requests anywhere.
fn runs_code(directive: &str) -> bool {
    let js = directive.starts_with("js_") && !matches!(directive, "js_import" | "js_path" | "js_var");
    js || directive.contains("_by_lua") || directive.starts_with("perl")
}

/// What is inherited from the levels around a directive.
#[derive(Clone, Default)]
struct Scope {
    verify: BTreeMap<&'static str, bool>,
    trusted: BTreeMap<&'static str, bool>,
    named: BTreeMap<&'static str, bool>,
    stream_tls: bool,
    ports: Vec<u16>,
    upstreams: BTreeMap<String, Vec<Target>>,
}

impl Forwarding {
    /// `http`, `server`, `location`, `if`: each inherits from those around it.
    fn level(&mut self, directives: &[Directive], around: &Scope, stream: bool) {
        let mut scope = around.clone();
        for directive in directives {
            scope.take(directive);
        }
        for directive in directives {
            match directive.name.as_str() {
                "stream" => self.level(&directive.inner, &scope, true),
                "server" => self.server(&directive.inner, &scope, stream),
                "upstream" => {
                    if directive.inner.iter().any(|inner| inner.name == "state") {
                        self.unread.push("the `state` of an upstream".to_owned());
                    }
                    let code = directive.inner.iter().filter(|inner| runs_code(&inner.name));
                    self.unread
                        .extend(code.map(|inner| format!("the code of `{}`", inner.name)));
                }
                "error_page" if directive.arguments.iter().any(|code| code == "497") => {
                    self.unread
                        .push("`error_page 497`, which answers plain HTTP on a TLS port".to_owned());
                }
                "mail" => self.unread.push("`mail`".to_owned()),
                "map" | "geo" | "types" | "split_clients" => {}
                "pass" if stream => self.passes.push(pass(directive, &scope, stream)),
                name if name.ends_with("ssl_ciphers") && directive.arguments.iter().any(|list| allows_null(list)) => {
                    self.unread.push(format!("`{name}` with ciphers that do not encrypt"));
                }
                name if runs_code(name) => self.unread.push(format!("the code of `{name}`")),
                name if name.ends_with("_pass") => self.passes.push(pass(directive, &scope, stream)),
                _ if !directive.inner.is_empty() => self.level(&directive.inner, &scope, stream),
                _ => {}
            }
        }
    }

    /// `ssl` of one server holds for all that share the socket.
    fn sockets(&mut self) {
        let tls = self.listens.iter().filter(|listen| listen.tls);
        let tls: BTreeSet<(String, u16)> = tls.map(|listen| (listen.address.clone(), listen.port)).collect();
        for listen in &mut self.listens {
            listen.tls = tls.contains(&(listen.address.clone(), listen.port));
        }
    }

    fn server(&mut self, directives: &[Directive], around: &Scope, stream: bool) {
        let mut scope = around.clone();
        let named = |name: &'static str| directives.iter().filter(move |found| found.name == name);
        let mut listens: Vec<(String, u16, bool)> =
            named("listen").filter_map(|found| listen(&found.arguments)).collect();
        let ranges = named("listen").filter_map(|found| found.arguments.first().filter(|place| is_range(place)));
        self.unread.extend(ranges.map(|place| format!("`listen {place}`")));
        if named("listen").next().is_none() {
            listens.push((String::new(), 80, false));
        }
        // `ssl on` is gone since 1.25.1, and older images are still about.
        let all_tls = named("ssl").any(|found| found.arguments == ["on"]);
        scope.ports = listens.iter().map(|(_, port, _)| *port).collect();
        let before = self.passes.len();
        self.level(directives, &scope, stream);
        let passes = self.passes.len() > before;
        self.listens
            .extend(listens.into_iter().map(|(address, port, tls)| Listen {
                port,
                address,
                tls: tls || all_tls,
                passes,
            }));
    }
}

impl Scope {
    fn take(&mut self, directive: &Directive) {
        let first = directive.arguments.first().map_or("", String::as_str);
        let on = first == "on";
        match directive.name.as_str() {
            "proxy_ssl_verify" => drop(self.verify.insert("proxy_pass", on)),
            "grpc_ssl_verify" => drop(self.verify.insert("grpc_pass", on)),
            "uwsgi_ssl_verify" => drop(self.verify.insert("uwsgi_pass", on)),
            "proxy_ssl_trusted_certificate" => drop(self.trusted.insert("proxy_pass", true)),
            "grpc_ssl_trusted_certificate" => drop(self.trusted.insert("grpc_pass", true)),
            "uwsgi_ssl_trusted_certificate" => drop(self.trusted.insert("uwsgi_pass", true)),
            // Any certificate of the CA would do for a name that the client chooses.
            "proxy_ssl_name" => drop(
                self.named
                    .insert("proxy_pass", !first.contains('$') || first == "$proxy_host"),
            ),
            "grpc_ssl_name" => drop(self.named.insert("grpc_pass", !first.contains('$'))),
            "uwsgi_ssl_name" => drop(self.named.insert("uwsgi_pass", !first.contains('$'))),
            "proxy_ssl" => self.stream_tls = on,
            "upstream" => {
                let servers = directive.inner.iter().filter(|inner| inner.name == "server");
                let targets = servers.map(|server| {
                    let place = server.arguments.first().map_or("", String::as_str);
                    // The records of such a name say which port it is.
                    match server.arguments.iter().any(|word| word.starts_with("service=")) {
                        true => Target::Variable(place.to_owned()),
                        false => target(place, 80),
                    }
                });
                self.upstreams.insert(first.to_ascii_lowercase(), targets.collect());
            }
            _ => {}
        }
    }
}

fn pass(directive: &Directive, scope: &Scope, stream: bool) -> Pass {
    let address = directive.arguments.first().map_or("", String::as_str);
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = match scheme {
                "https" | "grpcs" | "suwsgi" => Scheme::Tls,
                scheme if scheme.contains('$') => Scheme::Variable,
                _ => Scheme::Plain,
            };
            (scheme, rest)
        }
        None if stream && scope.stream_tls => (Scheme::Tls, address),
        None if address.starts_with('$') => (Scheme::Variable, address),
        None => (Scheme::Plain, address),
    };
    let is_socket = rest.starts_with("unix:");
    let place = if is_socket {
        rest
    } else {
        rest.split('/').next().unwrap_or(rest)
    };
    let name = directive.name.as_str();
    let stated = |of: &BTreeMap<&'static str, bool>| of.get(name).copied().unwrap_or_default();
    let targets = match scope.upstreams.get(&place.to_ascii_lowercase()) {
        Some(targets) => targets.clone(),
        None => vec![target(place, if scheme == Scheme::Tls { 443 } else { 80 })],
    };
    Pass {
        ports: scope.ports.clone(),
        scheme,
        verified: scheme == Scheme::Tls
            && stated(&scope.verify)
            && stated(&scope.trusted)
            && scope.named.get(name).copied().unwrap_or(true)
            && !targets.iter().any(|target| matches!(target, Target::Variable(_))),
        targets,
    }
}
