//! The port on the AWS SDK.

use async_trait::async_trait;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;

use super::convert::{document, role, sdk_tags};
use super::{IamApi, NewRole, RoleFacts};
use crate::aws::{Effect, Tags, refused, service};
use crate::present;

service! {
    /// IAM under one identity; the Region says nothing.
    Iam, aws_sdk_iam, "iam"
}

impl Iam {
    async fn attached_policies(&self, role: &str) -> Result<Vec<String>, Refusal> {
        let call = self.reads.list_attached_role_policies().role_name(role);
        let mut items = call.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(policy) = items.next().await {
            let policy = policy.map_err(|error| refused("iam:ListAttachedRolePolicies", role, Effect::Read, &error))?;
            found.extend(policy.policy_arn().map(str::to_owned));
        }
        Ok(found)
    }

    async fn inline_policies(&self, role: &str) -> Result<Vec<String>, Refusal> {
        let call = self.reads.list_role_policies().role_name(role);
        let mut items = call.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(name) = items.next().await {
            let name = name.map_err(|error| refused("iam:ListRolePolicies", role, Effect::Read, &error))?;
            found.push(format!("inline policy {name}"));
        }
        Ok(found)
    }

    async fn instance_profiles(&self, role: &str) -> Result<Vec<String>, Refusal> {
        let call = self.reads.list_instance_profiles_for_role().role_name(role);
        let mut items = call.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(profile) = items.next().await {
            let profile =
                profile.map_err(|error| refused("iam:ListInstanceProfilesForRole", role, Effect::Read, &error))?;
            found.push(profile.arn().to_owned());
        }
        Ok(found)
    }
}

#[async_trait]
impl IamApi for Iam {
    async fn role(&self, name: &str) -> Result<Option<RoleFacts>, Refusal> {
        let answer = self.reads.get_role().role_name(name).send().await;
        let answer = answer.map_err(|error| refused("iam:GetRole", name, Effect::Read, &error));
        Ok(present(answer)?.and_then(|answer| answer.role().map(role)))
    }

    async fn inline_policy(&self, role: &str, policy: &str) -> Result<Option<Value>, Refusal> {
        let call = self.reads.get_role_policy().role_name(role).policy_name(policy);
        let answer = call.send().await;
        let answer = answer.map_err(|error| refused("iam:GetRolePolicy", role, Effect::Read, &error));
        Ok(present(answer)?.map(|answer| document(answer.policy_document())))
    }

    async fn roles_under(&self, path: &str) -> Result<Vec<(String, String)>, Refusal> {
        let call = self.reads.list_roles().path_prefix(path);
        let mut items = call.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(role) = items.next().await {
            let role = role.map_err(|error| refused("iam:ListRoles", path, Effect::Read, &error))?;
            found.push((role.role_name().to_owned(), role.role_id().to_owned()));
        }
        Ok(found)
    }

    async fn attached(&self, role: &str) -> Result<Vec<String>, Refusal> {
        let mut found = self.attached_policies(role).await?;
        found.extend(self.inline_policies(role).await?);
        found.extend(self.instance_profiles(role).await?);
        Ok(found)
    }

    async fn create_role(&self, new: &NewRole) -> Result<RoleFacts, Refusal> {
        let call = self
            .writes
            .create_role()
            .role_name(&new.name)
            .path(&new.path)
            .assume_role_policy_document(new.trust.to_string())
            .set_description((!new.description.is_empty()).then(|| new.description.clone()))
            .set_permissions_boundary(new.boundary.clone())
            .set_tags((!new.tags.is_empty()).then(|| sdk_tags(&new.tags)));
        let answer = call.send().await;
        let answer = answer.map_err(|error| refused("iam:CreateRole", &new.name, Effect::Write, &error))?;
        answer.role().map(role).ok_or_else(|| {
            let words = "the answer does not show the role";
            Refusal::new(Answer::OutcomeUnknown, "iam:CreateRole", &new.name, words)
        })
    }

    async fn put_inline_policy(&self, role: &str, policy: &str, document: &Value) -> Result<(), Refusal> {
        let call = self.writes.put_role_policy().role_name(role).policy_name(policy);
        let answer = call.policy_document(document.to_string()).send().await.map(drop);
        answer.map_err(|error| refused("iam:PutRolePolicy", role, Effect::Write, &error))
    }

    async fn update_trust(&self, role: &str, document: &Value) -> Result<(), Refusal> {
        let call = self.writes.update_assume_role_policy().role_name(role);
        let answer = call.policy_document(document.to_string()).send().await.map(drop);
        answer.map_err(|error| refused("iam:UpdateAssumeRolePolicy", role, Effect::Write, &error))
    }

    async fn update_description(&self, role: &str, description: &str) -> Result<(), Refusal> {
        let call = self.writes.update_role_description().role_name(role);
        let answer = call.description(description).send().await.map(drop);
        answer.map_err(|error| refused("iam:UpdateRoleDescription", role, Effect::Write, &error))
    }

    async fn set_boundary(&self, role: &str, boundary: Option<&str>) -> Result<(), Refusal> {
        let Some(boundary) = boundary else {
            let call = self.writes.delete_role_permissions_boundary().role_name(role);
            let answer = call.send().await.map(drop);
            return answer.map_err(|error| refused("iam:DeleteRolePermissionsBoundary", role, Effect::Write, &error));
        };
        let call = self.writes.put_role_permissions_boundary().role_name(role);
        let answer = call.permissions_boundary(boundary).send().await.map(drop);
        answer.map_err(|error| refused("iam:PutRolePermissionsBoundary", role, Effect::Write, &error))
    }

    async fn add_tags(&self, role: &str, tags: &Tags) -> Result<(), Refusal> {
        if tags.is_empty() {
            return Ok(());
        }
        let call = self.writes.tag_role().role_name(role).set_tags(Some(sdk_tags(tags)));
        let answer = call.send().await.map(drop);
        answer.map_err(|error| refused("iam:TagRole", role, Effect::Write, &error))
    }

    async fn remove_tags(&self, role: &str, keys: &[&str]) -> Result<(), Refusal> {
        if keys.is_empty() {
            return Ok(());
        }
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let call = self.writes.untag_role().role_name(role).set_tag_keys(Some(keys));
        let answer = call.send().await.map(drop);
        answer.map_err(|error| refused("iam:UntagRole", role, Effect::Write, &error))
    }

    async fn delete_inline_policy(&self, role: &str, policy: &str) -> Result<(), Refusal> {
        let call = self.writes.delete_role_policy().role_name(role).policy_name(policy);
        let answer = call.send().await.map(drop);
        answer.map_err(|error| refused("iam:DeleteRolePolicy", role, Effect::Write, &error))
    }

    async fn delete_role(&self, name: &str) -> Result<(), Refusal> {
        let answer = self.writes.delete_role().role_name(name).send().await.map(drop);
        answer.map_err(|error| refused("iam:DeleteRole", name, Effect::Write, &error))
    }
}
