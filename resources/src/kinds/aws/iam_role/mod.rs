//! IAM roles with one inline policy.
//!
//! Content: `trust` and `policy` are policy documents; `boundary` is the ARN of the managed policy that bounds the permissions,
//! `""` for none; `description`, and `tags`. The name of the part is that of the role, of which an account has one, whatever
//! its path. The uid is its unique id: a later role has the same ARN.
//!
//! Roles are created below a path of their own, where alone they are searched. Policies that others attach stay, and keep a
//! role from being deleted.

mod content;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_clients::aws::iam::{IamApi, RoleFacts};
use e2etls_clients::present;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;

use super::super::Clients;
use super::content::{is_here, is_same};
use super::marks;

/// The kind.
pub static IAM_ROLE: IamRole = IamRole;

/// IAM roles.
pub struct IamRole;

/// Path of the roles that are created.
pub const PATH: &str = "/e2etls/";
/// Name of the inline policy.
pub const POLICY: &str = "e2etls";
/// Output: the ARN.
pub const ARN: &str = "arn";

#[async_trait]
impl Kind<Clients> for IamRole {
    fn name(&self) -> &'static str {
        "IAM role"
    }

    fn identity(&self) -> Identity {
        Identity::Named
    }

    /// After what works with its permissions.
    fn order(&self) -> u8 {
        1
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        content::differing(desired, live)
    }

    async fn look(
        &self,
        op: &Operation<Clients>,
        target: Target<'_>,
        _reading: Reading,
    ) -> Result<Option<Observed>, Refusal> {
        let api = op.remotes.iam().await?;
        if let Some(role) = api.role(target.name).await? {
            return see(&*api, role).await.map(Some);
        }
        let known = target.uid.and_then(|uid| op.remotes.known.get(uid));
        if let Some(arn) = known.and_then(|outputs| outputs.get(ARN)) {
            is_here(&*api, "iam:GetRole", arn).await?;
        }
        Ok(None)
    }

    /// Only below the path. A refresh finds none: what an operation has made is in the state, and what a killed create left
    /// behind, the next create finds.
    async fn of_owner(
        &self,
        op: &Operation<Clients>,
        owner: Option<&str>,
        _like: Option<&Part<Clients>>,
        reading: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        let mut all = Vec::new();
        if reading == Reading::Shared {
            return Ok(all);
        }
        let api = op.remotes.iam().await?;
        for (name, _) in api.roles_under(PATH).await? {
            // Deleted since, or just created.
            let Some(role) = api.role(&name).await? else { continue };
            if marks::is_of(&role.tags, owner) {
                all.push(see(&*api, role).await?);
            }
        }
        Ok(all)
    }

    async fn put(&self, op: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        match put.over {
            None => write::make(op, &put).await,
            Some(over) => write::change(op, &put, over).await,
        }
    }

    /// A look may show the role for some seconds after.
    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        let (api, name) = (op.remotes.iam().await?, object.name.as_str());
        let Some(role) = api.role(name).await? else {
            return Ok(true);
        };
        is_same("role", &role.id, object, "iam:DeleteRole")?;
        present(api.delete_inline_policy(name, POLICY).await)?;
        match api.delete_role(name).await {
            Err(refusal) if matches!(refusal.answer, Answer::InUse(_)) => Err(in_use(&*api, name, refusal).await),
            deleted => deleted.map(|()| false),
        }
    }

    async fn release(&self, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
        let (api, name) = (op.remotes.iam().await?, object.name.as_str());
        let Some(role) = api.role(name).await? else {
            return Ok(());
        };
        is_same("role", &role.id, object, "iam:UntagRole")?;
        api.remove_tags(name, &marks::ours(&role.tags)).await
    }
}

/// The role as the engine sees it, its policy read.
async fn see(api: &dyn IamApi, role: RoleFacts) -> Result<Observed, Refusal> {
    let policy = api.inline_policy(&role.name, POLICY).await?;
    Ok(observed(&role, policy.unwrap_or_default()))
}

/// The role as the engine sees it; `policy` is null where there is none.
fn observed(role: &RoleFacts, policy: Value) -> Observed {
    Observed {
        name: role.name.clone(),
        uid: role.id.clone(),
        content: content::content(role, policy),
        marks: Some(marks::marks(&role.tags)),
        outputs: [(ARN.to_owned(), role.arn.clone())].into(),
        ..Observed::default()
    }
}

/// The refusal of a deletion, with what others have attached.
async fn in_use(api: &dyn IamApi, name: &str, refusal: Refusal) -> Refusal {
    // That it is not known what it is must not hide that there is something.
    let attached = api.attached(name).await.unwrap_or_default();
    let words = match attached.is_empty() {
        true => refusal.words,
        false => format!("{} Still attached: {}.", refusal.words, attached.join(", ")),
    };
    Refusal {
        answer: Answer::InUse(attached),
        words,
        ..refusal
    }
}
