//! A Kubernetes API server in memory: objects with server-side apply, preconditions, finalizers, namespaces and watches.
//!
//! It has no schemas: it sets no defaults, writes nothing in another way than it was sent, and checks no content. Controllers
//! are what a test adds with [`FakeCluster::react`].

mod answer;
mod apply;
mod discovery;
mod fields;
mod request;
mod serve;
mod store;
#[cfg(test)]
mod tests;
mod watch;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request as HttpRequest, Response, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use kube::client::Body;
use serde_json::{Value, json};
use tower::BoxError;

use super::cluster::Cluster;
use super::connect::{Connected, Server};
use super::kinds::{Kind, NAMESPACE};
use super::objects::Objects;
use super::refusal::Injected;
use crate::faults::Faults;
use request::{Key, Request};
use store::Store;

/// When the garbage collector looks after a delete.
const COLLECTS_AFTER: Duration = Duration::from_millis(20);

/// The manager of what is edited by hand.
const BY_HAND: &str = "kubectl-edit";

/// A cluster in memory. Clones are the same cluster.
#[derive(Clone)]
pub struct FakeCluster {
    /// What goes wrong with requests; watches apart.
    pub faults: Arc<Faults>,
    store: Arc<Mutex<Store>>,
    changed: Arc<tokio::sync::watch::Sender<u64>>,
}

impl Default for FakeCluster {
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl FakeCluster {
    /// A cluster with the namespaces `kube-system` and `default`, which shares these faults.
    #[must_use]
    pub fn new(faults: Arc<Faults>) -> Self {
        let cluster = Self {
            faults,
            store: Arc::default(),
            changed: Arc::new(tokio::sync::watch::Sender::new(0)),
        };
        for name in ["kube-system", "default"] {
            cluster.put(
                NAMESPACE,
                &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
            );
        }
        cluster
    }

    /// The cluster as resources see it; objects of ours carry `label`.
    #[must_use]
    pub fn cluster(&self, label: &'static str) -> Cluster {
        let client = self.client();
        Cluster::new(
            "",
            Connected {
                client,
                eks_arn: None,
                server: Server::default(),
                proxy: None,
            },
            None,
            label,
        )
    }

    /// Its objects.
    #[must_use]
    pub fn objects(&self) -> Objects {
        Objects::new(self.client())
    }

    /// An object. Not a request.
    #[must_use]
    pub fn get(&self, kind: Kind, namespace: Option<&str>, name: &str) -> Option<Value> {
        self.store().objects.get(&key(kind, namespace, name)).cloned()
    }

    /// All objects of a kind. Not a request.
    #[must_use]
    pub fn all(&self, kind: Kind) -> Vec<Value> {
        let is = |key: &Key| key.group == kind.group && key.plural == kind.plural;
        let store = self.store();
        store
            .objects
            .iter()
            .filter(|(key, _)| is(key))
            .map(|(_, object)| object.clone())
            .collect()
    }

    /// Writes an object by hand, whatever is there. Not a request.
    pub fn put(&self, kind: Kind, object: &Value) {
        let key = key_of(kind, object);
        let before = self.store().objects.get(&key).cloned().unwrap_or_default();
        self.change(|store| drop(store.put(&key, apply::updated(&before, object.clone(), BY_HAND))));
    }

    /// Puts an object with the `managedFields` that it states, times among them. Not a request.
    pub fn put_as_it_is(&self, kind: Kind, object: &Value) {
        let key = key_of(kind, object);
        self.change(|store| drop(store.put(&key, object.clone())));
    }

    /// Edits an object by hand: the fields that change are managed by `kubectl-edit` then. Not a request.
    pub fn edit(&self, kind: Kind, namespace: Option<&str>, name: &str, edit: impl FnOnce(&mut Value)) {
        if let Some(mut object) = self.get(kind, namespace, name) {
            edit(&mut object);
            self.put(kind, &object);
        }
    }

    /// Deletes an object by hand. Not a request.
    pub fn remove(&self, kind: Kind, namespace: Option<&str>, name: &str) {
        self.change(|store| {
            store.delete(&key(kind, namespace, name), false);
            store.collect();
        });
    }

    /// The kind is not served any more, as without its CRD; its objects are gone.
    pub fn unserve(&self, kind: Kind) {
        self.change(|store| {
            store.unserved.insert((kind.group.to_owned(), kind.plural.to_owned()));
            store
                .objects
                .retain(|key, _| key.plural != kind.plural || key.group != kind.group);
        });
    }

    /// A controller: what it does with each object of the kind after each write.
    pub fn react(&self, kind: Kind, reaction: impl FnMut(&mut Value) + Send + 'static) {
        let reaction = (kind.plural.to_owned(), Box::new(reaction) as store::Reaction);
        self.store().reactions.push(reaction);
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        let mut store = self.store();
        let changed = change(&mut store);
        let version = store.version;
        drop(store);
        self.changed.send_replace(version);
        changed
    }

    fn client(&self) -> kube::Client {
        let cluster = self.clone();
        let serve = move |request| {
            let cluster = cluster.clone();
            async move { cluster.serve(request).await }
        };
        kube::Client::new(tower::service_fn(serve), "default")
    }

    async fn serve(&self, request: HttpRequest<Body>) -> Result<Response<UnsyncBoxBody<Bytes, Infallible>>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let content_type = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let (code, answer) = match Request::read(&parts.uri) {
            // Watches, and the lists that they begin with, come when they like: they are not counted.
            Some(request) if request.is("watch", "true") => return Ok(Response::new(self.watch(request))),
            Some(request) if request.is("limit", "100") => self.answer(&Method::GET, &request, "", &body),
            Some(request) => {
                let operation = format!("{} {}", parts.method, parts.uri.path());
                let writes = parts.method != Method::GET && !request.is("dryRun", "All");
                let content_type = content_type.unwrap_or_default();
                let run = || Ok(self.answer(&parts.method, &request, content_type, &body));
                let answered = self.faults.call(&operation, parts.uri.path(), writes, run);
                answered.map_err(|refusal| Injected(refusal.answer))?
            }
            None => match discovery::answer(&self.store(), parts.uri.path()) {
                Some(served) => (200, served),
                None => answer::not_served(),
            },
        };
        let body = Full::new(Bytes::from(answer.to_string())).boxed_unsync();
        Ok(Response::builder().status(code).body(body)?)
    }

    fn answer(&self, method: &Method, request: &Request, content_type: &str, body: &Value) -> (u16, Value) {
        let answered = self.change(|store| serve::answer(store, method, request, content_type, body));
        if method == Method::DELETE {
            let cluster = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(COLLECTS_AFTER).await;
                cluster.change(Store::collect);
            });
        }
        answered
    }
}

fn key_of(kind: Kind, object: &Value) -> Key {
    let metadata = &object["metadata"];
    key(
        kind,
        metadata["namespace"].as_str(),
        metadata["name"].as_str().unwrap_or_default(),
    )
}

fn key(kind: Kind, namespace: Option<&str>, name: &str) -> Key {
    Key {
        group: kind.group.to_owned(),
        plural: kind.plural.to_owned(),
        namespace: namespace.filter(|_| kind.namespaced).unwrap_or_default().to_owned(),
        name: name.to_owned(),
    }
}
