//! Signing requests.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls_pki_types::CertificateSigningRequestDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;
use zeroize::Zeroize;

use super::PkiError;

/// A signing request, without the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningRequest {
    /// The request as PEM.
    pub pem: String,
    /// The public key, as its SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
}

impl SigningRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// If there is none, or it is malformed.
    pub fn read(pem: &str) -> Result<Self, PkiError> {
        let der = CertificateSigningRequestDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| PkiError::NoPem("signing request"))?;
        let (_, parsed) = X509CertificationRequest::from_der(der.as_ref())
            .map_err(|error| PkiError::Malformed("signing request", error.to_string()))?;
        let public_key = parsed.certification_request_info.subject_pki.raw.to_vec();
        Ok(Self {
            pem: pem.to_owned(),
            public_key,
        })
    }
}

/// A request for `dns_name`, signed with a new P-256 key that is wiped before this returns: nobody can ever use the
/// certificate that is issued for it.
///
/// # Errors
/// If the name is not valid in a certificate, or the system provides no random numbers.
pub fn signing_request(dns_name: &str) -> Result<SigningRequest, PkiError> {
    let malformed = |error: rcgen::Error| PkiError::Malformed("signing request", error.to_string());
    let mut parameters = CertificateParams::new([dns_name.to_owned()]).map_err(malformed)?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, dns_name);
    let mut key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(malformed)?;
    let pem = parameters
        .serialize_request(&key)
        .and_then(|request| request.pem())
        .map_err(malformed);
    key.zeroize();
    drop(key);
    SigningRequest::read(&pem?)
}
