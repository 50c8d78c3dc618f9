//! One object of a schema: what the engine and the oracle walk over.

use super::{Attribute, AttributeType, NestedBlock, Nesting, Schema, object_type};
use crate::Type;

/// The attributes and blocks of one object, at the root or nested.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level<'a> {
    pub(crate) attributes: &'a [Attribute],
    pub(crate) blocks: &'a [NestedBlock],
}

impl Level<'_> {
    /// The type of the object.
    pub(crate) fn value_type(self) -> Type {
        object_type(self.attributes, self.blocks)
    }
}

impl Schema {
    /// The root.
    pub(crate) fn level(&self) -> Level<'_> {
        Level {
            attributes: &self.attributes,
            blocks: &self.blocks,
        }
    }
}

impl Attribute {
    /// How nested objects are collected and what one of them has; `None` for a plain type.
    pub(crate) fn nested(&self) -> Option<(Nesting, Level<'_>)> {
        match &self.shape {
            AttributeType::Plain(_) => None,
            AttributeType::Nested { nesting, attributes } => Some((
                *nesting,
                Level {
                    attributes,
                    blocks: &[],
                },
            )),
        }
    }
}

impl NestedBlock {
    /// What one block has.
    pub(crate) fn level(&self) -> Level<'_> {
        Level {
            attributes: &self.attributes,
            blocks: &self.blocks,
        }
    }
}
