//! What a running operation is given beside its values.

use std::sync::Arc;
use std::time::Duration;

use tfplugin_macros::Model;
use tokio_util::sync::CancellationToken;

use crate::{Attr, Invalid};

/// The surroundings of one operation that may call remotes.
#[derive(Clone)]
pub struct Context<S> {
    /// The configured provider.
    pub session: Arc<S>,
    /// Fires when the host asks to stop; every wait must end then.
    pub cancel: CancellationToken,
    /// How long the operation may take, from the resource's `timeouts` or its default.
    pub timeout: Duration,
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
            "`{text}` is no duration: write a number with a unit, such as `30s`, `20m` or `1h30m`"
        ))
    })
}

/// Reads a positive duration as Go writes it (`time.ParseDuration`): decimal numbers with the units ns, us, ms, s, m, h.
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
    (total > 0.0).then(|| Duration::try_from_secs_f64(total).ok()).flatten()
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
            ("99999999999999999999h", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse_go_duration(text), expected, "{text}");
        }
    }
}
