use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tfplugin_framework::server::{PlanCall, Planned, Server};
use tfplugin_framework::{Attr, Private, Resource, Value};

use super::apply::of_spec;
use super::proof::{Evidence, Progress, judge};
use super::*;
use crate::issuer::Reference;
use crate::pki::{self, sample};
use crate::provider::E2etls;

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
    let Value::Map(mut config) = CertificateResource.schema().empty_value() else {
        panic!("an object")
    };
    let given: [(&str, Value); 5] = [
        ("name", "shop".into()),
        ("namespace", "shop".into()),
        ("dns_names", Value::List(vec!["shop.example.com".into()])),
        ("issuer", issuer(ARN.into())),
        ("duration", "144h".into()),
    ];
    config.extend(given.map(|(name, value)| (name.to_owned(), value)));
    config.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Value::Map(config)
}

fn plan(prior: Value, config: Value) -> Planned {
    let call = PlanCall {
        prior,
        proposed: config.clone(),
        config,
        private: Private::default(),
    };
    Server::new(E2etls).plan_resource("e2etls_certificate", call)
}

fn read(value: &Value) -> Certificate {
    Certificate::from_value(value).expect("a certificate")
}

fn applied(planned: &Value) -> Value {
    let mut certificate = read(planned);
    certificate.id = "uid/shop/shop".to_owned().into();
    certificate.instance = "1".to_owned().into();
    certificate.cluster_uid = "uid".to_owned().into();
    if let Attr::Known(parts) = &mut certificate.parts {
        parts.values_mut().for_each(|part| part.uid = "uid".to_owned().into());
    }
    certificate.to_value()
}

fn errors(config: &Value) -> Vec<String> {
    let found = Server::new(E2etls).validate_resource("e2etls_certificate", config);
    found
        .iter()
        .map(|one| one.path.as_ref().map(ToString::to_string).unwrap_or_default())
        .collect()
}

fn key(algorithm: &str, size: i64) -> Value {
    Value::object([
        ("algorithm", algorithm.into()),
        ("size", size.into()),
        ("rotation", Value::Null),
    ])
}

#[test]
fn the_schema_is_as_it_was() {
    crate::golden::schema("certificate", &CertificateResource.schema());
}

#[test]
fn arguments_are_checked_at_validate() {
    assert!(errors(&config(&[])).is_empty());
    let list = |text: &str| Value::List(vec![text.into()]);
    for (name, bad, path) in [
        ("dns_names", list("shop"), "dns_names[0]"),
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
        assert_eq!(errors(&config(&[(name, bad)])), [path], "{name}");
    }
    assert_eq!(
        errors(&config(&[
            ("duration", "1h".into()),
            ("renew_before_percentage", 5.into())
        ])),
        ["renew_before_percentage"]
    );
    assert!(errors(&config(&[("key", key("RSA", 4096))])).is_empty());
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
        before.parts.known().map(|parts| &parts["certificate"].digest),
        after.parts.known().map(|parts| &parts["certificate"].digest)
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
        renew_before_percentage: 33,
        usages: vec!["server auth".to_owned()],
        key: KeySpec::default(),
        secret_name: "shop-tls".to_owned(),
    }
}

/// A Certificate in cert-manager's words.
fn certificate(observed: i64, revision: Option<i64>, conditions: &[(&str, &str)]) -> Json {
    let conditions: Vec<Json> = conditions
        .iter()
        .map(|(kind, status)| json!({"type": kind, "status": status, "reason": "Test", "message": "", "observedGeneration": observed}))
        .collect();
    json!({"metadata": {"name": "shop", "generation": 2}, "status": {"revision": revision, "conditions": conditions}})
}

fn request(revision: &str, csr: &str, leaf: &str, ca: &str) -> Json {
    json!({
        "metadata": {"name": format!("shop-{revision}"), "annotations": {
            "cert-manager.io/certificate-name": "shop", "cert-manager.io/certificate-revision": revision}},
        "spec": {"issuerRef": {"name": "corp"}, "request": STANDARD.encode(csr)},
        "status": {"certificate": STANDARD.encode(leaf), "ca": STANDARD.encode(ca), "conditions": [
            {"type": "Ready", "status": "True", "reason": "Issued", "message": ""}]},
    })
}

fn progress(authority: Option<&str>, certificate: &Json, requests: &[Json], old_failure: Option<&str>) -> Progress {
    let authority = authority.map(|pem| pki::Certificate::first(pem).expect("a CA"));
    let now = "2026-11-21T00:00:00Z".parse().expect("a time");
    judge(
        &spec(),
        authority.as_ref(),
        Evidence {
            certificate,
            generation: 2,
            requests,
            old_failure,
            now,
        },
    )
}

#[test]
fn readiness_is_proven_by_the_request_of_the_current_revision() {
    let (ours, other) = (sample::root("ours"), sample::root("other"));
    let csr = pki::signing_request("shop.example.com").expect("a request");
    let proof = [request("1", &csr.pem, &ours.sign(&csr.pem), &ours.pem)];
    let ready = certificate(2, Some(1), &[("Ready", "True")]);
    assert_eq!(progress(Some(&ours.pem), &ready, &proof, None), Progress::Proven);
    assert_eq!(progress(None, &ready, &proof, None), Progress::Proven);
    let cases = [
        ("another CA", progress(Some(&other.pem), &ready, &proof, None)),
        ("no request", progress(Some(&ours.pem), &ready, &[], None)),
        (
            "older request",
            progress(
                Some(&ours.pem),
                &certificate(2, Some(2), &[("Ready", "True")]),
                &proof,
                None,
            ),
        ),
    ];
    for (case, progress) in cases {
        assert!(matches!(progress, Progress::Stale(_)), "{case}: {progress:?}");
    }
    let mut foreign = proof.clone();
    foreign[0]["spec"]["issuerRef"]["name"] = json!("legacy");
    assert!(matches!(
        progress(Some(&ours.pem), &ready, &foreign, None),
        Progress::Stale(_)
    ));
}

#[test]
fn what_is_under_way_is_waited_for() {
    let ours = sample::root("ours");
    for (case, object) in [
        (
            "issuing",
            certificate(2, Some(1), &[("Ready", "True"), ("Issuing", "True")]),
        ),
        ("old generation", certificate(1, Some(1), &[("Ready", "True")])),
        ("new", certificate(2, None, &[])),
    ] {
        let seen = progress(Some(&ours.pem), &object, &[], None);
        assert!(matches!(seen, Progress::Waiting(_)), "{case}: {seen:?}");
    }
}

#[test]
fn a_failure_of_now_ends_the_wait_and_an_old_one_is_asked_again() {
    let mut object = certificate(2, None, &[("Ready", "False"), ("Issuing", "False")]);
    object["status"]["lastFailureTime"] = json!("2026-11-21T00:00:00Z");
    object["status"]["failedIssuanceAttempts"] = json!(2);
    let now = progress(None, &object, &[], None);
    assert!(
        matches!(&now, Progress::Failed(why) if why.contains("2 failed attempts")),
        "{now:?}"
    );
    assert!(matches!(
        progress(None, &object, &[], Some("2026-11-21T00:00:00Z")),
        Progress::Stale(_)
    ));
}

#[test]
fn an_answer_for_another_key_is_seen() {
    let ours = sample::root("ours");
    let [csr, older] = [(); 2].map(|()| pki::signing_request("shop.example.com").expect("a request"));
    let replayed = [request("1", &csr.pem, &ours.sign(&older.pem), &ours.pem)];
    let seen = progress(
        Some(&ours.pem),
        &certificate(2, None, &[("Issuing", "True")]),
        &replayed,
        None,
    );
    assert!(matches!(seen, Progress::Replayed(_)), "{seen:?}");
}

#[test]
fn a_leaf_of_another_content_is_stale() {
    let ours = sample::root("ours");
    let ready = certificate(2, Some(1), &[("Ready", "True")]);
    for (case, name, kind) in [
        ("names", "blog.example.com", &rcgen::PKCS_ECDSA_P256_SHA256),
        ("key", "shop.example.com", &rcgen::PKCS_ECDSA_P384_SHA384),
    ] {
        let key = rcgen::KeyPair::generate_for(kind).expect("a key");
        let seen = progress(
            Some(&ours.pem),
            &ready,
            &[request("1", "", &ours.leaf_of(&key, &[name], |_| ()), &ours.pem)],
            None,
        );
        assert!(matches!(seen, Progress::Stale(_)), "{case}: {seen:?}");
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

proptest! {
    #[test]
    fn what_is_rendered_is_observed(
        name in "[a-z]{1,12}",
        dns_names in proptest::collection::vec("[a-z]{1,8}\\.example\\.com", 1..4),
        ca in proptest::bool::ANY,
        hours in 1..9000_i64,
        renew_before_percentage in 1..100_i64,
        client in proptest::bool::ANY,
        key in keys(),
    ) {
        let mut usages = vec!["server auth".to_owned()];
        usages.extend(client.then(|| "client auth".to_owned()));
        let issuer = Reference { ca_arn: ca.then(|| ARN.to_owned()), ..spec().issuer };
        let spec = CertificateSpec { name, dns_names, issuer, duration: format!("{hours}h"), renew_before_percentage, usages, key, ..spec() };
        let object = render(&spec);
        prop_assert_eq!(observe(&object), Some(spec.clone()));
        let arguments = of_spec(&spec).expect("arguments");
        prop_assert_eq!(super::plan::manifest(&arguments), object);
    }
}
