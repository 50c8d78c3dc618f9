//! Mutual TLS as go-plugin does it: each side trusts the other's certificate and nothing else.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::pinned::Pinned;

/// Clocks of containers may differ a little.
const BACKDATED: Duration = Duration::from_secs(30);
/// Ten years: no process lives that long.
const VALIDITY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Why the identity could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("the host's certificate in PLUGIN_CLIENT_CERT can't be read: {0}")]
    Client(rustls::pki_types::pem::Error),
    #[error("the server's certificate could not be created: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("TLS could not be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// This process's certificate and key, and the client that it serves.
pub(crate) struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
    client: CertificateDer<'static>,
}

impl Identity {
    /// Makes a certificate for a client that has the certificate in `client_pem`.
    pub(crate) fn new(client_pem: &str) -> Result<Self, TlsError> {
        let client = CertificateDer::from_pem_slice(client_pem.as_bytes()).map_err(TlsError::Client)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(["localhost".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let now = SystemTime::now();
        params.not_before = (now - BACKDATED).into();
        params.not_after = (now + VALIDITY).into();
        let certificate = params.self_signed(&key)?.der().clone();
        Ok(Self {
            certificate,
            key: key.serialize_der().into(),
            client,
        })
    }

    /// The certificate in DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The configuration of the listener: TLS 1.2 and 1.3, HTTP/2 only, the client's certificate required.
    pub(crate) fn server_config(self) -> Result<ServerConfig, TlsError> {
        let crypto = Arc::new(aws_lc_rs::default_provider());
        let pinned = Pinned {
            certificate: self.client,
            crypto: crypto.clone(),
        };
        let mut config = ServerConfig::builder_with_provider(crypto)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_client_cert_verifier(Arc::new(pinned))
            .with_single_cert(vec![self.certificate], PrivateKeyDer::Pkcs8(self.key))?;
        // grpc-go refuses a server that does not choose it.
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }
}
