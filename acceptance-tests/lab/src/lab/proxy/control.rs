//! The control API of a session: `GET /calls?since=N`, `POST /reset`, `GET|POST|DELETE /faults`.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;

use super::Session;
use super::fault::Fault;
use crate::lab::http::{Answer, refusal};

/// Serves the control API.
pub(super) async fn serve(listener: TcpListener, session: Arc<Session>) {
    crate::lab::http::serve(listener, move |method, path, body: Bytes| {
        let session = Arc::clone(&session);
        async move { answer(&session, &method, &path, &body) }.boxed()
    })
    .await;
}

fn answer(session: &Session, method: &Method, path: &str, body: &[u8]) -> Answer {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match (method.as_str(), path) {
        ("GET", "/calls") => {
            let since = query
                .strip_prefix("since=")
                .and_then(|text| text.parse().ok())
                .unwrap_or_default();
            (StatusCode::OK, json!(session.journal.since(since)))
        }
        ("POST", "/reset") => {
            session.journal.reset();
            session.faults.clear();
            (StatusCode::OK, json!({}))
        }
        ("GET", "/faults") => (StatusCode::OK, json!(session.faults.list())),
        ("DELETE", "/faults") => {
            session.faults.clear();
            (StatusCode::OK, json!({}))
        }
        ("POST", "/faults") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => (StatusCode::OK, json!({ "id": session.faults.add(fault) })),
            Err(error) => refusal(StatusCode::BAD_REQUEST, error),
        },
        _ => refusal(StatusCode::NOT_FOUND, format!("no {method} {path}")),
    }
}
