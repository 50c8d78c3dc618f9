//! Schemas: what the host is told about a provider, a resource or a data source.

mod build;
mod follow;
mod level;
mod lint;

pub use build::BlockList;
pub(crate) use level::Level;
pub use lint::lint;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Invalid, Type, Value};

/// The schema of a provider, resource or data source.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Version of the state's shape; 0 as long as it has never changed.
    pub version: i64,
    /// Markdown.
    pub description: String,
    /// Root attributes, in the order of the model.
    pub attributes: Vec<Attribute>,
    /// Nested blocks; new designs use nested attributes instead.
    pub blocks: Vec<NestedBlock>,
}

/// One attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name: `[a-z0-9_]+`.
    pub name: String,
    /// A plain type, or attributes of its own.
    pub shape: AttributeType,
    /// Markdown; never empty.
    pub description: String,
    /// Who sets it.
    pub mode: Mode,
    /// Hidden in the host's output. Values still persist in plain text.
    pub sensitive: bool,
    /// Passed in the configuration only; null in plans and states.
    pub write_only: bool,
    /// Why and since when it is deprecated.
    pub deprecated: Option<String>,
    /// The value where the configuration has none; the attribute is then optional and computed.
    pub default: Option<Value>,
    /// A computed value keeps its prior value in the plan of an update; without this it becomes unknown.
    pub keep_prior: bool,
    /// A change replaces the resource.
    pub replace: bool,
    /// An argument that leaves no trace in the remote, such as a timeout: it is in the configuration and the state only. Hosts
    /// are not told; see [`Attribute::importable`].
    pub local: bool,
    /// Checks of a known value.
    pub checks: Vec<Check>,
    /// The allowed strings, of the value or its elements, where they are a closed set; else empty. The checks enforce it.
    pub choices: &'static [&'static str],
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The user, always.
    Required,
    /// The user, or nobody.
    Optional,
    /// The provider.
    Computed,
    /// The user, else the provider.
    OptionalComputed,
}

/// What an attribute holds.
#[derive(Clone, Debug)]
pub enum AttributeType {
    /// A value of a plain type.
    Plain(Type),
    /// Objects with attributes of their own.
    Nested {
        /// How many, and how they are told apart.
        nesting: Nesting,
        /// Their attributes.
        attributes: Vec<Attribute>,
    },
}

/// How nested objects are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// Objects by string key.
    Map,
}

/// A nested block.
#[derive(Clone, Debug)]
pub struct NestedBlock {
    /// Its name.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// How repeated blocks are collected; never [`Nesting::Map`].
    pub nesting: Nesting,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Blocks inside it.
    pub blocks: Vec<NestedBlock>,
}

/// A check of a known value. It does not know the path of the value; its caller does.
#[derive(Clone)]
pub struct Check(pub CheckFn);

/// What a [`Check`] calls.
pub type CheckFn = Arc<dyn Fn(&Value) -> Vec<Invalid> + Send + Sync>;

impl std::fmt::Debug for Check {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Check")
    }
}

impl Attribute {
    /// True if an import can read the attribute from the remote: it is neither [`local`](Self::local) nor write-only.
    #[must_use]
    pub fn importable(&self) -> bool {
        !self.local && !self.write_only
    }
}

impl AttributeType {
    /// The plain type that values of this attribute have.
    #[must_use]
    pub fn value_type(&self) -> Type {
        match self {
            Self::Plain(ty) => ty.clone(),
            Self::Nested { nesting, attributes } => nesting.of(object_type(attributes, &[])),
        }
    }
}

impl Nesting {
    /// The type of a collection of `element`.
    #[must_use]
    pub fn of(self, element: Type) -> Type {
        match self {
            Self::Single => element,
            Self::List => Type::List(Box::new(element)),
            Self::Set => Type::Set(Box::new(element)),
            Self::Map => Type::Map(Box::new(element)),
        }
    }
}

impl Schema {
    /// The type of a whole resource, data source or configuration: an object with every attribute and block.
    #[must_use]
    pub fn value_type(&self) -> Type {
        object_type(&self.attributes, &self.blocks)
    }

    /// A null value of every attribute, and no block: what an empty configuration is.
    #[must_use]
    pub fn empty_value(&self) -> Value {
        let nulls = self
            .attributes
            .iter()
            .map(|attribute| (attribute.name.clone(), Value::Null));
        let blocks = self
            .blocks
            .iter()
            .map(|block| (block.name.clone(), block.empty_value()));
        Value::Map(nulls.chain(blocks).collect())
    }

    /// The root attribute `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl Mode {
    /// True if the provider may set it.
    #[must_use]
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }

    /// True if the user may set it.
    #[must_use]
    pub fn is_configurable(self) -> bool {
        self != Self::Computed
    }
}

fn object_type(attributes: &[Attribute], blocks: &[NestedBlock]) -> Type {
    let mut members: BTreeMap<String, Type> = attributes
        .iter()
        .map(|attribute| (attribute.name.clone(), attribute.shape.value_type()))
        .collect();
    members.extend(blocks.iter().map(|block| {
        (
            block.name.clone(),
            block.nesting.of(object_type(&block.attributes, &block.blocks)),
        )
    }));
    Type::Object(members)
}
