//! Addresses in a configuration: what is listened on, and where requests go.

use std::net::IpAddr;

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A host, by name or address, and a port.
    Host(String, u16),
    /// A Unix socket, by its path.
    Socket(String),
    /// A variable decides.
    Variable(String),
}

impl Target {
    /// It never leaves the Pod.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Host(host, _) => is_loopback(host),
            Self::Variable(_) => false,
        }
    }
}

/// `8000-9000`, perhaps behind an address.
pub(super) fn is_range(place: &str) -> bool {
    let ports = place.rsplit(':').next().unwrap_or(place);
    ports
        .split_once('-')
        .is_some_and(|(first, last)| first.parse::<u16>().is_ok() && last.parse::<u16>().is_ok())
}

/// Only the Pod itself gets there.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Address, port and TLS; `None` for what is no TCP port.
pub(super) fn listen(arguments: &[String]) -> Option<(String, u16, bool)> {
    let place = arguments.first()?;
    if place.starts_with("unix:") {
        return None;
    }
    let is = |word: &str| arguments.iter().skip(1).any(|argument| argument == word);
    // Neither is the TCP port of this number.
    if is("quic") || is("udp") {
        return None;
    }
    let tls = is("ssl");
    let (host, port) = match (place.parse::<u16>(), place.rsplit_once(':')) {
        (Ok(port), _) => ("", port),
        (_, Some((host, port))) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (place.as_str(), 80),
    };
    let host = host.trim_matches(['[', ']']);
    let everywhere = ["*", "0.0.0.0"].contains(&host);
    Some((if everywhere { "" } else { host }.to_owned(), port, tls))
}

/// Where an address without its scheme leads; to this port, if it names none.
pub(super) fn target(place: &str, port: u16) -> Target {
    if let Some(path) = place.strip_prefix("unix:") {
        // `unix:PATH:URI`.
        return Target::Socket(path.split(':').next().unwrap_or(path).to_owned());
    }
    if place.contains('$') {
        return Target::Variable(place.to_owned());
    }
    let (host, port) = match place.rsplit_once(':') {
        Some((host, text)) if !text.contains(']') => (host, text.parse().unwrap_or(port)),
        _ => (place, port),
    };
    let host = host.trim_matches(['[', ']']).trim_end_matches('.');
    Target::Host(host.to_ascii_lowercase(), port)
}
