//! `e2etls.lab/hello`: a plain HTTP application that tells what it received.
//!
//! `/slow?ms=N` answers after N ms, `/bytes?n=N` answers N bytes, `POST /echo` answers its body, and a websocket
//! echoes its messages. Every other path answers a readable text.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, SERVER};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod websocket;

const MOST_BYTES: usize = 64 << 20;

/// One instance.
pub(crate) struct App {
    pub(crate) pod: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) port: u16,
    pub(crate) log: PathBuf,
}

impl App {
    fn write(&self, line: &str) {
        if let Ok(mut log) = std::fs::OpenOptions::new().create(true).append(true).open(&self.log) {
            let _ = writeln!(log, "{line}");
        }
    }
}

/// Serves until stopped; requests under way are finished. Returns the exit code.
pub(crate) async fn serve(app: App, stop: CancellationToken) -> i32 {
    let at = SocketAddrV4::new(app.address, app.port);
    let listener = match TcpListener::bind(at).await {
        Ok(listener) => listener,
        Err(error) => {
            app.write(&format!("can't listen on {at}: {error}"));
            return 1;
        }
    };
    app.write(&format!("listening on {at}"));
    let app = Arc::new(app);
    let connections = TaskTracker::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        if let Ok((stream, from)) = accepted {
            connections.spawn(connection(Arc::clone(&app), TokioIo::new(stream), from, stop.clone()));
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
    0
}

async fn connection(app: Arc<App>, stream: TokioIo<tokio::net::TcpStream>, from: SocketAddr, stop: CancellationToken) {
    let service = service_fn(move |request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(answer(&app, request, from).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(stream, service)
        .with_upgrades();
    tokio::pin!(served);
    tokio::select! {
        _ = &mut served => return,
        () = stop.cancelled() => {}
    }
    served.as_mut().graceful_shutdown();
    let _ = served.await;
}

async fn answer(app: &App, request: Request<Incoming>, from: SocketAddr) -> Response<Full<Bytes>> {
    app.write(&format!("{} {} {}", from.ip(), request.method(), request.uri()));
    if websocket::is_asked(&request) {
        return websocket::accept(request);
    }
    let body = match (request.method(), request.uri().path()) {
        (&Method::POST, "/echo") => request
            .into_body()
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default(),
        (_, "/bytes") => Bytes::from(vec![b'x'; number(&request, "n").min(MOST_BYTES)]),
        (_, "/slow") => {
            tokio::time::sleep(Duration::from_millis(number(&request, "ms").try_into().unwrap_or(0))).await;
            text(app, &request, from)
        }
        _ => text(app, &request, from),
    };
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(SERVER, HeaderValue::from_static("e2etls-lab-hello"));
    response
}

/// What was received, one fact a line.
fn text(app: &App, request: &Request<Incoming>, from: SocketAddr) -> Bytes {
    let mut lines = vec![
        format!("hello from pod {}", app.pod),
        format!("peer: {}", from.ip()),
        format!("request: {} {}", request.method(), request.uri()),
    ];
    lines.extend(
        request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))),
    );
    Bytes::from(lines.join("\n") + "\n")
}

/// A number of the query string; 0 if there is none.
fn number(request: &Request<Incoming>, name: &str) -> usize {
    let query = request.uri().query().unwrap_or_default();
    let pair = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name);
    pair.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
}
