use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Model};

use super::model::CertificateStatus;
use super::observe::fill;
use crate::pki::{Certificate, sample};

fn empty() -> CertificateStatus {
    let nulls = CertificateStatus::schema("").empty_value();
    CertificateStatus::from_value(&nulls).expect("nulls fit")
}

fn objects(leaf: &str, ca: &str) -> (Value, Vec<Value>) {
    let certificate = json!({
        "metadata": {"name": "shop", "annotations": {}},
        "spec": {"usages": ["server auth"], "issuerRef": {"name": "corp", "kind": "ClusterIssuer", "group": "cert-manager.io"}},
        "status": {"revision": 2, "renewalTime": "2026-12-01T00:00:00Z", "conditions": [
            {"type": "Ready", "status": "True", "reason": "Ready", "message": "up to date"}]},
    });
    let request = |name: &str, revision: &str, leaf: &str| {
        json!({"metadata": {"name": name, "creationTimestamp": "2026-11-21T00:00:00Z", "annotations": {
            "cert-manager.io/certificate-name": "shop", "cert-manager.io/certificate-revision": revision}},
            "status": {"certificate": STANDARD.encode(leaf), "ca": STANDARD.encode(ca), "conditions": []}})
    };
    (
        certificate,
        vec![request("shop-1", "1", "old"), request("shop-2", "2", leaf)],
    )
}

#[test]
fn shows_what_was_issued_and_whether_it_verifies() {
    let now = "2026-11-21T00:00:00Z".parse().expect("a time");
    let root = sample::root("root");
    let sub = root.subordinate("sub");
    let leaf = sub.leaf(&["shop.example.com"], |_| ());
    let (certificate, requests) = objects(&[leaf.as_str(), &sub.pem].concat(), &root.pem);
    let mut status = empty();
    fill(&mut status, &certificate, &requests, None, now);
    let parsed = Certificate::first(&leaf).expect("a leaf");
    assert_eq!(status.verified, Attr::Known(true));
    assert_eq!(status.serial.as_str(), Some(parsed.serial.as_str()));
    assert_eq!(status.not_after.as_str(), Some("2120-01-01T00:00:00Z"));
    assert_eq!((status.revision, status.ready), (Attr::Known(2), Attr::Known(true)));
    assert_eq!(
        status.chain_pem,
        Attr::Known(Certificate::first(&sub.pem).expect("a CA").pem())
    );
    assert_eq!(status.dns_names, Attr::Known(vec!["shop.example.com".to_owned()]));

    let other = Certificate::first(&sample::root("other").pem).expect("a CA");
    let mut status = empty();
    fill(&mut status, &certificate, &requests, Some(&other), now);
    assert_eq!(status.verified, Attr::Known(false));
    assert!(status.verify_error.as_str().is_some_and(|why| why.contains("other")));
}

#[test]
fn the_end_of_validity_stays_when_a_renewal_fails() {
    let now = "2026-11-21T00:00:00Z".parse().expect("a time");
    let (mut certificate, mut requests) = objects("", "");
    certificate["status"]["notBefore"] = json!("2026-11-20T00:00:00Z");
    certificate["status"]["notAfter"] = json!("2026-11-26T00:00:00Z");
    // cert-manager removes the request of the revision, and keeps the failed one of the next.
    requests.truncate(1);
    requests[0]["metadata"]["annotations"]["cert-manager.io/certificate-revision"] = json!("3");
    requests[0]["status"] =
        json!({"conditions": [{"type": "Ready", "status": "False", "reason": "Failed", "message": "no CA"}]});
    let mut status = empty();
    fill(&mut status, &certificate, &requests, None, now);
    assert_eq!(status.not_before.as_str(), Some("2026-11-20T00:00:00Z"));
    assert_eq!(status.not_after.as_str(), Some("2026-11-26T00:00:00Z"));
    assert_eq!(status.request_conditions.known().map(Vec::len), Some(1));
}

#[test]
fn shows_nothing_of_what_was_not_issued() {
    let mut status = empty();
    let certificate = json!({"metadata": {"name": "shop"}, "status": {"failedIssuanceAttempts": 3}});
    fill(
        &mut status,
        &certificate,
        &[],
        None,
        "2026-11-21T00:00:00Z".parse().expect("a time"),
    );
    assert_eq!((&status.verified, &status.serial), (&Attr::Null, &Attr::Null));
    assert_eq!(
        (status.ready, status.failed_issuance_attempts),
        (Attr::Known(false), Attr::Known(3))
    );
}
