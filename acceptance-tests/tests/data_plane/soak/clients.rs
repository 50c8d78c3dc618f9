//! The clients of the soak. Each counts what it was answered and what it lost.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::bench::HOST;
use crate::client::Client;

/// A stream without news for so long is lost: events come five times a second.
const STALLED: Duration = Duration::from_secs(10);

/// What a Service is to its clients: new connections go to Pods that are ready, in turn.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) ready: Arc<Mutex<Vec<Ipv4Addr>>>,
    pub(super) ca_pem: String,
    next: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Service {
    pub(super) fn new(ca_pem: String) -> Self {
        Self {
            ready: Arc::default(),
            ca_pem,
            next: Arc::default(),
            stop: Arc::default(),
        }
    }

    pub(super) fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// A connection to a ready Pod.
    async fn connect(&self, http2: bool) -> TlsStream<TcpStream> {
        loop {
            let to = {
                let ready = self.ready.lock().expect("it works");
                ready[self.next.fetch_add(1, Ordering::Relaxed) % ready.len()]
            };
            let client = Client {
                http2,
                ..Client::default()
            };
            if let Ok(stream) = client.connect_with(&self.ca_pem, to).await {
                return stream;
            }
            // A load balancer tries another target; a Pod that is gone accepts nothing.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// What became of the requests of one client.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) answered: usize,
    pub(super) lost: Vec<String>,
}

impl Count {
    fn took(&mut self, result: Result<(), String>) -> bool {
        match result {
            Ok(()) => {
                self.answered += 1;
                true
            }
            Err(why) => {
                self.lost.push(why);
                false
            }
        }
    }
}

/// Reads an answer with a length; says whether the proxy closes afterwards.
async fn read_answer(stream: &mut TlsStream<TcpStream>) -> Result<(u16, bool, usize), String> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        if let Some(at) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut buffer).await {
            Ok(0) => return Err(format!("closed after {} bytes", head.len())),
            Ok(count) => head.extend_from_slice(&buffer[..count]),
            Err(error) => return Err(error.to_string()),
        }
    };
    let text = String::from_utf8_lossy(&head[..end]).to_lowercase();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim_start_matches(':').trim().to_owned())
    };
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let length = field("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = head.len() - end;
    while body < length {
        match stream.read(&mut buffer).await {
            Ok(0) => return Err(format!("closed after {body} of {length} bytes")),
            Ok(count) => body += count,
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok((status, field("connection").as_deref() == Some("close"), body))
}

/// As a load balancer: connections are kept for a minute of silence at most, and no request is sent twice.
pub(super) async fn balancer(service: Service, name: &'static str, upload: usize) -> Count {
    let mut count = Count::default();
    let mut kept = None;
    let mut number = 0;
    while service.goes_on() {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => service.connect(false).await,
        };
        number += 1;
        let (head, body) = match (number % 2, upload) {
            (_, 1..) => (format!("POST /upload/{number}"), vec![b'x'; upload]),
            (0, 0) => (format!("POST /order/{name}-{number}"), b"order".to_vec()),
            _ => (format!("GET /fast/{number}"), Vec::new()),
        };
        let text = format!(
            "{head} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let sent = async {
            stream.write_all(text.as_bytes()).await?;
            stream.write_all(&body).await
        };
        let answered = match sent.await {
            Ok(()) => read_answer(&mut stream).await,
            Err(error) => Err(error.to_string()),
        };
        let closes = matches!(answered, Ok((_, true, _)) | Err(_));
        let result = match answered {
            Ok((200, ..)) => Ok(()),
            Ok((status, ..)) => Err(format!("{head}: {status}")),
            Err(why) => Err(format!("{head}: {why}")),
        };
        count.took(result);
        if !closes {
            kept = Some(stream);
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    count
}

/// A client of HTTP/2 that sends a request again only where the server says that it did nothing with it.
pub(super) async fn multiplexed(service: Service, grpc: bool) -> Count {
    let mut count = Count::default();
    let mut kept: Option<http2::SendRequest<Full<Bytes>>> = None;
    while service.goes_on() {
        let mut sender = match kept.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => {
                let stream = TokioIo::new(service.connect(true).await);
                let Ok((sender, connection)) = http2::handshake(TokioExecutor::new(), stream).await else {
                    continue;
                };
                tokio::spawn(connection);
                sender
            }
        };
        if sender.ready().await.is_err() {
            continue;
        }
        let (path, kind) = if grpc {
            ("shop.Cart/Add", "application/grpc")
        } else {
            ("fast/1", "text/plain")
        };
        let request = Request::post(format!("https://{HOST}/{path}"))
            .header("content-type", kind)
            .body(Full::from("x"))
            .expect("it works");
        let result = match sender.send_request(request).await {
            Ok(answer) if answer.status() == 200 => match answer.into_body().collect().await {
                Ok(_) => Ok(()),
                Err(error) => Err(format!("{path}: {error:?}")),
            },
            Ok(answer) => Err(format!("{path}: {}", answer.status())),
            // Nothing was done with it.
            Err(error) if error.is_canceled() || format!("{error:?}").contains("REFUSED_STREAM") => continue,
            Err(error) => Err(format!("{path}: {error:?}")),
        };
        if count.took(result) {
            kept = Some(sender);
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    count
}

/// A WebSocket that says something five times a second; opened anew when it is cut.
pub(super) async fn websocket(service: Service) -> Count {
    let mut count = Count::default();
    while service.goes_on() {
        let mut stream = service.connect(false).await;
        let ask = format!("GET /ws HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        let mut buffer = [0; 1024];
        let opened = stream.write_all(ask.as_bytes()).await.is_ok()
            && matches!(stream.read(&mut buffer).await, Ok(read) if buffer[..read].starts_with(b"HTTP/1.1 101"));
        let mut alive = opened;
        while alive && service.goes_on() {
            let echo = async {
                stream.write_all(b"ping").await.map_err(|error| error.to_string())?;
                match stream.read(&mut buffer).await {
                    Ok(4) => Ok(()),
                    other => Err(format!("{other:?}")),
                }
            };
            alive = count.took(echo.await.map_err(|why| format!("WebSocket: {why}")));
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        if !opened {
            count.took(Err("WebSocket: not opened".to_owned()));
        }
    }
    count
}

/// A stream that is read slowly: events without an end, or a download of so many bytes.
pub(super) async fn stream(service: Service, path: String, bytes: usize, pause: Duration) -> Count {
    let mut count = Count::default();
    while service.goes_on() {
        let mut stream = service.connect(false).await;
        let ask = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
        let mut buffer = vec![0; 64 << 10];
        let mut read = 0;
        let mut end = stream.write_all(ask.as_bytes()).await.map(|()| 1);
        while matches!(end, Ok(1..)) && service.goes_on() {
            end = match tokio::time::timeout(STALLED, stream.read(&mut buffer)).await {
                Ok(end) => end,
                Err(stalled) => Err(stalled.into()),
            };
            read += end.as_ref().map_or(0, |count| *count);
            tokio::time::sleep(pause).await;
        }
        let whole = bytes > 0 && read >= bytes && matches!(end, Ok(0));
        let flowed = read > 0 && end.is_ok();
        if whole || (flowed && !service.goes_on()) {
            count.took(Ok(()));
        } else {
            count.took(Err(format!("{path}: cut after {read} bytes: {end:?}")));
        }
    }
    count
}
