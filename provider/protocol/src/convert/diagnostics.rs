//! Messages and paths to the wire.

use tfplugin_framework::schema::Schema;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics, Severity, Step};
use tfplugin_proto::tfplugin6 as wire;
use tfplugin_proto::tfplugin6::attribute_path::step::Selector;

use crate::logs::redact;

/// Messages as hosts take them, redacted. Paths are cut where hosts can't follow them into a configuration of `schema`.
pub(crate) fn to_wire(diagnostics: Diagnostics, schema: Option<&Schema>) -> Vec<wire::Diagnostic> {
    diagnostics
        .into_iter()
        .map(|diagnostic| one(&diagnostic, schema))
        .collect()
}

fn one(diagnostic: &Diagnostic, schema: Option<&Schema>) -> wire::Diagnostic {
    // Never zero: hosts panic on an invalid severity.
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        summary: redact(&diagnostic.what).into_owned(),
        detail: redact(&diagnostic.detail()).into_owned(),
        attribute: diagnostic.path.as_ref().map(|at| match schema {
            Some(schema) => path(&schema.followed(at)),
            None => path(at),
        }),
    }
}

/// A path as hosts take it.
pub(crate) fn path(path: &AttributePath) -> wire::AttributePath {
    let steps = path.0.iter().map(|step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        };
        wire::attribute_path::Step {
            selector: Some(selector),
        }
    });
    wire::AttributePath { steps: steps.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_is_never_invalid_and_secrets_are_masked() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.input(AttributePath::root("a").key("k").index(1), "bad k8s-aws-v1.abc", "see");
        diagnostics.warn(None, "careful", "-----BEGIN PRIVATE KEY-----\nMII");
        let schema = Schema::default();
        let sent = to_wire(diagnostics, Some(&schema));
        assert_eq!((sent[0].severity, sent[1].severity), (1, 2));
        assert_eq!(
            (sent[0].summary.as_str(), sent[1].detail.as_str()),
            ("bad (redacted)", "(redacted)")
        );
        assert_eq!(sent[0].attribute.as_ref().unwrap().steps.len(), 2, "cut at the index");
        assert_eq!(sent[1].attribute, None);
    }
}
