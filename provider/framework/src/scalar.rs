//! Scalars as fields.

use crate::schema::AttributeType;
use crate::{Attr, DecodeError, Field, Misfit, Number, Type, Value};

/// A default that is written as a literal in `#[tf(default = ...)]`.
#[diagnostic::on_unimplemented(message = "a default of type `{L}` does not fit an attribute of `{Self}`")]
pub trait FromLiteral<L> {
    /// The value that the literal stands for.
    fn from_literal(literal: L) -> Self;
}

macro_rules! literal {
    ($($field:ty : $literal:ty),* $(,)?) => {
        $(impl FromLiteral<$literal> for $field {
            fn from_literal(literal: $literal) -> Self {
                literal.into()
            }
        })*
    };
}

literal!(String: &'static str, bool: bool, i64: i64, f64: f64, Number: i64, Number: f64);

impl Field for String {
    fn attribute_type() -> AttributeType {
        AttributeType::Plain(Type::String)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| DecodeError::new("a string", value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Field for bool {
    fn attribute_type() -> AttributeType {
        AttributeType::Plain(Type::Bool)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Bool(flag) => Ok(*flag),
            other => Err(DecodeError::new("a boolean", other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Field for Number {
    fn attribute_type() -> AttributeType {
        AttributeType::Plain(Type::Number)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Number(number) => Ok(number.clone()),
            other => Err(DecodeError::new("a number", other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.clone())
    }
}

impl Field for i64 {
    fn attribute_type() -> AttributeType {
        Number::attribute_type()
    }

    /// A number that is not a 64-bit integer is a mistake of the user, which [`Field::checks`] reports.
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        Number::from_value(value)?
            .as_i64()
            .ok_or_else(|| DecodeError::new("a whole number of 64 bits", value))
    }

    fn checks() -> Vec<crate::schema::Check> {
        vec![crate::schema::Check::of::<Number, Number>(|number| {
            match number.as_i64() {
                Some(_) => Ok(()),
                None => Err(crate::Invalid::new(format!(
                    "`{number}` must be a whole number of at most 64 bits"
                ))),
            }
        })]
    }

    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

impl Field for f64 {
    fn attribute_type() -> AttributeType {
        Number::attribute_type()
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        Ok(Number::from_value(value)?.as_f64())
    }

    /// What is not finite is null: hosts panic over it.
    fn to_value(&self) -> Value {
        if self.is_finite() {
            Value::Number(Number::from(*self))
        } else {
            Value::Null
        }
    }
}

impl Field for Value {
    fn attribute_type() -> AttributeType {
        AttributeType::Plain(Type::Dynamic)
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        Ok(value.clone())
    }

    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl<T: Field> Field for Attr<T> {
    fn attribute_type() -> AttributeType {
        T::attribute_type()
    }

    fn checks() -> Vec<crate::schema::Check> {
        T::checks()
    }

    fn choices() -> &'static [&'static str] {
        T::choices()
    }

    /// A value with an unknown inside that `T` has no place for is unknown.
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Unknown => Ok(Self::Unknown),
            other => match T::from_value(other) {
                Ok(known) => Ok(Self::Known(known)),
                Err(error) if error.misfit == Misfit::Unknown => Ok(Self::Unknown),
                Err(error) => Err(error),
            },
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::Unknown,
            Self::Known(known) => known.to_value(),
        }
    }
}
