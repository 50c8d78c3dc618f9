//! Golden files of schemas: every change of a schema shows in the diff of a resource's folder.

use std::path::Path;

use serde_json::{Map, Value as Json, json};
use tfplugin_framework::schema::{Attribute, AttributeType, Schema, lint};
use tfplugin_framework::{Provider as _, Type, Value};

use crate::provider::E2etls;

#[test]
fn schemas_are_the_frozen_ones() {
    let registry = crate::provider::registry::registry();
    schema("provider", &E2etls.schema());
    for resource in registry.resources {
        schema(resource.name(), &resource.schema());
    }
    for source in registry.data_sources {
        schema(source.name(), &source.schema());
    }
}

/// Compares the schema of `name` with its `schema.json`, and lints it. `UPDATE_GOLDEN=1` writes the file.
fn schema(name: &str, schema: &Schema) {
    assert_eq!(lint(schema), Vec::<String>::new(), "{name}");
    let attributes: Map<String, Json> = schema.attributes.iter().map(attribute).collect();
    let written = format!("{:#}\n", json!({"version": schema.version, "attributes": attributes}));
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(name)
        .join("schema.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &written).expect("the golden file can be written");
    }
    let frozen = std::fs::read_to_string(&file).expect("a golden file: UPDATE_GOLDEN=1 writes it");
    assert_eq!(
        written,
        frozen,
        "the schema of {name} differs from {}; UPDATE_GOLDEN=1 updates it",
        file.display()
    );
}

fn attribute(attribute: &Attribute) -> (String, Json) {
    let mut json = json!({"mode": format!("{:?}", attribute.mode), "description": attribute.description});
    match &attribute.shape {
        AttributeType::Plain(ty) => json["type"] = type_json(ty),
        AttributeType::Nested { nesting, attributes } => {
            json["nesting"] = json!(format!("{nesting:?}"));
            json["attributes"] = Json::Object(attributes.iter().map(self::attribute).collect());
        }
    }
    let flags = [
        ("sensitive", attribute.sensitive),
        ("write_only", attribute.write_only),
        ("keep", attribute.keep_prior),
        ("replace", attribute.replace),
        ("checked", !attribute.checks.is_empty()),
    ];
    for (flag, _) in flags.into_iter().filter(|(_, set)| *set) {
        json[flag] = json!(true);
    }
    if let Some(default) = &attribute.default {
        json["default"] = value_json(default);
    }
    if let Some(why) = &attribute.deprecated {
        json["deprecated"] = json!(why);
    }
    (attribute.name.clone(), json)
}

fn type_json(ty: &Type) -> Json {
    match ty {
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::Dynamic => json!("dynamic"),
        Type::List(element) => json!(["list", type_json(element)]),
        Type::Set(element) => json!(["set", type_json(element)]),
        Type::Map(element) => json!(["map", type_json(element)]),
        Type::Tuple(elements) => json!(["tuple", elements.iter().map(type_json).collect::<Vec<_>>()]),
        Type::Object(members) => {
            json!([
                "object",
                members
                    .iter()
                    .map(|(name, ty)| (name.clone(), type_json(ty)))
                    .collect::<Map<_, _>>()
            ])
        }
    }
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => json!(flag),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| json!(number.as_f64()), |number| json!(number)),
        Value::String(text) => json!(text),
        Value::List(items) => items.iter().map(value_json).collect(),
        Value::Map(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), value_json(value)))
                .collect(),
        ),
        _ => Json::Null,
    }
}
