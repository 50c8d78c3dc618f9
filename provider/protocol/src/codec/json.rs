//! JSON to values: what state files hold, and what hosts may send in place of msgpack.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use tfplugin_framework::{AttributePath, Number, Type, Value};

use super::encode::name_of;
use super::{CodecError, type_json};

/// What to do with an attribute that the type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// It is an error.
    Refused,
    /// It is left out: state may hold attributes that a newer schema has dropped.
    Dropped,
}

/// Reads a value of type `ty`. Missing attributes are null. Numbers keep all their digits.
///
/// # Errors
/// If the bytes are no JSON, or not of the type.
pub fn decode_json(bytes: &[u8], ty: &Type, extra: Extra) -> Result<Value, CodecError> {
    let root = AttributePath::default();
    let raw: &RawValue = serde_json::from_slice(bytes).map_err(|error| CodecError::at(&root, error.to_string()))?;
    read(raw, ty, extra, &root)
}

fn read(raw: &RawValue, ty: &Type, extra: Extra, path: &AttributePath) -> Result<Value, CodecError> {
    let text = raw.get();
    if text == "null" {
        return Ok(Value::Null);
    }
    let wrong = |error: serde_json::Error| {
        CodecError::at(path, if error.is_data() { format!("expected {}", name_of(ty)) } else { error.to_string() })
    };
    match ty {
        Type::String => serde_json::from_str(text).map(Value::String).map_err(wrong),
        Type::Bool => serde_json::from_str(text).map(Value::Bool).map_err(wrong),
        Type::Number => number(text).map(Value::Number).ok_or_else(|| CodecError::at(path, "expected a number")),
        Type::List(element) | Type::Set(element) => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
            elements(&items, std::iter::repeat(&**element), extra, path)
        }
        Type::Tuple(types) => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
            if items.len() != types.len() {
                return Err(CodecError::at(path, format!("expected {} elements, found {}", types.len(), items.len())));
            }
            elements(&items, types.iter(), extra, path)
        }
        Type::Map(element) => {
            let entries: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(wrong)?;
            let entries = entries.into_iter().map(|(key, raw)| {
                let value = read(raw, element, extra, &path.clone().key(&key))?;
                Ok((key, value))
            });
            entries.collect::<Result<_, _>>().map(Value::Map)
        }
        Type::Object(attributes) => object(text, attributes, extra, path, wrong),
        Type::Dynamic => dynamic(text, extra, path, wrong),
    }
}

fn elements<'t>(
    items: &[&RawValue],
    types: impl Iterator<Item = &'t Type>,
    extra: Extra,
    path: &AttributePath,
) -> Result<Value, CodecError> {
    let items = items.iter().zip(types).enumerate();
    items
        .map(|(index, (raw, ty))| read(raw, ty, extra, &path.clone().index(index)))
        .collect::<Result<_, _>>()
        .map(Value::List)
}

fn object(
    text: &str,
    attributes: &BTreeMap<String, Type>,
    extra: Extra,
    path: &AttributePath,
    wrong: impl Fn(serde_json::Error) -> CodecError,
) -> Result<Value, CodecError> {
    let entries: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(wrong)?;
    if extra == Extra::Refused
        && let Some(name) = entries.keys().find(|name| !attributes.contains_key(*name))
    {
        return Err(CodecError::at(path, format!("there is no attribute `{name}`")));
    }
    let members = attributes.iter().map(|(name, ty)| {
        let value = match entries.get(name) {
            Some(raw) => read(raw, ty, extra, &path.clone().attribute(name))?,
            None => Value::Null,
        };
        Ok((name.clone(), value))
    });
    members.collect::<Result<_, _>>().map(Value::Map)
}

/// `{"type": …, "value": …}`.
fn dynamic(
    text: &str,
    extra: Extra,
    path: &AttributePath,
    wrong: impl Fn(serde_json::Error) -> CodecError,
) -> Result<Value, CodecError> {
    let parts: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(wrong)?;
    let (Some(ty), Some(value)) = (parts.get("type"), parts.get("value")) else {
        return Err(CodecError::at(path, "expected an object with `type` and `value`"));
    };
    let ty = type_json::type_from_json(ty.get().as_bytes()).map_err(|what| CodecError::at(path, what))?;
    let value = read(value, &ty, extra, path)?;
    Ok(Value::Dynamic(Box::new((ty, value))))
}

/// A JSON number, or one in quotes, which older hosts wrote.
fn number(text: &str) -> Option<Number> {
    let text = text.trim_matches('"');
    if !super::decode::is_decimal(text) {
        return None;
    }
    Some(text.parse().map_or_else(|_| Number::Decimal(text.to_owned()), Number::Integer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(members: &[(&str, Type)]) -> Type {
        Type::Object(members.iter().map(|(name, ty)| ((*name).to_owned(), ty.clone())).collect())
    }

    #[test]
    fn numbers_keep_all_digits() {
        for text in ["0.1", "18446744073709551616", "1e400", "0.30000000000000000000000000004"] {
            assert_eq!(
                decode_json(text.as_bytes(), &Type::Number, Extra::Refused),
                Ok(Value::Number(Number::Decimal(text.to_owned())))
            );
        }
        assert_eq!(decode_json(b"-7", &Type::Number, Extra::Refused), Ok(Value::Number(Number::Integer(-7))));
    }

    #[test]
    fn missing_attributes_are_null_and_foreign_ones_are_a_choice() {
        let ty = object(&[("a", Type::Bool), ("b", Type::String)]);
        let json = br#"{"a": true, "old": [1, 2]}"#;
        let value = decode_json(json, &ty, Extra::Dropped).unwrap();
        assert_eq!(value, Value::object([("a", Value::Bool(true)), ("b", Value::Null)]));
        assert_eq!(decode_json(json, &ty, Extra::Refused).unwrap_err().to_string(), "there is no attribute `old`");
    }

    #[test]
    fn dynamic_values_carry_their_type() {
        let json = br#"{"type": ["list", "string"], "value": ["x"]}"#;
        let value = decode_json(json, &Type::Dynamic, Extra::Refused).unwrap();
        let list = Value::List(vec![Value::from("x")]);
        assert_eq!(value, Value::Dynamic(Box::new((Type::List(Box::new(Type::String)), list))));
    }

    #[test]
    fn errors_name_the_place() {
        let ty = object(&[("a", Type::List(Box::new(Type::Number)))]);
        let error = decode_json(br#"{"a": [1, "x"]}"#, &ty, Extra::Refused).unwrap_err();
        assert_eq!(error.to_string(), "a[1]: expected a number");
    }
}
