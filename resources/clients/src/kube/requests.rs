//! One request: sent, bounded in time, repeated where that is safe, and its refusal told apart.

use std::time::Duration;

use bytes::Bytes;
use e2etls_engine::refusal::{Answer, Refusal};
use http::{HeaderMap, Method, Request, StatusCode, header};
use kube::client::Body;
use kube::core::Status;
use serde::Deserialize;

use super::refusal::{Asked, Effect, of_status, of_transport};

/// How long a single request may take, its repetitions included.
pub const REQUEST: Duration = Duration::from_secs(60);
/// The same in a refresh, which is better kept waiting for less.
pub const REFRESH: Duration = Duration::from_secs(30);

/// Pauses before a request is repeated, in milliseconds; a server that names its own time is believed.
const PAUSES: [u64; 7] = [10, 50, 250, 1000, 2000, 5000, 5000];
/// How often a read is repeated whose connection broke: a load balancer may drop one, but an unreachable server is told soon.
const BROKEN: u32 = 2;

/// A request that is about to be sent.
pub(super) struct Call {
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    content_type: &'static str,
    accept: &'static str,
    asked: Asked,
}

impl Call {
    /// A request without a body. `target` is what refusals name.
    pub(super) fn new(method: Method, path: String, target: String) -> Self {
        let operation = format!("{method} {}", path.split('?').next().unwrap_or(&path));
        let effect = match method {
            Method::GET => Effect::Read,
            _ if path.contains("dryRun=All") => Effect::Read,
            _ => Effect::Write,
        };
        Self {
            method,
            path,
            body: None,
            content_type: "application/json",
            accept: "application/json",
            asked: Asked {
                operation,
                target,
                effect,
            },
        }
    }

    /// The same with a body.
    pub(super) fn body(mut self, content_type: &'static str, body: &serde_json::Value) -> Self {
        self.content_type = content_type;
        self.body = Some(body.to_string().into_bytes());
        self
    }

    /// The same, to be answered in another form.
    pub(super) fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    /// Sends it: status and body of an answer below 400.
    ///
    /// What was not executed for sure (429) is repeated, reads also where the server failed (5xx) or the connection broke; a
    /// write is never sent again otherwise.
    pub(super) async fn send(&self, client: &kube::Client, limit: Duration) -> Result<(u16, Bytes), Refusal> {
        tokio::time::timeout(limit, self.attempts(client))
            .await
            .unwrap_or_else(|_| Err(self.asked.timed_out(limit)))
    }

    async fn attempts(&self, client: &kube::Client) -> Result<(u16, Bytes), Refusal> {
        let mut pauses = PAUSES.into_iter().map(Duration::from_millis);
        let mut broken = 0;
        loop {
            let answered = self.once(client).await;
            let named = match &answered {
                Ok((code, headers, _)) if self.is_repeatable(*code) => retry_after(headers),
                Err(refusal)
                    if self.asked.effect == Effect::Read
                        && refusal.answer == Answer::Unreachable
                        && broken < BROKEN =>
                {
                    broken += 1;
                    None
                }
                _ => return self.judged(answered),
            };
            let Some(pause) = pauses.next() else {
                return self.judged(answered);
            };
            tokio::time::sleep(named.unwrap_or(pause)).await;
        }
    }

    /// Status and body of an answer below 400; any other is a refusal.
    fn judged(&self, answered: Result<(StatusCode, HeaderMap, Bytes), Refusal>) -> Result<(u16, Bytes), Refusal> {
        let (code, _, bytes) = answered?;
        match code.as_u16() {
            code @ ..400 => Ok((code, bytes)),
            _ => Err(of_status(&self.asked, &status(code, &bytes))),
        }
    }

    fn is_repeatable(&self, code: StatusCode) -> bool {
        code == StatusCode::TOO_MANY_REQUESTS || (code.is_server_error() && self.asked.effect == Effect::Read)
    }

    /// A refusal of an answer.
    pub(super) fn refused(&self, answer: Answer, words: &str) -> Refusal {
        self.asked.refused(answer, words.to_owned())
    }

    async fn once(&self, client: &kube::Client) -> Result<(StatusCode, HeaderMap, Bytes), Refusal> {
        let request = Request::builder()
            .method(self.method.clone())
            .uri(&self.path)
            .header(header::CONTENT_TYPE, self.content_type)
            .header(header::ACCEPT, self.accept)
            .body(self.body.clone().map_or_else(Body::empty, Body::from))
            .map_err(|error| self.asked.refused(Answer::Invalid, error.to_string()))?;
        let broken = |error: kube::Error| of_transport(&self.asked, &error);
        let (parts, body) = client.send(request).await.map_err(broken)?.into_parts();
        let bytes = body.collect_bytes().await.map_err(broken)?;
        Ok((parts.status, parts.headers, bytes))
    }

    /// The content of an answer. One that can't be read is as good as none.
    pub(super) fn read<'a, T: Deserialize<'a>>(&self, bytes: &'a [u8]) -> Result<T, Refusal> {
        serde_json::from_slice(bytes).map_err(|error| of_transport(&self.asked, &error))
    }
}

fn status(code: StatusCode, bytes: &[u8]) -> Status {
    let mut status: Status =
        serde_json::from_slice(bytes).unwrap_or_else(|_| Status::failure(String::from_utf8_lossy(bytes).trim(), ""));
    status.code = code.as_u16();
    status
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
