//! Schemas to the wire.

use tfplugin_framework::schema::{Attribute, AttributeType, Mode, NestedBlock, Nesting, Schema};
use tfplugin_proto::tfplugin6 as wire;
use tfplugin_proto::tfplugin6::StringKind;

use crate::codec::type_to_json;

/// A schema as hosts take it.
pub(crate) fn schema(schema: &Schema) -> wire::Schema {
    let mut block = block(&schema.attributes, &schema.blocks, &schema.description);
    block.version = schema.version;
    wire::Schema {
        version: schema.version,
        block: Some(block),
    }
}

fn block(attributes: &[Attribute], blocks: &[NestedBlock], description: &str) -> wire::schema::Block {
    wire::schema::Block {
        attributes: attributes.iter().map(attribute).collect(),
        block_types: blocks.iter().map(nested_block).collect(),
        description: description.to_owned(),
        description_kind: StringKind::Markdown.into(),
        ..Default::default()
    }
}

fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    // Exactly one of the two, or hosts refuse the schema.
    let (ty, nested) = match &attribute.shape {
        AttributeType::Plain(ty) => (type_to_json(ty), None),
        AttributeType::Nested { nesting, attributes } => (Vec::new(), Some(object(*nesting, attributes))),
    };
    wire::schema::Attribute {
        name: attribute.name.clone(),
        r#type: ty.into(),
        nested_type: nested,
        description: attribute.description.clone(),
        description_kind: StringKind::Markdown.into(),
        required: attribute.mode == Mode::Required,
        optional: matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed),
        computed: attribute.mode.is_computed(),
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

fn object(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    use wire::schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    let attributes = attributes.iter().map(attribute).collect();
    wire::schema::Object {
        attributes,
        nesting: nesting.into(),
        ..Default::default()
    }
}

fn nested_block(nested: &NestedBlock) -> wire::schema::NestedBlock {
    use wire::schema::nested_block::NestingMode;
    let nesting = match nested.nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::NestedBlock {
        type_name: nested.name.clone(),
        block: Some(block(&nested.attributes, &nested.blocks, &nested.description)),
        nesting: nesting.into(),
        ..Default::default()
    }
}
