//! What a plan may be.

use super::{Findings, Violation};
use crate::schema::{Attribute, Level, Mode, NestedBlock, Nesting, Schema};
use crate::{AttributePath, Step, Value};

/// The rules that `planned` breaks as a plan to get from `prior` to `config`; empty if a host accepts it.
#[must_use]
pub fn check_plan(schema: &Schema, prior: &Value, config: &Value, planned: &Value) -> Vec<Violation> {
    let mut findings = Findings::default();
    let root = AttributePath::default();
    match (config.is_null(), planned.is_null()) {
        (true, true) => {}
        (true, false) => findings.add(&root, "an object was planned where the configuration has none"),
        (false, true) => findings.add(&root, "no object was planned where the configuration has one"),
        (false, false) if !planned.conforms(&schema.value_type()) => {
            findings.add(&root, "the plan does not have the schema's type");
        }
        (false, false) => check_level(schema.level(), Views { prior, config, planned }, &root, &mut findings),
    }
    findings.0
}

/// The rules that the paths of a replacement break.
#[must_use]
pub fn check_replace(prior: &Value, planned: &Value, replace: &[AttributePath]) -> Vec<Violation> {
    let mut findings = Findings::default();
    for path in replace {
        if at(prior, path).is_none() && at(planned, path).is_none() {
            findings.add(
                path,
                "a path marked for replacement is neither in the prior state nor in the plan",
            );
        }
    }
    findings.0
}

/// True if a change at `path` replaces the resource: hosts pass over paths whose value stays.
#[must_use]
pub fn replaces(schema: &Schema, prior: &Value, planned: &Value, path: &AttributePath) -> bool {
    let ty = path
        .0
        .iter()
        .try_fold(schema.value_type(), |ty, step| step.type_inside(&ty))
        .unwrap_or(crate::Type::Dynamic);
    let (before, after) = (
        at(prior, path).unwrap_or(&Value::Null),
        at(planned, path).unwrap_or(&Value::Null),
    );
    !after.is_wholly_known() || !before.same(after, &ty)
}

/// The value at `path`; `None` if there is no such place.
fn at<'a>(value: &'a Value, path: &AttributePath) -> Option<&'a Value> {
    path.0.iter().try_fold(value, |value, step| match (value, step) {
        (Value::Unknown, _) => Some(value),
        (Value::Map(entries), Step::Attribute(name) | Step::Key(name)) => entries.get(name),
        (Value::List(items), Step::Index(index)) => items.get(usize::try_from(*index).ok()?),
        _ => None,
    })
}

/// The three sides of one place.
#[derive(Clone, Copy)]
struct Views<'a> {
    prior: &'a Value,
    config: &'a Value,
    planned: &'a Value,
}

impl<'a> Views<'a> {
    fn member(self, name: &str) -> Self {
        self.each(|value| value.member(name))
    }

    fn element(self, index: usize) -> Self {
        self.each(|value| value.element(index))
    }

    fn each(self, look: impl Fn(&'a Value) -> &'a Value) -> Self {
        Self {
            prior: look(self.prior),
            config: look(self.config),
            planned: look(self.planned),
        }
    }
}

fn check_level(level: Level<'_>, views: Views<'_>, path: &AttributePath, findings: &mut Findings) {
    for attribute in level.attributes {
        check_attribute(
            attribute,
            views.member(&attribute.name),
            &path.clone().attribute(&attribute.name),
            findings,
        );
    }
    for block in level.blocks {
        check_block(
            block,
            views.member(&block.name),
            &path.clone().attribute(&block.name),
            findings,
        );
    }
}

fn check_attribute(attribute: &Attribute, views: Views<'_>, path: &AttributePath, findings: &mut Findings) {
    let Views { prior, config, planned } = views;
    let ty = attribute.shape.value_type();
    let as_written = planned.same(config, &ty);
    let as_before = !prior.is_null() && !config.is_null() && planned.same(prior, &ty);
    if attribute.write_only {
        if !planned.is_null() {
            findings.add(path, "a value was planned for a write-only attribute");
        }
        return;
    }
    if as_written || as_before || attribute.mode == Mode::Computed {
        return;
    }
    match attribute.nested() {
        _ if config.is_null() && attribute.mode.is_computed() => {}
        _ if config.is_null() => findings.add(
            path,
            "a value was planned for an attribute that is neither configured nor computed",
        ),
        Some((nesting, level)) => check_nested(nesting, level, views, path, findings),
        None => findings.add(path, "the planned value is neither the configured nor the prior one"),
    }
}

fn check_nested(nesting: Nesting, level: Level<'_>, views: Views<'_>, path: &AttributePath, findings: &mut Findings) {
    let Views { config, planned, .. } = views;
    if planned.is_null() || planned.is_unknown() || config.is_unknown() {
        findings.add(
            path,
            "null or unknown was planned for a configured value, or a value for an unknown one",
        );
        return;
    }
    match nesting {
        Nesting::Single => check_level(level, views, path, findings),
        Nesting::List if planned.elements().len() == config.elements().len() => {
            for index in 0..planned.elements().len() {
                check_level(level, views.element(index), &path.clone().index(index), findings);
            }
        }
        Nesting::Map if planned.keys().eq(config.keys()) => {
            for key in planned.keys() {
                check_level(level, views.member(key), &path.clone().key(key), findings);
            }
        }
        // Unknown elements may turn out equal, so a count binds only where all is known.
        Nesting::Set if !planned.is_wholly_known() || planned.elements().len() == config.elements().len() => {}
        _ => findings.add(path, "the planned elements are not the configured ones"),
    }
}

fn check_block(block: &NestedBlock, views: Views<'_>, path: &AttributePath, findings: &mut Findings) {
    let Views { config, planned, .. } = views;
    if planned.is_null() && block.nesting != Nesting::Single {
        findings.add(
            path,
            "null was planned for blocks: without any, the value is an empty collection",
        );
        return;
    }
    if config.is_unknown() || planned.is_unknown() {
        if !(config.is_unknown() && planned.is_unknown()) {
            findings.add(
                path,
                "blocks must be planned as unknown as a whole exactly where the configuration has them so",
            );
        }
        return;
    }
    if planned.elements().iter().any(Value::is_unknown) {
        findings.add(
            path,
            "an unknown block was planned: only attributes inside a block may be unknown",
        );
        return;
    }
    match block.nesting {
        Nesting::Single if planned.is_null() && config.is_null() => {}
        Nesting::Single if planned.is_null() || config.is_null() => {
            findings.add(
                path,
                "a block was planned that is not configured, or a configured one is missing",
            );
        }
        Nesting::Single => check_level(block.level(), views, path, findings),
        Nesting::Set => {}
        Nesting::List | Nesting::Map if planned.elements().len() != config.elements().len() => {
            findings.add(path, "the number of planned blocks is not the configured one");
        }
        Nesting::List | Nesting::Map => {
            for index in 0..planned.elements().len() {
                check_level(
                    block.level(),
                    views.element(index),
                    &path.clone().index(index),
                    findings,
                );
            }
        }
    }
}
