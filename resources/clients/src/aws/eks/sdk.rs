//! The port on the AWS SDK.

use async_trait::async_trait;
use aws_sdk_eks::types::ResolveConflicts;
use e2etls_engine::refusal::Refusal;

use super::{Addon, Association, Description, EksApi, NewAddon, NewAssociation, convert, describe};
use crate::aws::{Effect, Tags, refused, service};
use crate::present;

service! {
    /// EKS in the Region of an identity.
    Eks, aws_sdk_eks, "eks"
}

#[async_trait]
impl EksApi for Eks {
    async fn cluster(&self, name: &str) -> Result<Option<Description>, Refusal> {
        present(describe(&self.aws, name).await)
    }

    async fn addon(&self, cluster: &str, name: &str) -> Result<Option<Addon>, Refusal> {
        let answer = self
            .reads
            .describe_addon()
            .cluster_name(cluster)
            .addon_name(name)
            .send()
            .await;
        let answer = answer.map_err(|error| refused("eks:DescribeAddon", name, Effect::Read, &error));
        Ok(present(answer)?.and_then(|answer| answer.addon().map(convert::addon)))
    }

    async fn addons(&self, cluster: &str) -> Result<Vec<String>, Refusal> {
        let mut pages = self
            .reads
            .list_addons()
            .cluster_name(cluster)
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(name) = pages.next().await {
            found.push(name.map_err(|error| refused("eks:ListAddons", cluster, Effect::Read, &error))?);
        }
        Ok(found)
    }

    async fn create_addon(&self, cluster: &str, new: &NewAddon) -> Result<Addon, Refusal> {
        let call = self.writes.create_addon().cluster_name(cluster).addon_name(&new.name);
        let call = call
            .addon_version(&new.version)
            .resolve_conflicts(ResolveConflicts::None);
        let call = call.set_service_account_role_arn(new.role_arn.clone());
        let tags = new.tags.clone().into_iter().collect();
        let answer = call.set_tags(Some(tags)).send().await;
        let answer = answer.map_err(|error| refused("eks:CreateAddon", &new.name, Effect::Write, &error))?;
        Ok(answer.addon().map(convert::addon).unwrap_or_default())
    }

    async fn update_addon(
        &self,
        cluster: &str,
        name: &str,
        version: &str,
        role_arn: Option<&str>,
    ) -> Result<(), Refusal> {
        let call = self.writes.update_addon().cluster_name(cluster).addon_name(name);
        let call = call
            .addon_version(version)
            .resolve_conflicts(ResolveConflicts::Preserve);
        let call = call.set_service_account_role_arn(role_arn.map(str::to_owned));
        let answer = call.send().await;
        answer
            .map(drop)
            .map_err(|error| refused("eks:UpdateAddon", name, Effect::Write, &error))
    }

    async fn delete_addon(&self, cluster: &str, name: &str, preserve: bool) -> Result<(), Refusal> {
        let call = self
            .writes
            .delete_addon()
            .cluster_name(cluster)
            .addon_name(name)
            .preserve(preserve);
        let answer = call.send().await;
        answer
            .map(drop)
            .map_err(|error| refused("eks:DeleteAddon", name, Effect::Write, &error))
    }

    async fn association(
        &self,
        cluster: &str,
        namespace: &str,
        service_account: &str,
    ) -> Result<Option<Association>, Refusal> {
        let call = self.reads.list_pod_identity_associations().cluster_name(cluster);
        let answer = call.namespace(namespace).service_account(service_account).send().await;
        let named = format!("{namespace}/{service_account}");
        let listed = answer.map_err(|error| refused("eks:ListPodIdentityAssociations", &named, Effect::Read, &error));
        let id = present(listed)?.and_then(|listed| listed.associations().first()?.association_id().map(str::to_owned));
        let Some(id) = id else { return Ok(None) };
        let call = self.reads.describe_pod_identity_association().cluster_name(cluster);
        let answer = call.association_id(&id).send().await;
        let answer = answer.map_err(|error| refused("eks:DescribePodIdentityAssociation", &id, Effect::Read, &error));
        // It may be gone since it was listed.
        Ok(present(answer)?.and_then(|answer| answer.association().map(convert::association)))
    }

    async fn create_association(&self, cluster: &str, new: &NewAssociation) -> Result<Association, Refusal> {
        let named = format!("{}/{}", new.namespace, new.service_account);
        let call = self.writes.create_pod_identity_association().cluster_name(cluster);
        let call = call
            .namespace(&new.namespace)
            .service_account(&new.service_account)
            .role_arn(&new.role_arn);
        let answer = call.set_tags(Some(new.tags.clone().into_iter().collect())).send().await;
        let answer =
            answer.map_err(|error| refused("eks:CreatePodIdentityAssociation", &named, Effect::Write, &error))?;
        Ok(answer.association().map(convert::association).unwrap_or_default())
    }

    async fn update_association(&self, cluster: &str, id: &str, role_arn: &str) -> Result<(), Refusal> {
        let call = self.writes.update_pod_identity_association().cluster_name(cluster);
        let answer = call.association_id(id).role_arn(role_arn).send().await;
        answer
            .map(drop)
            .map_err(|error| refused("eks:UpdatePodIdentityAssociation", id, Effect::Write, &error))
    }

    async fn delete_association(&self, cluster: &str, id: &str) -> Result<(), Refusal> {
        let call = self.writes.delete_pod_identity_association().cluster_name(cluster);
        let answer = call.association_id(id).send().await;
        answer
            .map(drop)
            .map_err(|error| refused("eks:DeletePodIdentityAssociation", id, Effect::Write, &error))
    }

    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        let call = self.writes.tag_resource().resource_arn(arn);
        let answer = call.set_tags(Some(tags.clone().into_iter().collect())).send().await;
        answer
            .map(drop)
            .map_err(|error| refused("eks:TagResource", arn, Effect::Write, &error))
    }

    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let answer = self
            .writes
            .untag_resource()
            .resource_arn(arn)
            .set_tag_keys(Some(keys))
            .send()
            .await;
        answer
            .map(drop)
            .map_err(|error| refused("eks:UntagResource", arn, Effect::Write, &error))
    }
}
