//! What may come of a plan.

use super::{Findings, Violation};
use crate::schema::{Level, Schema};
use crate::{AttributePath, Type, Value};

/// The rules that `new` breaks as the result of applying `planned`; empty if a host accepts it.
///
/// Known planned values stay as they were, unknown ones become known, sets may shrink and never grow.
#[must_use]
pub fn check_apply(schema: &Schema, planned: &Value, new: &Value) -> Vec<Violation> {
    let mut findings = Findings(check_final_plan(schema, planned, new));
    unknowns(new, &AttributePath::default(), &mut findings);
    findings.0
}

/// The rules that the plan made at apply breaks, beside the plan that was approved: what was known stays.
#[must_use]
pub fn check_final_plan(schema: &Schema, first: &Value, second: &Value) -> Vec<Violation> {
    let mut findings = Findings::default();
    let root = AttributePath::default();
    match (first.is_null(), second.is_null()) {
        (true, true) => {}
        (true, false) => findings.add(&root, "the object was absent, but is now present"),
        (false, true) => findings.add(&root, "the object was present, but is now absent"),
        (false, false) if !second.conforms(&schema.value_type()) => {
            findings.add(&root, "the object does not have the schema's type");
        }
        (false, false) => compare_level(schema.level(), first, second, &root, &mut findings),
    }
    findings.0
}

fn compare_level(level: Level<'_>, planned: &Value, new: &Value, path: &AttributePath, findings: &mut Findings) {
    for attribute in level.attributes {
        let path = path.clone().attribute(&attribute.name);
        let ty = attribute.shape.value_type();
        compare(
            &ty,
            planned.member(&attribute.name),
            new.member(&attribute.name),
            &path,
            findings,
        );
    }
    for block in level.blocks {
        let path = path.clone().attribute(&block.name);
        let ty = block.nesting.of(block.element_type());
        let (planned, new) = (planned.member(&block.name), new.member(&block.name));
        // Blocks that were unknown as a whole may become any number of blocks, none included.
        if !planned.is_unknown() {
            compare(&ty, planned, new, &path, findings);
        }
    }
}

fn compare(ty: &Type, planned: &Value, new: &Value, path: &AttributePath, findings: &mut Findings) {
    match (planned, new) {
        (Value::Unknown, _) => {}
        (_, Value::Unknown) => findings.add(path, "was known, but is now unknown"),
        (Value::Null, Value::Null) => {}
        (Value::Null, _) => findings.add(path, "was null, but now has a value"),
        (_, Value::Null) => findings.add(path, "had a value, but is now null"),
        (Value::List(before), Value::List(after)) => match ty {
            Type::Set(element) => compare_sets(element, before, after, path, findings),
            _ => compare_lists(ty, before, after, path, findings),
        },
        (Value::Map(_), Value::Map(_)) => compare_maps(ty, planned, new, path, findings),
        (Value::Dynamic(before), Value::Dynamic(after)) if before.0 == after.0 => {
            compare(&before.0, &before.1, &after.1, path, findings);
        }
        _ if planned.same(new, ty) => {}
        _ => findings.add(path, "changed"),
    }
}

fn compare_lists(ty: &Type, before: &[Value], after: &[Value], path: &AttributePath, findings: &mut Findings) {
    if before.len() != after.len() {
        findings.add(
            path,
            format!("had {} elements, but now has {}", before.len(), after.len()),
        );
        return;
    }
    for (index, (before, after)) in before.iter().zip(after).enumerate() {
        compare(
            crate::same::element_type(ty, index),
            before,
            after,
            &path.clone().index(index),
            findings,
        );
    }
}

fn compare_maps(ty: &Type, before: &Value, after: &Value, path: &AttributePath, findings: &mut Findings) {
    if !before.keys().eq(after.keys()) {
        findings.add(path, "its keys are not the planned ones");
        return;
    }
    for key in before.keys() {
        let path = path.clone();
        let path = if matches!(ty, Type::Map(_)) {
            path.key(key)
        } else {
            path.attribute(key)
        };
        compare(
            crate::same::member_type(ty, key),
            before.get(key),
            after.get(key),
            &path,
            findings,
        );
    }
}

/// Elements have no identity, so each must fit at least one on the other side.
fn compare_sets(element: &Type, before: &[Value], after: &[Value], path: &AttributePath, findings: &mut Findings) {
    let fits = |before: &Value, after: &Value| {
        let mut inner = Findings::default();
        compare(element, before, after, path, &mut inner);
        inner.0.is_empty()
    };
    if after.len() > before.len() {
        findings.add(path, "the set has grown");
    } else if !before
        .iter()
        .all(|before| after.iter().any(|after| fits(before, after)))
    {
        findings.add(path, "an element of the set that was planned is missing");
    } else if !after
        .iter()
        .all(|after| before.iter().any(|before| fits(before, after)))
    {
        findings.add(path, "the set has an element that was not planned");
    }
}

fn unknowns(value: &Value, path: &AttributePath, findings: &mut Findings) {
    match value {
        Value::Unknown => findings.add(path, "is unknown after apply"),
        Value::List(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| unknowns(item, &path.clone().index(index), findings));
        }
        Value::Map(entries) => {
            entries
                .iter()
                .for_each(|(key, item)| unknowns(item, &path.clone().attribute(key), findings));
        }
        Value::Dynamic(inner) => unknowns(&inner.1, path, findings),
        _ => {}
    }
}
