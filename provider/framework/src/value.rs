//! Values as the host sends them: any of them may be null or unknown.

use std::collections::BTreeMap;

use crate::Number;
use crate::schema::Nesting;

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
    /// A value that is declared as [`Type::Dynamic`], with its actual type.
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

    /// The attribute `name` of an object, or [`Value::Null`] if the value is not an object or has no such attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        match self {
            Self::Map(entries) => entries.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// An object of `attributes`.
    pub fn object<const N: usize>(attributes: [(&str, Value); N]) -> Self {
        Self::Map(
            attributes
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// This object with the attributes of `other` added: how a flattened model is written. Where both have an attribute,
    /// that of `other` wins. A value that is not an object is returned as it is.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        match (self, other) {
            (Self::Map(mut entries), Self::Map(more)) => {
                entries.extend(more);
                Self::Map(entries)
            }
            (own, _) => own,
        }
    }

    /// This value, or an empty list where it is null: what blocks are.
    #[must_use]
    pub fn or_empty_list(self) -> Self {
        if self.is_null() { Self::List(Vec::new()) } else { self }
    }

    /// This value with null for everything unknown.
    #[must_use]
    pub fn unknown_as_null(self) -> Self {
        match self {
            Self::Unknown => Self::Null,
            Self::List(items) => Self::List(items.into_iter().map(Self::unknown_as_null).collect()),
            Self::Map(entries) => Self::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, value.unknown_as_null()))
                    .collect(),
            ),
            Self::Dynamic(inner) => Self::Dynamic(Box::new((inner.0, inner.1.unknown_as_null()))),
            other => other,
        }
    }

    /// Changes every known object of a collection.
    pub(crate) fn for_each_object(self, nesting: Nesting, change: &mut dyn FnMut(Self) -> Self) -> Self {
        match (nesting, self) {
            (Nesting::Single, value @ Self::Map(_)) => change(value),
            (Nesting::Map, Self::Map(entries)) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key, change(value))).collect())
            }
            (Nesting::List | Nesting::Set, Self::List(items)) => Self::List(items.into_iter().map(change).collect()),
            (_, other) => other,
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
