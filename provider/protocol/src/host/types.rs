//! The types that a schema on the wire stands for.

use std::collections::BTreeMap;

use tfplugin_framework::Type;
use tfplugin_proto::tfplugin6::Schema;
use tfplugin_proto::tfplugin6::schema::nested_block::NestingMode as Blocks;
use tfplugin_proto::tfplugin6::schema::object::NestingMode as Attributes;
use tfplugin_proto::tfplugin6::schema::{Attribute, Block};

use super::HostError;
use crate::codec::type_from_json;

/// The type of values of `schema`.
pub(super) fn value_type(schema: Option<&Schema>) -> Result<Type, HostError> {
    let block = schema.and_then(|schema| schema.block.as_ref());
    of_block(block.ok_or_else(|| wrong("a schema is missing"))?)
}

fn of_block(block: &Block) -> Result<Type, HostError> {
    let mut members = of_attributes(&block.attributes)?;
    for nested in &block.block_types {
        let inner = of_block(nested.block.as_ref().ok_or_else(|| wrong("a block has no body"))?)?;
        let ty = match nested.nesting() {
            Blocks::Single | Blocks::Group => inner,
            Blocks::List => Type::List(Box::new(inner)),
            Blocks::Set => Type::Set(Box::new(inner)),
            Blocks::Map => Type::Map(Box::new(inner)),
            Blocks::Invalid => return Err(wrong("a block has no nesting")),
        };
        members.insert(nested.type_name.clone(), ty);
    }
    Ok(Type::Object(members))
}

fn of_attributes(attributes: &[Attribute]) -> Result<BTreeMap<String, Type>, HostError> {
    attributes
        .iter()
        .map(|attribute| Ok((attribute.name.clone(), of_attribute(attribute)?)))
        .collect()
}

fn of_attribute(attribute: &Attribute) -> Result<Type, HostError> {
    let name = &attribute.name;
    let Some(nested) = &attribute.nested_type else {
        return type_from_json(&attribute.r#type).map_err(|what| wrong(&format!("`{name}`: {what}")));
    };
    if !attribute.r#type.is_empty() {
        return Err(wrong(&format!("`{name}` has two types")));
    }
    let inner = Type::Object(of_attributes(&nested.attributes)?);
    Ok(match nested.nesting() {
        Attributes::Single => inner,
        Attributes::List => Type::List(Box::new(inner)),
        Attributes::Set => Type::Set(Box::new(inner)),
        Attributes::Map => Type::Map(Box::new(inner)),
        Attributes::Invalid => return Err(wrong(&format!("`{name}` has no nesting"))),
    })
}

fn wrong(what: &str) -> HostError {
    HostError::Answer(what.to_owned())
}
