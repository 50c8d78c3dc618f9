//! Values that must not be shown.

use std::fmt;

use crate::schema::{AttributeType, Check};
use crate::{DecodeError, Field, FromLiteral, Value};

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

    fn checks() -> Vec<Check> {
        T::checks()
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
