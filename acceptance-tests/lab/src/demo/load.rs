//! Load: HTTP/1.1 requests without a pause, a connection each, verified by webpki.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use e2etls_lab::lab::{Context as _, Result};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::stage::HOST;
use super::verify::Served;

/// Clients at once.
const CLIENTS: usize = 3;

/// Running load.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Counts>>,
}

/// What became of the requests.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) answered: usize,
    pub(crate) failures: Vec<String>,
}

impl Load {
    /// Starts it.
    pub(crate) fn start(served: &Served) -> Result<Self> {
        let client = Client::new(served)?;
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..CLIENTS)
            .map(|_| tokio::spawn(client.clone().requests(stop.clone())))
            .collect();
        Ok(Self { stop, clients })
    }

    /// Stops it and counts.
    pub(crate) async fn stop(self) -> Result<Counts> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Counts::default();
        for client in self.clients {
            let counts = client.await.context("the load")?;
            all.answered += counts.answered;
            all.failures.extend(counts.failures);
        }
        Ok(all)
    }
}

/// A client that verifies against the stack's CA.
#[derive(Clone)]
pub(crate) struct Client {
    target: String,
    tls: TlsConnector,
}

impl Client {
    /// A client for what is served.
    pub(crate) fn new(served: &Served) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(served.ca_pem.as_bytes()).context("the CA certificate")?;
        roots.add(ca).context("the CA certificate")?;
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let target = format!("{}:{}", served.address, served.port);
        Ok(Self {
            target,
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    async fn requests(self, stop: Arc<AtomicBool>) -> Counts {
        let mut counts = Counts::default();
        while !stop.load(Ordering::Relaxed) {
            let asked = tokio::time::timeout(Duration::from_secs(10), self.request()).await;
            match asked.unwrap_or_else(|_| Err(e2etls_lab::lab::Error::new("no answer in 10 s"))) {
                Ok((status, _)) if status == "HTTP/1.1 200 OK" => counts.answered += 1,
                Ok((status, _)) => counts.failures.push(status),
                Err(error) => counts.failures.push(error.to_string()),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        counts
    }

    /// One request: the status line, and the certificate that was served.
    pub(crate) async fn request(&self) -> Result<(String, CertificateDer<'static>)> {
        let stream = TcpStream::connect(&self.target).await.context("connecting")?;
        let name = ServerName::try_from(HOST).context(HOST)?;
        let mut stream = self.tls.connect(name, stream).await.context("the handshake")?;
        let served = stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(|chain| chain.first())
            .context("a certificate")?;
        let served = served.clone().into_owned();
        let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.context("sending")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.context("receiving")?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        Ok((answer.lines().next().unwrap_or("an empty answer").to_owned(), served))
    }
}
