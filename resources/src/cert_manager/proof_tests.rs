//! What proves an issuance, and what does not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::{Evidence, Progress, judge};
use crate::cert_manager::certificate::{CertificateSpec, KeySpec};
use crate::cert_manager::reference::Reference;
use crate::cert_manager::renewal::Renewal;
use crate::pki::{self, sample};

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
fn a_request_that_nobody_answers_says_why() {
    let issuing = certificate(2, None, &[("Issuing", "True")]);
    let mut waiting = request("1", "", "", "");
    waiting["status"] = json!({"conditions": []});
    for (conditions, wanted) in [
        (json!([]), "it is not approved"),
        (json!([{"type": "Approved", "status": "True"}]), "has not answered"),
    ] {
        waiting["status"]["conditions"] = conditions;
        let Progress::Waiting(words) = progress(None, &issuing, &[waiting.clone()], None) else {
            panic!("it is under way")
        };
        assert!(
            words.contains("CertificateRequest shop-1: ") && words.contains(wanted),
            "{words}"
        );
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
