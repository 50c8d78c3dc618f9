//! One certificate and what it says.

use std::fmt;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::PkiError;
use crate::sha256;

/// A certificate that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate itself.
    pub der: CertificateDer<'static>,
    /// Serial number, lowercase hex without separators.
    pub serial: String,
    /// Subject, as RFC 4514 writes it; may be empty.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Start of its validity.
    pub not_before: Timestamp,
    /// End of its validity.
    pub not_after: Timestamp,
    /// DNS names that it is for, in their order.
    pub dns_names: Vec<String>,
    /// May serve TLS; true also if it restricts nothing.
    pub server_auth: bool,
    /// May authenticate clients; true also if it restricts nothing.
    pub client_auth: bool,
    /// Kind and size of its key.
    pub key: Key,
    /// The public key, as its SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
}

/// Kind and size of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// An elliptic curve, by the bits of its field.
    Ecdsa(usize),
    /// RSA, by the bits of its modulus.
    Rsa(usize),
    /// Ed25519.
    Ed25519,
    /// Something else.
    Other,
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(bits) => write!(out, "ECDSA {bits}"),
            Self::Rsa(bits) => write!(out, "RSA {bits}"),
            Self::Ed25519 => out.write_str("Ed25519"),
            Self::Other => out.write_str("of another algorithm"),
        }
    }
}

impl Certificate {
    /// Reads one certificate.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn from_der(der: CertificateDer<'static>) -> Result<Self, PkiError> {
        let malformed = |why: String| PkiError::Malformed("certificate", why);
        let (rest, parsed) = X509Certificate::from_der(der.as_ref()).map_err(|error| malformed(error.to_string()))?;
        if !rest.is_empty() {
            return Err(malformed("something follows it".to_owned()));
        }
        let time =
            |time: x509_parser::time::ASN1Time| Timestamp::from_second(time.timestamp()).unwrap_or(Timestamp::MAX);
        let usage = parsed
            .extended_key_usage()
            .map_err(|error| malformed(error.to_string()))?;
        let usage = usage.map(|extension| extension.value);
        let allows = |pick: fn(&ExtendedKeyUsage<'_>) -> bool| usage.is_none_or(|usage| usage.any || pick(usage));
        let names = parsed
            .subject_alternative_name()
            .map_err(|error| malformed(error.to_string()))?;
        let names = names
            .map(|extension| extension.value.general_names.as_slice())
            .unwrap_or_default();
        let dns = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        };
        Ok(Self {
            serial: parsed.raw_serial_as_string().replace(':', ""),
            subject: parsed.subject().to_string(),
            issuer: parsed.issuer().to_string(),
            not_before: time(parsed.validity().not_before),
            not_after: time(parsed.validity().not_after),
            dns_names: names.iter().filter_map(dns).collect(),
            server_auth: allows(|usage| usage.server_auth),
            client_auth: allows(|usage| usage.client_auth),
            key: Key::of(parsed.public_key()),
            public_key: parsed.public_key().raw.to_vec(),
            der: der.clone(),
        })
    }

    /// Reads all certificates of a PEM text, in their order; a leaf comes first.
    ///
    /// # Errors
    /// If there is none, or one is malformed.
    pub fn chain(pem: &str) -> Result<Vec<Self>, PkiError> {
        let ders: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let ders = ders.map_err(|error| PkiError::Malformed("PEM text", error.to_string()))?;
        if ders.is_empty() {
            return Err(PkiError::NoPem("certificate"));
        }
        ders.into_iter().map(Self::from_der).collect()
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// If there is none, or it is malformed.
    pub fn first(pem: &str) -> Result<Self, PkiError> {
        Self::chain(pem)?
            .into_iter()
            .next()
            .ok_or(PkiError::NoPem("certificate"))
    }

    /// SHA-256 of the certificate, lowercase hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        sha256::hex(&self.der)
    }

    /// The certificate as PEM, with a trailing line break.
    #[must_use]
    pub fn pem(&self) -> String {
        e2etls_clients::pem::certificate(&self.der)
    }

    /// How many levels of CAs may be below it, if it limits that.
    #[must_use]
    pub fn path_length(&self) -> Option<u32> {
        let (_, parsed) = X509Certificate::from_der(self.der.as_ref()).ok()?;
        parsed.basic_constraints().ok()??.value.path_len_constraint
    }

    /// True if both are for the same DNS names, whatever their order and case.
    #[must_use]
    pub fn is_for(&self, dns_names: &[String]) -> bool {
        let set = |names: &[String]| {
            names
                .iter()
                .map(|name| name.to_lowercase())
                .collect::<std::collections::BTreeSet<_>>()
        };
        set(&self.dns_names) == set(dns_names)
    }
}

impl Key {
    /// The kind and size of a public key.
    pub(super) fn of(key: &SubjectPublicKeyInfo<'_>) -> Self {
        const ED25519: &str = "1.3.101.112";
        match key.parsed() {
            Ok(PublicKey::EC(point)) => match point.data().len() {
                65 => Self::Ecdsa(256),
                97 => Self::Ecdsa(384),
                133 => Self::Ecdsa(521),
                _ => Self::Other,
            },
            Ok(PublicKey::RSA(rsa)) => Self::Rsa(rsa.key_size()),
            _ if key.algorithm.algorithm.to_id_string() == ED25519 => Self::Ed25519,
            _ => Self::Other,
        }
    }
}
