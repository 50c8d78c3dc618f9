//! When a certificate is renewed: so that it is after the issuance and before the end, whoever issues.
//!
//! `renewBeforePercentage` is not rendered: cert-manager multiplies it with nanoseconds, which overflows after three years,
//! and takes it of the whole lifetime. AWS sets the start back by up to an hour, so a share of a short lifetime may begin
//! before the issuance, which then never ends. `renewBefore` counts from the end alone, and the end is what is requested:
//!
//! ```text
//!  notBefore      issued             renewal              notAfter
//!  ├── set back ──┼──── at least 5 min ─┼──── renewBefore ────┤
//!                 └───────────────── duration ────────────────┘
//! ```

use std::time::Duration;

use tfplugin_framework::parse_go_duration;

/// What is left of the lifetime at a renewal if nobody says, in percent. cert-manager tries a failed renewal again after
/// 1, 3, 7, 15, 31 and 63 hours: half of `144h` outlasts a CA that is away for less than that.
pub const DEFAULT_PERCENTAGE: i64 = 50;

/// The least time from a renewal to the end, as cert-manager's webhook has it, and from the issuance to the renewal.
pub const LEAST: Duration = Duration::from_secs(300);

/// When a certificate is renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// When this share of the duration, in percent, is left.
    Percentage(i64),
    /// This long before the end, as a Go duration.
    Before(String),
}

impl Renewal {
    /// How long before the end a certificate of this lifetime is renewed; `None` if the text is not a duration.
    #[must_use]
    pub fn of(&self, lifetime: Duration) -> Option<Duration> {
        match self {
            Self::Percentage(percentage) => Some(share(lifetime, *percentage)),
            Self::Before(text) => parse_go_duration(text),
        }
    }

    /// What a Certificate of cert-manager says, as it would be written here.
    #[must_use]
    pub fn read(lifetime: Duration, before: Option<&str>, percentage: Option<i64>) -> Self {
        match (before.and_then(parse_go_duration), percentage) {
            (Some(before), _) => {
                let whole = (1..100).find(|percentage| share(lifetime, *percentage) == before);
                whole.map_or_else(|| Self::Before(go(before)), Self::Percentage)
            }
            (None, Some(percentage)) => Self::Percentage(percentage),
            // cert-manager's default.
            (None, None) => Self::Before(go(Duration::from_secs(lifetime.as_secs() / 3))),
        }
    }
}

/// True if a renewal this long before the end of a certificate is possible at all, and does not follow the issuance at once.
#[must_use]
pub fn is_possible(lifetime: Duration, before: Duration) -> bool {
    before >= LEAST && lifetime.saturating_sub(before) >= LEAST
}

/// The percentages of a lifetime of at least an hour at which a renewal is possible.
#[must_use]
pub fn percentages(lifetime: Duration) -> (i64, i64) {
    let mut possible = (1..100).filter(|percentage| is_possible(lifetime, share(lifetime, *percentage)));
    let least = possible.next().unwrap_or(DEFAULT_PERCENTAGE);
    (least, possible.next_back().unwrap_or(least))
}

/// In whole seconds.
fn share(lifetime: Duration, percentage: i64) -> Duration {
    let percentage = u64::try_from(percentage).unwrap_or_default();
    Duration::from_secs(lifetime.as_secs().saturating_mul(percentage) / 100)
}

/// A duration as Go writes it, which is what typed clients of Kubernetes write: `144h0m0s`.
#[must_use]
pub fn go(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    let fraction = format!(".{nanos:09}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}{fraction}s"),
        (0, _) => format!("{minutes}m{seconds}{fraction}s"),
        _ => format!("{hours}h{minutes}m{seconds}{fraction}s"),
    }
}

/// A duration in the words of Go; text that is none stays as it is.
#[must_use]
pub fn canonical(text: &str) -> String {
    parse_go_duration(text).map_or_else(|| text.to_owned(), go)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: u64 = 3600;

    /// cert-manager 1.20.3, `pkg/util/pki/renewaltime.go`, in seconds since the issuance, the start being set back.
    fn renewal_time(set_back: u64, lifetime: Duration, before: Duration) -> i128 {
        let end = i128::try_from(lifetime.as_nanos()).expect("fits");
        let actual = end + i128::from(set_back) * 1_000_000_000;
        let before = i128::try_from(before.as_nanos()).expect("fits");
        let before = if before > 0 && before < actual {
            before
        } else {
            actual / 3
        };
        (end - before) / 1_000_000_000
    }

    /// The same release's `ValidateDuration`, in its own 64 bits.
    fn webhook_accepts(lifetime: Duration, before: Duration) -> bool {
        let nanos = |duration: Duration| i64::try_from(duration.as_nanos());
        let (Ok(lifetime), Ok(before)) = (nanos(lifetime), nanos(before)) else {
            return false;
        };
        lifetime >= 3_600_000_000_000 && before >= 300_000_000_000 && before < lifetime
    }

    proptest! {
        #[test]
        fn a_renewal_lies_between_issuance_and_end(
            seconds in HOUR..=10 * 8766 * HOUR,
            percentage in 1..100_i64,
            set_back in 0..=60_u64,
        ) {
            let lifetime = Duration::from_secs(seconds);
            let (least, most) = percentages(lifetime);
            let before = share(lifetime, percentage);
            prop_assert_eq!((least..=most).contains(&percentage), is_possible(lifetime, before));
            prop_assume!((least..=most).contains(&percentage));
            prop_assert!(webhook_accepts(lifetime, before));
            let renewal = renewal_time(set_back * 60, lifetime, before);
            prop_assert!(300 <= renewal && renewal <= i128::from(seconds) - 300, "{renewal} of {seconds}");
        }

        #[test]
        fn go_reads_what_go_writes(seconds in 1..10 * 8766 * HOUR) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(parse_go_duration(&go(duration)), Some(duration));
        }

        #[test]
        fn a_percentage_is_read_back(seconds in HOUR..=10 * 8766 * HOUR, percentage in 1..100_i64) {
            let lifetime = Duration::from_secs(seconds);
            let renewal = Renewal::Percentage(percentage);
            let before = go(renewal.of(lifetime).expect("a duration"));
            prop_assert_eq!(Renewal::read(lifetime, Some(&before), None), renewal);
        }
    }

    #[test]
    fn the_default_is_possible_for_every_duration() {
        for hours in [1, 2, 24, 144, 168, 43_800, 87_660] {
            let lifetime = Duration::from_secs(hours * HOUR);
            assert!(is_possible(lifetime, share(lifetime, DEFAULT_PERCENTAGE)), "{hours}");
        }
    }

    #[test]
    fn the_bounds_of_short_lifetimes_are_narrower() {
        for (hours, bounds) in [(1, (9, 91)), (2, (5, 95)), (8, (2, 98)), (144, (1, 99))] {
            assert_eq!(percentages(Duration::from_secs(hours * HOUR)), bounds, "{hours}");
        }
    }

    #[test]
    fn an_absence_of_forty_hours_leaves_time_for_a_retry() {
        let retries = [0, 1, 3, 7, 15, 31, 63];
        let back = retries.into_iter().find(|hours| *hours >= 40).expect("a retry");
        let left = share(Duration::from_secs(144 * HOUR), DEFAULT_PERCENTAGE);
        assert!(left > Duration::from_secs(back * HOUR));
    }

    #[test]
    fn durations_are_written_as_go_writes_them() {
        for (text, written) in [
            ("144h", "144h0m0s"),
            ("8640m", "144h0m0s"),
            ("1h0.5s", "1h0m0.5s"),
            ("324s", "5m24s"),
            ("59s", "59s"),
            ("no duration", "no duration"),
        ] {
            assert_eq!(canonical(text), written, "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_percentage_is_kept_as_it_is() {
        let quarter = Duration::from_secs(2160 * HOUR);
        for (before, percentage, wanted) in [
            (Some("360h"), None, Renewal::Before("360h0m0s".to_owned())),
            (Some("1080h0m0s"), None, Renewal::Percentage(50)),
            (None, Some(20), Renewal::Percentage(20)),
            (None, None, Renewal::Before("720h0m0s".to_owned())),
        ] {
            assert_eq!(Renewal::read(quarter, before, percentage), wanted);
        }
    }
}
