//! Clients: raw ones, so that nothing is sent but what a test says.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::bench::{Bench, HOST, STRANGER};

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The one value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// TLS to a proxy, verified against its CA.
pub(crate) struct Client {
    pub(crate) from: Ipv4Addr,
    pub(crate) server_name: Option<&'static str>,
    pub(crate) http2: bool,
    pub(crate) port: u16,
    /// Sent before the handshake.
    pub(crate) preamble: String,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            from: STRANGER,
            server_name: Some(HOST),
            http2: false,
            port: 8443,
            preamble: String::new(),
        }
    }
}

impl Client {
    pub(crate) fn from(address: Ipv4Addr) -> Self {
        Self {
            from: address,
            ..Self::default()
        }
    }

    pub(crate) async fn connect(&self, bench: &Bench) -> std::io::Result<TlsStream<TcpStream>> {
        self.connect_to(bench, bench.address).await
    }

    /// Connects to another server with a certificate of the bench's CA.
    pub(crate) async fn connect_to(&self, bench: &Bench, to: Ipv4Addr) -> std::io::Result<TlsStream<TcpStream>> {
        self.connect_with(&bench.authority.pem(), to).await
    }

    /// Connects to a server that verifies against this CA.
    pub(crate) async fn connect_with(&self, ca_pem: &str, to: Ipv4Addr) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("a certificate");
        roots.add(root).expect("an anchor");
        let mut config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![if self.http2 {
            b"h2".to_vec()
        } else {
            b"http/1.1".to_vec()
        }];
        config.enable_sni = self.server_name.is_some();
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind((self.from, 0).into())?;
        let mut stream = socket.connect(SocketAddr::from((to, self.port))).await?;
        stream.write_all(self.preamble.as_bytes()).await?;
        let name = ServerName::try_from(self.server_name.unwrap_or(HOST)).expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// Sends a text with `\n` for each end of a line, and reads until the proxy closes.
    pub(crate) async fn send(&self, bench: &Bench, text: &str) -> Answer {
        let mut stream = self.connect(bench).await.expect("a connection");
        stream
            .write_all(text.replace('\n', "\r\n").as_bytes())
            .await
            .expect("sent");
        let mut read = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut read)).await;
        parse(&read)
    }

    /// A GET with more header lines.
    pub(crate) async fn get(&self, bench: &Bench, path: &str, more: &str) -> Answer {
        self.send(
            bench,
            &format!("GET {path} HTTP/1.1\nHost: {HOST}\nConnection: close\n{more}\n"),
        )
        .await
    }
}

/// A GET of a stranger.
pub(crate) async fn get(bench: &Bench, path: &str) -> Answer {
    Client::default().get(bench, path, "").await
}

pub(crate) fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let body = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        chunks(body)
    } else {
        body.to_owned()
    };
    Answer {
        status,
        head: head.to_owned(),
        body,
    }
}

fn chunks(mut text: &str) -> String {
    let mut body = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || rest.len() < size {
            break;
        }
        body.push_str(&rest[..size]);
        text = rest[size..].trim_start_matches("\r\n");
    }
    body
}
