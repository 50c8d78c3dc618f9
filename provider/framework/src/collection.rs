//! Lists, sets and maps as fields.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{AttributeType, Check, Nesting};
use crate::{DecodeError, Field, Invalid, Step, Value};

impl<T: Field> Field for Vec<T> {
    fn attribute_type() -> AttributeType {
        T::attribute_type().collected(Nesting::List)
    }

    fn checks() -> Vec<Check> {
        of_elements::<T>(true)
    }

    fn choices() -> &'static [&'static str] {
        T::choices()
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let items = items(value, "a list")?;
        items
            .iter()
            .enumerate()
            .map(|(index, item)| T::from_value(item).map_err(|error| error.inside(at(index))))
            .collect()
    }

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(Field::to_value).collect())
    }
}

impl<T: Field + Ord> Field for BTreeSet<T> {
    fn attribute_type() -> AttributeType {
        T::attribute_type().collected(Nesting::Set)
    }

    fn checks() -> Vec<Check> {
        of_elements::<T>(false)
    }

    fn choices() -> &'static [&'static str] {
        T::choices()
    }

    /// Elements that differ only in what is unknown may turn out to be different: such a set can't be read yet.
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let items = items(value, "a set")?;
        let set = items.iter().map(T::from_value).collect::<Result<Self, _>>()?;
        if set.len() < items.len() && !value.is_wholly_known() {
            return Err(DecodeError::new("a set of distinct elements", &Value::Unknown));
        }
        Ok(set)
    }

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(Field::to_value).collect())
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    fn attribute_type() -> AttributeType {
        T::attribute_type().collected(Nesting::Map)
    }

    fn checks() -> Vec<Check> {
        of_elements::<T>(true)
    }

    fn choices() -> &'static [&'static str] {
        T::choices()
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let Value::Map(entries) = value else {
            return Err(DecodeError::new("a map", value));
        };
        let read = |(key, value): (&String, &Value)| match T::from_value(value) {
            Ok(read) => Ok((key.clone(), read)),
            Err(error) => Err(error.inside(Step::Key(key.clone()))),
        };
        entries.iter().map(read).collect()
    }

    fn to_value(&self) -> Value {
        Value::Map(
            self.iter()
                .map(|(key, value)| (key.clone(), value.to_value()))
                .collect(),
        )
    }
}

fn items<'a>(value: &'a Value, expected: &'static str) -> Result<&'a [Value], DecodeError> {
    match value {
        Value::List(items) => Ok(items),
        other => Err(DecodeError::new(expected, other)),
    }
}

fn at(index: usize) -> Step {
    Step::Index(i64::try_from(index).unwrap_or(i64::MAX))
}

/// The checks of the element type, applied to every known element. Elements of sets have no path of their own.
fn of_elements<T: Field>(addressable: bool) -> Vec<Check> {
    let lift = |check: Check| {
        Check::new(move |value| {
            let mut found = Vec::new();
            let mut look = |step: Step, element: &Value| {
                if element.is_null() || element.is_unknown() {
                    return;
                }
                for mut invalid in (check.0)(element) {
                    if addressable {
                        invalid.at.0.insert(0, step.clone());
                    } else {
                        invalid.at.0.clear();
                    }
                    found.push(invalid);
                }
            };
            match value {
                Value::List(items) => items.iter().enumerate().for_each(|(index, item)| look(at(index), item)),
                Value::Map(entries) => entries
                    .iter()
                    .for_each(|(key, item)| look(Step::Key(key.clone()), item)),
                _ => {}
            }
            found
        })
    };
    T::checks().into_iter().map(lift).collect()
}

impl Check {
    /// A check of values as they are.
    pub fn new(check: impl Fn(&Value) -> Vec<Invalid> + Send + Sync + 'static) -> Self {
        Self(std::sync::Arc::new(check))
    }

    /// A check of a field of type `T`, seen as `Q` (`str` for `String`). What can't be read yet is not judged, and what
    /// does not fit is reported by whoever reads it.
    pub fn of<T: Field + std::borrow::Borrow<Q>, Q: ?Sized>(
        check: impl Fn(&Q) -> Result<(), Invalid> + Send + Sync + 'static,
    ) -> Self {
        Self::new(move |value| match T::from_value(value) {
            Ok(read) => check(read.borrow()).err().into_iter().collect(),
            Err(_) => Vec::new(),
        })
    }
}
