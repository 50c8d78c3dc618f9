//! A probe's HTTP request. As kubelet does, it verifies no certificate.

use std::io;
use std::net::SocketAddrV4;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, IpAddr, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::kubelet::relay::connect;

/// Sends a GET and returns the status code and the start of the body.
pub(crate) async fn get(
    to: SocketAddrV4,
    tls: bool,
    path: &str,
    headers: &[(String, String)],
) -> io::Result<(u16, String)> {
    get_from(None, to, tls, path, headers).await
}

/// The same from this address.
pub(crate) async fn get_from(
    source: Option<std::net::IpAddr>,
    to: SocketAddrV4,
    tls: bool,
    path: &str,
    headers: &[(String, String)],
) -> io::Result<(u16, String)> {
    let stream = connect(source, to).await?;
    if tls {
        let name = ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V4(*to.ip())));
        let stream = TlsConnector::from(Arc::new(config()?)).connect(name, stream).await?;
        send(stream, to, path, headers).await
    } else {
        send(stream, to, path, headers).await
    }
}

async fn send<S>(stream: S, to: SocketAddrV4, path: &str, headers: &[(String, String)]) -> io::Result<(u16, String)>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let connection = tokio::spawn(connection);
    let mut request = Request::get(path).header("connection", "close");
    let is_given = |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if !is_given("user-agent") {
        request = request.header("user-agent", "kube-probe/1.36");
    }
    if !is_given("host") {
        request = request.header("host", to.to_string());
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(io::Error::other)?;
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let status = response.status().as_u16();
    let body = http_body_util::Limited::new(response.into_body(), 10 << 10)
        .collect()
        .await;
    connection.abort();
    let text = body
        .map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned())
        .unwrap_or_default();
    Ok((status, text))
}

fn config() -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth())
}

/// Accepts every certificate, and checks the handshake's signature alone.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
