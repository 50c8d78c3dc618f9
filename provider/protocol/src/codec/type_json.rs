//! Types as JSON: `"string"`, `["list","string"]`, `["object",{"a":"number"}]`, `["tuple",["bool","dynamic"]]`.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tfplugin_framework::Type;

/// Writes a type.
#[must_use]
pub fn type_to_json(ty: &Type) -> Vec<u8> {
    json_of(ty).to_string().into_bytes()
}

fn json_of(ty: &Type) -> Json {
    match ty {
        Type::String => Json::from("string"),
        Type::Number => Json::from("number"),
        Type::Bool => Json::from("bool"),
        Type::Dynamic => Json::from("dynamic"),
        Type::List(element) => Json::from(vec![Json::from("list"), json_of(element)]),
        Type::Set(element) => Json::from(vec![Json::from("set"), json_of(element)]),
        Type::Map(element) => Json::from(vec![Json::from("map"), json_of(element)]),
        Type::Object(attributes) => {
            let members = attributes
                .iter()
                .map(|(name, ty)| (name.clone(), json_of(ty)))
                .collect();
            Json::from(vec![Json::from("object"), Json::Object(members)])
        }
        Type::Tuple(elements) => Json::from(vec![Json::from("tuple"), elements.iter().map(json_of).collect()]),
    }
}

/// Reads a type.
///
/// # Errors
/// The bytes are not valid JSON, or the JSON is not a type.
pub fn type_from_json(bytes: &[u8]) -> Result<Type, String> {
    let json: Json = serde_json::from_slice(bytes).map_err(|error| format!("a type is not valid JSON: {error}"))?;
    of_json(&json)
}

fn of_json(json: &Json) -> Result<Type, String> {
    match json {
        Json::String(name) => match name.as_str() {
            "string" => Ok(Type::String),
            "number" => Ok(Type::Number),
            "bool" => Ok(Type::Bool),
            "dynamic" => Ok(Type::Dynamic),
            _ => Err(format!("unknown type `{name}`")),
        },
        Json::Array(parts) => match (parts.first().and_then(Json::as_str), parts.get(1)) {
            (Some("list"), Some(element)) => Ok(Type::List(Box::new(of_json(element)?))),
            (Some("set"), Some(element)) => Ok(Type::Set(Box::new(of_json(element)?))),
            (Some("map"), Some(element)) => Ok(Type::Map(Box::new(of_json(element)?))),
            // A third part would name optional attributes, which a type constraint has and a value has not.
            (Some("object"), Some(Json::Object(members))) => {
                let members = members.iter().map(|(name, ty)| Ok((name.clone(), of_json(ty)?)));
                Ok(Type::Object(members.collect::<Result<BTreeMap<_, _>, String>>()?))
            }
            (Some("tuple"), Some(Json::Array(elements))) => {
                Ok(Type::Tuple(elements.iter().map(of_json).collect::<Result<_, _>>()?))
            }
            _ => Err(format!("unknown type `{json}`")),
        },
        _ => Err(format!("unknown type `{json}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_hosts_expect() {
        let ty = Type::Object(BTreeMap::from([
            ("a".to_owned(), Type::List(Box::new(Type::String))),
            ("b".to_owned(), Type::Tuple(vec![Type::Bool, Type::Dynamic])),
        ]));
        let json = type_to_json(&ty);
        assert_eq!(
            String::from_utf8_lossy(&json),
            r#"["object",{"a":["list","string"],"b":["tuple",["bool","dynamic"]]}]"#
        );
        assert_eq!(type_from_json(&json), Ok(ty));
    }

    #[test]
    fn refuses_what_is_no_type() {
        for text in [
            "",
            "1",
            "\"float\"",
            "[\"list\"]",
            "[\"object\",[]]",
            "{}",
            "[\"optional\",\"string\"]",
        ] {
            assert!(type_from_json(text.as_bytes()).is_err(), "{text}");
        }
    }
}
