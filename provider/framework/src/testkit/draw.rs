//! Random values of a schema, drawn from a tape of bytes so that a failing case shrinks to a short tape.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy, any};

use super::Candidates;
use crate::schema::{Attribute, Level, Mode, NestedBlock, Nesting, Schema};
use crate::{Number, Type, Value};

/// Longest random collection.
const MOST: u8 = 3;
/// How often one attribute is drawn until its checks have to pass.
const TRIES: usize = 64;

/// Random configurations of `schema`, with unknowns if asked for.
pub fn arbitrary_config(
    schema: &Schema,
    candidates: Candidates,
    unknowns: bool,
) -> impl Strategy<Value = Value> + use<> {
    let schema = schema.clone();
    (tape(), tape()).prop_map(move |(values, mask)| {
        let known = Draw::new(values, candidates.clone()).config(&schema);
        if unknowns {
            Draw::new(mask, candidates.clone()).masked(&schema, &known)
        } else {
            known
        }
    })
}

/// Random wholly known states of `schema` that follow from no configuration: what an import or drift may bring.
pub fn arbitrary_state(schema: &Schema, candidates: Candidates) -> impl Strategy<Value = Value> + use<> {
    let schema = schema.clone();
    tape().prop_map(move |values| Draw::new(values, candidates.clone()).state(&schema))
}

pub(super) fn tape() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..256)
}

/// Draws values; at the end of the tape everything is the first choice.
pub(super) struct Draw {
    tape: std::vec::IntoIter<u8>,
    candidates: Candidates,
    /// One in how many arguments is masked.
    pub(super) odds: usize,
    /// Places for which no drawn value passed the checks.
    pub(super) missing: BTreeSet<String>,
}

impl Draw {
    pub(super) fn new(tape: Vec<u8>, candidates: Candidates) -> Self {
        Self {
            tape: tape.into_iter(),
            candidates,
            odds: 5,
            missing: BTreeSet::new(),
        }
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::from(self.tape.next().unwrap_or(0)) % bound.max(1)
    }

    pub(super) fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == odds - 1
    }

    /// What a user may write.
    pub(super) fn config(&mut self, schema: &Schema) -> Value {
        self.level(schema.level(), "", false)
    }

    /// What a provider may have stored.
    pub(super) fn state(&mut self, schema: &Schema) -> Value {
        self.level(schema.level(), "", true)
    }

    pub(super) fn level(&mut self, level: Level<'_>, at: &str, state: bool) -> Value {
        let mut entries = BTreeMap::new();
        for attribute in level.attributes {
            let at = inside(at, &attribute.name);
            let null = match attribute.mode {
                _ if attribute.write_only && state => true,
                Mode::Required => false,
                Mode::Computed => !state,
                Mode::Optional | Mode::OptionalComputed => self.below(3) == 0,
            };
            let value = if null {
                Value::Null
            } else {
                self.checked(attribute, &at, state)
            };
            entries.insert(attribute.name.clone(), value);
        }
        for block in level.blocks {
            let at = inside(at, &block.name);
            entries.insert(block.name.clone(), self.blocks(block, &at, state));
        }
        Value::Map(entries)
    }

    pub(super) fn blocks(&mut self, block: &NestedBlock, at: &str, state: bool) -> Value {
        if block.nesting == Nesting::Single && self.one_in(2) {
            return Value::Null;
        }
        self.collection(block.nesting, at, |draw, at| draw.level(block.level(), at, state))
    }

    /// A value that passes the checks.
    fn checked(&mut self, attribute: &Attribute, at: &str, state: bool) -> Value {
        self.passing(attribute, at, |draw| draw.attribute(attribute, at, state))
    }

    /// The first of some draws that passes the checks of `attribute`.
    pub(super) fn passing(
        &mut self,
        attribute: &Attribute,
        at: &str,
        mut draw: impl FnMut(&mut Self) -> Value,
    ) -> Value {
        let passes = |value: &Value| attribute.checks.iter().all(|check| (check.0)(value).is_empty());
        let first = draw(self);
        if passes(&first) {
            return first;
        }
        // The tape may be at its end or all zeros: then every further draw from it would be the same.
        let tape = std::mem::replace(&mut self.tape, noise());
        let found = (1..TRIES).map(|_| draw(self)).find(passes);
        self.tape = tape;
        found.unwrap_or_else(|| {
            self.missing.insert(at.to_owned());
            Value::Null
        })
    }

    pub(super) fn attribute(&mut self, attribute: &Attribute, at: &str, state: bool) -> Value {
        let given = (self.candidates)(at);
        if !given.is_empty() {
            let index = self.below(given.len());
            return given.into_iter().nth(index).unwrap_or(Value::Null);
        }
        match attribute.nested() {
            Some((nesting, level)) => self.collection(nesting, at, |draw, at| draw.level(level, at, state)),
            None => self.plain(&attribute.shape.value_type(), at, attribute.choices),
        }
    }

    fn collection(&mut self, nesting: Nesting, at: &str, mut element: impl FnMut(&mut Self, &str) -> Value) -> Value {
        if nesting == Nesting::Single {
            return element(self, at);
        }
        let count = self.below(usize::from(MOST) + 1);
        let inner = format!("{at}[]");
        let items: Vec<Value> = (0..count).map(|_| element(self, &inner)).collect();
        match nesting {
            Nesting::Map => {
                let keys = self.keys(at);
                Value::Map(
                    items
                        .into_iter()
                        .enumerate()
                        .map(|(index, item)| (keys[index % keys.len()].clone(), item))
                        .collect(),
                )
            }
            Nesting::Set => Value::List(distinct(items)),
            _ => Value::List(items),
        }
    }

    fn keys(&self, at: &str) -> Vec<String> {
        let given = (self.candidates)(&format!("{at}[keys]"));
        let keys: Vec<String> = given.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if keys.is_empty() {
            ["a", "b", "c"].map(str::to_owned).to_vec()
        } else {
            keys
        }
    }

    pub(super) fn plain(&mut self, ty: &Type, at: &str, choices: &[&str]) -> Value {
        match ty {
            Type::String => {
                let words = if choices.is_empty() {
                    &["a", "b", "", "naïve", "30s"]
                } else {
                    choices
                };
                Value::from(words[self.below(words.len())])
            }
            Type::Number => {
                let numbers = [
                    Number::Integer(1),
                    Number::Integer(0),
                    Number::Integer(-7),
                    Number::Double(0.5),
                ];
                let text = ["0.1", "18446744073709551615"].map(|text| Number::Decimal(text.to_owned()));
                let index = self.below(numbers.len() + text.len());
                Value::Number(numbers.into_iter().chain(text).nth(index).unwrap_or(Number::Integer(0)))
            }
            Type::Bool => Value::Bool(self.one_in(2)),
            Type::Dynamic => {
                let ty = if self.one_in(2) { Type::Bool } else { Type::String };
                let value = self.plain(&ty, at, choices);
                Value::Dynamic(Box::new((ty, value)))
            }
            Type::List(element) => self.collection(Nesting::List, at, |draw, at| draw.element(element, at, choices)),
            Type::Set(element) => self.collection(Nesting::Set, at, |draw, at| draw.element(element, at, choices)),
            Type::Map(element) => self.collection(Nesting::Map, at, |draw, at| draw.element(element, at, choices)),
            Type::Object(members) => {
                let member = |(name, ty): (&String, &Type)| (name.clone(), self.element(ty, &inside(at, name), &[]));
                Value::Map(members.iter().map(member).collect())
            }
            Type::Tuple(types) => Value::List(types.iter().map(|ty| self.element(ty, at, &[])).collect()),
        }
    }

    fn element(&mut self, ty: &Type, at: &str, choices: &[&str]) -> Value {
        let given = (self.candidates)(at);
        let index = self.below(given.len());
        given
            .into_iter()
            .nth(index)
            .unwrap_or_else(|| self.plain(ty, at, choices))
    }
}

/// The same random bytes each time.
fn noise() -> std::vec::IntoIter<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let bytes = std::iter::successors(Some(1), next).map(|state| state.to_be_bytes()[0]);
    bytes.take(TRIES * 256).collect::<Vec<_>>().into_iter()
}

pub(super) fn inside(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

pub(super) fn distinct(items: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}
