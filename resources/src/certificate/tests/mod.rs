//! Plans, validation, and the round trip of rendering.

mod cluster;
mod read_only;

use proptest::prelude::*;
use serde_json::json;
use tfplugin_framework::server::Planned;
use tfplugin_framework::{Attr, Model, Private, Value};

use super::import::of_spec;
use super::*;
use crate::cert_manager::certificate::{KeySpec, observe, render};
use crate::cert_manager::reference::Reference;
use crate::cert_manager::renewal::Renewal;
use crate::testkit::{self, mistakes};

const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344";

fn issuer(ca_arn: Value) -> Value {
    Value::object([
        ("name", "corp".into()),
        ("kind", "AWSPCAIssuer".into()),
        ("group", Value::Null),
        ("ca_arn", ca_arn),
    ])
}

fn config(changes: &[(&str, Value)]) -> Value {
    let issuer = json!({"name": "corp", "kind": "AWSPCAIssuer", "ca_arn": ARN});
    let given = json!({"name": "shop", "namespace": "shop", "dns_names": ["shop.example.com"], "issuer": issuer,
        "duration": "144h"});
    testkit::with(&testkit::config::<Certificate>(&given), changes)
}

fn plan(prior: Value, config: Value) -> Planned {
    testkit::plan::<Certificate>(prior, config, Private::default())
}

fn read(value: &Value) -> Certificate {
    Certificate::from_value(value).expect("a certificate")
}

fn applied(planned: &Value) -> Value {
    testkit::applied::<Certificate>(planned).to_value()
}

fn key(algorithm: &str, size: i64) -> Value {
    Value::object([
        ("algorithm", algorithm.into()),
        ("size", size.into()),
        ("rotation", Value::Null),
    ])
}

#[test]
fn arguments_are_checked_at_validate() {
    assert!(mistakes::<Certificate>(&config(&[])).is_empty());
    let list = |text: &str| Value::List(vec![text.into()]);
    for (name, bad, path) in [
        ("dns_names", list("*.shop"), "dns_names[0]"),
        ("dns_names", Value::List(Vec::new()), "dns_names"),
        ("duration", "59m".into(), "duration"),
        ("duration", "6 days".into(), "duration"),
        ("usages", list("serve"), "usages[0]"),
        ("usages", Value::List(Vec::new()), "usages"),
        ("renew_before_percentage", 100.into(), "renew_before_percentage"),
        ("key", key("ECDSA", 2048), "key.size"),
        ("key", key("RSA", 1024), "key.size"),
        ("key", key("Ed25519", 256), "key.size"),
        ("issuer", issuer("corp".into()), "issuer.ca_arn"),
        ("secret_name", "-".into(), "secret_name"),
        ("template_version", 2.into(), "template_version"),
    ] {
        assert_eq!(mistakes::<Certificate>(&config(&[(name, bad)])), [path], "{name}");
    }
    assert!(mistakes::<Certificate>(&config(&[("key", key("RSA", 4096))])).is_empty());
}

#[test]
fn a_renewal_must_lie_between_issuance_and_end() {
    for (duration, argument, value, right) in [
        ("1h", "renew_before_percentage", Value::from(8), false),
        ("1h", "renew_before_percentage", 9.into(), true),
        ("1h", "renew_before_percentage", 91.into(), true),
        ("1h", "renew_before_percentage", 92.into(), false),
        ("43800h", "renew_before_percentage", 33.into(), true),
        ("87600h", "renew_before_percentage", 99.into(), true),
        ("144h", "renew_before", "4m".into(), false),
        ("144h", "renew_before", "48h".into(), true),
        ("144h", "renew_before", "144h".into(), false),
        ("144h", "renew_before", "two days".into(), false),
    ] {
        let found = mistakes::<Certificate>(&config(&[("duration", duration.into()), (argument, value.clone())]));
        let wanted: &[&str] = if right { &[] } else { &[argument] };
        assert_eq!(found, wanted, "{duration} {value:?}");
    }
    let both = config(&[("renew_before", "48h".into()), ("renew_before_percentage", 33.into())]);
    assert_eq!(mistakes::<Certificate>(&both), ["renew_before"]);
}

#[test]
fn half_of_the_lifetime_is_left_by_default() {
    let certificate = |changes: &[(&str, Value)]| read(&plan(Value::Null, config(changes)).planned);
    let rendered = |certificate: &Certificate| super::plan::manifest(certificate)["spec"]["renewBefore"].clone();
    let default = certificate(&[]);
    assert_eq!(default.renew_before_percentage, Attr::Known(50));
    assert_eq!(rendered(&default), "72h0m0s");
    assert_eq!(rendered(&certificate(&[("duration", "1h".into())])), "30m0s");
    let exact = certificate(&[("renew_before", "48h".into())]);
    assert_eq!(exact.renew_before_percentage, Attr::Null);
    assert_eq!(rendered(&exact), "48h0m0s");
    let unknown = certificate(&[("renew_before", Value::Unknown)]);
    assert!(unknown.renew_before_percentage.is_unknown() && unknown.spec_sha256.is_unknown());
}

#[test]
fn another_spelling_of_a_duration_changes_nothing() {
    let state = applied(&plan(Value::Null, config(&[("renew_before", "48h".into())])).planned);
    for spelling in ["144h0m0s", "144h0m", "8640m"] {
        let again = config(&[("duration", spelling.into()), ("renew_before", "2880m".into())]);
        assert_eq!(plan(state.clone(), again).planned, state, "{spelling}");
    }
    let longer = config(&[("duration", "145h".into()), ("renew_before", "48h".into())]);
    assert_eq!(read(&plan(state, longer).planned).duration.as_str(), Some("145h"));
}

#[test]
fn an_import_keeps_the_renewal_and_names_what_it_cannot_hold() {
    let mut object = render(&spec());
    for (field, value) in [
        ("renewBefore", json!("25h")),
        ("commonName", json!("shop.example.com")),
        ("subject", json!({"organizations": ["shop"]})),
        ("ipAddresses", json!(["10.0.0.1"])),
        ("secretTemplate", json!({"labels": {"app": "shop"}})),
        ("isCA", json!(false)),
        ("uris", json!([])),
        ("revisionHistoryLimit", json!(1)),
    ] {
        object["spec"][field] = value;
    }
    object["spec"]["privateKey"]["encoding"] = json!("PKCS8");
    let held = observe(&object).and_then(|spec| of_spec(&spec)).expect("arguments");
    assert_eq!(held.renew_before.as_str(), Some("25h0m0s"));
    assert_eq!(held.renew_before_percentage, Attr::Null);
    let mut unheld = super::import::unheld(&object);
    unheld.sort();
    assert_eq!(
        unheld,
        [
            "`spec.commonName`",
            "`spec.ipAddresses`",
            "`spec.privateKey.encoding`",
            "`spec.secretTemplate`",
            "`spec.subject`",
        ]
    );
    assert!(super::import::unheld(&render(&spec())).is_empty());
    // Two fields of two managers exclude each other.
    let refused = |object: &serde_json::Value| super::import::shares_of_others(object, &held);
    assert_eq!(refused(&object), None);
    object["spec"].as_object_mut().expect("an object").remove("renewBefore");
    object["spec"]["renewBeforePercentage"] = json!(25);
    let advice = refused(&object).expect("an error").advice;
    assert!(advice.contains("kubectl patch certificate shop -n shop"), "{advice}");
    object["metadata"]["annotations"] = json!({"e2etls.dev/owner": "us"});
    assert_eq!(refused(&object), None);
}

#[test]
fn a_create_shows_its_hash_and_both_objects() {
    let planned = plan(Value::Null, config(&[]));
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    let certificate = read(&planned.planned);
    assert_eq!(certificate.secret_name.as_str(), Some("shop-tls"));
    assert_eq!(certificate.spec_sha256.as_str().map(str::len), Some(64));
    assert_eq!(
        certificate
            .head
            .common
            .parts
            .known()
            .map(|parts| parts.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["certificate".to_owned(), "secret".to_owned()])
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
fn another_ca_behind_the_same_issuer_changes_the_hash_in_place() {
    let state = applied(&plan(Value::Null, config(&[])).planned);
    let before = read(&state);
    let planned = plan(
        state.clone(),
        config(&[("issuer", issuer(ARN.replace('1', "2").into()))]),
    );
    let after = read(&planned.planned);
    assert!(planned.replace.is_empty());
    assert_ne!(before.spec_sha256, after.spec_sha256);
    assert_ne!(
        before
            .head
            .common
            .parts
            .known()
            .map(|parts| &parts["certificate"].digest),
        after
            .head
            .common
            .parts
            .known()
            .map(|parts| &parts["certificate"].digest)
    );
    let unknown = read(&plan(state, config(&[("issuer", issuer(Value::Unknown))])).planned);
    assert!(unknown.spec_sha256.is_unknown());
}

#[test]
fn identity_replaces() {
    let state = applied(&plan(Value::Null, config(&[])).planned);
    for (name, value) in [("name", "other"), ("namespace", "blog"), ("secret_name", "other")] {
        assert!(
            !plan(state.clone(), config(&[(name, value.into())])).replace.is_empty(),
            "{name}"
        );
    }
    assert!(plan(state, config(&[("duration", "100h".into())])).replace.is_empty());
}

fn spec() -> CertificateSpec {
    CertificateSpec {
        name: "shop".to_owned(),
        namespace: "shop".to_owned(),
        dns_names: vec!["shop.example.com".to_owned()],
        issuer: Reference {
            name: "corp".to_owned(),
            kind: "AWSPCAIssuer".to_owned(),
            group: "awspca.cert-manager.io".to_owned(),
            ca_arn: None,
        },
        duration: "144h".to_owned(),
        renewal: Renewal::Percentage(50),
        usages: vec!["server auth".to_owned()],
        key: KeySpec::default(),
        secret_name: "shop-tls".to_owned(),
    }
}

fn keys() -> impl Strategy<Value = KeySpec> {
    let pairs = prop_oneof![
        proptest::sample::select(vec![256, 384, 521]).prop_map(|size| ("ECDSA", Some(size))),
        proptest::sample::select(vec![2048, 3072, 4096, 8192]).prop_map(|size| ("RSA", Some(size))),
        Just(("Ed25519", None)),
    ];
    (pairs, proptest::bool::ANY).prop_map(|((algorithm, size), always)| KeySpec {
        algorithm: algorithm.to_owned(),
        size,
        rotation: if always { "Always" } else { "Never" }.to_owned(),
    })
}

fn renewals() -> impl Strategy<Value = Renewal> {
    prop_oneof![
        (1..100_i64).prop_map(Renewal::Percentage),
        // No whole percentage of any lifetime below.
        Just(Renewal::Before("5m0.5s".to_owned())),
    ]
}

proptest! {
    #[test]
    fn what_is_rendered_is_observed(
        name in "[a-z]{1,12}",
        dns_names in proptest::collection::vec("[a-z]{1,8}\\.example\\.com", 1..4),
        ca in proptest::bool::ANY,
        hours in 1..9000_i64,
        renewal in renewals(),
        client in proptest::bool::ANY,
        key in keys(),
    ) {
        let mut usages = vec!["server auth".to_owned()];
        usages.extend(client.then(|| "client auth".to_owned()));
        let issuer = Reference { ca_arn: ca.then(|| ARN.to_owned()), ..spec().issuer };
        let spec = CertificateSpec { name, dns_names, issuer, duration: format!("{hours}h0m0s"), renewal, usages, key, ..spec() };
        let object = render(&spec);
        prop_assert_eq!(observe(&object), Some(spec.clone()));
        let arguments = of_spec(&spec).expect("arguments");
        prop_assert_eq!(super::plan::manifest(&arguments), object);
    }
}
