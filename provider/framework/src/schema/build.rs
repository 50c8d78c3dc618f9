//! How attributes and blocks are declared; what `#[derive(Model)]` calls.

use std::borrow::Borrow;

use super::{Attribute, AttributeType, Check, Mode, NestedBlock, Nesting, object_type};
use crate::{Field, Invalid, Model, Type, Value};

impl Attribute {
    /// An optional attribute that holds a `T`.
    #[must_use]
    pub fn new<T: Field>(name: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            shape: T::attribute_type(),
            description: description.to_owned(),
            mode: Mode::Optional,
            sensitive: false,
            write_only: false,
            deprecated: None,
            default: None,
            keep_prior: false,
            replace: false,
            local: false,
            checks: T::checks(),
            choices: T::choices(),
        }
    }

    /// Says who sets it.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets the value where configuration has none; the attribute is then optional and computed.
    #[must_use]
    pub fn default_value<T: Field>(mut self, value: T) -> Self {
        self.mode = Mode::OptionalComputed;
        self.default = Some(value.to_value());
        self
    }

    /// Keeps the prior value of a computed attribute in the plan of an update.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.keep_prior = true;
        self
    }

    /// Replaces the resource when the value changes.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.replace = true;
        self
    }

    /// Says that the argument leaves no trace in the remote.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// Hides the value in the host's output.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Takes the value from configuration only.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Adds a check; see [`Check::of`].
    #[must_use]
    pub fn check<T: Field + Borrow<Q>, Q: ?Sized>(
        mut self,
        check: impl Fn(&Q) -> Result<(), Invalid> + Send + Sync + 'static,
    ) -> Self {
        self.checks.push(Check::of::<T, Q>(check));
        self
    }

    /// Says why and since when it is deprecated.
    #[must_use]
    pub fn deprecated(mut self, why: &str) -> Self {
        self.deprecated = Some(why.to_owned());
        self
    }
}

impl AttributeType {
    /// A collection of this. Collections of collections of objects are plain types: the protocol nests attributes one
    /// collection deep.
    #[must_use]
    pub fn collected(self, nesting: Nesting) -> Self {
        match self {
            Self::Nested {
                nesting: Nesting::Single,
                attributes,
            } => Self::Nested { nesting, attributes },
            other => Self::Plain(nesting.of(other.value_type())),
        }
    }
}

impl NestedBlock {
    /// A list of blocks, each of the model `M`, for a field of `Vec<M>`.
    #[must_use]
    pub fn new<C: BlockList>(name: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            nesting: Nesting::List,
            attributes: C::Element::attributes(),
            blocks: C::Element::blocks(),
        }
    }

    /// No block of this kind.
    #[must_use]
    pub fn empty_value(&self) -> Value {
        match self.nesting {
            Nesting::Single => Value::Null,
            Nesting::Map => Value::Map(std::collections::BTreeMap::new()),
            Nesting::List | Nesting::Set => Value::List(Vec::new()),
        }
    }

    /// The type of one block.
    #[must_use]
    pub fn element_type(&self) -> Type {
        object_type(&self.attributes, &self.blocks)
    }
}

/// A list of models: what a field with `#[tf(block)]` holds.
#[diagnostic::on_unimplemented(message = "a block is a `Vec` of models, not `{Self}`")]
pub trait BlockList {
    /// The model of one block.
    type Element: Model;
}

impl<M: Model> BlockList for Vec<M> {
    type Element = M;
}
