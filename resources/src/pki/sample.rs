//! Certificates for tests.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// A CA of a test.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn parameters(name: &str, ca: bool) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2120, 1, 1);
    if ca {
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    }
    parameters
}

/// A root CA.
pub(crate) fn root(name: &str) -> Authority {
    let key = KeyPair::generate().expect("a key");
    let parameters = parameters(name, true);
    let pem = parameters.self_signed(&key).expect("a certificate").pem();
    Authority {
        pem,
        issuer: Issuer::new(parameters, key),
    }
}

impl Authority {
    /// A CA below this one.
    pub(crate) fn subordinate(&self, name: &str) -> Authority {
        let key = KeyPair::generate().expect("a key");
        let parameters = parameters(name, true);
        let pem = parameters.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Authority {
            pem,
            issuer: Issuer::new(parameters, key),
        }
    }

    /// A leaf for `dns_names` as PEM, adjusted by `change`.
    pub(crate) fn leaf(&self, dns_names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> String {
        let key = KeyPair::generate().expect("a key");
        self.leaf_of(&key, dns_names, change)
    }

    /// The same for a given key.
    pub(crate) fn leaf_of(&self, key: &KeyPair, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut leaf = parameters("leaf", false);
        leaf.subject_alt_names = CertificateParams::new(names).expect("names").subject_alt_names;
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut leaf);
        leaf.signed_by(key, &self.issuer).expect("a certificate").pem()
    }

    /// Answers a signing request.
    pub(crate) fn sign(&self, request: &str) -> String {
        let mut request = rcgen::CertificateSigningRequestParams::from_pem(request).expect("a request");
        request.params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        request.params.not_after = rcgen::date_time_ymd(2120, 1, 1);
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        request.signed_by(&self.issuer).expect("a certificate").pem()
    }
}
