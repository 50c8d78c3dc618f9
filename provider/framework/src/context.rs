//! What an operation is given besides its values.

use std::sync::Arc;
use std::time::Duration;

use tfplugin_macros::Model;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Attr, Invalid};

/// The surroundings of one operation that may call remotes.
///
/// An operation that writes (create, update, delete) ends by itself: at the `deadline`, or soon after `cancel` fires, it
/// returns what it has made and an error. It is never cut off, or what it made would be lost. An operation that only reads
/// (read, import, a data source) should end in the same way, with words about what it waited for; it is cut off two
/// seconds later.
#[derive(Clone)]
pub struct Context<S> {
    /// The configured provider.
    pub session: Arc<S>,
    /// Fires when the host asks to stop.
    pub cancel: CancellationToken,
    /// How long the operation may take in all, from the resource's `timeouts` or its default: for messages.
    pub timeout: Duration,
    /// When the operation has to end: `timeout` after it began.
    pub deadline: Instant,
}

impl<S> Context<S> {
    /// The surroundings of an operation that begins now.
    #[must_use]
    pub fn new(session: Arc<S>, cancel: CancellationToken, timeout: Duration) -> Self {
        Self {
            session,
            cancel,
            timeout,
            deadline: Instant::now() + timeout,
        }
    }
}

/// The `timeouts` argument: Go duration strings such as `30s`, `20m` or `1h30m`, one per operation.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Timeouts {
    /// Longest time that a create may take, as a Go duration such as `30m` or `1h30m`.
    #[tf(optional, check = go_duration)]
    pub create: Attr<String>,
    /// Longest time that a read may take, as a Go duration.
    #[tf(optional, check = go_duration)]
    pub read: Attr<String>,
    /// Longest time that an update may take, as a Go duration.
    #[tf(optional, check = go_duration)]
    pub update: Attr<String>,
    /// Longest time that a delete may take, as a Go duration.
    #[tf(optional, check = go_duration)]
    pub delete: Attr<String>,
}

fn go_duration(text: &str) -> Result<(), Invalid> {
    parse_go_duration(text).map(|_| ()).ok_or_else(|| {
        Invalid::new(format!(
            "`{text}` is not a valid duration: use numbers with units, such as `30s`, `20m` or `1h30m`"
        ))
    })
}

/// The longest duration of Go: 64 bits of nanoseconds, some 292 years.
const LONGEST: f64 = 9_223_372_036.0;

/// Reads a positive duration as Go writes it (`time.ParseDuration`): decimal numbers with the units ns, us, ms, s, m, h.
/// `None` for anything else, and for more than Go can hold (some 292 years).
#[must_use]
pub fn parse_go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(rest.len());
        total += amount
            * match &rest[..unit] {
                "ns" => 1e-9,
                "us" | "µs" | "μs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (total > 0.0 && total < LONGEST).then(|| Duration::from_secs_f64(total))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse_go_duration;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        let table = [
            ("30s", Some(Duration::from_secs(30))),
            ("1h30m", Some(Duration::from_secs(5400))),
            ("1.5s", Some(Duration::from_millis(1500))),
            ("250ms", Some(Duration::from_millis(250))),
            ("", None),
            ("0s", None),
            ("10", None),
            ("-1s", None),
            ("1d", None),
            ("soon", None),
            ("1.2.3s", None),
            ("2562047h", Some(Duration::from_secs(2_562_047 * 3600))),
            ("2562048h", None),
            ("99999999999999999999h", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse_go_duration(text), expected, "{text}");
        }
    }
}
