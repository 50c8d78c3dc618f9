//! Checks of servers that are asked directly.

use std::net::IpAddr;
use std::time::Duration;

use tfplugin_framework::parse_go_duration;

use super::{Checked, host_name, refuse};

/// A DNS name without wildcard, or an IP address.
pub fn server(name: &str) -> Checked {
    if name.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    if name.contains("://") || name.contains(['/', ':']) {
        return refuse(format!(
            "`{name}` is not a host: use only a DNS name or an IP address, without a scheme, port or path"
        ));
    }
    host_name(name)
}

/// How long an answer is waited for.
pub fn answer_timeout(text: &str) -> Checked {
    let valid = Duration::from_millis(100)..=Duration::from_secs(60);
    if parse_go_duration(text).is_some_and(|time| valid.contains(&time)) {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not valid: use 100ms to 60s, in Go's notation, such as `10s`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_how_long_they_have() {
        for (name, good) in [
            ("shop.example.com", true),
            ("10.0.0.1", true),
            ("fd00::1", true),
            ("https://shop.example.com", false),
            ("shop.example.com:443", false),
            ("shop.example.com/cart", false),
            ("*.example.com", false),
            ("Shop", false),
            ("", false),
        ] {
            assert_eq!(server(name).is_ok(), good, "{name}");
        }
        for (text, good) in [
            ("5s", true),
            ("100ms", true),
            ("1m", true),
            ("61s", false),
            ("0s", false),
            ("5", false),
        ] {
            assert_eq!(answer_timeout(text).is_ok(), good, "{text}");
        }
    }
}
