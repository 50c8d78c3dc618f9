//! The configuration of NGINX for one load balancer.

mod http;
mod stream;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use super::snapshot::{Balancer, Listener};

/// What a configuration is made of besides the load balancer.
pub(super) struct Ground<'a> {
    /// Ports of this machine by listener.
    pub(super) ports: &'a BTreeMap<String, u16>,
    /// Target groups by ARN.
    pub(super) groups: &'a BTreeMap<String, Route>,
    /// Certificates by ARN.
    pub(super) certificates: &'a BTreeMap<String, Files>,
}

/// A target group behind its relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) port: u16,
    pub(super) is_tls: bool,
    pub(super) is_empty: bool,
}

/// The files of a certificate, and for which names it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) names: Vec<String>,
    pub(super) digest: String,
}

/// The whole configuration.
pub(super) fn write(balancer: &Balancer, ground: &Ground<'_>) -> String {
    let mut text = String::from("daemon off;\nworker_processes 1;\npid nginx.pid;\nworker_shutdown_timeout 10s;\n");
    // Else the worker would be nobody, and read no key.
    if rustix::process::geteuid().is_root() {
        text.push_str("user root root;\n");
    }
    text.push_str("events { worker_connections 4096; }\n");
    let made = match balancer.kind.as_str() {
        "network" => stream::write(balancer, ground),
        _ => http::write(balancer, ground),
    };
    text.push_str(&made);
    text
}

/// TLS of a listener: versions, ciphers, and the certificate that fits the name that the client sends.
fn tls(listener: &Listener, ground: &Ground<'_>) -> Option<(String, String)> {
    let known: Vec<&Files> = listener
        .certificates
        .iter()
        .filter_map(|it| ground.certificates.get(&it.arn))
        .collect();
    let default = known.first()?;
    let mut outside = String::new();
    let mut inside = String::new();
    if let [only] = known.as_slice() {
        let (certificate, key) = (only.certificate.display(), only.key.display());
        let _ = writeln!(inside, "ssl_certificate {certificate};\nssl_certificate_key {key};");
        // So that another certificate behind the same ARN is a change.
        let _ = writeln!(inside, "# {}", only.digest);
    } else {
        let port = listener.port;
        outside.push_str(&by_name(&known, default, port));
        let _ = writeln!(
            inside,
            "ssl_certificate $certificate_{port};\nssl_certificate_key $key_{port};"
        );
    }
    inside.push_str(&versions(listener));
    Some((outside, inside))
}

/// One of the files of a certificate.
type Pick = fn(&Files) -> &PathBuf;

/// Which files belong to the name that the client sends.
fn by_name(known: &[&Files], default: &Files, port: u16) -> String {
    let mut maps = String::new();
    for (what, path) in [("certificate", (|it| &it.certificate) as Pick), ("key", |it| &it.key)] {
        let _ = writeln!(maps, "map $ssl_server_name ${what}_{port} {{\nhostnames;");
        let _ = writeln!(maps, "default {};", path(default).display());
        let mut seen = BTreeSet::new();
        for files in known {
            for name in files.names.iter().filter(|name| seen.insert(*name)) {
                let _ = writeln!(maps, "{name} {};", path(files).display());
            }
        }
        maps.push_str("}\n");
    }
    maps
}

fn versions(listener: &Listener) -> String {
    let mut text = String::new();
    let versions = listener.tls_versions.iter().map(|it| it.replace("TLSv1.0", "TLSv1"));
    let mut versions: Vec<String> = versions.collect();
    versions.sort();
    let _ = writeln!(text, "ssl_protocols {};", versions.join(" "));
    let old: Vec<&str> = listener
        .ciphers
        .iter()
        .map(String::as_str)
        .filter(|it| !it.starts_with("TLS_"))
        .collect();
    if !old.is_empty() {
        let weak = versions.iter().any(|it| it == "TLSv1" || it == "TLSv1.1");
        let level = if weak { ":@SECLEVEL=0" } else { "" };
        let _ = writeln!(text, "ssl_ciphers {}{level};", old.join(":"));
    }
    text.push_str("ssl_prefer_server_ciphers on;\n");
    text
}
