//! Typed values: one struct is schema, codec and paths.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use crate::schema::{Attribute, AttributeType, Check, NestedBlock, Nesting, Schema};
use crate::{Attr, AttributePath, DecodeError, Step, Value};

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
        Schema {
            version: 0,
            description: description.to_owned(),
            attributes: Self::attributes(),
            blocks: Self::blocks(),
        }
    }
}

/// The attributes of an object that is being read; what the derived [`Model::from_value`] is written with.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    whole: &'a Value,
    entries: &'a BTreeMap<String, Value>,
}

impl<'a> Object<'a> {
    /// The attributes of `value`.
    ///
    /// # Errors
    /// If it is not a known object.
    pub fn of(value: &'a Value) -> Result<Self, DecodeError> {
        match value {
            Value::Map(entries) => Ok(Self { whole: value, entries }),
            other => Err(DecodeError::new("an object", other)),
        }
    }

    /// The attribute `name`; null if there is none.
    ///
    /// # Errors
    /// At its path, if it does not fit.
    pub fn attribute<T: Field>(&self, name: &str) -> Result<Attr<T>, DecodeError> {
        let value = self.entries.get(name).unwrap_or(&Value::Null);
        <Attr<T> as Field>::from_value(value).map_err(|error| error.inside(Step::Attribute(name.to_owned())))
    }

    /// A model whose attributes and blocks stand in this object, for a field with `#[tf(flatten)]`.
    ///
    /// # Errors
    /// At the path of the first of its attributes that does not fit.
    pub fn flattened<M: Model>(&self) -> Result<M, DecodeError> {
        M::from_value(self.whole)
    }

    /// The nested blocks `name`; an empty list if there are none.
    ///
    /// # Errors
    /// At their path, if they do not fit.
    pub fn block<T: Field>(&self, name: &str) -> Result<Attr<Vec<T>>, DecodeError> {
        let blocks = self.attribute::<Vec<T>>(name)?;
        Ok(if blocks.is_null() {
            Attr::Known(Vec::new())
        } else {
            blocks
        })
    }
}

/// What a check finds wrong with a value; the caller adds the path of the attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    /// Where inside the attribute; empty for the attribute itself.
    pub at: AttributePath,
    /// What is wrong, with the value in backticks, and what would be valid.
    pub message: String,
}

impl Invalid {
    /// The attribute itself is wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            at: AttributePath::default(),
            message: message.into(),
        }
    }

    /// A part of the attribute is wrong.
    pub fn at(at: AttributePath, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }
}

/// A type that an attribute can hold: `String`, `bool`, `i64`, `f64`, [`crate::Number`], [`Value`] (dynamic), [`crate::Secret`],
/// `Vec`, `BTreeSet`, `BTreeMap<String, _>`, any [`Model`], any [`crate::Choice`], and [`Attr`] of those.
///
/// A collection of plain elements can't hold an unknown one: `Attr<Vec<String>>` is unknown as soon as one element is. The
/// engine still plans what the host sent unless a hook changes the attribute. Where the known elements matter while
/// others are unknown, write `Attr<Vec<Attr<String>>>`. A nested model has [`Attr`] fields and so keeps every unknown in
/// its place.
pub trait Field: Sized + Clone + Send + Sync + 'static {
    /// How the schema declares it.
    fn attribute_type() -> AttributeType;

    /// What every value of this type must satisfy, wherever it stands.
    #[must_use]
    fn checks() -> Vec<Check> {
        Vec::new()
    }

    /// The allowed strings, of the value or its elements, if they are a closed set.
    #[must_use]
    fn choices() -> &'static [&'static str] {
        &[]
    }

    /// Reads a value.
    ///
    /// # Errors
    /// If the value is of another type, or null or unknown where this type has no place for that.
    fn from_value(value: &Value) -> Result<Self, DecodeError>;

    /// Writes it.
    fn to_value(&self) -> Value;
}

impl<M: Model> Field for M {
    fn attribute_type() -> AttributeType {
        AttributeType::Nested {
            nesting: Nesting::Single,
            attributes: M::attributes(),
        }
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        Model::from_value(value)
    }

    fn to_value(&self) -> Value {
        Model::to_value(self)
    }
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
    /// What the user wrote: null where nothing is written.
    Config
);
view!(
    /// The planned object: configuration, defaults, kept values, unknowns.
    Plan
);
view!(
    /// The object as it was after the last operation: wholly known.
    State
);
