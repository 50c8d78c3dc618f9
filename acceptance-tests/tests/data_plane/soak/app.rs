//! The app of the soak: short answers, streams, uploads, WebSockets and gRPC. It counts how often each order arrived.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// One piece of a download.
const PIECE: usize = 64 << 10;

/// What all instances of the app share: how often each order arrived.
#[derive(Clone, Default)]
pub(super) struct Orders(Arc<Mutex<BTreeMap<String, u32>>>);

impl Orders {
    /// Orders that arrived more than once.
    pub(super) fn repeated(&self) -> Vec<String> {
        let orders = self.0.lock().expect("it works");
        let repeated = orders.iter().filter(|(_, count)| **count > 1);
        repeated.map(|(order, _)| order.clone()).collect()
    }
}

/// Serves until cancelled; then accepts nothing more and lets answers end, as a Pod that stops does.
pub(super) async fn serve(address: Ipv4Addr, orders: Orders, stop: CancellationToken) {
    let listener = TcpListener::bind((address, crate::app::PORT))
        .await
        .expect("the app listens");
    tokio::spawn(async move {
        while let Some(Ok((stream, _))) = stop.run_until_cancelled(listener.accept()).await {
            let (orders, stop) = (orders.clone(), stop.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let orders = orders.clone();
                    async move { Ok::<_, Infallible>(answer(request, &orders).await) }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
                tokio::pin!(served);
                tokio::select! {
                    _ = served.as_mut() => {}
                    () = stop.cancelled() => {
                        served.as_mut().graceful_shutdown();
                        let _ = served.await;
                    }
                }
            });
        }
    });
}

async fn answer(request: Request<Incoming>, orders: &Orders) -> Response<Body> {
    if request.headers().contains_key(header::UPGRADE) {
        return websocket(request);
    }
    let path = request.uri().path().to_owned();
    let number = path.rsplit('/').next().and_then(|part| part.parse().ok()).unwrap_or(0);
    if path.starts_with("/order/") {
        *orders.0.lock().expect("it works").entry(path.clone()).or_insert(0) += 1;
    }
    let body = match path.split('/').nth(1) {
        Some("events") => every(
            Duration::from_millis(200),
            Bytes::from_static(b"data: x\n\n"),
            usize::MAX,
        ),
        Some("big") => every(Duration::ZERO, Bytes::from(vec![b'x'; PIECE]), number / PIECE),
        Some("upload") => {
            let read = request.into_body().collect().await.map(|body| body.to_bytes().len());
            full(read.map_or_else(|error| error.to_string(), |length| length.to_string()))
        }
        Some("shop.Cart") => return grpc(),
        _ => full("yes".to_owned()),
    };
    Response::new(body)
}

fn full(text: String) -> Body {
    Full::from(text).boxed_unsync()
}

fn every(pause: Duration, piece: Bytes, count: usize) -> Body {
    let pieces = futures::stream::iter(0..count).then(move |_| {
        let piece = piece.clone();
        async move {
            tokio::time::sleep(pause).await;
            Ok(Frame::data(piece))
        }
    });
    StreamBody::new(pieces).boxed_unsync()
}

fn grpc() -> Response<Body> {
    let mut answer = Response::new(full("message".to_owned()));
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/grpc"),
    );
    headers.insert("grpc-status", header::HeaderValue::from_static("0"));
    answer
}

/// Answers 101, then sends back what arrives.
fn websocket(request: Request<Incoming>) -> Response<Body> {
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await?;
        let mut stream = TokioIo::new(upgraded);
        let mut buffer = [0; 256];
        loop {
            match stream.read(&mut buffer).await {
                Ok(count @ 1..) => stream.write_all(&buffer[..count]).await.unwrap_or_default(),
                _ => return Ok::<_, hyper::Error>(()),
            }
        }
    });
    let mut answer = Response::new(full(String::new()));
    *answer.status_mut() = hyper::StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert(header::UPGRADE, header::HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, header::HeaderValue::from_static("upgrade"));
    answer
}
