//! What all calls have in common: a span, a task, and what becomes of a panic.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tfplugin_framework::{Diagnostics, Provider};
use tonic::{Request, Response, Status};
use tracing::{Instrument, Span};

use super::answer::Answer;
use crate::convert::to_wire;
use crate::sessions::{Served, Session};

/// What a call is about, for the log.
pub(super) enum Subject<'a> {
    /// The provider itself.
    Provider,
    /// A resource type.
    Resource(&'a str),
    /// A data source.
    DataSource(&'a str),
}

impl Subject<'_> {
    fn span(&self, rpc: &'static str) -> Span {
        let tf_req_id = request_id();
        match self {
            Self::Provider => tracing::error_span!("call", tf_rpc = rpc, tf_req_id),
            Self::Resource(name) => tracing::error_span!("call", tf_rpc = rpc, tf_req_id, tf_resource_type = name),
            Self::DataSource(name) => tracing::error_span!("call", tf_rpc = rpc, tf_req_id, tf_data_source_type = name),
        }
    }
}

/// Runs a call in a task of its own: it outlives its connection, so that nothing is left half done because a host went
/// away, and a panic in it affects no other call. Whatever goes wrong is a message in the answer, never a gRPC status: some
/// hosts mistake a status for an empty success.
pub(super) async fn call<P, Q, A, F>(
    rpc: &'static str,
    subject: Subject<'_>,
    request: Request<Q>,
    run: impl FnOnce(Arc<Served<P>>, Q) -> F + Send + 'static,
) -> Result<Response<A>, Status>
where
    P: Provider,
    Q: Send + 'static,
    A: Answer,
    F: Future<Output = Result<A, Diagnostics>> + Send,
{
    let span = subject.span(rpc);
    // Every connection carries its session: only the listener makes connections.
    let session = request.extensions().get::<Session<P>>().cloned();
    let message = request.into_inner();
    let work = async move {
        let started = Instant::now();
        tracing::trace!("call received");
        let Some(session) = session else {
            return Err(bug("the connection has no session"));
        };
        let answer = run(session.served(), message).await;
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::trace!(elapsed_ms, "call answered");
        answer
    };
    let answer = match tokio::spawn(work.instrument(span)).await {
        Ok(answer) => answer,
        Err(ended) if ended.is_panic() => Err(bug(format!("`{rpc}` panicked: {}", reason(&*ended.into_panic())))),
        Err(_) => Err(bug(format!("`{rpc}` was cut off: the provider is shutting down"))),
    };
    Ok(Response::new(
        answer.unwrap_or_else(|diagnostics| A::failed(to_wire(diagnostics, None))),
    ))
}

fn bug(what: impl std::fmt::Display) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.bug(what);
    diagnostics
}

fn reason(panic: &(dyn std::any::Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

/// A new id in the form of a UUID, which is what log viewers group by.
fn request_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static SEED: std::sync::OnceLock<RandomState> = std::sync::OnceLock::new();
    let seed = SEED.get_or_init(RandomState::new);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let (high, low) = (seed.hash_one(count), seed.hash_one((count, "low")));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}
