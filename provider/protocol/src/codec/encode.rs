//! Values to msgpack.

use rmp::encode as msgpack;
use tfplugin_framework::{AttributePath, Number, Type, Value};

use super::{CodecError, type_to_json};

/// An unknown value without refinements: extension 0 with one byte that means nothing.
const UNKNOWN: [u8; 3] = [0xd4, 0x00, 0x00];

/// Writes `value`, which has type `ty`.
///
/// An attribute that an object lacks is written as null.
///
/// # Errors
/// At the first place where the value does not have its type.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut encoder = Encoder {
        out: Vec::with_capacity(256),
        path: AttributePath::default(),
    };
    encoder.value(value, ty)?;
    Ok(encoder.out)
}

struct Encoder {
    out: Vec<u8>,
    path: AttributePath,
}

impl Encoder {
    fn value(&mut self, value: &Value, ty: &Type) -> Result<(), CodecError> {
        match (ty, value) {
            (_, Value::Null) => self.out.push(0xc0),
            (_, Value::Unknown) => self.out.extend_from_slice(&UNKNOWN),
            (Type::Dynamic, Value::Dynamic(inner)) => return self.dynamic(&inner.0, &inner.1),
            (Type::String, Value::String(text)) => self.text(text),
            (Type::Number, Value::Number(number)) => self.number(number)?,
            (Type::Bool, Value::Bool(value)) => self.out.push(if *value { 0xc3 } else { 0xc2 }),
            (Type::List(element) | Type::Set(element), Value::List(items)) => {
                return self.elements(items, std::iter::repeat(&**element));
            }
            (Type::Tuple(elements), Value::List(items)) if elements.len() == items.len() => {
                return self.elements(items, elements.iter());
            }
            (Type::Map(element), Value::Map(entries)) => {
                self.map_header(entries.len())?;
                for (key, entry) in entries {
                    self.text(key);
                    self.inside(|path| path.key(key), |encoder| encoder.value(entry, element))?;
                }
            }
            (Type::Object(attributes), Value::Map(entries)) => {
                if let Some(name) = entries.keys().find(|name| !attributes.contains_key(*name)) {
                    return Err(CodecError::at(&self.path, format!("there is no attribute `{name}`")));
                }
                self.map_header(attributes.len())?;
                for (name, ty) in attributes {
                    self.text(name);
                    self.inside(
                        |path| path.attribute(name),
                        |encoder| encoder.value(value.get(name), ty),
                    )?;
                }
            }
            _ => {
                return Err(CodecError::at(
                    &self.path,
                    format!("expected {}, found {}", name_of(ty), kind_of(value)),
                ));
            }
        }
        Ok(())
    }

    fn dynamic(&mut self, ty: &Type, value: &Value) -> Result<(), CodecError> {
        let json = type_to_json(ty);
        write(msgpack::write_array_len(&mut self.out, 2), &self.path)?;
        write(
            msgpack::write_bin_len(&mut self.out, length(json.len(), &self.path)?),
            &self.path,
        )?;
        self.out.extend_from_slice(&json);
        self.value(value, ty)
    }

    fn elements<'a>(&mut self, items: &[Value], types: impl Iterator<Item = &'a Type>) -> Result<(), CodecError> {
        write(
            msgpack::write_array_len(&mut self.out, length(items.len(), &self.path)?),
            &self.path,
        )?;
        for (index, (item, ty)) in items.iter().zip(types).enumerate() {
            self.inside(|path| path.index(index), |encoder| encoder.value(item, ty))?;
        }
        Ok(())
    }

    fn number(&mut self, number: &Number) -> Result<(), CodecError> {
        match number {
            Number::Integer(value) => write(msgpack::write_sint(&mut self.out, *value).map(drop), &self.path),
            Number::Double(value) if value.is_nan() => Err(CodecError::at(&self.path, "not a number (NaN)")),
            Number::Double(value) => write(msgpack::write_f64(&mut self.out, *value), &self.path),
            Number::Decimal(text) => {
                self.text(text);
                Ok(())
            }
        }
    }

    fn text(&mut self, text: &str) {
        // Writing into a vector can't fail, and no text is longer than 4 GiB.
        let _ = msgpack::write_str(&mut self.out, text);
    }

    fn map_header(&mut self, len: usize) -> Result<(), CodecError> {
        write(
            msgpack::write_map_len(&mut self.out, length(len, &self.path)?).map(drop),
            &self.path,
        )
    }

    /// Runs `body` with the path one step further.
    fn inside(
        &mut self,
        step: impl FnOnce(AttributePath) -> AttributePath,
        body: impl FnOnce(&mut Self) -> Result<(), CodecError>,
    ) -> Result<(), CodecError> {
        self.path = step(std::mem::take(&mut self.path));
        body(self)?;
        self.path.0.pop();
        Ok(())
    }
}

fn length(len: usize, path: &AttributePath) -> Result<u32, CodecError> {
    u32::try_from(len).map_err(|_| CodecError::at(path, "longer than 4294967295 elements"))
}

fn write<T, E: std::fmt::Display>(result: Result<T, E>, path: &AttributePath) -> Result<(), CodecError> {
    result
        .map(drop)
        .map_err(|error| CodecError::at(path, error.to_string()))
}

/// The name of a type, without what it holds.
pub(super) fn name_of(ty: &Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Number => "a number",
        Type::Bool => "a bool",
        Type::Dynamic => "a value with its type",
        Type::List(_) => "a list",
        Type::Set(_) => "a set",
        Type::Map(_) => "a map",
        Type::Object(_) => "an object",
        Type::Tuple(_) => "a tuple of the declared length",
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Unknown => "an unknown value",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list, set or tuple",
        Value::Map(_) => "a map or object",
        Value::Dynamic(_) => "a value with its type",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_extension_zero() {
        assert_eq!(encode(&Value::Unknown, &Type::String).unwrap(), [0xd4, 0, 0]);
        assert_eq!(encode(&Value::Unknown, &Type::Dynamic).unwrap(), [0xd4, 0, 0]);
    }

    #[test]
    fn errors_name_the_place() {
        let ty = Type::Object([("a".to_owned(), Type::List(Box::new(Type::Bool)))].into());
        let value = Value::Map([("a".to_owned(), Value::List(vec![Value::Bool(true), Value::from("x")]))].into());
        let error = encode(&value, &ty).unwrap_err();
        assert_eq!(error.to_string(), "a[1]: expected a bool, found a string");
    }

    #[test]
    fn a_missing_attribute_is_null_and_a_foreign_one_is_refused() {
        let ty = Type::Object([("a".to_owned(), Type::Bool)].into());
        assert_eq!(encode(&Value::Map([].into()), &ty).unwrap(), [0x81, 0xa1, b'a', 0xc0]);
        let foreign = Value::Map([("b".to_owned(), Value::Null)].into());
        assert!(encode(&foreign, &ty).is_err());
    }

    #[test]
    fn nan_is_refused() {
        assert!(encode(&Value::Number(Number::Double(f64::NAN)), &Type::Number).is_err());
    }
}
