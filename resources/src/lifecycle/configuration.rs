//! The arguments of a composite as canonical JSON on one of its objects: what import reads back.

use e2etls_engine::value::UNKNOWN;
use serde_json::{Map, Value as Json};
use tfplugin_framework::schema::Mode;
use tfplugin_framework::{Diagnostic, Diagnostics, Model, Value};

/// The arguments that leave no other trace as JSON: what is computed only, null, or `local` is left out.
#[must_use]
pub fn kept<M: Model>(model: &M) -> String {
    write(model, tfplugin_framework::schema::Attribute::importable)
}

/// All arguments as JSON; what is computed only or null is left out.
#[must_use]
pub fn all<M: Model>(model: &M) -> String {
    write(model, |attribute| !attribute.write_only)
}

fn write<M: Model>(model: &M, keeps: impl Fn(&tfplugin_framework::schema::Attribute) -> bool) -> String {
    let value = model.to_value();
    let kept = M::attributes()
        .into_iter()
        .filter(|attribute| attribute.mode != Mode::Computed && keeps(attribute));
    let json: Map<String, Json> = kept
        .map(|attribute| (attribute.name.clone(), json(value.get(&attribute.name))))
        .filter(|(_, json)| !json.is_null())
        .collect();
    Json::Object(json).to_string()
}

/// Reads arguments back; everything else is null.
///
/// # Errors
/// Text that this version can't read.
pub fn read<M: Model>(text: &str) -> Result<M, Diagnostics> {
    let schema = M::schema("");
    let unreadable =
        |why: String| {
            Diagnostic::error("Can't read the stored arguments").because(format!(
                "{why}\n\nThe arguments were stored by another version of the provider. Import with that version, then \
                 upgrade."
            )).into()
        };
    let value = tfplugin_framework::json::decode(&schema.value_type(), text.as_bytes());
    let value = value.map_err(|error| unreadable(error.to_string()))?;
    M::from_value(&value).map_err(|error| unreadable(error.to_string()))
}

/// A value as content of a part: what is unknown is [`UNKNOWN`] there.
#[must_use]
pub fn content(value: &Value) -> Json {
    match value {
        Value::Unknown => UNKNOWN.into(),
        Value::List(items) => Json::Array(items.iter().map(content).collect()),
        Value::Map(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), content(value)));
            Json::Object(members.collect())
        }
        Value::Dynamic(inner) => content(&inner.1),
        known => json(known),
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => number.as_i64().map_or_else(|| Json::from(number.as_f64()), Json::from),
        Value::String(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), json(value)))
                .filter(|(_, json)| !json.is_null())
                .collect(),
        ),
        Value::Dynamic(inner) => json(&inner.1),
    }
}
