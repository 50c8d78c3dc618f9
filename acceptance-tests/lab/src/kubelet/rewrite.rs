//! Substitutions in rendered text, in place of mount, network and process namespaces.
//!
//! The module documentation of [`crate::kubelet`] lists them all; nothing else is changed in what a pod renders.

use std::net::Ipv4Addr;

use super::address::Ports;

mod nginx;
mod services;

/// The variable that holds the process id of a container's main process.
pub(crate) const MAIN_PID: &str = "LAB_PID1";

/// The substitutions of one container.
#[derive(Clone, Debug)]
pub(crate) struct Rewriter {
    /// Paths of the container and where they are on the machine, longest first.
    paths: Vec<(String, String)>,
    address: Ipv4Addr,
    ports: Ports,
}

impl Rewriter {
    /// `paths` are absolute paths of the container, all below `root` on the machine; `address` is the pod's own.
    pub(crate) fn new(root: &str, paths: impl IntoIterator<Item = String>, address: Ipv4Addr, ports: Ports) -> Self {
        let mut paths: Vec<_> = paths
            .into_iter()
            .map(|path| path.trim_end_matches('/').to_owned())
            .filter(|path| path.starts_with('/'))
            .map(|path| (path.clone(), format!("{root}{path}")))
            .collect();
        paths.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        paths.dedup();
        Self { paths, address, ports }
    }

    /// Applies every substitution to a command, an argument, a variable or a file of a ConfigMap.
    pub(crate) fn text(&self, text: &str) -> String {
        let text = nginx::listen(text, self.address, self.ports);
        let text = nginx::source(&text, self.address);
        let text = nginx::counters(&text);
        let text = services::map_ports(&text, self.ports);
        let text = loopback(&text, self.address, self.ports);
        let text = main_process(&text);
        self.map_paths(&text)
    }

    /// The machine's path of a path of the container.
    pub(crate) fn path(&self, path: &str) -> String {
        self.map_paths(path)
    }

    /// One pass, so that a substituted path is never substituted again.
    fn map_paths(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = None;
        while let Some(first) = rest.chars().next() {
            let hit = (first == '/' && starts_path(before))
                .then(|| {
                    self.paths
                        .iter()
                        .find(|(from, _)| rest.strip_prefix(from.as_str()).is_some_and(ends_component))
                })
                .flatten();
            let taken = match hit {
                Some((from, to)) => {
                    out.push_str(to);
                    from.len()
                }
                None => {
                    out.push(first);
                    first.len_utf8()
                }
            };
            before = rest[..taken].chars().next_back();
            rest = &rest[taken..];
        }
        out
    }
}

/// Whether an absolute path may begin after this character.
fn starts_path(before: Option<char>) -> bool {
    !before.is_some_and(|c| c.is_alphanumeric() || "_.-/~})*?]$\\".contains(c))
}

/// Whether a path component ends where `rest` begins. A full stop that ends a sentence ends it too.
fn ends_component(rest: &str) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        None => true,
        Some('.') => !chars.next().is_some_and(|c| c.is_alphanumeric() || "_-.".contains(c)),
        Some(c) => !(c.is_alphanumeric() || c == '_' || c == '-'),
    }
}

/// The pod's own loopback: `127.0.0.1`, `localhost:PORT` and `//localhost` become the pod's address.
fn loopback(text: &str, address: Ipv4Addr, ports: Ports) -> String {
    let own = address.to_string();
    let text = replace_word(text, "127.0.0.1", |_, rest| Some(with_port(&own, rest, ports)));
    replace_word(&text, "localhost", |before, rest| {
        let is_host = before.ends_with("//") || number_after_colon(rest).is_some();
        is_host.then(|| with_port(&own, rest, ports))
    })
}

/// The address with the port that follows, and how many bytes of `rest` that took.
fn with_port(address: &str, rest: &str, ports: Ports) -> (String, usize) {
    match number_after_colon(rest) {
        Some((port, taken)) => (format!("{address}:{}", ports.lab_port(port)), taken),
        None => (address.to_owned(), 0),
    }
}

/// The port in `:PORT…`, and the length of that.
fn number_after_colon(rest: &str) -> Option<(u16, usize)> {
    let digits: String = rest
        .strip_prefix(':')?
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok().map(|port| (port, digits.len() + 1))
}

/// Replaces a word that is not part of a longer name; `with` returns the text and how much of what follows it took.
fn replace_word(text: &str, word: &str, with: impl Fn(&str, &str) -> Option<(String, usize)>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find(word).map(|i| i + at) {
        let end = found + word.len();
        let named = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '.';
        let alone = !text[..found].chars().next_back().is_some_and(named) && {
            let mut after = text[end..].chars();
            match after.next() {
                Some('.') => !after.next().is_some_and(char::is_alphanumeric),
                other => !other.is_some_and(named),
            }
        };
        out.push_str(&text[at..found]);
        at = end;
        match alone.then(|| with(&text[..found], &text[end..])).flatten() {
            Some((new, taken)) => {
                out.push_str(&new);
                at += taken;
            }
            None => out.push_str(word),
        }
    }
    out.push_str(&text[at..]);
    out
}

/// `kill … 1` means the container's main process, which is not process 1 of the machine.
fn main_process(text: &str) -> String {
    replace_word(text, "kill", |_, rest| {
        let command: String = rest.chars().take_while(|c| !"\n;&|)\"'`".contains(*c)).collect();
        let trimmed = command.trim_end();
        let head = trimmed.strip_suffix(" 1")?;
        let signal_only = head
            .split_whitespace()
            .all(|word| word.starts_with('-') || word.chars().all(|c| c.is_ascii_uppercase()));
        signal_only.then(|| (format!("kill{head} \"${MAIN_PID}\""), trimmed.len()))
    })
}

#[cfg(test)]
mod tests;
