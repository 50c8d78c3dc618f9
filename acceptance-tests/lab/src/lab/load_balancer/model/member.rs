//! An Ingress among those that share a load balancer.

use std::sync::Arc;

use k8s_openapi::api::networking::v1::{Ingress, IngressRule};
use kube::ResourceExt as _;
use serde_json::Value;

use super::annotations::{Annotations, INGRESS};
use super::params;

/// An Ingress with the parameters of its class.
pub(crate) type Classed = (Arc<Ingress>, Option<Value>);

/// An Ingress with its annotations.
pub(super) struct Member<'a> {
    pub(super) ingress: &'a Ingress,
    pub(super) own: Annotations,
}

impl<'a> Member<'a> {
    pub(super) fn of((ingress, params): &'a Classed) -> Self {
        let own = Annotations::of(ingress.metadata.annotations.as_ref(), INGRESS);
        let own = params::over(params.as_ref(), own);
        Self { ingress, own }
    }

    pub(super) fn key(&self) -> String {
        key(self.ingress)
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = &IngressRule> {
        self.ingress.spec.iter().flat_map(|spec| spec.rules.iter().flatten())
    }
}

fn key(ingress: &Ingress) -> String {
    format!("{}/{}", ingress.namespace().unwrap_or_default(), ingress.name_any())
}
