use jiff::Timestamp;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};

use super::*;

fn now() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().expect("a time")
}

fn judge(chain: &[&str], authority: &str, purpose: Purpose) -> Result<(), PkiError> {
    let chain = Certificate::chain(&chain.concat()).expect("a chain");
    verify(&chain, &Certificate::first(authority).expect("a CA"), purpose, now())
}

#[test]
fn a_chain_verifies_to_its_root_and_to_its_own_issuer() {
    let root = sample::root("root");
    let sub = root.subordinate("sub");
    let leaf = sub.leaf(&["shop.example.com"], |_| ());
    assert_eq!(judge(&[&leaf, &sub.pem], &root.pem, Purpose::Server), Ok(()));
    assert_eq!(judge(&[&leaf], &sub.pem, Purpose::Server), Ok(()));
    assert_eq!(judge(&[&leaf, &sub.pem], &root.pem, Purpose::Any), Ok(()));
}

#[test]
fn another_root_of_the_same_name_is_no_root_of_the_chain() {
    let leaf = sample::root("root").leaf(&["shop.example.com"], |_| ());
    let refused = judge(&[&leaf], &sample::root("root").pem, Purpose::Server);
    assert!(refused.is_err(), "{refused:?}");
    let refused = judge(&[&leaf], &sample::root("other").pem, Purpose::Server);
    assert!(
        matches!(&refused, Err(PkiError::Untrusted(why)) if why.contains("root") && why.contains("other")),
        "{refused:?}"
    );
}

#[test]
fn a_missing_intermediate_is_named() {
    let root = sample::root("root");
    let leaf = root.subordinate("sub").leaf(&["shop.example.com"], |_| ());
    let refused = judge(&[&leaf], &root.pem, Purpose::Server);
    assert!(
        matches!(&refused, Err(PkiError::Untrusted(why)) if why.contains("CN=sub")),
        "{refused:?}"
    );
}

#[test]
fn an_expired_or_misused_leaf_is_refused() {
    let root = sample::root("root");
    let expired = root.leaf(&["shop.example.com"], |leaf| {
        leaf.not_after = rcgen::date_time_ymd(2021, 1, 1)
    });
    let refused = judge(&[&expired], &root.pem, Purpose::Server);
    assert!(
        matches!(&refused, Err(PkiError::Untrusted(why)) if why.contains("expired")),
        "{refused:?}"
    );
    let early = root.leaf(&["shop.example.com"], |leaf| {
        leaf.not_before = rcgen::date_time_ymd(2027, 1, 1)
    });
    assert!(judge(&[&early], &root.pem, Purpose::Server).is_err());
    let client = root.leaf(&["shop.example.com"], |leaf| {
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]
    });
    assert!(judge(&[&client], &root.pem, Purpose::Server).is_err());
    assert_eq!(judge(&[&client], &root.pem, Purpose::Client), Ok(()));
}

#[test]
fn clocks_may_differ_by_minutes() {
    let root = sample::root("root");
    let leaf = root.leaf(&["a.example.com"], |leaf| {
        leaf.not_before = rcgen::date_time_ymd(2026, 11, 21)
    });
    let chain = Certificate::chain(&leaf).expect("a chain");
    let authority = Certificate::first(&root.pem).expect("a CA");
    let before = |seconds| Timestamp::from_second(now().as_second() - seconds).expect("a time");
    assert_eq!(verify(&chain, &authority, Purpose::Server, before(200)), Ok(()));
    assert!(verify(&chain, &authority, Purpose::Server, before(400)).is_err());
}

#[test]
fn a_certificate_tells_names_key_and_dates() {
    let root = sample::root("root");
    let leaf = Certificate::first(&root.leaf(&["shop.example.com", "*.shop.example.com"], |_| ())).expect("a leaf");
    assert_eq!(leaf.dns_names, ["shop.example.com", "*.shop.example.com"]);
    assert!(leaf.is_for(&["*.SHOP.example.com".to_owned(), "shop.example.com".to_owned()]));
    assert!(!leaf.is_for(&["shop.example.com".to_owned()]));
    assert_eq!(leaf.not_after.to_string(), "2120-01-01T00:00:00Z");
    assert_eq!(
        (leaf.key, leaf.server_auth, leaf.client_auth),
        (Key::Ecdsa(256), true, false)
    );
    assert_eq!(leaf.fingerprint().len(), 64);
    assert_eq!(Certificate::first(&leaf.pem()), Ok(leaf.clone()));
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).expect("a key");
    assert_eq!(
        Certificate::first(&root.leaf_of(&key, &["a.example"], |_| ())).map(|leaf| leaf.key),
        Ok(Key::Ecdsa(384))
    );
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
    assert_eq!(
        Certificate::first(&root.leaf_of(&key, &["a.example"], |_| ())).map(|leaf| leaf.key),
        Ok(Key::Rsa(2048))
    );
}

#[test]
fn a_signing_request_is_answered_with_its_own_key() {
    let request = signing_request("canary.e2etls.invalid").expect("a request");
    let other = signing_request("canary.e2etls.invalid").expect("a request");
    assert_ne!(request.public_key, other.public_key);
    assert!(!request.pem.contains("PRIVATE"));
    let root = sample::root("root");
    let leaf = Certificate::first(&root.sign(&request.pem)).expect("a leaf");
    assert_eq!(leaf.public_key, request.public_key);
    assert_eq!(leaf.dns_names, ["canary.e2etls.invalid"]);
}

#[test]
fn text_without_certificates_is_refused() {
    assert_eq!(Certificate::chain(""), Err(PkiError::NoPem("certificate")));
    assert_eq!(SigningRequest::read("x"), Err(PkiError::NoPem("signing request")));
}
