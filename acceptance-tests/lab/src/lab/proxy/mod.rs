//! The recording proxy: in front of the API server and AWS, it writes every call down and makes faults on request.
//!
//! A **session** is a pair of doors (Kubernetes over TLS, AWS over plain HTTP) with records and faults of its own, so
//! tests that share a lab don't see each other's calls.

mod address;
mod cbor;
mod client_process;
mod control;
mod counted;
mod fault;
mod forward;
mod operation;
mod record;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub use fault::{Action, Fault, FaultState, Match, When};
pub use record::{Call, Target};

use self::client_process::Ends;
use self::counted::AnyBody;
use self::fault::Faults;
use self::record::Journal;
use super::endpoints::SessionEndpoints;
use super::error::{Context as _, Result};
use super::http::listen;
use super::parts::eks::ClusterFacts;
use super::pki::Pki;

/// What stands behind every session.
#[derive(Clone)]
pub(crate) struct Upstreams {
    kube: String,
    moto: String,
    ministack: Option<String>,
    ca_base64: String,
    client: Client<HttpsConnector<HttpConnector>, AnyBody>,
    acceptor: TlsAcceptor,
}

/// One session's state.
pub(crate) struct Session {
    upstreams: Upstreams,
    facts: ClusterFacts,
    journal: Journal,
    faults: Faults,
}

impl Upstreams {
    pub(crate) fn new(pki: &Pki, kube: &str, moto: &str, ministack: Option<&str>) -> Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate(&pki.ca)?).context("the lab's CA")?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("TLS")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            kube: kube.to_owned(),
            moto: moto.to_owned(),
            ministack: ministack.map(str::to_owned),
            ca_base64: base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &pki.ca_pem),
            client: Client::builder(TokioExecutor::new()).build(connector),
            acceptor: acceptor(pki)?,
        })
    }

    /// Opens a session on ports of its own.
    pub(crate) async fn open(&self) -> Result<SessionEndpoints> {
        let (kube, kube_url) = listen("https").await?;
        let (aws, aws_url) = listen("http").await?;
        let (control, control_url) = listen("http").await?;
        let session = Arc::new(Session {
            upstreams: self.clone(),
            facts: ClusterFacts {
                endpoint: kube_url.clone(),
                ca_base64: self.ca_base64.clone(),
            },
            journal: Journal::default(),
            faults: Faults::default(),
        });
        tokio::spawn(accept(kube, Arc::clone(&session), Target::Kube));
        tokio::spawn(accept(aws, Arc::clone(&session), Target::Aws));
        tokio::spawn(control::serve(control, session));
        Ok(SessionEndpoints {
            kube_server: kube_url,
            aws_endpoint: aws_url,
            recorder: control_url,
        })
    }
}

async fn accept(listener: TcpListener, session: Arc<Session>, target: Target) {
    while let Ok((stream, client)) = listener.accept().await {
        drop(stream.set_nodelay(true));
        let Ok(server) = stream.local_addr() else { continue };
        let ends = Ends { client, server };
        let session = Arc::clone(&session);
        tokio::spawn(async move {
            match target {
                Target::Aws => connection(stream, session, target, ends).await,
                Target::Kube => {
                    if let Ok(stream) = session.upstreams.acceptor.clone().accept(stream).await {
                        connection(stream, session, target, ends).await;
                    }
                }
            }
        });
    }
}

async fn connection<S>(stream: S, session: Arc<Session>, target: Target, ends: Ends)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| forward::handle(Arc::clone(&session), target, ends, request));
    let builder = auto::Builder::new(TokioExecutor::new());
    drop(
        builder
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .await,
    );
}

fn acceptor(pki: &Pki) -> Result<TlsAcceptor> {
    let key = PrivateKeyDer::from_pem_file(&pki.key).context(pki.key.display())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("TLS")?
        .with_no_client_auth()
        .with_single_cert(vec![certificate(&pki.cert)?], key)
        .context("the lab's certificate")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificate(path: &Path) -> Result<CertificateDer<'static>> {
    CertificateDer::from_pem_file(path).context(path.display())
}
