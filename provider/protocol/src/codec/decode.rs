//! Msgpack to values.

use std::collections::BTreeMap;

use rmp::Marker;
use tfplugin_framework::{AttributePath, Number, Type, Value};

use super::encode::name_of;
use super::{CodecError, type_from_json};

/// Capacity reserved for a length that has not been verified yet.
const TRUSTED_LENGTH: usize = 4096;

/// Reads a value of type `ty`.
///
/// An attribute that an object lacks becomes null.
///
/// # Errors
/// At the first place where the bytes are not valid msgpack, or do not have the type.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    let mut decoder = Decoder {
        rest: bytes,
        path: AttributePath::default(),
    };
    let value = decoder.value(ty)?;
    if decoder.rest.is_empty() {
        Ok(value)
    } else {
        Err(decoder.error("bytes follow the value"))
    }
}

struct Decoder<'a> {
    rest: &'a [u8],
    path: AttributePath,
}

impl<'a> Decoder<'a> {
    fn value(&mut self, ty: &Type) -> Result<Value, CodecError> {
        let marker = Marker::from_u8(self.byte()?);
        if marker == Marker::Null {
            return Ok(Value::Null);
        }
        if let Some(length) = self.extension(marker)? {
            // The code, then the payload: refinements of the unknown value, which may be ignored.
            self.take(length + 1)?;
            return Ok(Value::Unknown);
        }
        match ty {
            Type::String => self.text(marker, ty).map(|text| Value::String(text.to_owned())),
            Type::Number => self.number(marker).map(Value::Number),
            Type::Bool => match marker {
                Marker::True => Ok(Value::Bool(true)),
                Marker::False => Ok(Value::Bool(false)),
                _ => Err(self.expected(ty, marker)),
            },
            Type::Dynamic => self.dynamic(marker),
            Type::List(element) | Type::Set(element) => {
                let length = self.array(marker, ty)?;
                self.elements(length, std::iter::repeat(&**element))
            }
            Type::Tuple(elements) => {
                let length = self.array(marker, ty)?;
                if length != elements.len() {
                    return Err(self.error(format!("expected {} elements, found {length}", elements.len())));
                }
                self.elements(length, elements.iter())
            }
            Type::Map(element) => self.map(marker, element),
            Type::Object(attributes) => self.object(marker, attributes),
        }
    }

    fn elements<'t>(&mut self, length: usize, types: impl Iterator<Item = &'t Type>) -> Result<Value, CodecError> {
        let mut items = Vec::with_capacity(length.min(TRUSTED_LENGTH));
        for (index, ty) in (0..length).zip(types) {
            items.push(self.inside(|path| path.index(index), ty)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, marker: Marker, element: &Type) -> Result<Value, CodecError> {
        let length = self.map_length(marker, &Type::Map(Box::new(Type::Dynamic)))?;
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let key = self.key()?;
            let value = self.inside(|path| path.key(key), element)?;
            entries.insert(key.to_owned(), value);
        }
        Ok(Value::Map(entries))
    }

    fn object(&mut self, marker: Marker, attributes: &BTreeMap<String, Type>) -> Result<Value, CodecError> {
        let length = self.map_length(marker, &Type::Object(BTreeMap::new()))?;
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let key = self.key()?;
            let Some((name, ty)) = attributes.get_key_value(key) else {
                return Err(self.error(format!("there is no attribute `{key}`")));
            };
            let value = self.inside(|path| path.attribute(name), ty)?;
            entries.insert(name.clone(), value);
        }
        if entries.len() < attributes.len() {
            for name in attributes.keys() {
                entries.entry(name.clone()).or_insert(Value::Null);
            }
        }
        Ok(Value::Map(entries))
    }

    fn dynamic(&mut self, marker: Marker) -> Result<Value, CodecError> {
        let parts = self.array(marker, &Type::Dynamic)?;
        if parts != 2 {
            return Err(self.error(format!("expected a type and a value, found {parts} elements")));
        }
        let marker = Marker::from_u8(self.byte()?);
        let length = match marker {
            Marker::Bin8 => self.unsigned(1)?,
            Marker::Bin16 => self.unsigned(2)?,
            Marker::Bin32 => self.unsigned(4)?,
            other => return Err(self.error(format!("expected a type as bytes, found {other:?}"))),
        };
        let json = self.take(to_length(length))?;
        let ty = type_from_json(json).map_err(|what| self.error(what))?;
        let value = self.value(&ty)?;
        Ok(Value::Dynamic(Box::new((ty, value))))
    }

    fn number(&mut self, marker: Marker) -> Result<Number, CodecError> {
        Ok(match marker {
            Marker::FixPos(value) => Number::Integer(value.into()),
            Marker::FixNeg(value) => Number::Integer(value.into()),
            Marker::U8 => unsigned_number(self.unsigned(1)?),
            Marker::U16 => unsigned_number(self.unsigned(2)?),
            Marker::U32 => unsigned_number(self.unsigned(4)?),
            Marker::U64 => unsigned_number(self.unsigned(8)?),
            Marker::I8 => Number::Integer(i8::from_be_bytes(self.array_of()?).into()),
            Marker::I16 => Number::Integer(i16::from_be_bytes(self.array_of()?).into()),
            Marker::I32 => Number::Integer(i32::from_be_bytes(self.array_of()?).into()),
            Marker::I64 => Number::Integer(i64::from_be_bytes(self.array_of()?)),
            Marker::F32 => Number::Double(f32::from_be_bytes(self.array_of()?).into()),
            Marker::F64 => Number::Double(f64::from_be_bytes(self.array_of()?)),
            _ => {
                let text = self.text(marker, &Type::Number)?;
                if !is_decimal(text) {
                    return Err(self.error(format!("`{text}` is not a number")));
                }
                Number::Decimal(text.to_owned())
            }
        })
    }

    fn key(&mut self) -> Result<&'a str, CodecError> {
        let marker = Marker::from_u8(self.byte()?);
        self.text(marker, &Type::String)
    }

    fn text(&mut self, marker: Marker, expected: &Type) -> Result<&'a str, CodecError> {
        let length = match marker {
            Marker::FixStr(length) => length.into(),
            Marker::Str8 => self.unsigned(1)?,
            Marker::Str16 => self.unsigned(2)?,
            Marker::Str32 => self.unsigned(4)?,
            _ => return Err(self.expected(expected, marker)),
        };
        let bytes = self.take(to_length(length))?;
        std::str::from_utf8(bytes).map_err(|error| self.error(format!("a string is not valid UTF-8: {error}")))
    }

    fn array(&mut self, marker: Marker, expected: &Type) -> Result<usize, CodecError> {
        match marker {
            Marker::FixArray(length) => Ok(length.into()),
            Marker::Array16 => self.unsigned(2).map(to_length),
            Marker::Array32 => self.unsigned(4).map(to_length),
            _ => Err(self.expected(expected, marker)),
        }
    }

    fn map_length(&mut self, marker: Marker, expected: &Type) -> Result<usize, CodecError> {
        match marker {
            Marker::FixMap(length) => Ok(length.into()),
            Marker::Map16 => self.unsigned(2).map(to_length),
            Marker::Map32 => self.unsigned(4).map(to_length),
            _ => Err(self.expected(expected, marker)),
        }
    }

    /// The length of the payload, if this is an extension.
    fn extension(&mut self, marker: Marker) -> Result<Option<usize>, CodecError> {
        Ok(Some(match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => to_length(self.unsigned(1)?),
            Marker::Ext16 => to_length(self.unsigned(2)?),
            Marker::Ext32 => to_length(self.unsigned(4)?),
            _ => return Ok(None),
        }))
    }

    fn unsigned(&mut self, bytes: usize) -> Result<u64, CodecError> {
        Ok(self
            .take(bytes)?
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn array_of<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        self.array_of::<1>().map(|[byte]| byte)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], CodecError> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.error("the value ends early"));
        };
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a value with the path one step further.
    fn inside(&mut self, step: impl FnOnce(AttributePath) -> AttributePath, ty: &Type) -> Result<Value, CodecError> {
        self.path = step(std::mem::take(&mut self.path));
        let value = self.value(ty)?;
        self.path.0.pop();
        Ok(value)
    }

    fn expected(&self, ty: &Type, marker: Marker) -> CodecError {
        self.error(format!("expected {}, found msgpack {marker:?}", name_of(ty)))
    }

    fn error(&self, what: impl Into<String>) -> CodecError {
        CodecError::at(&self.path, what)
    }
}

fn to_length(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

fn unsigned_number(value: u64) -> Number {
    i64::try_from(value).map_or_else(|_| Number::Decimal(value.to_string()), Number::Integer)
}

/// True for what a host may send as a number's text.
fn is_decimal(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
