//! The merge of prior state and configuration that a plan starts from.

use std::collections::BTreeMap;

use crate::Value;
use crate::schema::{Level, NestedBlock, Nesting, Schema};

/// What hosts propose: the configuration, with the prior value of every computed attribute that it leaves null.
///
/// `prior` is wholly known or null; `config` may hold unknowns. Nested objects are told apart by index, by key, or, in
/// sets, by all that is not computed.
#[must_use]
pub fn proposed_new(schema: &Schema, prior: &Value, config: &Value) -> Value {
    merge(schema.level(), prior, config)
}

fn merge(level: Level<'_>, prior: &Value, config: &Value) -> Value {
    if !matches!(config, Value::Map(_)) {
        return if level.blocks.is_empty() || prior.is_null() {
            config.clone()
        } else {
            prior.clone()
        };
    }
    let attributes = level.attributes.iter().map(|attribute| {
        let (before, wanted) = (prior.get(&attribute.name), config.get(&attribute.name));
        let value = match attribute.nested() {
            _ if attribute.mode.is_computed() && wanted.is_null() => before.clone(),
            Some((nesting, inner)) if !wanted.is_unknown() => collection(nesting, inner, before, wanted),
            _ => wanted.clone(),
        };
        (attribute.name.clone(), value)
    });
    let blocks = level
        .blocks
        .iter()
        .map(|block| (block.name.clone(), blocks(block, prior, config)));
    Value::Map(attributes.chain(blocks).collect())
}

fn blocks(block: &NestedBlock, prior: &Value, config: &Value) -> Value {
    let wanted = config.get(&block.name);
    match wanted {
        Value::Unknown => Value::Unknown,
        Value::Null => block.empty_value(),
        _ => collection(block.nesting, block.level(), prior.get(&block.name), wanted),
    }
}

fn collection(nesting: Nesting, level: Level<'_>, prior: &Value, config: &Value) -> Value {
    match (nesting, config) {
        (Nesting::Single, _) => merge(level, prior, config),
        (Nesting::List, Value::List(items)) => Value::List(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| element(level, prior.element(index), item))
                .collect(),
        ),
        (Nesting::Map, Value::Map(entries)) => {
            let merged = entries
                .iter()
                .map(|(key, item)| (key.clone(), element(level, prior.get(key), item)));
            Value::Map(merged.collect::<BTreeMap<_, _>>())
        }
        (Nesting::Set, Value::List(items)) => set(level, prior, items),
        _ => config.clone(),
    }
}

fn element(level: Level<'_>, prior: &Value, config: &Value) -> Value {
    if prior.is_null() {
        config.clone()
    } else {
        merge(level, prior, config)
    }
}

fn set(level: Level<'_>, prior: &Value, items: &[Value]) -> Value {
    let ty = level.value_type();
    let mut candidates: Vec<(&Value, Value)> = prior
        .elements()
        .iter()
        .map(|item| (item, without_computed(level, item)))
        .collect();
    let merged = items.iter().map(
        |item| match candidates.iter().position(|(_, bare)| bare.same(item, &ty)) {
            Some(position) => merge(level, candidates.swap_remove(position).0, item),
            None => item.clone(),
        },
    );
    Value::List(merged.collect())
}

/// `value` with null for whatever a provider may have computed: what can be compared with configuration.
fn without_computed(level: Level<'_>, value: &Value) -> Value {
    let Value::Map(entries) = value else {
        return value.clone();
    };
    let mut bare = entries.clone();
    for attribute in level.attributes {
        let Some(slot) = bare.get_mut(&attribute.name) else {
            continue;
        };
        if attribute.mode.is_computed() {
            *slot = Value::Null;
        } else if let Some((nesting, inner)) = attribute.nested() {
            *slot = slot
                .clone()
                .for_each_object(nesting, &mut |item| without_computed(inner, &item));
        }
    }
    for block in level.blocks {
        if let Some(slot) = bare.get_mut(&block.name) {
            *slot = slot
                .clone()
                .for_each_object(block.nesting, &mut |item| without_computed(block.level(), &item));
        }
    }
    Value::Map(bare)
}
