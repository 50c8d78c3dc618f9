//! Elastic Load Balancing in memory. A test plays the controller: it puts in what that would have made.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::{ElbV2Api, Listener, LoadBalancer, Rule, Target, TargetGroup, Which};
use crate::aws::Effect;
use crate::aws::fake::{Said, Service, identity};
use crate::present;

/// A load balancer of the fake, with all that belongs to it.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// As `DescribeLoadBalancers` tells of it.
    pub load_balancer: LoadBalancer,
    /// Its name.
    pub name: String,
    /// Its listeners, with their certificates and rules.
    pub listeners: Vec<(Listener, Vec<String>, Vec<Rule>)>,
    /// Its target groups, with their targets.
    pub target_groups: Vec<(TargetGroup, Vec<Target>)>,
}

/// Elastic Load Balancing in memory.
#[derive(Debug)]
pub struct FakeElbV2 {
    service: Service,
    kept: Mutex<Vec<Kept>>,
}

identity!(FakeElbV2);

impl FakeElbV2 {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            kept: Mutex::default(),
        }
    }

    /// All load balancers, to be edited by hand. Not a call.
    ///
    /// # Caveats
    /// Holds a lock: no call is answered meanwhile.
    pub fn all(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers from what the first object that `find` finds gives.
    fn ask<T>(
        &self,
        operation: &str,
        target: &str,
        code: &'static str,
        find: impl Fn(&Kept) -> Option<T>,
    ) -> Result<T, Refusal> {
        self.service.call(operation, target, Effect::Read, || {
            let kept = self.all();
            let found = kept.iter().find_map(find);
            found.ok_or_else(|| -> Said { (400, code, format!("{target} not found")) })
        })
    }

    fn listener<T>(
        &self,
        operation: &str,
        arn: &str,
        get: impl Fn(&(Listener, Vec<String>, Vec<Rule>)) -> T,
    ) -> Result<T, Refusal> {
        self.ask(operation, arn, "ListenerNotFound", |kept| {
            kept.listeners
                .iter()
                .find(|(listener, ..)| listener.arn == arn)
                .map(&get)
        })
    }
}

#[async_trait]
impl ElbV2Api for FakeElbV2 {
    async fn load_balancer(&self, which: Which<'_>) -> Result<Option<LoadBalancer>, Refusal> {
        let (Which::Arn(target) | Which::Name(target)) = which;
        let is_it = |kept: &Kept| match which {
            Which::Arn(arn) => kept.load_balancer.arn == arn,
            Which::Name(name) => kept.name == name,
        };
        let operation = "elasticloadbalancing:DescribeLoadBalancers";
        present(self.ask(operation, target, "LoadBalancerNotFound", |kept| {
            is_it(kept).then(|| kept.load_balancer.clone())
        }))
    }

    async fn listeners(&self, load_balancer: &str) -> Result<Vec<Listener>, Refusal> {
        let operation = "elasticloadbalancing:DescribeListeners";
        self.ask(operation, load_balancer, "LoadBalancerNotFound", |kept| {
            let listeners = kept.listeners.iter().map(|(listener, ..)| listener.clone());
            (kept.load_balancer.arn == load_balancer).then(|| listeners.collect())
        })
    }

    async fn certificates(&self, listener: &str) -> Result<Vec<String>, Refusal> {
        let operation = "elasticloadbalancing:DescribeListenerCertificates";
        self.listener(operation, listener, |(_, certificates, _)| certificates.clone())
    }

    async fn rules(&self, listener: &str) -> Result<Vec<Rule>, Refusal> {
        let operation = "elasticloadbalancing:DescribeRules";
        self.listener(operation, listener, |(.., rules)| rules.clone())
    }

    async fn target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>, Refusal> {
        let operation = "elasticloadbalancing:DescribeTargetGroups";
        let mut found = Vec::new();
        for arn in arns {
            found.push(self.ask(operation, arn, "TargetGroupNotFound", |kept| {
                let mut groups = kept.target_groups.iter().map(|(group, _)| group);
                groups.find(|group| group.arn == *arn).cloned()
            })?);
        }
        Ok(found)
    }

    async fn targets(&self, target_group: &str) -> Result<Vec<Target>, Refusal> {
        let operation = "elasticloadbalancing:DescribeTargetHealth";
        self.ask(operation, target_group, "TargetGroupNotFound", |kept| {
            let groups = kept.target_groups.iter();
            let mut found = groups.filter(|(group, _)| group.arn == target_group);
            found.next().map(|(_, targets)| targets.clone())
        })
    }
}
