//! Kubernetes' notation of amounts: `500m`, `1.5`, `128Mi`, `1e3`.

/// Billionths in one: nothing smaller is told apart.
const NANO: i128 = 1_000_000_000;
/// Billionths in a thousandth.
const MILLI: i128 = 1_000_000;

/// An amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    billionths: i128,
}

impl Quantity {
    /// The amount that a text stands for; `None` if it is none, or larger than any that Kubernetes keeps.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let unit = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, unit) = rest.split_at(unit);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return None;
        }
        let billionths = scaled(whole, fraction, Unit::parse(unit)?)?;
        Some(Self {
            billionths: if negative { -billionths } else { billionths },
        })
    }

    /// In thousandths, rounded up: the API server keeps no smaller amounts of resources.
    #[must_use]
    pub fn thousandths(self) -> i128 {
        self.billionths.div_euclid(MILLI) + i128::from(self.billionths.rem_euclid(MILLI) > 0)
    }

    /// True below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.billionths < 0
    }

    /// True for `2`, and not for `1500m`.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.billionths % NANO == 0
    }
}

/// What a number is multiplied by.
#[derive(Clone, Copy)]
enum Unit {
    /// A power of ten.
    Ten(i32),
    /// A power of 1024.
    Binary(u32),
}

impl Unit {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" => Self::Ten(0),
            "n" => Self::Ten(-9),
            "u" => Self::Ten(-6),
            "m" => Self::Ten(-3),
            "k" => Self::Ten(3),
            "M" => Self::Ten(6),
            "G" => Self::Ten(9),
            "T" => Self::Ten(12),
            "P" => Self::Ten(15),
            "E" => Self::Ten(18),
            "Ki" => Self::Binary(1),
            "Mi" => Self::Binary(2),
            "Gi" => Self::Binary(3),
            "Ti" => Self::Binary(4),
            "Pi" => Self::Binary(5),
            "Ei" => Self::Binary(6),
            exponent => Self::Ten(exponent.strip_prefix(['e', 'E'])?.parse().ok()?),
        })
    }
}

/// `whole.fraction` of a unit in billionths, rounded up.
fn scaled(whole: &str, fraction: &str, unit: Unit) -> Option<i128> {
    let fraction = fraction.trim_end_matches('0');
    let digits: i128 = match format!("{whole}{fraction}").trim_start_matches('0') {
        "" => return Some(0),
        digits => digits.parse().ok()?,
    };
    let places = i32::try_from(fraction.len()).ok()?;
    let (digits, power) = match unit {
        Unit::Ten(power) => (digits, power.checked_add(9)?.checked_sub(places)?),
        Unit::Binary(power) => (digits.checked_mul(1024_i128.checked_pow(power)?)?, 9 - places),
    };
    let factor = 10_i128.checked_pow(power.unsigned_abs());
    if power >= 0 {
        return digits.checked_mul(factor?);
    }
    // A divisor that is larger than all numbers leaves something above zero.
    Some(factor.map_or(1, |factor| digits / factor + i128::from(digits % factor > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_equal_in_any_notation() {
        for (one, other) in [
            ("1000m", "1"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("5.", "5"),
            ("+1.50", "1500m"),
            ("1024Mi", "1Gi"),
            ("0.5Gi", "512Mi"),
            ("134217728", "128Mi"),
            ("1e3", "1k"),
            ("1E3", "1000"),
            ("1E", "1000P"),
            ("12e-1", "1200m"),
            ("0", "0Ei"),
            ("1000u", "1m"),
        ] {
            let parsed = Quantity::parse(one);
            assert!(parsed.is_some() && parsed == Quantity::parse(other), "{one} {other}");
        }
        assert!(Quantity::parse("1Gi") > Quantity::parse("1G"));
        assert!(Quantity::parse("-1m").is_some_and(Quantity::is_negative));
    }

    #[test]
    fn small_amounts_are_rounded_up() {
        let thousandths = |text: &str| Quantity::parse(text).map(Quantity::thousandths);
        assert_eq!(thousandths("0.0001"), Some(1));
        assert_eq!(thousandths("1e-60"), Some(1));
        assert_eq!(thousandths("1.0001"), Some(1001));
        assert_eq!(thousandths("2"), Some(2000));
    }

    #[test]
    fn other_texts_are_no_amounts() {
        for bad in [
            "", "lots", ".", "-", "1.2.3", "1 Gi", " 1", "1GB", "1gi", "1K", "1e", "1e1.5", "m", "0x1", "1e40", "--1",
        ] {
            assert_eq!(Quantity::parse(bad), None, "{bad}");
        }
    }
}
