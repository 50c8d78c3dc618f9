//! The lab's small servers and clients: JSON over HTTP on loopback.

use std::convert::Infallible;
use std::net::Ipv4Addr;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::error::{Context as _, Error, Result};

/// What a handler answers: a status and a JSON body.
pub(crate) type Answer = (StatusCode, Value);

/// An error as an answer.
pub(crate) fn refusal(status: StatusCode, message: impl std::fmt::Display) -> Answer {
    (status, json!({ "error": message.to_string() }))
}

/// A listener on a free loopback port, with its URL.
pub(crate) async fn listen(scheme: &str) -> Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("listening on loopback")?;
    let port = listener.local_addr().context("listening on loopback")?.port();
    Ok((listener, format!("{scheme}://127.0.0.1:{port}")))
}

/// Serves JSON until the listener fails: `handle` gets method, path with query, and body.
pub(crate) async fn serve<H>(listener: TcpListener, handle: H)
where
    H: Fn(Method, String, Bytes) -> BoxFuture<'static, Answer> + Clone + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let handle = handle.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| answer(request, handle.clone()));
            let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            drop(served.await);
        });
    }
}

async fn answer<H>(request: Request<Incoming>, handle: H) -> std::result::Result<Response<Full<Bytes>>, Infallible>
where
    H: Fn(Method, String, Bytes) -> BoxFuture<'static, Answer>,
{
    let method = request.method().clone();
    let path = request
        .uri()
        .path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default();
    let (status, value) = match request.into_body().collect().await {
        Ok(body) => handle(method, path, body.to_bytes()).await,
        Err(error) => refusal(StatusCode::BAD_REQUEST, error),
    };
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("content-type", http::HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A client of one of the lab's servers.
#[derive(Debug, Clone)]
pub(crate) struct JsonClient {
    base: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl JsonClient {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Sends a request and reads the JSON answer; an answer other than 2xx is an error.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        let body = serde_json::to_vec(body).context("a request of the lab")?;
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .context("a request of the lab")?;
        let (status, text) = self.send(request).await?;
        if !status.is_success() {
            return Err(Error::new(format!(
                "{}{path} answered {status}: {}",
                self.base,
                String::from_utf8_lossy(&text)
            )));
        }
        serde_json::from_slice(&text).context(format!("{}{path}", self.base))
    }

    /// The URL that every path is put behind.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
        let response = self.client.request(request).await.context(&self.base)?;
        let status = response.status();
        let body = response.into_body().collect().await.context(&self.base)?;
        Ok((status, body.to_bytes()))
    }
}
