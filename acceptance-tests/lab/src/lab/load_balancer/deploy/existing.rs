//! What a stack has already, by the tags that mark it.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, TargetGroup};

use super::refused;
use crate::lab::Result;
use crate::lab::load_balancer::model::{Pairs, Stack};

/// The service takes no more ARNs at once.
const AT_ONCE: usize = 20;

/// An object of the stack with its tags.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) arn: String,
    pub(super) object: T,
    pub(super) tags: Pairs,
}

/// The load balancers and target groups of a stack.
#[derive(Debug)]
pub(super) struct Existing {
    pub(super) balancers: Vec<Found<LoadBalancer>>,
    pub(super) groups: Vec<Found<TargetGroup>>,
}

impl Existing {
    pub(super) async fn of(client: &Client, stack: &Stack) -> Result<Self> {
        let pages = client.describe_load_balancers().into_paginator().items().send();
        let balancers: Vec<LoadBalancer> = pages
            .collect::<std::result::Result<_, _>>()
            .await
            .map_err(|error| refused("DescribeLoadBalancers", error))?;
        let pages = client.describe_target_groups().into_paginator().items().send();
        let groups: Vec<TargetGroup> = pages
            .collect::<std::result::Result<_, _>>()
            .await
            .map_err(|error| refused("DescribeTargetGroups", error))?;
        Ok(Self {
            balancers: marked(client, stack, balancers, |it| it.load_balancer_arn()).await?,
            groups: marked(client, stack, groups, |it| it.target_group_arn()).await?,
        })
    }
}

async fn marked<T>(
    client: &Client,
    stack: &Stack,
    objects: Vec<T>,
    arn: impl Fn(&T) -> Option<&str>,
) -> Result<Vec<Found<T>>> {
    let arns: Vec<String> = objects.iter().filter_map(|it| arn(it).map(str::to_owned)).collect();
    let mut tags: BTreeMap<String, Pairs> = BTreeMap::new();
    for some in arns.chunks(AT_ONCE) {
        let call = client.describe_tags().set_resource_arns(Some(some.to_vec()));
        let answer = call.send().await.map_err(|error| refused("DescribeTags", error))?;
        for description in answer.tag_descriptions.unwrap_or_default() {
            let pairs = description.tags.unwrap_or_default().into_iter();
            let pairs = pairs.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
            tags.insert(description.resource_arn.unwrap_or_default(), pairs.collect());
        }
    }
    let marks = stack.tags();
    let found = objects.into_iter().filter_map(|object| {
        let arn = arn(&object)?.to_owned();
        let tags = tags.remove(&arn)?;
        let is_own = marks.iter().all(|(key, value)| tags.get(key) == Some(value));
        is_own.then_some(Found { arn, object, tags })
    });
    Ok(found.collect())
}
