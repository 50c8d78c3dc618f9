//! Values that must not be shown.

use std::fmt;

use crate::schema::{AttributeType, Check};
use crate::{DecodeError, Field, FromLiteral, Invalid, Value};

/// A value that `Debug` does not show; for attributes that are `sensitive` or `write_only`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. Name it where it is handed to who needs it, and nowhere else.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(secret)")
    }
}

impl<L, T: FromLiteral<L>> FromLiteral<L> for Secret<T> {
    fn from_literal(literal: L) -> Self {
        Self(T::from_literal(literal))
    }
}

impl<T: Field> Field for Secret<T> {
    fn attribute_type() -> AttributeType {
        T::attribute_type()
    }

    /// The checks of `T`, without their words: those quote the value.
    fn checks() -> Vec<Check> {
        let silent = |check: Check| {
            Check::new(move |value| {
                let found = (check.0)(value);
                found
                    .into_iter()
                    .map(|invalid| {
                        Invalid::at(
                            invalid.at,
                            "The value is not valid. It is not shown because it is secret.",
                        )
                    })
                    .collect()
            })
        };
        T::checks().into_iter().map(silent).collect()
    }

    fn choices() -> &'static [&'static str] {
        T::choices()
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        T::from_value(value).map(Self)
    }

    fn to_value(&self) -> Value {
        self.0.to_value()
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use crate::{Field, Number, Value};

    #[test]
    fn neither_debug_nor_checks_show_the_value() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some((secret))");
        let value = Value::Number(Number::Decimal("0.1234".to_owned()));
        let found: Vec<_> = Secret::<i64>::checks()
            .iter()
            .flat_map(|check| (check.0)(&value))
            .collect();
        assert_eq!(found.len(), 1);
        assert!(!found[0].message.contains("1234"));
    }
}
