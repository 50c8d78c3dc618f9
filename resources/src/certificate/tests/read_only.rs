//! A provider that may change nothing.

use super::*;

#[test]
fn a_read_only_provider_says_what_would_change() {
    let session = Value::object([("read_only", true.into()), ("owner_id", "prod".into())]);
    let said = |prior: &Value, config: &Value| {
        let planned = testkit::plan_in::<Certificate>(&session, prior.clone(), config.clone());
        let told = planned.diagnostics.iter().map(tfplugin_framework::Diagnostic::detail);
        told.collect::<String>()
    };
    let state = applied(&plan(Value::Null, config(&[])).planned);
    assert!(said(&Value::Null, &config(&[])).contains("It would create e2etls_certificate `shop`."));
    let argument = said(&state, &config(&[("duration", "96h".into())]));
    assert!(
        argument.contains("e2etls_certificate `shop`: argument `duration`, part `certificate`."),
        "{argument}"
    );
    let mut drifted = read(&state);
    drifted.head.common.drift = Attr::Known(vec!["certificate .spec.duration".to_owned()]);
    if let Attr::Known(parts) = &mut drifted.head.common.parts {
        let part = parts.get_mut("certificate").expect("the part");
        part.digest = "drifted:0a".to_owned().into();
    }
    let drift = said(&drifted.to_value(), &config(&[]));
    assert!(
        drift.contains("part `certificate`. Seen to differ from what was applied: `certificate .spec.duration`."),
        "{drift}"
    );
}
