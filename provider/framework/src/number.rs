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
    /// The integer, if the number is one that fits 64 bits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Double(_) => None,
            Self::Decimal(text) => text.parse().ok(),
        }
    }

    /// The nearest double.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest double is what the name promises")]
    pub fn as_f64(&self) -> f64 {
        match self {
            Self::Integer(value) => *value as f64,
            Self::Double(value) => *value,
            Self::Decimal(text) => text.parse().unwrap_or(f64::INFINITY),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Number {
    /// A double that is no integer goes out as its shortest decimal: `0.1` stays the user's `0.1`.
    fn from(value: f64) -> Self {
        Self::Decimal(value.to_string())
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
        self.to_string() == other.to_string()
    }
}
