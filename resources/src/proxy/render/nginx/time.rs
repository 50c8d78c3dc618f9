//! Times in NGINX's notation.

/// Seconds of a time in NGINX's notation, rounded up; `None` if it is none.
pub(crate) fn seconds(time: &str) -> Option<u64> {
    let digits = time.find(|c: char| !c.is_ascii_digit()).unwrap_or(time.len());
    let number: u64 = time[..digits].parse().ok()?;
    match &time[digits..] {
        "ms" => Some(number.div_ceil(1000)),
        "" | "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        "d" => number.checked_mul(86400),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use e2etls_engine::value::UNKNOWN;

    #[test]
    fn times_of_nginx_in_seconds() {
        for (time, expected) in [
            ("60s", Some(60)),
            ("60", Some(60)),
            ("1500ms", Some(2)),
            ("5m", Some(300)),
            ("2h", Some(7200)),
            ("1d", Some(86400)),
            ("", None),
            ("5x", None),
            (UNKNOWN, None),
        ] {
            assert_eq!(seconds(time), expected, "{time}");
        }
    }
}
