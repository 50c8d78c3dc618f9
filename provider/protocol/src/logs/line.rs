//! One line.

use serde_json::{Map, Value as Json};
use tracing::{Level, Metadata};

/// Hosts read lines of 64 KiB; the rest of a longer one would be read as a line of its own, without a level.
const LIMIT: usize = 60 * 1024;

/// The JSON object of one event.
pub(super) struct Line(Map<String, Json>);

impl Line {
    /// The keys that every line has. Hosts panic unless all of them are strings.
    pub(super) fn new(metadata: &Metadata<'_>, message: String) -> Self {
        let own = metadata.target().starts_with("tfplugin_");
        let mut keys = Map::new();
        keys.insert("@level".to_owned(), level_name(*metadata.level()).into());
        keys.insert("@message".to_owned(), message.into());
        keys.insert("@module".to_owned(), if own { "sdk.proto" } else { "provider" }.into());
        // Exactly six decimals, or the host takes the line for plain text.
        keys.insert("@timestamp".to_owned(), format!("{:.6}", jiff::Timestamp::now()).into());
        Self(keys)
    }

    /// Adds fields; a later one of the same name wins.
    pub(super) fn add(&mut self, fields: &[(&'static str, Json)]) {
        for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with('@')) {
            self.0.insert((*name).to_owned(), value.clone());
        }
    }

    /// The line with its end, cut where it is too long.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        let mut longest = LIMIT;
        loop {
            let mut bytes = serde_json::to_vec(&self.0).unwrap_or_default();
            if bytes.len() < LIMIT || longest < 16 {
                bytes.push(b'\n');
                return bytes;
            }
            longest /= 2;
            self.0.values_mut().for_each(|value| cut(value, longest));
        }
    }
}

fn cut(value: &mut Json, longest: usize) {
    const MARK: &str = " (cut)";
    if let Json::String(text) = value
        && text.len() > longest + MARK.len()
    {
        text.truncate(text.floor_char_boundary(longest));
        text.push_str(MARK);
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_cut_below_the_limit() {
        let mut line = Line(Map::new());
        line.0.insert("@message".to_owned(), "\u{1}ä".repeat(100_000).into());
        line.0.insert("body".to_owned(), "x".repeat(500_000).into());
        let bytes = line.into_bytes();
        assert!(bytes.len() <= LIMIT && bytes.ends_with(b"\n"));
        let read: Json = serde_json::from_slice(&bytes).unwrap();
        assert!(read["body"].as_str().unwrap().ends_with(" (cut)"));
    }

    #[test]
    fn timestamps_have_six_decimals() {
        let at = jiff::Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(format!("{at:.6}"), "2023-11-14T22:13:20.000000Z");
    }
}
