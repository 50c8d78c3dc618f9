//! Which changes replace the resource.

use crate::schema::{Attribute, Level, NestedBlock, Nesting, Schema};
use crate::{AttributePath, Value};

/// The paths of changed attributes that replace.
///
/// A computed attribute that is unknown merely because something else changes is not a reason: nobody asked for that change.
pub(super) fn paths(schema: &Schema, wanted: &Value, prior: &Value, planned: &Value) -> Vec<AttributePath> {
    let mut found = Vec::new();
    if !prior.is_null() && !planned.is_null() {
        look(
            schema.level(),
            Sides { wanted, prior, planned },
            &AttributePath::default(),
            &mut found,
        );
    }
    found
}

#[derive(Clone, Copy)]
struct Sides<'a> {
    wanted: &'a Value,
    prior: &'a Value,
    planned: &'a Value,
}

impl Sides<'_> {
    fn member(&self, name: &str) -> Self {
        Sides {
            wanted: self.wanted.member(name),
            prior: self.prior.member(name),
            planned: self.planned.member(name),
        }
    }

    fn element(&self, index: usize) -> Self {
        Sides {
            wanted: self.wanted.element(index),
            prior: self.prior.element(index),
            planned: self.planned.element(index),
        }
    }
}

fn look(level: Level<'_>, sides: Sides<'_>, path: &AttributePath, found: &mut Vec<AttributePath>) {
    for attribute in level.attributes {
        let (sides, path) = (sides.member(&attribute.name), path.clone().attribute(&attribute.name));
        if attribute.replace && changed(attribute, sides) {
            found.push(path);
        } else if let Some((nesting, level)) = attribute.nested() {
            look_each(nesting, level, sides, &path, found);
        }
    }
    for block in level.blocks {
        let path = path.clone().attribute(&block.name);
        look_each(block.nesting, block.level(), sides.member(&block.name), &path, found);
    }
}

fn changed(attribute: &Attribute, sides: Sides<'_>) -> bool {
    let unasked = attribute.mode.is_computed() && sides.wanted.is_null() && sides.planned.is_unknown();
    !unasked && !sides.planned.same(sides.prior, &attribute.shape.value_type())
}

fn look_each(
    nesting: Nesting,
    level: Level<'_>,
    sides: Sides<'_>,
    path: &AttributePath,
    found: &mut Vec<AttributePath>,
) {
    let Sides { prior, planned, .. } = sides;
    if prior.is_null() && planned.is_null() {
        return;
    }
    match nesting {
        Nesting::Single => look(level, sides, path, found),
        Nesting::List => {
            for index in 0..prior.elements().len().max(planned.elements().len()) {
                look(level, sides.element(index), &path.clone().index(index), found);
            }
        }
        Nesting::Map => {
            let keys: std::collections::BTreeSet<&String> = prior.keys().chain(planned.keys()).collect();
            for key in keys {
                look(level, sides.member(key), &path.clone().key(key), found);
            }
        }
        // Elements of sets can't be addressed: a set with a replacing attribute replaces as a whole.
        Nesting::Set => {
            if any_replaces(level) && !planned.same(prior, &Nesting::Set.of(level.value_type())) {
                found.push(path.clone());
            }
        }
    }
}

fn any_replaces(level: Level<'_>) -> bool {
    let nested = |attribute: &Attribute| attribute.nested().is_some_and(|(_, level)| any_replaces(level));
    level
        .attributes
        .iter()
        .any(|attribute| attribute.replace || nested(attribute))
        || level.blocks.iter().map(NestedBlock::level).any(any_replaces)
}
