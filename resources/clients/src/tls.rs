//! A TLS handshake with any server, and what it negotiates.
//!
//! The server proves that it has the key of the certificate that it shows, as TLS demands. Nobody is trusted for it: whether the
//! chain leads to a CA, and for which names, is the caller's to judge.

use std::future::ready;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, ProtocolVersion, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A server, and the name that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// DNS name or IP address to connect to, directly: no proxy is used.
    pub host: &'a str,
    /// TCP port.
    pub port: u16,
    /// Name in the handshake (SNI); of an IP address, none is sent.
    pub server_name: &'a str,
}

/// What was negotiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// `TLSv1.3` or `TLSv1.2`.
    pub protocol: &'static str,
    /// Group of the key exchange, such as `X25519MLKEM768`.
    pub group: String,
    /// Cipher suite, as IANA calls it.
    pub cipher: String,
    /// What the server sent, its own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
}

/// What a server does with a request in plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plaintext {
    /// It closes the connection, sends a TLS alert, or says in HTTP that it speaks TLS only.
    Refused,
    /// It answers.
    Answered,
    /// It says nothing in time, or nobody could connect.
    Unknown,
}

/// Why there was no handshake.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The server name is not valid.
    #[error("`{0}` is neither a DNS name nor an IP address")]
    NoName(String),
    /// There is no connection.
    #[error("{0}")]
    Connect(io::Error),
    /// TLS failed: rustls's words, or the alert of the server.
    #[error("{0}")]
    Handshake(io::Error),
    /// It took too long.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
}

/// Shakes hands with TLS 1.2 or 1.3 and hangs up.
///
/// # Errors
/// Why that was not possible within `limit`.
pub async fn handshake(target: Target<'_>, limit: Duration) -> Result<Handshake, ProbeError> {
    handshake_on(connect(target), target.server_name, limit).await
}

/// The same over a connection that is there already.
///
/// # Errors
/// Why that was not possible within `limit`.
pub async fn handshake_over(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    server_name: &str,
    limit: Duration,
) -> Result<Handshake, ProbeError> {
    handshake_on(ready(Ok(stream)), server_name, limit).await
}

/// The limit is for the connection and the handshake together. Nobody is connected to for a name that is none.
async fn handshake_on<S: AsyncRead + AsyncWrite + Unpin>(
    open: impl Future<Output = io::Result<S>>,
    server_name: &str,
    limit: Duration,
) -> Result<Handshake, ProbeError> {
    let name = name(server_name)?;
    let shaken = async {
        let stream = open.await.map_err(ProbeError::Connect)?;
        shake(stream, name).await
    };
    let shaken = tokio::time::timeout(limit, shaken).await;
    shaken.unwrap_or(Err(ProbeError::Timeout(limit)))
}

fn name(server_name: &str) -> Result<ServerName<'static>, ProbeError> {
    ServerName::try_from(server_name.to_owned()).map_err(|_| ProbeError::NoName(server_name.to_owned()))
}

async fn shake(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    name: ServerName<'static>,
) -> Result<Handshake, ProbeError> {
    let connector = TlsConnector::from(Arc::new(config()));
    let mut stream = connector.connect(name, stream).await.map_err(ProbeError::Handshake)?;
    let found = negotiated(stream.get_ref().1);
    // Only good manners: what was asked for is known.
    drop(stream.shutdown().await);
    Ok(found)
}

async fn connect(target: Target<'_>) -> io::Result<TcpStream> {
    TcpStream::connect((target.host, target.port)).await
}

fn negotiated(connection: &ClientConnection) -> Handshake {
    let protocol = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLSv1.3",
    };
    let group = connection.negotiated_key_exchange_group();
    let cipher = connection.negotiated_cipher_suite();
    Handshake {
        protocol,
        group: group.map(|group| format!("{:?}", group.name())).unwrap_or_default(),
        // rustls tells the suites of TLS 1.3 apart by a prefix of its own.
        cipher: cipher
            .map(|cipher| format!("{:?}", cipher.suite()).replacen("TLS13_", "TLS_", 1))
            .unwrap_or_default(),
        chain: connection.peer_certificates().unwrap_or_default().to_vec(),
    }
}

/// Offers the hybrid group first: a server that has it takes it.
fn config() -> ClientConfig {
    let provider = Arc::new(CryptoProvider {
        kx_groups: vec![
            kx_group::X25519MLKEM768,
            kx_group::X25519,
            kx_group::SECP256R1,
            kx_group::SECP384R1,
        ],
        ..default_provider()
    });
    let verifier = Arc::new(TrustsNobody(Arc::clone(&provider)));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .expect("the provider has suites of both versions")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

/// Checks that the server has the key, and leaves the certificate to the caller.
#[derive(Debug)]
struct TrustsNobody(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustsNobody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Asks in plain HTTP for `/` on the same port.
pub async fn plaintext(target: Target<'_>, limit: Duration) -> Plaintext {
    plaintext_on(connect(target), target.server_name, limit).await
}

/// The same over a connection that is there already. Whether anybody is at its other end is the caller's to know: an end without
/// an answer counts as refused.
pub async fn plaintext_over(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    server_name: &str,
    limit: Duration,
) -> Plaintext {
    plaintext_on(ready(Ok(stream)), server_name, limit).await
}

/// The limit is for the connection and the answer together.
async fn plaintext_on<S: AsyncRead + AsyncWrite + Unpin>(
    open: impl Future<Output = io::Result<S>>,
    server_name: &str,
    limit: Duration,
) -> Plaintext {
    let mut answer = Vec::new();
    let asked = async {
        ask(open.await?, server_name, &mut answer).await;
        io::Result::Ok(())
    };
    match tokio::time::timeout(limit, asked).await {
        Ok(Err(_)) => Plaintext::Unknown,
        // Whoever keeps the connection after an answer has answered.
        Err(_) if answer.is_empty() => Plaintext::Unknown,
        Ok(Ok(())) | Err(_) => judge(&answer),
    }
}

/// Fills in what is answered. A connection that breaks has ended.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, server_name: &str, answer: &mut Vec<u8>) {
    let request = format!("GET / HTTP/1.1\r\nHost: {server_name}\r\nConnection: close\r\n\r\n");
    if stream.write_all(request.as_bytes()).await.is_ok() {
        while answer.len() < MOST && stream.read_buf(answer).await.is_ok_and(|read| read > 0) {}
    }
}

/// What is read of an answer, in bytes.
const MOST: usize = 4096;

/// How servers say in HTTP that a port speaks TLS only; their statuses alone could be an application's.
const TLS_ONLY: [&str; 4] = [
    "The plain HTTP request was sent to HTTPS port",
    "Client sent an HTTP request to an HTTPS server.",
    "speaking plain HTTP to an SSL-enabled server port",
    "This combination of host and port requires TLS.",
];

fn judge(answer: &[u8]) -> Plaintext {
    const ALERT: u8 = 21;
    let text = String::from_utf8_lossy(answer);
    if answer.is_empty() || answer[0] == ALERT {
        return Plaintext::Refused;
    }
    let is_bad_request = text.starts_with("HTTP/1.1 400 ") || text.starts_with("HTTP/1.0 400 ");
    if is_bad_request && TLS_ONLY.iter().any(|words| text.contains(words)) {
        Plaintext::Refused
    } else {
        Plaintext::Answered
    }
}

#[cfg(test)]
mod tests;
