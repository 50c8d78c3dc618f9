//! Creates and changes roles.

use std::time::Duration;

use e2etls_clients::aws::iam::{IamApi, NewRole, RoleFacts};
use e2etls_engine::kind::{Observed, Put};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::{Value, json};

use super::content::differing;
use super::{PATH, POLICY, observed, see};
use crate::kinds::Clients;
use crate::kinds::aws::content::{consented, is_same};
use crate::kinds::aws::marks;
use crate::kinds::aws::wait::despite;

/// How long a role that was just created may be unknown to the next call.
const VISIBLE: Duration = Duration::from_secs(30);

/// Creates the role, or goes on with the one that an earlier attempt of this write has created. Nothing is read: what was just
/// created may not be seen yet.
pub(super) async fn make(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Result<Observed, Refusal> {
    let api = op.remotes.iam().await?;
    let mut object = match put.made.object() {
        Some(object) => object,
        None => {
            let object = create(op, put, &*api).await?;
            put.made.tell(object.clone());
            object
        }
    };
    let (name, policy) = (put.part.name.as_str(), &put.part.content["policy"]);
    if !policy.is_null() {
        despite(&Answer::Absent, VISIBLE, || api.put_inline_policy(name, POLICY, policy)).await?;
        object.content["policy"] = policy.clone();
    }
    Ok(object)
}

/// The role as it was created: with the marks, and without its policy.
async fn create(op: &Operation<Clients>, put: &Put<'_, Clients>, api: &dyn IamApi) -> Result<Observed, Refusal> {
    let content = &put.part.content;
    let text = |member: &str| content[member].as_str().unwrap_or_default().to_owned();
    let new = NewRole {
        name: put.part.name.clone(),
        path: PATH.to_owned(),
        trust: content["trust"].clone(),
        description: text("description"),
        boundary: Some(text("boundary")).filter(|boundary| !boundary.is_empty()),
        tags: marks::wanted(op, put),
    };
    let created = api.create_role(&new).await?;
    // The answer need not show everything.
    let role = RoleFacts {
        trust: new.trust,
        description: new.description,
        boundary: new.boundary,
        tags: new.tags,
        ..created
    };
    Ok(observed(&role, Value::Null))
}

/// Changes what differs in the role that was seen as `over`. The marks come first, and their removal last.
pub(super) async fn change(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    over: &Observed,
) -> Result<Observed, Refusal> {
    let (api, name) = (op.remotes.iam().await?, put.part.name.as_str());
    let Some(role) = api.role(name).await? else {
        let words = "The role was deleted after the plan.";
        return Err(Refusal::new(Answer::Absent, "iam:GetRole", name, words));
    };
    is_same("role", &role.id, over, "iam:GetRole")?;
    let found = role.tags.clone();
    let mut object = see(&*api, role).await?;
    let differing = differing(&put.part.content, &object.content);
    consented(put, &differing, &[""])?;
    let mut change = marks::written(op, put, &found, &marks::wanted(op, put));
    let respelled = respelled(&mut change);
    untag(&*api, name, &respelled).await?;
    api.add_tags(name, &change.set).await?;
    let members = differing.keys().filter(|path| !path.starts_with("tags"));
    for member in members {
        let wanted = &put.part.content[member.as_str()];
        set(&*api, name, member, wanted).await?;
        object.content[member.as_str()] = wanted.clone();
    }
    untag(&*api, name, &change.remove).await?;
    let mut tags = change.apply(&found);
    tags.retain(|key, _| !respelled.contains(key));
    object.content["tags"] = json!(tags);
    object.marks = Some(marks::marks(&tags));
    Ok(object)
}

/// Takes those keys out of what is removed in the end that come back in other case: for IAM they are the same keys.
fn respelled(change: &mut marks::Change) -> Vec<String> {
    let is_set = |key: &String| change.set.keys().any(|new| new.to_lowercase() == key.to_lowercase());
    let (respelled, remove) = std::mem::take(&mut change.remove).into_iter().partition(is_set);
    change.remove = remove;
    respelled
}

async fn untag(api: &dyn IamApi, name: &str, keys: &[String]) -> Result<(), Refusal> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    api.remove_tags(name, &keys).await
}

/// Writes one member.
async fn set(api: &dyn IamApi, name: &str, member: &str, wanted: &Value) -> Result<(), Refusal> {
    let text = wanted.as_str().unwrap_or_default();
    match member {
        "trust" => api.update_trust(name, wanted).await,
        "policy" => api.put_inline_policy(name, POLICY, wanted).await,
        "boundary" => api.set_boundary(name, Some(text).filter(|arn| !arn.is_empty())).await,
        "description" => api.update_description(name, text).await,
        _ => Ok(()),
    }
}
