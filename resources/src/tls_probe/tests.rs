use e2etls_clients::tls::Handshake;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tfplugin_framework::{Attr, Model};

use super::model::TlsProbe;
use super::observe::fill;
use crate::pki::{Certificate, sample};

fn empty() -> TlsProbe {
    TlsProbe::from_value(&TlsProbe::schema("").empty_value()).expect("nulls fit")
}

fn shown(pem: &str) -> Handshake {
    let chain = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>();
    Handshake {
        protocol: "TLSv1.3",
        group: "X25519MLKEM768".to_owned(),
        cipher: "TLS_AES_128_GCM_SHA256".to_owned(),
        chain: chain.expect("certificates"),
    }
}

/// What is seen of a server that shows `pem`, asked for `name` and judged by these CAs.
fn seen(pem: &str, name: &str, authorities: &[&str]) -> TlsProbe {
    let trusted: Vec<Certificate> = authorities
        .iter()
        .flat_map(|pem| Certificate::chain(pem).expect("a CA"))
        .collect();
    let trusted = (!trusted.is_empty()).then_some(trusted);
    let mut probe = empty();
    let now = "2026-11-21T00:00:00Z".parse().expect("a time");
    fill(&mut probe, &shown(pem), name, trusted.as_deref(), now);
    probe
}

#[test]
fn only_the_right_name_below_a_given_ca_is_verified() {
    let (root, other) = (sample::root("root"), sample::root("other"));
    let sub = root.subordinate("sub");
    let leaf = sub.leaf(&["shop.example.com", "*.shop.example.com"], |_| ());
    let chain = [leaf.as_str(), &sub.pem].concat();
    for (pem, name, authorities, why) in [
        (chain.as_str(), "shop.example.com", vec![root.pem.as_str()], None),
        (&chain, "www.shop.example.com", vec![&other.pem, &root.pem], None),
        (&leaf, "shop.example.com", vec![&sub.pem], None),
        (&leaf, "shop.example.com", vec![&root.pem], Some("issued by")),
        (&chain, "shop.example.com", vec![&other.pem], Some("other")),
        (&chain, "blog.example.com", vec![&root.pem], Some("blog.example.com")),
        (&chain, "10.0.0.1", vec![&root.pem], Some("10.0.0.1")),
        (&root.pem, "shop.example.com", vec![&root.pem], Some("")),
    ] {
        let probe = seen(pem, name, &authorities);
        assert_eq!(
            probe.verified,
            Attr::Known(why.is_none()),
            "{name}: {:?}",
            probe.verify_error
        );
        let said = probe.verify_error.as_str();
        assert_eq!(said.is_some(), why.is_some());
        assert!(
            said.is_none_or(|said| said.contains(why.unwrap_or_default())),
            "{said:?}"
        );
    }
}

#[test]
fn what_a_server_shows_is_no_reason_to_trust_it() {
    let root = sample::root("root");
    let leaf = root.leaf(&["shop.example.com"], |_| ());
    let probe = seen(&[leaf.as_str(), &root.pem].concat(), "shop.example.com", &[]);
    assert_eq!((&probe.verified, &probe.verify_error), (&Attr::Null, &Attr::Null));
    assert_eq!(probe.dns_names, Attr::Known(vec!["shop.example.com".to_owned()]));
    assert_eq!(probe.post_quantum, Attr::Known(true));
    assert_eq!(probe.not_after.as_str(), Some("2120-01-01T00:00:00Z"));
}
