use proptest::prelude::*;
use serde_json::json;
use tfplugin_framework::server::Planned;
use tfplugin_framework::{Attr, Model, Private, Value};

use super::import::id as import_id;
use super::*;
use crate::cert_manager::issuer::{IssuerSpec, observe, render};
use crate::testkit::{self, mistakes};
use e2etls_engine::ledger::UNPROVEN;

const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344";
const OTHER: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/55667788";

fn config(changes: &[(&str, Value)]) -> Value {
    let given = json!({"name": "corp", "kind": "AWSPCAIssuer", "namespace": "shop", "ca_arn": ARN});
    testkit::with(&testkit::config::<Issuer>(&given), changes)
}

fn plan(prior: Value, config: Value) -> Planned {
    testkit::plan::<Issuer>(prior, config, Private::default())
}

fn read(value: &Value) -> Issuer {
    Issuer::from_value(value).expect("an issuer")
}

/// The state that an apply of `planned` leaves.
fn applied(planned: &Value) -> Value {
    let mut issuer = testkit::applied::<Issuer>(planned);
    issuer.ca_bundle_pem = "root".to_owned().into();
    issuer.to_value()
}

#[test]
fn kind_and_namespace_belong_together() {
    assert!(mistakes::<Issuer>(&config(&[])).is_empty());
    assert_eq!(
        mistakes::<Issuer>(&config(&[("namespace", Value::Null)])),
        ["namespace"]
    );
    assert_eq!(
        mistakes::<Issuer>(&config(&[("kind", "AWSPCAClusterIssuer".into())])),
        ["namespace"]
    );
    assert!(
        mistakes::<Issuer>(&config(&[
            ("kind", "AWSPCAClusterIssuer".into()),
            ("namespace", Value::Null)
        ]))
        .is_empty()
    );
    assert!(mistakes::<Issuer>(&config(&[("namespace", Value::Unknown)])).is_empty());
}

#[test]
fn arguments_are_checked_at_validate() {
    for (name, bad) in [
        ("ca_arn", "corp"),
        ("role_arn", "arn:aws:iam::1:user/x"),
        ("template", "arn:aws:acm-pca:::template/EndEntityCertificate/V1"),
        ("verify", "maybe"),
        ("name", "Corp"),
        ("canary_namespace", "-"),
    ] {
        assert_eq!(mistakes::<Issuer>(&config(&[(name, bad.into())])), [name], "{bad}");
    }
    for good in [
        "EndEntityCertificate/V1",
        "BlankEndEntityCertificate_APICSRPassthrough/V1",
    ] {
        assert!(
            mistakes::<Issuer>(&config(&[("template", good.into())])).is_empty(),
            "{good}"
        );
    }
}

#[test]
fn a_create_shows_ref_and_part() {
    let planned = plan(Value::Null, config(&[]));
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    let issuer = read(&planned.planned);
    let reference = issuer.r#ref.known().expect("known at plan");
    assert_eq!(
        (reference.kind.as_str(), reference.ca_arn.as_str()),
        (Some("AWSPCAIssuer"), Some(ARN))
    );
    assert_eq!(issuer.ready, Attr::Known(true));
    assert_eq!(issuer.head.template_version, Attr::Known(1));
    assert!(issuer.ca_bundle_pem.is_unknown());
    let part = &issuer.head.common.parts.known().expect("known keys")["issuer"];
    assert_eq!(part.r#ref.as_str(), Some("AWSPCAIssuer shop/corp"));
    assert!(part.digest.known().is_some());
}

#[test]
fn a_ca_that_is_made_in_the_same_run_leaves_the_rest_known() {
    let planned = plan(Value::Null, config(&[("ca_arn", Value::Unknown)]));
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    let issuer = read(&planned.planned);
    let reference = issuer.r#ref.known().expect("an object");
    assert!(reference.ca_arn.is_unknown() && reference.name.as_str() == Some("corp"));
    assert!(
        issuer.head.common.parts.known().expect("known keys")["issuer"]
            .digest
            .is_unknown()
    );
}

#[test]
fn an_applied_plan_is_followed_by_an_empty_one() {
    let state = applied(&plan(Value::Null, config(&[])).planned);
    let again = plan(state.clone(), config(&[]));
    assert!(!again.diagnostics.has_errors(), "{:?}", again.diagnostics);
    assert_eq!(again.planned, state);
}

#[test]
fn another_ca_is_an_update_in_place() {
    let state = applied(&plan(Value::Null, config(&[])).planned);
    let planned = plan(state, config(&[("ca_arn", OTHER.into())]));
    assert!(planned.replace.is_empty() && !planned.diagnostics.has_errors());
    let issuer = read(&planned.planned);
    assert_eq!(
        issuer
            .r#ref
            .known()
            .and_then(|reference| reference.ca_arn.as_str().map(str::to_owned))
            .as_deref(),
        Some(OTHER)
    );
    assert!(issuer.ca_bundle_pem.is_unknown() && issuer.head.common.id.known().is_some());
}

#[test]
fn identity_replaces() {
    let state = applied(&plan(Value::Null, config(&[])).planned);
    for (name, value) in [("name", "other"), ("namespace", "blog")] {
        assert_eq!(
            plan(state.clone(), config(&[(name, value.into())])).replace.len(),
            1,
            "{name}"
        );
    }
    assert!(plan(state, config(&[("verify", "ready".into())])).replace.is_empty());
}

#[test]
fn a_failed_check_is_repeated_by_the_next_apply() {
    let passed = applied(&plan(Value::Null, config(&[])).planned);
    let mut state = read(&passed);
    state.ready = Attr::Known(false);
    let failed = UNPROVEN.to_owned();
    if let Attr::Known(parts) = &mut state.head.common.parts {
        parts
            .entry(check_of(PART))
            .and_modify(|check| check.digest = failed.into());
    }
    let planned = plan(state.to_value(), config(&[]));
    assert_eq!(planned.planned, passed);
}

#[test]
fn what_is_checked_is_part_of_the_plan() {
    let state = applied(&plan(Value::Null, config(&[])).planned);
    let digests = |value: &Value| {
        let parts = read(value).head.common.parts;
        let digest = |address: &str| parts.known().map(|parts| parts[address].digest.clone());
        (digest(PART), digest(&check_of(PART)))
    };
    for (name, value) in [
        ("verify", "ready".into()),
        ("usages", Value::List(vec!["client auth".into()])),
    ] {
        let planned = plan(state.clone(), config(&[(name, value)]));
        let (before, after) = (digests(&state), digests(&planned.planned));
        assert_eq!(before.0, after.0, "{name}");
        assert_ne!(before.1, after.1, "{name}");
    }
}

#[test]
fn import_ids_tell_the_kind() {
    let namespace = |text: &str| import_id(text).map(|id| id.namespace);
    let uid = "11223344-1234-1122-2233-112233445566";
    assert_eq!(namespace("corp"), Ok(None));
    assert_eq!(namespace("shop/corp"), Ok(Some("shop".to_owned())));
    assert_eq!(namespace(&format!("{uid}/corp")), Ok(None));
    assert_eq!(namespace(&format!("prod:{uid}/shop/corp")), Ok(Some("shop".to_owned())));
}

#[test]
fn static_keys_are_not_imported() {
    let object = json!({"kind": "AWSPCAIssuer", "metadata": {"name": "a", "namespace": "b"},
        "spec": {"arn": ARN, "secretRef": {"name": "keys"}}});
    assert_eq!(observe(&object), None);
}

proptest! {
    #[test]
    fn what_is_rendered_is_observed(
        name in "[a-z][a-z0-9.]{0,8}[a-z]",
        namespace in proptest::option::of("[a-z]{1,8}"),
        role_arn in proptest::option::of("arn:aws:iam::[0-9]{12}:role/[a-z]{1,8}"),
        template in proptest::option::of("[A-Za-z_]{1,12}/V[0-9]"),
    ) {
        let spec = IssuerSpec { name, namespace, ca_arn: ARN.to_owned(), role_arn, template };
        prop_assert_eq!(observe(&render(&spec)), Some(spec));
    }
}
