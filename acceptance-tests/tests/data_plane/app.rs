//! The app behind the proxy: it answers as a test says, and remembers what it was asked.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub(crate) const PORT: u16 = 8080;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) head: http::request::Parts,
    pub(crate) body: Bytes,
}

impl Seen {
    /// All values of a header, in order.
    pub(crate) fn header(&self, name: &str) -> Vec<String> {
        let values = self.head.headers.get_all(name).iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    }

    /// The one value of a header.
    pub(crate) fn one(&self, name: &str) -> String {
        self.header(name).join(" | ")
    }
}

type Answer = dyn Fn(&Seen) -> Response<Full<Bytes>> + Send + Sync;

#[derive(Clone)]
pub(crate) struct App {
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    answer: Arc<Answer>,
}

impl App {
    pub(crate) fn new(answer: impl Fn(&Seen) -> Response<Full<Bytes>> + Send + Sync + 'static) -> Self {
        Self {
            seen: Arc::default(),
            connections: Arc::default(),
            answer: Arc::new(answer),
        }
    }

    /// An app that says yes to everything.
    pub(crate) fn polite() -> Self {
        Self::new(|_| Response::new(Full::from("yes")))
    }

    /// Serves until the runtime ends; with TLS if there is an acceptor.
    pub(crate) async fn serve(&self, address: Ipv4Addr, tls: Option<TlsAcceptor>) {
        let listener = TcpListener::bind((address, PORT)).await.expect("the app listens");
        let app = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                app.connections.fetch_add(1, Ordering::Relaxed);
                let (app, tls) = (app.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => app.connection(TokioIo::new(stream)).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                app.connection(TokioIo::new(stream)).await;
                            }
                        }
                    }
                });
            }
        });
    }

    async fn connection(&self, stream: impl hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static) {
        let app = self.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let app = app.clone();
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                let seen = Seen { head, body };
                let answer = (app.answer)(&seen);
                app.seen.lock().expect("it works").push(seen);
                Ok::<_, Infallible>(answer)
            }
        });
        let mut builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
        builder.http1().preserve_header_case(true);
        let _ = builder.serve_connection(stream, service).await;
    }

    /// How many connections were opened so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// What arrived so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("it works").clone()
    }

    /// The last request.
    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().expect("the app was asked")
    }
}
