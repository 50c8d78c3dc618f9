//! The read API: logs of containers, and what could not be served.
//!
//! `GET /pods/{namespace}/{name}/{container}/log` is the container's log since the pod's first start;
//! `GET /pods/{namespace}/{name}/dir` is the pod's directory; `GET /faults` lists Services whose ports could not be bound.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::Error;
use super::index::Index;
use super::proxy::Faults;

/// What the read API shows.
pub(crate) struct State {
    pub(crate) dir: PathBuf,
    pub(crate) index: Index,
    pub(crate) faults: Arc<Faults>,
}

/// Binds the API's port.
pub(crate) async fn bind(port: u16) -> Result<TcpListener, Error> {
    let at = (Ipv4Addr::LOCALHOST, port);
    TcpListener::bind(at).await.map_err(|source| Error::Bind {
        what: "read API",
        at: format!("127.0.0.1:{port}"),
        source,
    })
}

/// Answers until dropped.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer(&state, request.uri().path());
                async move { Ok::<_, Infallible>(answer) }
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn answer(state: &State, path: &str) -> Response<Full<Bytes>> {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let text = match parts.as_slice() {
        ["faults"] => Some(state.faults.text().into_bytes()),
        ["pods", namespace, name, "dir"] => {
            dir(state, namespace, name).map(|dir| dir.display().to_string().into_bytes())
        }
        ["pods", namespace, name, container, "log"] if *container != ".." => {
            dir(state, namespace, name).and_then(|dir| std::fs::read(dir.join(format!("{container}.log"))).ok())
        }
        _ => None,
    };
    let (status, body) = text.map_or((StatusCode::NOT_FOUND, b"not found\n".to_vec()), |text| {
        (StatusCode::OK, text)
    });
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
}

fn dir(state: &State, namespace: &str, name: &str) -> Option<PathBuf> {
    Some(state.dir.join("pods").join(state.index.uid(namespace, name)?))
}
