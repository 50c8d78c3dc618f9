//! Numbers that keep what the host sent.

use std::fmt;

/// A number of the Terraform type system (a 512-bit float), kept in the form in which it arrived.
///
/// Hosts send an `i64` where it is exact, a double where it is exact and fractional, else a decimal string. An echo must
/// be identical, so the three forms are kept apart; equality compares the numbers they stand for.
#[derive(Clone, Debug)]
pub enum Number {
    /// An integer that fits 64 bits.
    Integer(i64),
    /// A fraction that a double holds exactly. Never NaN, which makes hosts panic.
    Double(f64),
    /// Any other decimal, as text.
    Decimal(String),
}

impl Number {
    /// Reads a decimal such as `5`, `-0.1` or `1e400`, in the form in which a host would send it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(whole) => Some(Self::Integer(whole)),
            Err(_) => Digits::read(text).map(|_| Self::Decimal(text.to_owned())),
        }
    }

    /// The integer, if the number is one that fits 64 bits: `5`, `5.0` and `5e0` are.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Integer(value) = self {
            return Some(*value);
        }
        let Digits {
            negative,
            digits,
            exponent,
        } = self.digits()?;
        let zeros = usize::try_from(exponent).ok().filter(|zeros| *zeros < 20)?;
        let sign = if negative { "-" } else { "" };
        format!("{sign}{digits}{}", "0".repeat(zeros)).parse().ok()
    }

    /// The nearest double; infinite where the number is beyond all doubles.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest double is what the name promises")]
    pub fn as_f64(&self) -> f64 {
        match self {
            Self::Integer(value) => *value as f64,
            Self::Double(value) => *value,
            Self::Decimal(text) => text.parse().unwrap_or(f64::INFINITY),
        }
    }

    /// The exact digits; `None` for text that is not a number.
    fn digits(&self) -> Option<Digits> {
        match self {
            Self::Integer(value) => Digits::read(&value.to_string()),
            // 1074 places hold every double exactly.
            Self::Double(value) => Digits::read(&format!("{value:.1074}")),
            Self::Decimal(text) => Digits::read(text),
        }
    }
}

/// A number as sign, digits without zeros at either end, and the power of ten of the last digit.
#[derive(PartialEq)]
struct Digits {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Digits {
    fn read(text: &str) -> Option<Self> {
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = all.trim_end_matches('0');
        let dropped = i64::try_from(all.len() - significant.len()).ok()?;
        let digits = significant.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Self {
                negative: false,
                digits: "0".to_owned(),
                exponent: 0,
            });
        }
        let exponent = power
            .checked_sub(i64::try_from(fraction.len()).ok()?)?
            .checked_add(dropped)?;
        Some(Self {
            negative: mantissa.starts_with('-'),
            digits: digits.to_owned(),
            exponent,
        })
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Number {
    /// A finite double as its shortest decimal: a remote's `0.1` is the user's `0.1`.
    fn from(value: f64) -> Self {
        debug_assert!(value.is_finite(), "hosts have no number for {value}");
        let text = value.to_string();
        text.parse().map_or(Self::Decimal(text), Self::Integer)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(out, "{value}"),
            Self::Double(value) => write!(out, "{value}"),
            Self::Decimal(text) => out.write_str(text),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => left == right,
            (Self::Double(left), Self::Double(right)) => left == right,
            (Self::Decimal(left), Self::Decimal(right)) if left == right => true,
            _ => match (self.digits(), other.digits()) {
                (Some(left), Some(right)) => left == right,
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{self, Decimal, Double, Integer};

    #[test]
    fn forms_of_one_number_are_equal() {
        let text = |text: &str| Decimal(text.to_owned());
        let equal = [
            (Integer(5), text("5.0")),
            (Integer(-1200), text("-1.2e3")),
            (Integer(0), text("-0.00")),
            (Double(0.5), text(".5")),
            (Double(2f64.powi(-30)), text("9.31322574615478515625e-10")),
            (text("1e400"), text("10E+399")),
            (text("0.1"), Number::from(0.1)),
            (Number::from(3.0), Integer(3)),
        ];
        for (left, right) in equal {
            assert_eq!(left, right);
        }
        let different = [
            (Double(0.1), text("0.1")),
            (Integer(1), Integer(-1)),
            (text("18446744073709551615"), text("18446744073709551616")),
            (text("10"), text("1")),
            (text("x"), Integer(0)),
        ];
        for (left, right) in different {
            assert_ne!(left, right);
        }
    }

    #[test]
    fn integers_are_read_from_every_form() {
        let table = [
            ("5.0", Some(5)),
            ("1e3", Some(1000)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("0.5", None),
            ("1e999999999", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(Decimal(text.to_owned()).as_i64(), expected, "{text}");
        }
    }
}
