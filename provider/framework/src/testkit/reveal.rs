//! Hiding parts of a configuration, and revealing what a plan left unknown.

use super::draw::{Draw, distinct, inside};
use crate::schema::{Attribute, Level, Nesting, Schema};
use crate::{Type, Value};

impl Draw {
    /// `config` with parts of it unknown: what a plan sees where an apply sees `config`. Some of the parts, most of them,
    /// or one root argument and nothing else.
    pub(super) fn masked(&mut self, schema: &Schema, config: &Value) -> Value {
        match self.below(4) {
            3 => return self.mask_one(schema, config),
            2 => self.odds = 2,
            _ => self.odds = 5,
        }
        self.mask_level(schema.level(), config)
    }

    fn mask_one(&mut self, schema: &Schema, config: &Value) -> Value {
        let arguments = schema
            .attributes
            .iter()
            .filter(|attribute| attribute.mode.is_configurable());
        let arguments: Vec<_> = arguments.collect();
        let mut config = config.clone();
        let chosen = arguments.get(self.below(arguments.len()));
        if let (Value::Map(entries), Some(chosen)) = (&mut config, chosen) {
            entries.insert(chosen.name.clone(), Value::Unknown);
        }
        config
    }

    fn mask_level(&mut self, level: Level<'_>, config: &Value) -> Value {
        let Value::Map(mut entries) = config.clone() else {
            return config.clone();
        };
        for attribute in level
            .attributes
            .iter()
            .filter(|attribute| attribute.mode.is_configurable())
        {
            if let Some(slot) = entries.get_mut(&attribute.name) {
                *slot = self.mask_attribute(attribute, slot);
            }
        }
        for block in level.blocks {
            if let Some(slot) = entries.get_mut(&block.name) {
                // A `dynamic` block whose `for_each` is not known yet.
                let whole = block.nesting != Nesting::Single && self.one_in(6);
                *slot = if whole {
                    Value::Unknown
                } else {
                    slot.clone()
                        .for_each_object(block.nesting, &mut |item| self.mask_level(block.level(), &item))
                };
            }
        }
        Value::Map(entries)
    }

    fn mask_attribute(&mut self, attribute: &Attribute, value: &Value) -> Value {
        if self.one_in(self.odds) {
            return Value::Unknown;
        }
        match attribute.nested() {
            Some((Nesting::Single, level)) => self.mask_level(level, value),
            Some((nesting, level)) => value.clone().for_each_object(nesting, &mut |item| {
                if self.one_in(8) {
                    Value::Unknown
                } else {
                    self.mask_level(level, &item)
                }
            }),
            None => self.mask_plain(value),
        }
    }

    fn mask_plain(&mut self, value: &Value) -> Value {
        match value {
            Value::List(items) => Value::List(items.iter().map(|item| self.mask_element(item)).collect()),
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, item)| (key.clone(), self.mask_element(item)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    fn mask_element(&mut self, item: &Value) -> Value {
        if self.one_in(4) {
            Value::Unknown
        } else {
            self.mask_plain(item)
        }
    }

    /// `planned` with some known value for everything unknown: what an apply may make of it.
    pub(super) fn completed(&mut self, schema: &Schema, planned: &Value) -> Value {
        self.complete_level(schema.level(), planned, "")
    }

    fn complete_level(&mut self, level: Level<'_>, planned: &Value, at: &str) -> Value {
        if planned.is_unknown() {
            return self.level(level, at, true);
        }
        let Value::Map(mut entries) = planned.clone() else {
            return planned.clone();
        };
        for attribute in level.attributes {
            let at = inside(at, &attribute.name);
            let Some(slot) = entries.get_mut(&attribute.name).filter(|slot| !slot.is_wholly_known()) else {
                continue;
            };
            *slot = self.passing(attribute, &at, |draw| match attribute.nested() {
                _ if slot.is_unknown() => draw.attribute(attribute, &at, true),
                Some((nesting, inner)) => draw.complete_each(nesting, inner, slot, &at),
                None => draw.complete_plain(&attribute.shape.value_type(), slot, &at),
            });
        }
        for block in level.blocks {
            let at = inside(at, &block.name);
            let Some(slot) = entries.get_mut(&block.name) else {
                continue;
            };
            *slot = if slot.is_unknown() {
                self.blocks(block, &at, true)
            } else {
                self.complete_each(block.nesting, block.level(), slot, &at)
            };
        }
        Value::Map(entries)
    }

    fn complete_each(&mut self, nesting: Nesting, level: Level<'_>, value: &Value, at: &str) -> Value {
        let at = if nesting == Nesting::Single {
            at.to_owned()
        } else {
            format!("{at}[]")
        };
        let completed = value
            .clone()
            .for_each_object(nesting, &mut |item| self.complete_level(level, &item, &at));
        match completed {
            Value::List(items) if nesting == Nesting::Set => Value::List(distinct(items)),
            other => other,
        }
    }

    fn complete_plain(&mut self, ty: &Type, value: &Value, at: &str) -> Value {
        match value {
            Value::Unknown => self.plain(ty, at, &[]),
            Value::List(items) => {
                let items = items.iter().enumerate();
                let items: Vec<Value> = items
                    .map(|(index, item)| self.complete_plain(crate::same::element_type(ty, index), item, at))
                    .collect();
                Value::List(if matches!(ty, Type::Set(_)) {
                    distinct(items)
                } else {
                    items
                })
            }
            Value::Map(entries) => {
                let complete = |(key, item): (&String, &Value)| {
                    (
                        key.clone(),
                        self.complete_plain(crate::same::member_type(ty, key), item, at),
                    )
                };
                Value::Map(entries.iter().map(complete).collect())
            }
            other => other.clone(),
        }
    }
}
