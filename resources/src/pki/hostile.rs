//! Certificates that no CA would issue: nothing panics, and nothing that was changed after it was signed is believed.
//!
//! The gate draws a few hundred. A long run: `PROPTEST_CASES=1000000 cargo test -p e2etls-resources --lib --release -- pki::hostile`.

use std::sync::LazyLock;

use jiff::Timestamp;
use proptest::prelude::*;
use rcgen::{CustomExtension, DnType, KeyPair, SanType};

use super::{Certificate, Purpose, SigningRequest, is_valid_for, sample, verify};

const NAME: &str = "shop.example.com";

fn now() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().expect("a time")
}

struct Chain {
    root: Certificate,
    subordinate: Certificate,
    leaves: Vec<Certificate>,
    request: Vec<u8>,
}

/// A chain of three, with leaves that have much to be changed.
static CHAIN: LazyLock<Chain> = LazyLock::new(|| {
    let root = sample::root("root");
    let subordinate = root.subordinate("sub");
    let plain = subordinate.leaf(&[NAME], |_| ());
    let rich = subordinate.leaf(&[NAME, "*.example.com", "10.0.0.1"], |leaf| {
        leaf.distinguished_name
            .push(DnType::OrganizationName, "Grüße <b>&</b>\u{0}\n");
        let mail = "a@example.com".try_into().expect("a mail address");
        leaf.subject_alt_names.push(SanType::Rfc822Name(mail));
        let own = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![4, 2, 0, 255]);
        leaf.custom_extensions.push(own);
    });
    let rsa = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
    let of_rsa = subordinate.leaf_of(&rsa, &[NAME], |_| ());
    let read = |pem: &str| Certificate::first(pem).expect("a certificate");
    let request = rcgen::CertificateParams::new(vec![NAME.to_owned()]).expect("names");
    let key = KeyPair::generate().expect("a key");
    Chain {
        root: read(&root.pem),
        subordinate: read(&subordinate.pem),
        leaves: [plain, rich, of_rsa].iter().map(|pem| read(pem)).collect(),
        request: request.serialize_request(&key).expect("a request").der().to_vec(),
    }
});

/// A change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::Set(at, byte) => {
                let at = at % bytes.len();
                bytes[at] = *byte;
            }
            Self::Cut(at) => bytes.truncate(at % bytes.len()),
            Self::Insert(at, more) => {
                let at = at % bytes.len();
                drop(bytes.splice(at..at, more.iter().copied()));
            }
            Self::Remove(at, count) => {
                let at = at % bytes.len();
                let end = (at + count).min(bytes.len());
                drop(bytes.drain(at..end));
            }
        }
    }
}

/// Tags and lengths of DER, and any byte.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        prop::sample::select(vec![
            0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0x30, 0x31, 0x7f, 0x80, 0x82, 0x84, 0xa0,
            0xa3, 0xff
        ]),
        any::<u8>(),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => (any::<usize>(), byte()).prop_map(|(at, byte)| Change::Set(at, byte)),
        1 => any::<usize>().prop_map(Change::Cut),
        2 => (any::<usize>(), prop::collection::vec(byte(), 1..6)).prop_map(|(at, more)| Change::Insert(at, more)),
        2 => (any::<usize>(), 1..40usize).prop_map(|(at, count)| Change::Remove(at, count)),
    ]
}

/// Asks everything that is ever asked of a certificate.
fn ask(certificate: &Certificate) {
    drop((certificate.fingerprint(), certificate.pem(), certificate.path_length()));
    drop((certificate.to_owned(), certificate.is_for(&[NAME.to_owned()])));
    for name in [NAME, "", "*", "10.0.0.1", "::1", "é.example"] {
        drop(is_valid_for(certificate, name));
    }
    for purpose in [Purpose::Server, Purpose::Client, Purpose::Any] {
        drop(verify(std::slice::from_ref(certificate), certificate, purpose, now()));
        drop(verify(
            std::slice::from_ref(certificate),
            &CHAIN.root,
            purpose,
            Timestamp::MIN,
        ));
        drop(verify(
            std::slice::from_ref(certificate),
            &CHAIN.root,
            purpose,
            Timestamp::MAX,
        ));
    }
}

#[test]
fn what_is_not_changed_is_believed() {
    for leaf in &CHAIN.leaves {
        let chain = [leaf.clone(), CHAIN.subordinate.clone()];
        assert_eq!(verify(&chain, &CHAIN.root, Purpose::Server, now()), Ok(()));
        assert_eq!(is_valid_for(leaf, NAME), Ok(()));
    }
}

proptest! {
    #[test]
    fn a_changed_certificate_is_not_believed(which in 0..3usize, changes in prop::collection::vec(change(), 1..4)) {
        let leaf = &CHAIN.leaves[which];
        let mut der = leaf.der.to_vec();
        changes.iter().for_each(|change| change.make(&mut der));
        if let Ok(read) = Certificate::from_der(der.clone().into()) {
            ask(&read);
            let is_same = der == leaf.der.as_ref();
            let verified = verify(&[read, CHAIN.subordinate.clone()], &CHAIN.root, Purpose::Server, now());
            prop_assert!(verified.is_err() || is_same, "{changes:?}");
        }
    }

    #[test]
    fn a_changed_authority_vouches_for_nobody(changes in prop::collection::vec(change(), 1..4)) {
        let mut der = CHAIN.subordinate.der.to_vec();
        changes.iter().for_each(|change| change.make(&mut der));
        if let Ok(read) = Certificate::from_der(der.clone().into()) {
            ask(&read);
            let is_same = der == CHAIN.subordinate.der.as_ref();
            let verified = verify(&[CHAIN.leaves[0].clone(), read], &CHAIN.root, Purpose::Server, now());
            prop_assert!(verified.is_err() || is_same, "{changes:?}");
        }
    }

    #[test]
    fn any_bytes_and_any_text_are_read_or_refused(bytes in prop::collection::vec(byte(), 0..300), text in any::<String>()) {
        if let Ok(read) = Certificate::from_der(bytes.clone().into()) {
            ask(&read);
        }
        for label in ["CERTIFICATE", "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"] {
            let pem = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
            drop((Certificate::chain(&pem), SigningRequest::read(&pem)));
        }
        drop((Certificate::chain(&text), SigningRequest::read(&text)));
    }

    #[test]
    fn a_changed_request_is_read_or_refused(changes in prop::collection::vec(change(), 1..4)) {
        let mut der = CHAIN.request.clone();
        changes.iter().for_each(|change| change.make(&mut der));
        let pem = e2etls_clients::pem::certificate(&der).replace("CERTIFICATE", "CERTIFICATE REQUEST");
        drop(SigningRequest::read(&pem));
    }
}
