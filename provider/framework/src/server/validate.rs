//! Validates configuration: all mistakes at once, each at its path.

use super::guard::guarded;
use super::{Server, unknown_type};
use crate::schema::{Attribute, Level, Mode, Nesting, Schema};
use crate::{AttributePath, DecodeError, Diagnostic, Diagnostics, Provider, Value};

impl<P: Provider> Server<P> {
    /// Checks the configuration of a resource; unknown values may be anything.
    pub fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics {
        match self.resource(type_name) {
            Ok(target) => run(target.schema, config, |config, diagnostics| {
                target.resource.validate(config, diagnostics)
            }),
            Err(diagnostics) => diagnostics,
        }
    }

    /// Checks the configuration of a data source; unknown values may be anything.
    pub fn validate_data_source(&self, type_name: &str, config: &Value) -> Diagnostics {
        match (
            self.data_sources.get(type_name),
            self.schema().data_sources.get(type_name),
        ) {
            (Some(source), Some(schema)) => run(schema, config, |config, diagnostics| {
                source.validate(config, diagnostics)
            }),
            _ => unknown_type("data source", type_name, self.data_sources.keys()),
        }
    }
}

/// The schema's checks, then the typed hook.
pub(super) fn run(
    schema: &Schema,
    config: &Value,
    hook: impl FnOnce(&Value, &mut Diagnostics) -> Result<(), DecodeError>,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    check_level(schema.level(), config, &AttributePath::default(), &mut diagnostics);
    let hooked = guarded("validate", || {
        let mut found = Diagnostics::new();
        let fit = hook(config, &mut found);
        (fit, found)
    });
    match hooked {
        Ok((fit, found)) => {
            diagnostics.extend(found);
            // If a check has failed, it has reported the value that does not fit the model, in better words.
            if let Err(error) = fit
                && !diagnostics.has_errors()
            {
                error.report(&mut diagnostics);
            }
        }
        Err(panic) => diagnostics.extend(panic),
    }
    diagnostics
}

fn check_level(level: Level<'_>, config: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
    if !matches!(config, Value::Map(_)) {
        return;
    }
    for attribute in level.attributes {
        let path = path.clone().attribute(&attribute.name);
        check_attribute(attribute, config.get(&attribute.name), &path, diagnostics);
    }
    for block in level.blocks {
        let path = path.clone().attribute(&block.name);
        check_each(
            block.nesting,
            block.level(),
            config.get(&block.name),
            &path,
            diagnostics,
        );
    }
}

fn check_attribute(attribute: &Attribute, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
    let name = &attribute.name;
    match value {
        Value::Null if attribute.mode == Mode::Required => {
            let missing = Diagnostic::error(format!("Missing `{name}`")).at(path.clone());
            let missing = missing.because(format!("`{name}` is required, but has no value."));
            diagnostics.add(missing.advice(format!("Set `{name}`.")));
        }
        Value::Null | Value::Unknown => {}
        _ if attribute.mode == Mode::Computed => {
            let set = Diagnostic::error(format!("Read-only `{name}`")).at(path.clone());
            let set = set.because(format!("`{name}` is set by the provider."));
            diagnostics.add(set.advice("Remove it from the configuration."));
        }
        _ => {
            for invalid in attribute.checks.iter().flat_map(|check| (check.0)(value)) {
                diagnostics.input(path.join(&invalid.at), format!("Invalid `{name}`"), invalid.message);
            }
            if let Some((nesting, level)) = attribute.nested() {
                check_each(nesting, level, value, path, diagnostics);
            }
        }
    }
}

/// Checks every object of a collection. Elements of sets have no path: their mistakes are reported at the set.
fn check_each(nesting: Nesting, level: Level<'_>, value: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) {
    match (nesting, value) {
        (Nesting::Single, _) => check_level(level, value, path, diagnostics),
        (Nesting::List, Value::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                check_level(level, item, &path.clone().index(index), diagnostics);
            }
        }
        (Nesting::Map, Value::Map(entries)) => {
            for (key, item) in entries {
                check_level(level, item, &path.clone().key(key), diagnostics);
            }
        }
        (Nesting::Set, Value::List(items)) => {
            let mut found = Diagnostics::new();
            items
                .iter()
                .for_each(|item| check_level(level, item, &AttributePath::default(), &mut found));
            for mut diagnostic in found {
                diagnostic.path = Some(path.clone());
                diagnostics.add(diagnostic);
            }
        }
        _ => {}
    }
}
