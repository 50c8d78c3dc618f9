//! AWS Identity and Access Management: roles and their inline policies.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/>. IAM is global: the Region says nothing. A change takes some
//! seconds until every read and every later write sees it.

mod convert;
#[cfg(feature = "fake")]
pub mod fake;
mod sdk;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;
use serde_json::Value;

use super::{Identity, Tags};

pub use sdk::Iam;

/// What a role is created from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewRole {
    /// Name, unique in the account whatever its path and case: 1 to 64 of `[A-Za-z0-9_+=,.@-]`.
    pub name: String,
    /// Path: `/`, or with a slash at both ends.
    pub path: String,
    /// Who may assume it: a policy document of 2048 characters by default, spaces not counted.
    pub trust: Value,
    /// Description of 1000 characters at most; empty for none.
    pub description: String,
    /// ARN of the managed policy that bounds its permissions.
    pub boundary: Option<String>,
    /// Tags, written in the same call. Keys that differ in case only are one key.
    pub tags: Tags,
}

/// A role as `GetRole` shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoleFacts {
    /// Name.
    pub name: String,
    /// ARN. A later role of the same path and name has the same.
    pub arn: String,
    /// Unique id (`AROA…`), never used again.
    pub id: String,
    /// Path, with a slash at both ends.
    pub path: String,
    /// Who may assume it, as it was written, but for principals: IAM shows ARNs for accounts, and ids for what was deleted.
    pub trust: Value,
    /// Description; empty if there is none.
    pub description: String,
    /// ARN of the managed policy that bounds its permissions.
    pub boundary: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// IAM in one account.
///
/// # Errors
/// Every method: if the call is refused or not answered. Of a role that is not there, whoever does not say so itself answers
/// [`Absent`](e2etls_engine::refusal::Answer::Absent).
#[async_trait]
pub trait IamApi: Identity {
    /// The role, or `None` if there is none of this name (`iam:GetRole`).
    async fn role(&self, name: &str) -> Result<Option<RoleFacts>, Refusal>;

    /// An inline policy of a role, or `None` if there is no such role or policy (`iam:GetRolePolicy`).
    async fn inline_policy(&self, role: &str, policy: &str) -> Result<Option<Value>, Refusal>;

    /// Names and unique ids of the roles whose path begins so (`iam:ListRoles`). A list shows no tags.
    async fn roles_under(&self, path: &str) -> Result<Vec<(String, String)>, Refusal>;

    /// What keeps a role from being deleted: ARNs of attached policies and of instance profiles, and `inline policy NAME`
    /// (`iam:ListAttachedRolePolicies`, `iam:ListRolePolicies`, `iam:ListInstanceProfilesForRole`).
    async fn attached(&self, role: &str) -> Result<Vec<String>, Refusal>;

    /// Creates a role (`iam:CreateRole`, `iam:TagRole`).
    /// [`Exists`](e2etls_engine::refusal::Answer::Exists) if there is one of the name,
    /// [`Invalid`](e2etls_engine::refusal::Answer::Invalid) for a boundary that is not there.
    async fn create_role(&self, new: &NewRole) -> Result<RoleFacts, Refusal>;

    /// Makes or replaces an inline policy (`iam:PutRolePolicy`).
    async fn put_inline_policy(&self, role: &str, policy: &str, document: &Value) -> Result<(), Refusal>;

    /// Replaces the trust policy (`iam:UpdateAssumeRolePolicy`).
    async fn update_trust(&self, role: &str, document: &Value) -> Result<(), Refusal>;

    /// Replaces the description; an empty one removes it (`iam:UpdateRoleDescription`).
    async fn update_description(&self, role: &str, description: &str) -> Result<(), Refusal>;

    /// Sets or removes the boundary (`iam:PutRolePermissionsBoundary`, `iam:DeleteRolePermissionsBoundary`).
    async fn set_boundary(&self, role: &str, boundary: Option<&str>) -> Result<(), Refusal>;

    /// Sets tags; others stay (`iam:TagRole`). Nothing is called without tags.
    async fn add_tags(&self, role: &str, tags: &Tags) -> Result<(), Refusal>;

    /// Removes tags, whatever their values and the case of their keys (`iam:UntagRole`). Nothing is called without keys.
    async fn remove_tags(&self, role: &str, keys: &[&str]) -> Result<(), Refusal>;

    /// Deletes an inline policy (`iam:DeleteRolePolicy`); [`Absent`](e2etls_engine::refusal::Answer::Absent) also if the role
    /// has none of the name.
    async fn delete_inline_policy(&self, role: &str, policy: &str) -> Result<(), Refusal>;

    /// Deletes a role (`iam:DeleteRole`); [`InUse`](e2etls_engine::refusal::Answer::InUse), without names, while anything is
    /// [attached](Self::attached).
    async fn delete_role(&self, name: &str) -> Result<(), Refusal>;
}
