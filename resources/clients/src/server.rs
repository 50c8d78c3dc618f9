//! A server for tests that misbehaves on purpose.

use std::sync::{Arc, Mutex, PoisonError};

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
    /// It answers with status 200 and these bodies, each once, the last one for ever.
    InTurn(&'static [&'static str]),
    /// It answers with this status, with these headers (lines that end with `\r\n`), and with this body.
    Binary(u16, &'static str, &'static [u8]),
}

/// Each request as it was read.
type Requests = Arc<Mutex<Vec<String>>>;

/// A server on a port of its own.
pub(crate) struct Server {
    /// Its URL.
    pub(crate) url: String,
    requests: Requests,
}

impl Server {
    pub(crate) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Requests::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, reply, Arc::clone(&seen)));
            }
        });
        Self { url, requests }
    }

    /// Requests that it has read so far.
    pub(crate) fn requests(&self) -> usize {
        self.seen().len()
    }

    /// The requests that it has read so far, heads and bodies.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, requests: Requests) {
    while let Some(request) = read(&mut stream).await {
        let turn = {
            let mut seen = requests.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(request);
            seen.len() - 1
        };
        let (status, headers, body) = match reply {
            Reply::Silence => std::future::pending().await,
            Reply::Closed => return,
            Reply::Status(status, body) => (status, "content-type: application/json\r\n", body.as_bytes()),
            Reply::InTurn(bodies) => {
                let body = bodies.get(turn).or(bodies.last()).copied().unwrap_or_default();
                (200, "content-type: text/xml\r\n", body.as_bytes())
            }
            Reply::Binary(status, headers, body) => (status, headers, body),
        };
        let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len());
        if stream.write_all(&[head.as_bytes(), body].concat()).await.is_err() {
            return;
        }
    }
}

/// Reads a request; nothing at the end of the connection.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => seen.extend_from_slice(&chunk[..read]),
        }
        let text = String::from_utf8_lossy(&seen);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        if body.len() >= length {
            return Some(text.into_owned());
        }
    }
}
