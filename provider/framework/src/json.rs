//! JSON to values, by type and without loss.
//!
//! Hosts store state as JSON. Numbers are taken from the text itself: a parser that goes through doubles would change big
//! integers and decimals, and the next plan would show a change that nobody made.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{Number, Type, Value};

/// Reads a value of `ty`. Attributes that the type lacks are dropped; those that the text lacks are null.
///
/// # Errors
/// The text is not valid JSON, or does not have this type.
pub fn decode(ty: &Type, text: &[u8]) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Seed(ty).deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

struct Seed<'a>(&'a Type);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        match self.0 {
            Type::String | Type::Number | Type::Bool => scalar(self.0, reader),
            Type::Dynamic => dynamic(reader),
            Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Map(_) | Type::Object(_) => {
                reader.deserialize_option(Compound(self.0))
            }
        }
    }
}

/// Hosts convert between strings and other scalars, and so does their JSON.
fn scalar<'de, D: Deserializer<'de>>(ty: &Type, reader: D) -> Result<Value, D::Error> {
    let raw: Box<RawValue> = serde::Deserialize::deserialize(reader)?;
    let text = raw.get();
    if text == "null" {
        return Ok(Value::Null);
    }
    let word = if text.starts_with('"') {
        serde_json::from_str(text).map_err(D::Error::custom)?
    } else {
        text.to_owned()
    };
    match ty {
        Type::Bool if word == "true" => Ok(Value::Bool(true)),
        Type::Bool if word == "false" => Ok(Value::Bool(false)),
        Type::Number => Number::parse(&word)
            .map(Value::Number)
            .ok_or_else(|| D::Error::custom("expected a number")),
        Type::String if !text.starts_with(['[', '{']) => Ok(Value::String(word)),
        _ => Err(D::Error::custom(format!("expected {}", name(ty)))),
    }
}

/// `{"type": TYPE, "value": VALUE}`, in any order.
fn dynamic<'de, D: Deserializer<'de>>(reader: D) -> Result<Value, D::Error> {
    #[derive(serde::Deserialize)]
    struct Typed {
        r#type: serde_json::Value,
        value: Box<RawValue>,
    }
    let raw: Option<Box<RawValue>> = serde::Deserialize::deserialize(reader)?;
    let Some(raw) = raw else { return Ok(Value::Null) };
    let typed: Typed = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
    let ty = type_from_json(&typed.r#type).ok_or_else(|| D::Error::custom("expected a type"))?;
    let value = decode(&ty, typed.value.get().as_bytes()).map_err(D::Error::custom)?;
    Ok(Value::Dynamic(Box::new((ty, value))))
}

/// Reads a type as hosts write it: `"string"`, `["list","number"]`, `["object",{"name":"string"}]`.
#[must_use]
pub fn type_from_json(json: &serde_json::Value) -> Option<Type> {
    if let Some(word) = json.as_str() {
        return match word {
            "string" => Some(Type::String),
            "number" => Some(Type::Number),
            "bool" => Some(Type::Bool),
            "dynamic" => Some(Type::Dynamic),
            _ => None,
        };
    }
    let [kind, inner] = json.as_array()?.as_slice() else {
        // An object with optional attributes has a third member, which says nothing about values.
        let [kind, inner, _] = json.as_array()?.as_slice() else {
            return None;
        };
        return (kind == "object").then(|| object_type(inner)).flatten();
    };
    match kind.as_str()? {
        "list" => Some(Type::List(Box::new(type_from_json(inner)?))),
        "set" => Some(Type::Set(Box::new(type_from_json(inner)?))),
        "map" => Some(Type::Map(Box::new(type_from_json(inner)?))),
        "object" => object_type(inner),
        "tuple" => inner
            .as_array()?
            .iter()
            .map(type_from_json)
            .collect::<Option<_>>()
            .map(Type::Tuple),
        _ => None,
    }
}

fn object_type(members: &serde_json::Value) -> Option<Type> {
    let members = members
        .as_object()?
        .iter()
        .map(|(name, ty)| Some((name.clone(), type_from_json(ty)?)));
    members.collect::<Option<_>>().map(Type::Object)
}

struct Compound<'a>(&'a Type);

impl<'de> Visitor<'de> for Compound<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(name(self.0))
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        match self.0 {
            Type::Map(_) | Type::Object(_) => reader.deserialize_map(self),
            _ => reader.deserialize_seq(self),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        loop {
            let element = match self.0 {
                Type::List(element) | Type::Set(element) => Some(&**element),
                Type::Tuple(types) => types.get(read.len()),
                _ => None,
            };
            let Some(element) = element else { break };
            match items.next_element_seed(Seed(element))? {
                Some(value) => read.push(value),
                None => break,
            }
        }
        match self.0 {
            Type::Tuple(types) if types.len() != read.len() => Err(A::Error::invalid_length(read.len(), &self)),
            _ => Ok(Value::List(read)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut read = match self.0 {
            Type::Object(members) => members.keys().map(|name| (name.clone(), Value::Null)).collect(),
            _ => BTreeMap::new(),
        };
        while let Some(key) = entries.next_key::<String>()? {
            let ty = match self.0 {
                Type::Map(element) => Some(&**element),
                Type::Object(members) => members.get(&key),
                _ => None,
            };
            match ty {
                Some(ty) => {
                    read.insert(key, entries.next_value_seed(Seed(ty))?);
                }
                None => {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Map(read))
    }
}

fn name(ty: &Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Number => "a number",
        Type::Bool => "a boolean",
        Type::Dynamic => "a value with its type",
        Type::List(_) => "a list",
        Type::Set(_) => "a set",
        Type::Map(_) => "a map",
        Type::Object(_) => "an object",
        Type::Tuple(_) => "a tuple",
    }
}

#[cfg(test)]
mod tests {
    use super::decode;
    use crate::{Number, Type, Value};

    fn list(element: Type) -> Type {
        Type::List(Box::new(element))
    }

    fn decimal(text: &str) -> Value {
        Value::Number(Number::Decimal(text.to_owned()))
    }

    #[test]
    fn values_are_read_by_type_and_without_loss() {
        let object = Type::Object([("a".to_owned(), Type::Bool), ("b".to_owned(), Type::String)].into());
        let dynamic = Value::Dynamic(Box::new((list(Type::Number), Value::List(vec![decimal("0.1")]))));
        let table = [
            (Type::String, r#""na\u0308""#, Value::from("na\u{308}")),
            (Type::String, "5", "5".into()),
            (Type::Bool, r#""true""#, true.into()),
            (Type::Number, "9007199254740993", 9_007_199_254_740_993.into()),
            (Type::Number, "1e400", decimal("1e400")),
            (Type::Number, "-0.10", decimal("-0.10")),
            (Type::Number, r#""7""#, 7.into()),
            (Type::Number, "null", Value::Null),
            (
                list(Type::Bool),
                "[true,null]",
                Value::List(vec![true.into(), Value::Null]),
            ),
            (list(Type::Bool), "null", Value::Null),
            (
                Type::Tuple(vec![Type::Bool, Type::String]),
                r#"[false,"x"]"#,
                Value::List(vec![false.into(), "x".into()]),
            ),
            (
                Type::Map(Box::new(Type::String)),
                r#"{"k":"v"}"#,
                Value::object([("k", "v".into())]),
            ),
            (
                object,
                r#"{"a":true,"gone":[{}]}"#,
                Value::object([("a", true.into()), ("b", Value::Null)]),
            ),
            (Type::Dynamic, r#"{"value":[0.1],"type":["list","number"]}"#, dynamic),
            (Type::Dynamic, "null", Value::Null),
        ];
        for (ty, text, expected) in table {
            assert_eq!(decode(&ty, text.as_bytes()).expect(text), expected, "{text}");
        }
        for (ty, text) in [
            (Type::Bool, "1"),
            (Type::Number, r#""x""#),
            (Type::String, "{}"),
            (list(Type::Bool), "{}"),
            (Type::Tuple(vec![Type::Bool]), "[]"),
            (Type::Tuple(vec![]), "[1]"),
            (Type::Dynamic, r#"{"type":"text","value":1}"#),
            (Type::Bool, "true false"),
        ] {
            assert!(decode(&ty, text.as_bytes()).is_err(), "{text}");
        }
    }
}
