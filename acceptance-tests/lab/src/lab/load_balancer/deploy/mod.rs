//! Makes AWS have what a model says: creates, changes in place, and deletes what is too much.

mod convert;
mod existing;
mod firewall;
mod groups;
mod listeners;
mod security;
pub(crate) mod targets;

use std::collections::BTreeMap;
use std::fmt::Display;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, LoadBalancerSchemeEnum, LoadBalancerTypeEnum};

use self::existing::{Existing, Found};
use super::model::{Balancer, Model, Pairs, Stack, TargetGroup};
use super::vpc::{SECURITY_GROUPS, SUBNETS, Vpc};
use crate::lab::{Context as _, Error, Result};

/// What a deployed stack is known by.
#[derive(Clone, Debug)]
pub(crate) struct Deployed {
    pub(crate) hostname: String,
    /// Target groups with their ARNs.
    pub(crate) groups: Vec<(String, TargetGroup)>,
}

/// Access to the stand-in for AWS.
#[derive(Clone, Debug)]
pub(crate) struct Aws {
    pub(crate) client: Client,
    pub(crate) vpc: Vpc,
}

impl Aws {
    /// Brings a stack's objects to what the model says.
    pub(crate) async fn deploy(&self, stack: &Stack, model: &Model) -> Result<Deployed> {
        let existing = Existing::of(&self.client, stack).await?;
        let groups = self.groups(stack, model, &existing.groups).await?;
        let security = self.security_groups(stack, model).await?;
        let balancer = self.balancer(stack, &model.balancer, &security, &existing).await?;
        let arn = balancer.load_balancer_arn().context("a load balancer without an ARN")?;
        let arns: BTreeMap<&str, &str> = groups
            .iter()
            .map(|(arn, group)| (group.id.as_str(), arn.as_str()))
            .collect();
        self.listeners(stack, arn, model, &arns).await?;
        let unused = existing
            .groups
            .iter()
            .filter(|it| !groups.iter().any(|(arn, _)| *arn == it.arn));
        for group in unused {
            self.delete_group(&group.arn).await?;
        }
        if !model.balancer.is_network {
            self.web_acl(arn, model.balancer.web_acl.as_deref()).await?;
        }
        if !model.balancer.security_groups.is_empty() {
            self.delete_security_group(stack).await?;
        }
        let hostname = balancer
            .dns_name()
            .context("a load balancer without a name")?
            .to_owned();
        Ok(Deployed { hostname, groups })
    }

    /// Puts ids in the place of names.
    pub(crate) async fn resolve(&self, model: &mut Model) -> Result<()> {
        let balancer = &mut model.balancer;
        balancer.subnets = self.vpc.ids(&balancer.subnets, &SUBNETS).await?;
        balancer.security_groups = self.vpc.ids(&balancer.security_groups, &SECURITY_GROUPS).await?;
        Ok(())
    }

    /// Deletes everything of a stack.
    pub(crate) async fn delete(&self, stack: &Stack) -> Result<()> {
        let existing = Existing::of(&self.client, stack).await?;
        for balancer in &existing.balancers {
            self.delete_listeners(&balancer.arn).await?;
            self.delete_balancer(&balancer.arn).await?;
        }
        for group in &existing.groups {
            self.delete_group(&group.arn).await?;
        }
        self.delete_security_group(stack).await
    }

    async fn balancer(
        &self,
        stack: &Stack,
        wanted: &Balancer,
        security: &[String],
        existing: &Existing,
    ) -> Result<LoadBalancer> {
        let fits = |found: &&Found<LoadBalancer>| {
            let scheme = found.object.scheme() == Some(&scheme(wanted));
            scheme && found.object.r#type() == Some(&kind(wanted))
        };
        let kept = existing.balancers.iter().find(fits);
        for other in &existing.balancers {
            if kept.is_none_or(|kept| kept.arn != other.arn) {
                self.delete_balancer(&other.arn).await?;
            }
        }
        let tags = tags(stack, &wanted.tags, "LoadBalancer");
        let balancer = match kept {
            Some(found) => {
                self.change_balancer(found, wanted, security).await?;
                self.retag(&found.arn, &found.tags, &tags).await?;
                found.object.clone()
            }
            None => self.create_balancer(wanted, security, &tags).await?,
        };
        let arn = balancer.load_balancer_arn().context("a load balancer without an ARN")?;
        self.balancer_attributes(arn, &wanted.attributes).await?;
        Ok(balancer)
    }

    async fn create_balancer(&self, wanted: &Balancer, security: &[String], tags: &Pairs) -> Result<LoadBalancer> {
        let call = self
            .client
            .create_load_balancer()
            .name(&wanted.name)
            .r#type(kind(wanted))
            .scheme(scheme(wanted))
            .ip_address_type(wanted.ip_address_type.as_str().into())
            .set_subnets(Some(self.subnets(wanted).await?))
            .set_security_groups(Some(security.to_vec()))
            .set_tags(Some(convert::tags(tags)));
        let made = call
            .send()
            .await
            .map_err(|error| refused("CreateLoadBalancer", error))?;
        let mut made = made.load_balancers.unwrap_or_default();
        made.pop().context("CreateLoadBalancer answered nothing")
    }

    async fn change_balancer(&self, found: &Found<LoadBalancer>, wanted: &Balancer, security: &[String]) -> Result<()> {
        let zones = found.object.availability_zones();
        let mut old: Vec<&str> = zones.iter().filter_map(|zone| zone.subnet_id()).collect();
        let mut new = self.subnets(wanted).await?;
        old.sort_unstable();
        new.sort_unstable();
        if old != new {
            let call = self.client.set_subnets().load_balancer_arn(&found.arn);
            let sent = call.set_subnets(Some(new)).send().await;
            sent.map_err(|error| refused("SetSubnets", error))?;
        }
        if found.object.security_groups() != security {
            let call = self.client.set_security_groups().load_balancer_arn(&found.arn);
            let sent = call.set_security_groups(Some(security.to_vec())).send().await;
            sent.map_err(|error| refused("SetSecurityGroups", error))?;
        }
        let old = found.object.ip_address_type().map(|it| it.as_str());
        if old != Some(wanted.ip_address_type.as_str()) {
            let call = self.client.set_ip_address_type().load_balancer_arn(&found.arn);
            let sent = call
                .ip_address_type(wanted.ip_address_type.as_str().into())
                .send()
                .await;
            sent.map_err(|error| refused("SetIpAddressType", error))?;
        }
        Ok(())
    }

    async fn subnets(&self, wanted: &Balancer) -> Result<Vec<String>> {
        if wanted.subnets.is_empty() {
            return Ok(self.vpc.ensure().await?.subnets);
        }
        Ok(wanted.subnets.clone())
    }

    async fn balancer_attributes(&self, arn: &str, wanted: &Pairs) -> Result<()> {
        let call = self.client.describe_load_balancer_attributes().load_balancer_arn(arn);
        let sent = call.send().await;
        let found = sent.map_err(|error| refused("DescribeLoadBalancerAttributes", error))?;
        let has = |name: &String, value: &String| {
            found
                .attributes()
                .iter()
                .any(|it| it.key() == Some(name) && it.value() == Some(value))
        };
        if wanted.iter().all(|(name, value)| has(name, value)) {
            return Ok(());
        }
        let call = self.client.modify_load_balancer_attributes().load_balancer_arn(arn);
        let sent = call
            .set_attributes(Some(convert::balancer_attributes(wanted)))
            .send()
            .await;
        sent.map(drop)
            .map_err(|error| refused("ModifyLoadBalancerAttributes", error))
    }

    async fn delete_balancer(&self, arn: &str) -> Result<()> {
        let sent = self.client.delete_load_balancer().load_balancer_arn(arn).send().await;
        sent.map(drop).map_err(|error| refused("DeleteLoadBalancer", error))
    }

    async fn retag(&self, arn: &str, old: &Pairs, new: &Pairs) -> Result<()> {
        if old == new {
            return Ok(());
        }
        let gone: Vec<String> = old.keys().filter(|key| !new.contains_key(*key)).cloned().collect();
        if !gone.is_empty() {
            let call = self.client.remove_tags().resource_arns(arn).set_tag_keys(Some(gone));
            call.send().await.map_err(|error| refused("RemoveTags", error))?;
        }
        let call = self.client.add_tags().resource_arns(arn);
        let sent = call.set_tags(Some(convert::tags(new))).send().await;
        sent.map(drop).map_err(|error| refused("AddTags", error))
    }
}

fn scheme(wanted: &Balancer) -> LoadBalancerSchemeEnum {
    match wanted.is_internal {
        true => LoadBalancerSchemeEnum::Internal,
        false => LoadBalancerSchemeEnum::InternetFacing,
    }
}

fn kind(wanted: &Balancer) -> LoadBalancerTypeEnum {
    match wanted.is_network {
        true => LoadBalancerTypeEnum::Network,
        false => LoadBalancerTypeEnum::Application,
    }
}

/// The tags of one object of a stack.
fn tags(stack: &Stack, extra: &Pairs, resource: &str) -> Pairs {
    let mut tags = extra.clone();
    tags.extend(stack.tags());
    tags.insert(stack.resource_tag(), resource.to_owned());
    tags
}

/// A refusal in the words of the controller's own SDK.
fn refused<E: ProvideErrorMetadata + Display>(operation: &str, error: SdkError<E>) -> Error {
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let said = match (error.code(), error.message()) {
        (Some(code), message) => format!("api error {code}: {}", message.unwrap_or_default()),
        (None, _) => error.to_string(),
    };
    Error::new(format!(
        "operation error Elastic Load Balancing v2: {operation}, https response error StatusCode: {status}, {said}"
    ))
}
