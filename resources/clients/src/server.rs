//! A server for tests that misbehaves on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a request that it has read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    /// Nothing, for ever.
    Silence,
    /// It closes the connection.
    Closed,
    /// It answers with this status and body.
    Status(u16, &'static str),
    /// It answers with this status, with these headers (lines that end with `\r\n`), and with this body.
    Binary(u16, &'static str, &'static [u8]),
}

/// A server on a port of its own.
pub(crate) struct Server {
    /// Its URL.
    pub(crate) url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, reply, Arc::clone(&count)));
            }
        });
        Self { url, requests }
    }

    /// Requests that it has read so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, requests: Arc<AtomicUsize>) {
    while read(&mut stream).await {
        requests.fetch_add(1, Ordering::SeqCst);
        let (status, headers, body) = match reply {
            Reply::Silence => std::future::pending().await,
            Reply::Closed => return,
            Reply::Status(status, body) => (status, "content-type: application/json\r\n", body.as_bytes()),
            Reply::Binary(status, headers, body) => (status, headers, body),
        };
        let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len());
        if stream.write_all(&[head.as_bytes(), body].concat()).await.is_err() {
            return;
        }
    }
}

/// Reads a request; false at the end of the connection.
async fn read(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return false,
            Ok(read) => seen.extend_from_slice(&chunk[..read]),
        }
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        if body.len() >= length {
            return true;
        }
    }
}
