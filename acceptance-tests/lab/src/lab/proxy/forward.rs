//! One call: written down, met by a fault or not, forwarded.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use super::cbor;
use super::client_process::{Ends, owner};
use super::counted::{AnyBody, BoxError, Counted, full};
use super::fault::{Action, When};
use super::operation::{Asked, field};
use super::record::{Call, Entry, Target};
use super::{Session, Upstreams};
use crate::lab::process::kill;

/// An error here closes the caller's connection without an answer.
type Handled = Result<Response<AnyBody>, BoxError>;

/// Everything that happens to one call.
pub(super) async fn handle(session: Arc<Session>, target: Target, ends: Ends, request: Request<Incoming>) -> Handled {
    let started = Instant::now();
    let (request, form) = buffer(target, request).await?;
    let call = describe(target, &request, form.as_deref());
    let service = call.service.clone();
    let decision = session.faults.decide(&call);
    let entry = session.journal.add(Call {
        fault: decision.as_ref().map(|(id, _)| *id),
        ..call
    });
    let action = decision.map(|(_, action)| action);
    let cbor = header(request.headers(), "smithy-protocol").as_deref() == Some(cbor::PROTOCOL);
    if let Some(answer) = before(action.as_ref(), ends).await? {
        let answer = if cbor { cbor::answer(answer).await? } else { answer };
        session
            .journal
            .update(entry, |call| call.status = Some(answer.status().as_u16()));
        return Ok(answer);
    }
    let response = forward(&session, target, service.as_deref(), entry, request).await;
    let response = response.unwrap_or_else(|error| plain(StatusCode::BAD_GATEWAY, format!("recording proxy: {error}")));
    after(action.as_ref(), ends)?;
    session.journal.update(entry, |call| {
        call.status = Some(response.status().as_u16());
        call.millis = u64::try_from(started.elapsed().as_millis()).ok();
    });
    Ok(response)
}

/// AWS requests are small and name their operation in the body: they are read whole.
async fn buffer(target: Target, request: Request<Incoming>) -> Result<(Request<AnyBody>, Option<String>), BoxError> {
    let (parts, body) = request.into_parts();
    if target == Target::Kube {
        return Ok((
            Request::from_parts(parts, body.map_err(Into::into).boxed_unsync()),
            None,
        ));
    }
    let body = body.collect().await?.to_bytes();
    let form = header(&parts.headers, "content-type").is_some_and(|kind| kind.contains("form-urlencoded"));
    let text = form.then(|| String::from_utf8_lossy(&body).into_owned());
    Ok((Request::from_parts(parts, full(body)), text))
}

fn describe(target: Target, request: &Request<AnyBody>, form: Option<&str>) -> Call {
    let amz_target = header(request.headers(), "x-amz-target");
    let service = (target == Target::Aws).then(|| signed_service(request)).flatten();
    let asked = Asked {
        service: service.as_deref(),
        method: request.method(),
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        target: amz_target.as_deref(),
        form,
    };
    let operation = (target == Target::Aws).then(|| asked.operation()).flatten();
    Call {
        n: 0,
        time: jiff::Timestamp::now().to_string(),
        target,
        method: request.method().to_string(),
        path: request
            .uri()
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string),
        service,
        operation,
        amz_target,
        user_agent: header(request.headers(), "user-agent"),
        status: None,
        request_bytes: 0,
        response_bytes: 0,
        millis: None,
        fault: None,
    }
}

/// The service in the scope of a request's signature.
fn signed_service(request: &Request<AnyBody>) -> Option<String> {
    let authorization = header(request.headers(), "authorization");
    let in_header = authorization
        .as_deref()
        .and_then(|text| text.split_once("Credential="))
        .map(|(_, rest)| rest.to_owned());
    let credential = in_header.or_else(|| field(request.uri().query()?, "X-Amz-Credential"))?;
    credential.split('/').nth(3).map(str::to_owned)
}

/// What a fault does before anything is forwarded.
async fn before(action: Option<&Action>, ends: Ends) -> Result<Option<Response<AnyBody>>, BoxError> {
    match action {
        Some(Action::Status {
            code,
            body,
            retry_after,
        }) => {
            let code = StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut answer = plain(code, body.clone());
            if let Some(seconds) = retry_after {
                answer.headers_mut().insert("retry-after", HeaderValue::from(*seconds));
            }
            Ok(Some(answer))
        }
        Some(Action::Delay { millis }) => {
            tokio::time::sleep(Duration::from_millis(*millis)).await;
            Ok(None)
        }
        Some(Action::Drop) => Err("dropped".into()),
        Some(Action::KillPid {
            pid,
            when: When::Before,
        }) => Err(killed(Some(*pid))),
        Some(Action::KillClient { when: When::Before }) => Err(killed(owner(ends))),
        _ => Ok(None),
    }
}

/// What a fault does once the call has taken effect.
fn after(action: Option<&Action>, ends: Ends) -> Result<(), BoxError> {
    match action {
        Some(Action::DropAfter) => Err("dropped".into()),
        Some(Action::KillPid { pid, when: When::After }) => Err(killed(Some(*pid))),
        Some(Action::KillClient { when: When::After }) => Err(killed(owner(ends))),
        _ => Ok(()),
    }
}

fn killed(pid: Option<u32>) -> BoxError {
    match pid {
        Some(pid) if kill(pid) => format!("killed {pid}").into(),
        other => format!("could not kill {other:?}").into(),
    }
}

async fn forward(
    session: &Arc<Session>,
    target: Target,
    service: Option<&str>,
    entry: Entry,
    request: Request<AnyBody>,
) -> Handled {
    let upstream = upstream(&session.upstreams, target, service);
    let describes_cluster = service == Some("eks") && request.method() == http::Method::GET;
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("{upstream}{path}").parse::<Uri>()?;
    parts.version = Version::HTTP_11;
    if target == Target::Kube {
        parts.headers.remove(HOST);
    }
    let upgrade = parts
        .headers
        .contains_key(UPGRADE)
        .then(|| parts.extensions.remove::<hyper::upgrade::OnUpgrade>());
    let count = counter(session, entry, |call, bytes| call.request_bytes += bytes);
    let response = session
        .upstreams
        .client
        .request(Request::from_parts(parts, Counted::wrap(body, count)))
        .await?;
    let count = counter(session, entry, |call, bytes| call.response_bytes += bytes);
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(switch(response, upgrade.flatten()));
    }
    let (mut parts, body) = response.into_parts();
    hop_by_hop(&mut parts.headers);
    if describes_cluster {
        let body = body.collect().await?.to_bytes();
        let body = session.facts.complete(&body).map_or(body, Bytes::from);
        count(body.len() as u64);
        parts.headers.remove(CONTENT_LENGTH);
        return Ok(Response::from_parts(parts, full(body)));
    }
    Ok(Response::from_parts(parts, Counted::wrap(body, count)))
}

/// The server behind a door: EKS has one of its own.
fn upstream<'a>(upstreams: &'a Upstreams, target: Target, service: Option<&str>) -> &'a str {
    match (target, service) {
        (Target::Kube, _) => &upstreams.kube,
        (Target::Aws, Some("eks")) => upstreams.ministack.as_ref().unwrap_or(&upstreams.moto),
        (Target::Aws, _) => &upstreams.moto,
    }
}

/// Something that adds bytes to a call in the journal.
fn counter(session: &Arc<Session>, entry: Entry, add: fn(&mut Call, u64)) -> impl Fn(u64) + Unpin + Send + 'static {
    let session = Arc::clone(session);
    move |bytes| session.journal.update(entry, |call| add(call, bytes))
}

/// Joins the two ends of an upgraded connection (port-forward, exec).
fn switch(mut response: Response<Incoming>, caller: Option<hyper::upgrade::OnUpgrade>) -> Response<AnyBody> {
    let server = hyper::upgrade::on(&mut response);
    if let Some(caller) = caller {
        tokio::spawn(async move {
            if let (Ok(caller), Ok(server)) = (caller.await, server.await) {
                let (mut caller, mut server) = (TokioIo::new(caller), TokioIo::new(server));
                drop(tokio::io::copy_bidirectional(&mut caller, &mut server).await);
            }
        });
    }
    response.map(|_| full(Bytes::new()))
}

/// Headers that belong to one connection only.
fn hop_by_hop(headers: &mut HeaderMap) {
    for name in [CONNECTION, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
}

fn plain(status: StatusCode, body: String) -> Response<AnyBody> {
    let json = body.starts_with('{');
    let mut response = Response::new(full(body));
    *response.status_mut() = status;
    let kind = if json { "application/json" } else { "text/plain" };
    response
        .headers_mut()
        .insert("content-type", HeaderValue::from_static(kind));
    response
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}
