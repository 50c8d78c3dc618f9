//! Load balancers, which a controller in the cluster makes for Ingresses and Services. Never written: they are found by the
//! host name that the controller writes into the status, read back, and waited for.

mod observe;
mod ready;
mod reconciled;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;

use super::Clients;
use super::kube::manifest::ManifestKind;
use super::kube::{ALB, INGRESS, NLB, SERVICE, SHARED_ALB};

pub use observe::hostname;
pub use ready::{Admitted, Healthy, Listening};

/// The kind of a load balancer that a controller makes for an object.
pub struct LoadBalancerKind {
    name: &'static str,
    /// The kind of the object that it is made for; the names of both are the same.
    maker: &'static ManifestKind,
    /// Other objects may share it, and it lives on when ours goes.
    shared: bool,
    /// How much of it a look shows.
    depth: Depth,
}

/// How much a look shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// The load balancer itself.
    Itself,
    /// What it listens to, with certificates.
    Listeners,
    /// Where it sends requests, and the health of that.
    Targets,
}

impl LoadBalancerKind {
    const fn new(name: &'static str, maker: &'static ManifestKind, depth: Depth) -> Self {
        Self {
            name,
            maker,
            shared: false,
            depth,
        }
    }
}

/// The Application Load Balancer of one Ingress.
pub static APPLICATION: LoadBalancerKind = LoadBalancerKind::new(ALB, &INGRESS, Depth::Itself);
/// The Application Load Balancer of a group of Ingresses.
pub static SHARED_APPLICATION: LoadBalancerKind = LoadBalancerKind {
    shared: true,
    ..LoadBalancerKind::new(SHARED_ALB, &INGRESS, Depth::Itself)
};
/// The Network Load Balancer of a Service.
pub static NETWORK: LoadBalancerKind = LoadBalancerKind::new(NLB, &SERVICE, Depth::Itself);

#[async_trait]
impl Kind<Clients> for LoadBalancerKind {
    fn name(&self) -> &'static str {
        self.name
    }

    fn identity(&self) -> Identity {
        Identity::Named
    }

    /// After the object that its controller would make it for again.
    fn order(&self) -> u8 {
        2
    }

    /// The content belongs to its controller.
    fn differences(&self, _desired: &Value, _live: &Value) -> BTreeMap<String, Value> {
        BTreeMap::new()
    }

    async fn look(
        &self,
        op: &Operation<Clients>,
        target: Target<'_>,
        _reading: Reading,
    ) -> Result<Option<Observed>, Refusal> {
        match target.uid.filter(|arn| !arn.is_empty()) {
            Some(arn) => observe::of_arn(self, op, target.name, arn).await,
            None => observe::of_maker(self, op, target.name).await,
        }
    }

    /// None: a load balancer carries no marks of ours.
    async fn of_owner(
        &self,
        _: &Operation<Clients>,
        _: Option<&str>,
        _: Option<&Part<Clients>>,
        _: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        Ok(Vec::new())
    }

    /// Refused: its controller writes it.
    async fn put(&self, _: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        let words = "only the load balancer controller writes it";
        Err(Refusal::new(Answer::Invalid, "write", put.part.reference(), words))
    }

    /// Its controller deletes it, once the object is gone that it was made for. One that others share may stay.
    async fn delete(&self, _: &Operation<Clients>, _: &Observed) -> Result<bool, Refusal> {
        Ok(self.shared)
    }

    /// Nothing: there are no marks to remove.
    async fn release(&self, _: &Operation<Clients>, _: &Observed) -> Result<(), Refusal> {
        Ok(())
    }
}
