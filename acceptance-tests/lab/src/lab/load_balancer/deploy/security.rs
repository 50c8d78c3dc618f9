//! The security group that the controller makes where annotations name none.

use std::collections::BTreeSet;

use super::Aws;
use crate::lab::load_balancer::model::{Model, Stack, names};
use crate::lab::load_balancer::vpc::{Parameters, Vpc, elements, tagged};
use crate::lab::{Context as _, Result};

/// A port and the network that may use it.
type Permission = (u16, String);

impl Aws {
    /// The security groups of a load balancer.
    pub(super) async fn security_groups(&self, stack: &Stack, model: &Model) -> Result<Vec<String>> {
        if !model.balancer.security_groups.is_empty() {
            return Ok(model.balancer.security_groups.clone());
        }
        let ports = model.listeners.iter().map(|listener| listener.port);
        let everywhere = ["0.0.0.0/0".to_owned()];
        let cidrs = match model.balancer.inbound.as_slice() {
            [] => &everywhere[..],
            cidrs => cidrs,
        };
        let wanted: BTreeSet<Permission> = ports
            .flat_map(|port| cidrs.iter().map(move |cidr| (port, cidr.clone())))
            .collect();
        let (id, old) = match find(&self.vpc, stack).await? {
            Some(found) => found,
            None => (create(&self.vpc, stack, model).await?, BTreeSet::new()),
        };
        change(&self.vpc, "RevokeSecurityGroupIngress", &id, old.difference(&wanted)).await?;
        change(&self.vpc, "AuthorizeSecurityGroupIngress", &id, wanted.difference(&old)).await?;
        Ok(vec![id])
    }

    /// Deletes what [`Self::security_groups`] made.
    pub(super) async fn delete_security_group(&self, stack: &Stack) -> Result<()> {
        match find(&self.vpc, stack).await? {
            Some((id, _)) => self.vpc.call("DeleteSecurityGroup", &[("GroupId", id)]).await.map(drop),
            None => Ok(()),
        }
    }
}

async fn find(vpc: &Vpc, stack: &Stack) -> Result<Option<(String, BTreeSet<Permission>)>> {
    let mut filters: Parameters = Vec::new();
    for (number, (key, value)) in (1..).zip(stack.tags()) {
        filters.push((format!("Filter.{number}.Name"), format!("tag:{key}")));
        filters.push((format!("Filter.{number}.Value.1"), value));
    }
    let answer = vpc.call("DescribeSecurityGroups", &filters).await?;
    let Some(id) = elements(&answer, "groupId").into_iter().next() else {
        return Ok(None);
    };
    let permissions = elements(&answer, "ipPermissions");
    let permissions = permissions.first().map(String::as_str).unwrap_or_default();
    let mut found = BTreeSet::new();
    for part in permissions.split("<fromPort>").skip(1) {
        let port = part.split('<').next().and_then(|text| text.parse().ok());
        let cidrs = elements(part, "cidrIp");
        found.extend(
            port.into_iter()
                .flat_map(|port: u16| cidrs.iter().map(move |cidr| (port, cidr.clone()))),
        );
    }
    Ok(Some((id, found)))
}

async fn create(vpc: &Vpc, stack: &Stack, model: &Model) -> Result<String> {
    let what = "[k8s] Managed SecurityGroup for LoadBalancer";
    let mut wanted: Parameters = vec![
        ("GroupName".to_owned(), names::balancer(stack, "")),
        ("GroupDescription".to_owned(), what.to_owned()),
        ("VpcId".to_owned(), vpc.ensure().await?.id),
    ];
    let tags = super::tags(stack, &model.balancer.tags, "ManagedLBSecurityGroup");
    let tags = tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    wanted.extend(tagged("security-group", tags));
    let answer = vpc.call("CreateSecurityGroup", &wanted).await?;
    elements(&answer, "groupId")
        .into_iter()
        .next()
        .context("CreateSecurityGroup")
}

async fn change(vpc: &Vpc, action: &str, id: &str, permissions: impl Iterator<Item = &Permission>) -> Result<()> {
    let mut wanted: Parameters = vec![("GroupId".to_owned(), id.to_owned())];
    for (number, (port, cidr)) in (1..).zip(permissions) {
        let of = |name: &str| format!("IpPermissions.{number}.{name}");
        let ranges = if cidr.contains(':') {
            "Ipv6Ranges.1.CidrIpv6"
        } else {
            "IpRanges.1.CidrIp"
        };
        wanted.push((of("IpProtocol"), "tcp".to_owned()));
        wanted.push((of("FromPort"), port.to_string()));
        wanted.push((of("ToPort"), port.to_string()));
        wanted.push((of(ranges), cidr.clone()));
    }
    if wanted.len() == 1 {
        return Ok(());
    }
    vpc.call(action, &wanted).await.map(drop)
}
