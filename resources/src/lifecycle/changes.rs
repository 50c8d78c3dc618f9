//! What an operation would change, for the messages that refuse it.

use std::collections::BTreeSet;

use tfplugin_framework::schema::Mode;

use super::attributes::ledger;
use super::managed::Managed;

/// How many fields that drifted a message names.
const NAMED: usize = 10;

/// That the resource would be created, changed or destroyed.
pub(super) fn whole<M: Managed>(verb: &str, model: &M) -> String {
    format!("It would {verb} {}.", model.called())
}

/// What a plan would change: arguments, parts, and the fields that drifted.
pub(super) fn of<M: Managed>(prior: Option<&M>, planned: &M) -> String {
    let Some(prior) = prior else {
        return whole("create", planned);
    };
    let (arguments, computed) = attributes(prior, planned);
    let parts = parts(prior, planned);
    let mut changed = Vec::new();
    if !arguments.is_empty() {
        changed.push(named("argument", &arguments));
    }
    if !parts.is_empty() {
        changed.push(named("part", &parts));
    }
    if changed.is_empty() {
        changed.push(named("attribute", &computed));
    }
    format!(
        "It would change {}: {}.{}",
        prior.called(),
        changed.join(", "),
        drifted(prior)
    )
}

/// The arguments, and the other attributes, that differ.
fn attributes<M: Managed>(prior: &M, planned: &M) -> (Vec<String>, Vec<String>) {
    let (before, after) = (prior.to_value(), planned.to_value());
    let mut differing = M::attributes();
    differing.retain(|attribute| before.get(&attribute.name) != after.get(&attribute.name));
    let (computed, arguments): (Vec<_>, Vec<_>) = differing
        .into_iter()
        .partition(|attribute| attribute.mode == Mode::Computed);
    let names = |of: Vec<tfplugin_framework::schema::Attribute>| of.into_iter().map(|one| one.name).collect();
    (names(arguments), names(computed))
}

/// The addresses of the parts that differ; none if it is not known which there will be.
fn parts<M: Managed>(prior: &M, planned: &M) -> Vec<String> {
    if planned.common().parts.is_unknown() {
        return Vec::new();
    }
    let (before, after) = (ledger(&prior.common().parts), ledger(&planned.common().parts));
    let addresses: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = addresses
        .into_iter()
        .filter(|address| before.get(*address) != after.get(*address));
    differing.cloned().collect()
}

fn drifted<M: Managed>(prior: &M) -> String {
    let drift = prior.common().drift.known().cloned().unwrap_or_default();
    if drift.is_empty() {
        return String::new();
    }
    let more = match drift.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let listed = drift[..drift.len().min(NAMED)].join("`, `");
    format!(" Seen to differ from what was applied: `{listed}`{more}.")
}

/// `argument `a``, `arguments `a` and `b``
fn named(kind: &str, names: &[String]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("{kind}{plural} `{}`", names.join("`, `"))
}
