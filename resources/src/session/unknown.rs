//! Arguments of the provider that are not known yet: a plan may have them, when what they depend on changes in the same
//! run.

use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics, Value};

/// Where the provider's configuration has the cluster `key`, or the one cluster.
#[must_use]
pub fn path_of(key: Option<&str>) -> AttributePath {
    match key {
        Some(key) => AttributePath::root("clusters").key(key),
        None => AttributePath::root("cluster"),
    }
}

/// The path of the first unknown value. An unknown element of a list or map makes all of it unknown, so all steps lead
/// into objects.
pub(super) fn first_unknown(value: &Value, at: AttributePath) -> Option<String> {
    match value {
        Value::Unknown => Some(at.to_string()),
        Value::Map(members) => members
            .iter()
            .find_map(|(name, member)| first_unknown(member, at.clone().attribute(name))),
        _ => None,
    }
}

/// The cluster or AWS can't be reached because of `argument`.
#[must_use]
pub fn not_known(argument: &str) -> Diagnostics {
    Diagnostic::error(NOT_KNOWN)
        .because(cause(argument))
        .advice("Once that exists, plan or apply again, or set the argument to a known value.")
        .into()
}

/// A data source can't be read because of `argument`.
#[must_use]
pub fn not_read(argument: &str) -> Diagnostics {
    Diagnostic::error(NOT_KNOWN)
        .because(format!(
            "{} The data source can't be read before that.",
            cause(argument)
        ))
        .advice(
            "Set `depends_on` of the data source to the resource or module that the argument depends on: the data \
             source is then read during the apply, once that exists.",
        )
        .into()
}

/// The state of a resource is kept because of `argument`.
#[must_use]
pub fn not_refreshed(argument: &str) -> Diagnostics {
    Diagnostic::warning("The resource was not refreshed")
        .because(format!("{} The last known state is kept.", cause(argument)))
        .into()
}

const NOT_KNOWN: &str = "The provider's configuration is not known yet";

fn cause(argument: &str) -> String {
    format!("The provider argument `{argument}` depends on something that is created or changed in this run.")
}
