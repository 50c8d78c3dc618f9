use super::*;
use crate::cert_manager::may_pass;
use crate::cert_manager::sweep::is_leftover;
use crate::pki::sample;

fn ready() -> IssuerReady {
    let reference = Reference {
        name: "corp".to_owned(),
        kind: "AWSPCAIssuer".to_owned(),
        group: "awspca.cert-manager.io".to_owned(),
        ca_arn: Some("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1".to_owned()),
    };
    IssuerReady {
        verify: Verify::Issue,
        namespace: "shop".to_owned(),
        usages: vec!["server auth".to_owned()],
        reference,
        template: None,
        issuer: "shop/corp".to_owned(),
    }
}

#[test]
fn a_canary_holds_no_private_key_and_is_labelled() {
    let request = pki::signing_request(CANARY_NAME).expect("a request");
    let labels = BTreeMap::from([("team".to_owned(), "payments".to_owned())]);
    let manifest = ready().manifest(&request, "owner", &labels);
    assert_eq!(manifest["metadata"]["labels"]["team"], "payments");
    let pem = STANDARD
        .decode(manifest["spec"]["request"].as_str().unwrap_or_default())
        .expect("base64");
    let pem = String::from_utf8(pem).expect("text");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE REQUEST") && !pem.contains("PRIVATE"));
    assert_eq!(manifest["metadata"]["labels"][CANARY_LABEL], "true");
    assert_eq!(manifest["spec"]["issuerRef"]["group"], "awspca.cert-manager.io");
}

#[test]
fn what_was_issued_is_judged() {
    let now = "2026-11-21T00:00:00Z".parse().expect("a time");
    let (ours, other) = (sample::root("ours"), sample::root("other"));
    let request = pki::signing_request(CANARY_NAME).expect("a request");
    let older = pki::signing_request(CANARY_NAME).expect("a request");
    let ready = ready();
    let ca = Certificate::first(&ours.pem).expect("a CA");
    assert!(ready.judge(&ours.sign(&request.pem), &request, &ca, now).is_ok());
    assert!(matches!(
        ready.judge(&ours.sign(&older.pem), &request, &ca, now),
        Err(Trouble::Replayed(_))
    ));
    let Err(Trouble::Passing(why)) = ready.judge(&other.sign(&request.pem), &request, &ca, now) else {
        panic!("another CA");
    };
    let detail = format!("{why:?}");
    assert!(
        detail.contains("CN=other") && detail.contains("EndEntityServerAuthCertificate/V1"),
        "{detail}"
    );
    assert!(matches!(
        ready.judge("nothing", &request, &ca, now),
        Err(Trouble::Lasting(_))
    ));
}

#[test]
fn leftovers_are_old_or_ours() {
    let now = "2026-11-21T02:00:00Z".parse().expect("a time");
    let canary = |owner: &str, created: &str| json!({"metadata": {"labels": {OWNER_LABEL: owner}, "creationTimestamp": created}});
    assert!(is_leftover(&canary("a", "2026-11-21T01:59:00Z"), "a", now));
    assert!(is_leftover(&canary("b", "2026-11-21T00:59:00Z"), "a", now));
    assert!(!is_leftover(&canary("b", "2026-11-21T01:59:00Z"), "a", now));
}

#[test]
fn only_some_failures_pass() {
    assert!(may_pass(
        "Ready=False Failed: failed to request certificate from PCA: AccessDeniedException"
    ));
    assert!(!may_pass("Ready=False Failed: ValidationException: validity"));
}

#[test]
fn a_request_without_an_answer_ends_within_two_minutes() {
    let request = |conditions: Value| json!({"spec": {}, "status": {"conditions": conditions}});
    let is_true = |kind: &str| json!({"type": kind, "status": "True"});
    let approved = request(json!([is_true("Approved")]));
    let early = Duration::from_secs(10);
    assert!(
        decided(Some(&approved), early)
            .unwrap_err()
            .contains("has not answered")
    );
    assert!(matches!(
        decided(Some(&approved), Duration::from_secs(119)),
        Ok(Answer::Nobody(_))
    ));
    let denied = request(json!([is_true("Denied"), {"type": "Ready", "status": "False", "reason": "Denied"}]));
    assert!(matches!(decided(Some(&denied), early), Ok(Answer::Denied(_))));
}
