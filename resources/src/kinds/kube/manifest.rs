//! What we render: written by server-side apply, found by its owner label.

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::kinds::{self, CERTIFICATE, INGRESS, NAMESPACE, SECRET, SERVICE};
use e2etls_clients::kube::lists::Freshness;
use e2etls_clients::kube::objects::ApplyOptions;
use e2etls_clients::kube::watches::Sight;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::object::reference;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;

use super::{ALB, GROUP_NAME, NLB, SHARED_ALB, apply, fields, labels, marks, namespace};
use crate::kinds::Clients;

/// A kind whose objects are rendered.
///
/// # Guarantees
/// A create changes nothing that exists, and a change touches no other object than the one that was seen. Only fields
/// that the consent covers are written with force, and never the replicas of an autoscaler. Each owner is one field
/// manager, so that a field that is no longer rendered is removed.
pub struct ManifestKind {
    /// The kind and where the API serves it.
    pub kind: kinds::Kind,
    order: u8,
}

/// Namespace and name, from `namespace/name` or, for kinds of the cluster, `name`.
pub(in crate::kinds) fn place(kind: kinds::Kind, name: &str) -> (Option<&str>, &str) {
    match name.split_once('/').filter(|_| kind.namespaced) {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, name),
    }
}

/// The inverse of [`place`], from an object or a manifest.
pub(super) fn name_of(object: &Value) -> String {
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    match metadata["namespace"].as_str() {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    }
}

impl ManifestKind {
    pub(super) const fn new(kind: kinds::Kind, order: u8) -> Self {
        Self { kind, order }
    }

    /// An object of this kind as the engine sees it. Its content is the object as it is.
    pub(super) fn observed(&self, object: Value) -> Observed {
        let metadata = &object["metadata"];
        Observed {
            name: name_of(&object),
            uid: metadata["uid"].as_str().unwrap_or_default().to_owned(),
            marks: Some(marks::read(&object)),
            outputs: BTreeMap::new(),
            makes: self.makes(&object).into_iter().collect(),
            deleting: (!metadata["deletionTimestamp"].is_null()).then(|| self.awaited(&object)),
            managers: managers(&object),
            content: object,
        }
    }

    /// What a controller makes for the object.
    fn makes(&self, object: &Value) -> Option<String> {
        if self.kind == CERTIFICATE {
            let name = object["spec"]["secretName"].as_str()?;
            return Some(SECRET.reference(object["metadata"]["namespace"].as_str(), name));
        }
        let balancer = if self.kind == INGRESS {
            match object["metadata"]["annotations"].get(GROUP_NAME) {
                Some(_) => SHARED_ALB,
                None => ALB,
            }
        } else if self.kind == SERVICE && object["spec"]["type"] == "LoadBalancer" {
            NLB
        } else {
            return None;
        };
        Some(reference(balancer, &name_of(object)))
    }

    /// The object as the shared watch shows it. What that does not show is asked for: it sees the owner label only.
    async fn watched(&self, cluster: &Cluster, namespace: Option<&str>, name: &str) -> Result<Option<Value>, Refusal> {
        match cluster.watches.of(self.kind, namespace).look(name).await {
            Sight::Object(object) => Ok(Some(object)),
            Sight::Gone => Ok(None),
            Sight::Unsure => cluster.objects.get(self.kind, namespace, name).await,
        }
    }

    /// The objects that carry our label, of one owner or of any.
    async fn listed(
        &self,
        op: &Operation<Clients>,
        owner: Option<&str>,
        reading: Reading,
    ) -> Result<Vec<Value>, Refusal> {
        let cluster = op.remotes.cluster();
        let namespace = op.owner.namespace.as_deref().filter(|_| self.kind.namespaced);
        match (owner, freshness(reading)) {
            (Some(owner), Some(freshness)) => {
                let label = marks::label(owner);
                cluster.lists.labelled(self.kind, namespace, &label, freshness).await
            }
            (Some(owner), None) => {
                let selector = format!("{}={}", marks::OWNER_LABEL, marks::label(owner));
                cluster.objects.list(self.kind, namespace, &selector).await
            }
            (None, _) => cluster.objects.list(self.kind, namespace, marks::OWNER_LABEL).await,
        }
    }

    /// What delays the deletion of an object.
    fn awaited(&self, object: &Value) -> String {
        let finalizers = if self.kind == NAMESPACE {
            &object["spec"]
        } else {
            &object["metadata"]
        };
        let finalizers = finalizers["finalizers"].as_array().into_iter().flatten();
        let mut words: Vec<String> = finalizers
            .filter_map(Value::as_str)
            .map(|finalizer| format!("finalizer {finalizer}"))
            .collect();
        if self.kind == NAMESPACE {
            words.extend(namespace::remaining(object));
        }
        format!("it is being deleted: {}", words.join("; "))
    }
}

fn is_forbidden(refusal: &Refusal) -> bool {
    matches!(refusal.answer, Answer::Forbidden(_))
}

/// Which shared lists serve a reading; `None` where one object is asked for.
fn freshness(reading: Reading) -> Option<Freshness> {
    match reading {
        Reading::Shared => Some(Freshness::Recent),
        Reading::After(instant) => Some(Freshness::After(instant.into_std())),
        Reading::Run => Some(Freshness::Run),
        Reading::Watched | Reading::Fresh => None,
    }
}

/// Everybody but us who manages fields of the object, each once.
fn managers(object: &Value) -> Vec<String> {
    let entries = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    let mut managers: Vec<String> = entries
        .filter(|entry| entry["subresource"].is_null())
        .filter_map(|entry| entry["manager"].as_str())
        .filter(|manager| !marks::is_our_manager(manager))
        .map(str::to_owned)
        .collect();
    managers.sort_unstable();
    managers.dedup();
    managers
}

#[async_trait]
impl Kind<Clients> for ManifestKind {
    fn name(&self) -> &'static str {
        self.kind.kind
    }

    fn identity(&self) -> Identity {
        Identity::Named
    }

    fn order(&self) -> u8 {
        self.order
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        fields::differences(desired, live)
    }

    async fn look(
        &self,
        op: &Operation<Clients>,
        target: Target<'_>,
        reading: Reading,
    ) -> Result<Option<Observed>, Refusal> {
        let cluster = op.remotes.cluster();
        let (namespace, name) = place(self.kind, target.name);
        let found = match (reading, freshness(reading)) {
            (Reading::Watched, _) => self.watched(cluster, namespace, name).await?,
            (_, Some(freshness)) => cluster.lists.find(self.kind, namespace, name, freshness).await?,
            (_, None) => cluster.objects.get(self.kind, namespace, name).await?,
        };
        Ok(found.map(|object| self.observed(object)))
    }

    async fn of_owner(
        &self,
        op: &Operation<Clients>,
        owner: Option<&str>,
        _like: Option<&Part<Clients>>,
        reading: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        let found = match self.listed(op, owner, reading).await {
            // Under the profile of one namespace, objects of the cluster are known by name alone.
            Err(refusal) if owner.is_some() && !self.kind.namespaced && is_forbidden(&refusal) => Vec::new(),
            other => other?,
        };
        let mut found: Vec<Observed> = found.into_iter().map(|object| self.observed(object)).collect();
        found.retain(|object| {
            let marked = object.marks.as_ref().and_then(|marks| marks.owner.as_deref());
            marked.is_some_and(|marked| owner.is_none_or(|owner| owner == marked))
        });
        Ok(found)
    }

    async fn put(&self, op: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        apply::put(self, op, put).await
    }

    async fn spelling(
        &self,
        op: &Operation<Clients>,
        part: &Part<Clients>,
    ) -> Result<BTreeMap<String, Value>, Refusal> {
        let options = ApplyOptions {
            force: true,
            dry_run: true,
        };
        let manager = marks::field_manager(&op.owner.to_string());
        let objects = &op.remotes.cluster().objects;
        let manifest = labels::with(part.content.clone(), &op.remotes.labels);
        let written = objects.apply(self.kind, &manifest, &manager, options).await?;
        Ok(self.differences(&part.content, &written.object))
    }

    fn is_space(&self) -> bool {
        self.kind == NAMESPACE
    }

    async fn holds(&self, op: &Operation<Clients>, object: &Observed) -> Result<Vec<String>, Refusal> {
        if self.kind == NAMESPACE {
            namespace::holds(op, object).await
        } else {
            Ok(Vec::new())
        }
    }

    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        let cluster = op.remotes.cluster();
        let (namespace, name) = place(self.kind, &object.name);
        let deleted = cluster.objects.delete(self.kind, namespace, name, &object.uid).await;
        cluster.lists.forget_deleted(self.kind).await;
        deleted
    }

    async fn release(&self, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
        apply::release(self, op, object).await
    }

    async fn changed(&self, op: &Operation<Clients>, target: Target<'_>, _tries: u32) {
        let (namespace, name) = place(self.kind, target.name);
        let watch = op.remotes.cluster().watches.of(self.kind, namespace);
        watch.changed(name).await;
    }
}
