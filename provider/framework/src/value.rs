//! Values as the host sends them: any of them may be null or unknown.

use std::collections::BTreeMap;

use crate::Number;

/// The type of a value, as the Terraform type system knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// A Unicode string; hosts normalise it to NFC.
    String,
    /// A decimal number of 512 bits.
    Number,
    /// A boolean.
    Bool,
    /// Any type; the value carries its own.
    Dynamic,
    /// A sequence of one element type.
    List(Box<Type>),
    /// An unordered collection without equal elements.
    Set(Box<Type>),
    /// String keys, one element type.
    Map(Box<Type>),
    /// Named attributes, each with its own type; a value holds every one of them.
    Object(BTreeMap<String, Type>),
    /// A sequence of fixed length, each element with its own type.
    Tuple(Vec<Type>),
}

/// A value of any [`Type`]. Lists, sets and tuples share one variant, maps and objects another: the type tells them apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Absent.
    Null,
    /// Known only after apply.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A number, kept as it was sent.
    Number(Number),
    /// A string, byte for byte as it was sent.
    String(String),
    /// The elements of a list, set or tuple.
    List(Vec<Value>),
    /// The entries of a map or the attributes of an object.
    Map(BTreeMap<String, Value>),
    /// The value of something declared [`Type::Dynamic`], with the type it has.
    Dynamic(Box<(Type, Value)>),
}

impl Value {
    /// True for null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// True if the value itself is unknown.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// True if neither the value nor anything inside it is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(items) => items.iter().all(Self::is_wholly_known),
            Self::Map(entries) => entries.values().all(Self::is_wholly_known),
            Self::Dynamic(inner) => inner.1.is_wholly_known(),
            _ => true,
        }
    }

    /// The attribute `name` of an object, or [`Value::Null`] where the value is no object or has no such attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        match self {
            Self::Map(entries) => entries.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// The text of a string value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Number::from(value))
    }
}
