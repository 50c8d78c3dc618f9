//! Typed values: one struct is schema, codec and paths.

use std::ops::{Deref, DerefMut};

use crate::schema::{Attribute, AttributeType, NestedBlock, Nesting, Schema};
use crate::{AttributePath, Type, Value};

/// A struct whose fields are attributes. Derived with `#[derive(Model)]`; its doc comments are the descriptions.
pub trait Model: Sized + Clone + Send + Sync + 'static {
    /// The attributes, in the order of the fields.
    fn attributes() -> Vec<Attribute>;

    /// The nested blocks; none unless fields say `#[tf(block)]`.
    #[must_use]
    fn blocks() -> Vec<NestedBlock> {
        Vec::new()
    }

    /// Reads an object.
    ///
    /// # Errors
    /// At the path of the first value that does not fit its field.
    fn from_value(value: &Value) -> Result<Self, DecodeError>;

    /// Writes an object with every attribute.
    fn to_value(&self) -> Value;

    /// The schema at version 0 with `description`.
    #[must_use]
    fn schema(description: &str) -> Schema {
        Schema { version: 0, description: description.to_owned(), attributes: Self::attributes(), blocks: Self::blocks() }
    }
}

/// A value does not fit its field: a bug, since the host has converted it to the schema's type.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{path}: expected {expected}, found {found}")]
pub struct DecodeError {
    /// Where.
    pub path: AttributePath,
    /// What the field takes.
    pub expected: &'static str,
    /// What was there.
    pub found: String,
}

/// What a check says of a value; the caller adds the path of the attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    /// Where inside the attribute; empty for the attribute itself.
    pub at: AttributePath,
    /// What is wrong, with the value in backticks, and what would be right.
    pub message: String,
}

impl Invalid {
    /// The attribute itself is wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self { at: AttributePath::default(), message: message.into() }
    }

    /// A part of the attribute is wrong.
    pub fn at(at: AttributePath, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// The shape of a Rust type as an attribute.
pub enum Shape {
    /// A plain type.
    Plain(Type),
    /// An object with attributes.
    Object(Vec<Attribute>),
}

impl Shape {
    /// The attribute type of a collection (or, with [`Nesting::Single`], of one) of this shape.
    #[must_use]
    pub fn nested(self, nesting: Nesting) -> AttributeType {
        match self {
            Self::Plain(ty) => AttributeType::Plain(nesting.of(ty)),
            Self::Object(attributes) => AttributeType::Nested { nesting, attributes },
        }
    }
}

/// A type that an attribute can hold: `String`, `bool`, `i64`, `Number`, `Value` (dynamic), `Vec`, `BTreeSet`,
/// `BTreeMap<String, _>`, any [`Model`], and `Attr` of those inside collections whose elements may be unknown.
///
/// `Attr<T>` at a field is handled by the derive, not by this trait.
pub trait Field: Sized + Clone + Send + Sync + 'static {
    /// How the schema declares it.
    fn attribute_type() -> AttributeType;

    /// Reads a known value.
    ///
    /// # Errors
    /// If the value is of another type, null or unknown.
    fn from_value(value: &Value) -> Result<Self, DecodeError>;

    /// Writes it.
    fn to_value(&self) -> Value;
}

macro_rules! view {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name<M>(pub M);

        impl<M> Deref for $name<M> {
            type Target = M;
            fn deref(&self) -> &M {
                &self.0
            }
        }

        impl<M> DerefMut for $name<M> {
            fn deref_mut(&mut self) -> &mut M {
                &mut self.0
            }
        }
    };
}

view!(
    /// What the user wrote: nulls where nothing was written.
    Config
);
view!(
    /// What shall be: configuration, defaults, kept values, unknowns.
    Plan
);
view!(
    /// What was seen after the last operation: wholly known.
    State
);
