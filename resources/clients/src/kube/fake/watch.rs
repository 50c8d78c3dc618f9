//! Watches: what happened since a version, and what happens from then on.

use std::convert::Infallible;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::json;

use super::FakeCluster;
use super::request::Request;
use super::store::Event;

impl FakeCluster {
    /// The body of a watch: it never ends.
    pub(super) fn watch(&self, request: Request) -> UnsyncBoxBody<Bytes, Infallible> {
        let since = request
            .query
            .get("resourceVersion")
            .and_then(|version| version.parse().ok());
        let start = (self.clone(), self.changed.subscribe(), since.unwrap_or(0), request);
        let events = stream::unfold(start, |(cluster, mut changed, since, request)| async move {
            loop {
                changed.borrow_and_update();
                let next = cluster
                    .store()
                    .events
                    .iter()
                    .find(|event| event.version > since)
                    .cloned();
                match next {
                    Some(event) => {
                        let version = event.version;
                        return Some((line(&request, event), (cluster, changed, version, request)));
                    }
                    None => changed.changed().await.ok()?,
                }
            }
        });
        let frames = events.filter_map(|line| async move { Some(Ok(Frame::data(line?))) });
        StreamBody::new(frames).boxed_unsync()
    }
}

/// An event as the watch tells of it; what is no longer selected is told as deleted.
fn line(request: &Request, event: Event) -> Option<Bytes> {
    let (wanted, found) = (&request.key, &event.key);
    let is_in = wanted.group == found.group
        && wanted.plural == found.plural
        && (wanted.namespace.is_empty() || wanted.namespace == found.namespace);
    let what = if request.selects(&event.object) {
        event.what
    } else {
        "DELETED"
    };
    let line = json!({"type": what, "object": event.object});
    is_in.then(|| Bytes::from(format!("{line}\n")))
}
