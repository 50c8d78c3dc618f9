//! Computed attributes: unknown as soon as anything changes, unless the schema says that they keep their value.

use crate::Value;
use crate::schema::{Attribute, Level, NestedBlock, Nesting, Schema};

/// `planned` with every computed attribute that nobody wrote unknown, or as it was where the schema says `keep`.
///
/// Elements of lists are matched by index, of maps by key. An unchanged element of a set keeps
/// everything; any other counts as new.
pub(super) fn mark(schema: &Schema, wanted: &Value, prior: &Value, planned: Value) -> Value {
    mark_level(schema.level(), wanted, prior, planned)
}

/// `config` with every computed attribute that nobody wrote unknown: what the result of a data source has to match.
pub(in crate::server) fn all_unknown(schema: &Schema, config: &Value) -> Value {
    mark_level(schema.level(), config, &Value::Null, config.clone())
}

fn mark_level(level: Level<'_>, wanted: &Value, prior: &Value, planned: Value) -> Value {
    let Value::Map(mut entries) = planned else {
        return planned;
    };
    for attribute in level.attributes {
        if let Some(slot) = entries.get_mut(&attribute.name) {
            let (wanted, prior) = (wanted.get(&attribute.name), prior.get(&attribute.name));
            *slot = mark_attribute(attribute, wanted, prior, std::mem::replace(slot, Value::Null));
        }
    }
    for NestedBlock {
        name,
        nesting,
        attributes,
        blocks,
        ..
    } in level.blocks
    {
        if let Some(slot) = entries.get_mut(name) {
            let planned = std::mem::replace(slot, Value::Null);
            *slot = mark_each(
                *nesting,
                Level { attributes, blocks },
                wanted.get(name),
                prior.get(name),
                planned,
            );
        }
    }
    Value::Map(entries)
}

fn mark_attribute(attribute: &Attribute, wanted: &Value, prior: &Value, planned: Value) -> Value {
    if attribute.write_only {
        return planned;
    }
    match (wanted, attribute.nested()) {
        // A prior null is not kept: the create may have failed before the value was known, and an update will learn it.
        (Value::Null, _) if attribute.mode.is_computed() => {
            if attribute.keep_prior && !prior.is_null() {
                prior.clone()
            } else {
                Value::Unknown
            }
        }
        (Value::Null | Value::Unknown, _) | (_, None) => planned,
        (_, Some((nesting, level))) => mark_each(nesting, level, wanted, prior, planned),
    }
}

fn mark_each(nesting: Nesting, level: Level<'_>, wanted: &Value, prior: &Value, planned: Value) -> Value {
    match (nesting, planned) {
        (Nesting::Single, planned) => mark_level(level, wanted, prior, planned),
        (Nesting::List, Value::List(items)) => {
            let marked = items.into_iter().enumerate();
            let marked =
                marked.map(|(index, item)| mark_level(level, wanted.element(index), prior.element(index), item));
            Value::List(marked.collect())
        }
        (Nesting::Map, Value::Map(entries)) => {
            let marked = entries.into_iter().map(|(key, item)| {
                let marked = mark_level(level, wanted.get(&key), prior.get(&key), item);
                (key, marked)
            });
            Value::Map(marked.collect())
        }
        (Nesting::Set, Value::List(items)) => mark_set(level, wanted, prior, items),
        (_, planned) => planned,
    }
}

fn mark_set(level: Level<'_>, wanted: &Value, prior: &Value, items: Vec<Value>) -> Value {
    let ty = level.value_type();
    let marked = items.into_iter().map(|item| {
        if prior.elements().iter().any(|before| before.same(&item, &ty)) {
            return item;
        }
        match wanted.elements().iter().find(|wanted| covers(level, wanted, &item)) {
            Some(wanted) => mark_level(level, wanted, &Value::Null, item),
            None => item,
        }
    });
    Value::List(marked.collect())
}

/// True if `planned` can come from the written element: they are equal, apart from computed attributes left null.
fn covers(level: Level<'_>, written: &Value, planned: &Value) -> bool {
    let plain = level.attributes.iter().all(|attribute| {
        let (written, planned) = (written.get(&attribute.name), planned.get(&attribute.name));
        (written.is_null() && attribute.mode.is_computed())
            || attribute.nested().is_some()
            || written.same(planned, &attribute.shape.value_type())
    });
    plain && matches!(written, Value::Map(_))
}
