//! Which objects belong to which load balancer, and which are leaving it.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{ObjectReference, Service};
use k8s_openapi::api::networking::v1::Ingress;
use kube::{Resource as _, ResourceExt as _};

use super::Object;
use crate::lab::Result;
use crate::lab::load_balancer::model::member::Classed;
use crate::lab::load_balancer::model::stack::Owner;
use crate::lab::load_balancer::model::{Flavour, Model, Stack, ingress};
use crate::lab::load_balancer::store::Store;

/// The objects of a stack.
#[derive(Default)]
pub(super) struct Members {
    ingresses: Vec<Arc<Ingress>>,
    services: Vec<Arc<Service>>,
    leaving: Vec<Object>,
}

impl Members {
    /// The members of every stack.
    pub(super) fn of_all(store: &Store) -> BTreeMap<Stack, Self> {
        let mut stacks: BTreeMap<Stack, Self> = BTreeMap::new();
        for object in store.ingresses() {
            let is_leaving = object.metadata.deletion_timestamp.is_some();
            let flavour = store.flavour(&object).filter(|_| !is_leaving);
            let params = store.params(&object);
            let wanted = flavour.map(|flavour| ingress::stack(&object, flavour, params.as_ref()));
            let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
            for held in Stack::of_finalizers(&namespace, &name, object.finalizers()) {
                if Some(&held) != wanted.as_ref() {
                    let members = stacks.entry(held).or_default();
                    members.leaving.push(Object::Ingress(Arc::clone(&object)));
                }
            }
            if let Some(stack) = wanted {
                stacks.entry(stack).or_default().ingresses.push(object);
            }
        }
        for object in store.services() {
            Self::add_service(&mut stacks, object);
        }
        stacks
    }

    fn add_service(stacks: &mut BTreeMap<Stack, Self>, object: Arc<Service>) {
        let is_leaving = object.metadata.deletion_timestamp.is_some();
        let spec = object.spec.as_ref();
        let is_balanced = spec.and_then(|spec| spec.type_.as_deref()) == Some("LoadBalancer");
        let class = spec.and_then(|spec| spec.load_balancer_class.as_deref());
        let wanted = class
            .filter(|_| is_balanced && !is_leaving)
            .and_then(Flavour::of_service);
        for flavour in [Flavour::Own, Flavour::Auto] {
            let owner = Owner::Service(object.namespace().unwrap_or_default(), object.name_any());
            let stack = Stack { flavour, owner };
            if wanted == Some(flavour) {
                stacks.entry(stack).or_default().services.push(Arc::clone(&object));
            } else if object.finalizers().contains(&stack.finalizer()) {
                let members = stacks.entry(stack).or_default();
                members.leaving.push(Object::Service(Arc::clone(&object)));
            }
        }
    }

    /// True if nobody wants the load balancer any more.
    pub(super) fn is_empty(&self) -> bool {
        self.ingresses.is_empty() && self.services.is_empty()
    }

    pub(super) fn active(&self) -> Vec<Object> {
        let ingresses = self.ingresses.iter().cloned().map(Object::Ingress);
        ingresses
            .chain(self.services.iter().cloned().map(Object::Service))
            .collect()
    }

    pub(super) fn leaving(&self) -> &[Object] {
        &self.leaving
    }

    pub(super) fn active_references(&self) -> Vec<ObjectReference> {
        references(&self.active())
    }

    /// All, or those that leave if there are no others.
    pub(super) fn references(&self) -> Vec<ObjectReference> {
        if self.is_empty() {
            return references(&self.leaving);
        }
        self.active_references()
    }

    pub(super) fn model(&self, stack: &Stack, store: &Store) -> Result<Model> {
        match self.services.first() {
            Some(service) => crate::lab::load_balancer::model::service::build(stack, service),
            None => {
                let classed = |it: &Arc<Ingress>| (Arc::clone(it), store.params(it));
                let ingresses: Vec<Classed> = self.ingresses.iter().map(classed).collect();
                ingress::build(stack, &ingresses, &|namespace, name| store.service(namespace, name))
            }
        }
    }

    /// Everything that a reconciliation depends on, as text: it is done again when this changes.
    pub(super) fn fingerprint(&self, stack: &Stack, store: &Store) -> String {
        let mut seen = String::new();
        for ingress in &self.ingresses {
            let meta = &ingress.metadata;
            seen.push_str(&format!("{:?}{:?}{:?}", meta.uid, meta.generation, meta.annotations));
        }
        for service in &self.services {
            seen.push_str(&format!("{:?}{:?}", service.metadata.uid, service.metadata.annotations));
        }
        for object in &self.leaving {
            match object {
                Object::Ingress(it) => seen.push_str(&format!("-{:?}", it.metadata.uid)),
                Object::Service(it) => seen.push_str(&format!("-{:?}", it.metadata.uid)),
            }
        }
        match self.model(stack, store) {
            _ if self.is_empty() => seen,
            Ok(model) => format!("{seen}{model:?}"),
            Err(error) => format!("{seen}{error}"),
        }
    }
}

fn references(objects: &[Object]) -> Vec<ObjectReference> {
    let reference = |object: &Object| match object {
        Object::Ingress(it) => it.object_ref(&()),
        Object::Service(it) => it.object_ref(&()),
    };
    objects.iter().map(reference).collect()
}
