//! The port on the AWS SDK.

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::{ElbV2Api, Listener, LoadBalancer, Rule, Target, TargetGroup, Which, convert};
use crate::aws::{Aws, Effect, Identity, client, refused};
use crate::present;

/// Elastic Load Balancing in the Region of an identity.
#[derive(Clone)]
pub struct ElbV2 {
    aws: std::sync::Arc<Aws>,
    reads: aws_sdk_elasticloadbalancingv2::Client,
}

impl ElbV2 {
    /// The service under one identity.
    #[must_use]
    pub fn new(aws: std::sync::Arc<Aws>) -> Self {
        Self {
            reads: client!(aws_sdk_elasticloadbalancingv2, aws, "elbv2", Effect::Read),
            aws,
        }
    }
}

#[async_trait]
impl Identity for ElbV2 {
    async fn account(&self) -> Result<&str, Refusal> {
        self.aws.account().await
    }

    fn region(&self) -> &str {
        self.aws.region()
    }
}

#[async_trait]
impl ElbV2Api for ElbV2 {
    async fn load_balancer(&self, which: Which<'_>) -> Result<Option<LoadBalancer>, Refusal> {
        let call = self.reads.describe_load_balancers();
        let (call, target) = match which {
            Which::Arn(arn) => (call.load_balancer_arns(arn), arn),
            Which::Name(name) => (call.names(name), name),
        };
        let answer = call.send().await;
        let operation = "elasticloadbalancing:DescribeLoadBalancers";
        let answer = answer.map_err(|error| refused(operation, target, Effect::Read, &error));
        let found = present(answer)?;
        Ok(found.and_then(|found| found.load_balancers().first().map(convert::load_balancer)))
    }

    async fn listeners(&self, load_balancer: &str) -> Result<Vec<Listener>, Refusal> {
        let mut pages = self
            .reads
            .describe_listeners()
            .load_balancer_arn(load_balancer)
            .into_paginator()
            .send();
        let operation = "elasticloadbalancing:DescribeListeners";
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refused(operation, load_balancer, Effect::Read, &error))?;
            found.extend(page.listeners().iter().map(convert::listener));
        }
        Ok(found)
    }

    async fn certificates(&self, listener: &str) -> Result<Vec<String>, Refusal> {
        let operation = "elasticloadbalancing:DescribeListenerCertificates";
        let mut pages = self
            .reads
            .describe_listener_certificates()
            .listener_arn(listener)
            .into_paginator()
            .send();
        let (mut default, mut others) = (Vec::new(), Vec::new());
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refused(operation, listener, Effect::Read, &error))?;
            for certificate in page.certificates() {
                let list = match certificate.is_default() {
                    Some(true) => &mut default,
                    _ => &mut others,
                };
                list.extend(certificate.certificate_arn().map(str::to_owned));
            }
        }
        // A listener may show its default certificate twice: as that, and among the others.
        others.retain(|arn| !default.contains(arn));
        default.extend(others);
        Ok(default)
    }

    async fn rules(&self, listener: &str) -> Result<Vec<Rule>, Refusal> {
        let operation = "elasticloadbalancing:DescribeRules";
        let mut pages = self
            .reads
            .describe_rules()
            .listener_arn(listener)
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refused(operation, listener, Effect::Read, &error))?;
            let rules = page.rules().iter().filter(|rule| rule.is_default() != Some(true));
            found.extend(rules.map(|rule| {
                let priority = rule.priority().and_then(|priority| priority.parse::<u32>().ok());
                (priority.unwrap_or(u32::MAX), convert::rule(rule))
            }));
        }
        found.sort_by_key(|(priority, _)| *priority);
        Ok(found.into_iter().map(|(_, rule)| rule).collect())
    }

    async fn target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>, Refusal> {
        let Some(first) = arns.first() else {
            return Ok(Vec::new());
        };
        let call = self.reads.describe_target_groups();
        let answer = call.set_target_group_arns(Some(arns.to_vec())).send().await;
        let operation = "elasticloadbalancing:DescribeTargetGroups";
        let answer = answer.map_err(|error| refused(operation, first, Effect::Read, &error))?;
        Ok(answer.target_groups().iter().map(convert::target_group).collect())
    }

    async fn targets(&self, target_group: &str) -> Result<Vec<Target>, Refusal> {
        let call = self.reads.describe_target_health().target_group_arn(target_group);
        let operation = "elasticloadbalancing:DescribeTargetHealth";
        let answer = call.send().await;
        let answer = answer.map_err(|error| refused(operation, target_group, Effect::Read, &error))?;
        Ok(answer
            .target_health_descriptions()
            .iter()
            .map(convert::target)
            .collect())
    }
}
