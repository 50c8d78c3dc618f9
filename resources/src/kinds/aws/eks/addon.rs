//! Add-ons.
//!
//! ```text
//! CreateAddon ──▶ CREATING ──▶ ACTIVE ◀──▶ DEGRADED
//!                    └───────▶ CREATE_FAILED ──UpdateAddon──▶ UPDATING ──▶ ACTIVE, UPDATE_FAILED
//! ```
//!
//! Content: `version`; `role_arn`, the role of its service account through an OpenID Connect provider, or empty;
//! `on_destroy`, whether what it installed goes with it (`delete`) or stays (`preserve`), kept in a tag
//! that is only there for `delete`; `tags`.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::aws::Tags;
use e2etls_clients::aws::eks::{self, EksApi, NewAddon};
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::Refusal;
use serde_json::{Value, json};

use super::{another, cluster, is_known, release, retag, tagged, text, vanished};
use crate::kinds::Clients;
use crate::kinds::aws::content::{consented, differences};
use crate::kinds::aws::{marks, wait};

/// The kind.
pub static ADDON: Addon = Addon;

/// Add-ons of EKS clusters.
pub struct Addon;

/// Tag: what the add-on installed goes with it.
const ON_DESTROY: &str = "e2etls:on-destroy";
const DELETE: &str = "delete";

fn place(name: &str) -> (&str, &str) {
    name.split_once('/').unwrap_or(("", name))
}

/// True while EKS carries something out, and refuses everything else.
fn is_busy(status: &str) -> bool {
    matches!(status, "CREATING" | "UPDATING" | "DELETING")
}

/// True once EKS has given up.
fn has_failed(status: &str) -> bool {
    matches!(status, "CREATE_FAILED" | "UPDATE_FAILED" | "DELETE_FAILED")
}

fn observed(name: &str, found: &eks::Addon) -> Observed {
    let on_destroy = match found.tags.get(ON_DESTROY).map(String::as_str) {
        Some(DELETE) => DELETE,
        _ => "preserve",
    };
    let seen = Observed {
        name: name.to_owned(),
        uid: found.arn.clone(),
        content: json!({"version": found.version, "role_arn": found.role_arn.as_deref().unwrap_or_default(), "on_destroy": on_destroy, "status": found.status,
            "issues": found.issues}),
        deleting: (found.status == "DELETING").then(|| "EKS, which removes it".to_owned()),
        ..Observed::default()
    };
    tagged(seen, &found.tags)
}

/// All tags that the add-on is to have.
fn wanted(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Tags {
    let mut tags = marks::wanted(op, put);
    if put.part.content["on_destroy"] == DELETE {
        tags.insert(ON_DESTROY.to_owned(), DELETE.to_owned());
    }
    tags
}

/// Waits until EKS lets the add-on be changed.
async fn idle(op: &Operation<Clients>, api: &Arc<dyn EksApi>, name: &str) -> Result<Option<eks::Addon>, Refusal> {
    let (cluster, addon) = place(name);
    let what = format!("the add-on {addon} can be changed");
    wait::until(op, name, &what, || async move {
        let found = api.addon(cluster, addon).await?;
        let busy = found
            .as_ref()
            .filter(|found| is_busy(&found.status))
            .map(|found| found.status.clone());
        Ok(busy.map_or(Ok(found), Err))
    })
    .await
}

#[async_trait]
impl Kind<Clients> for Addon {
    fn name(&self) -> &'static str {
        "EKS add-on"
    }

    fn identity(&self) -> Identity {
        Identity::Named
    }

    fn order(&self) -> u8 {
        2
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        differences(desired, live)
    }

    async fn look(&self, op: &Operation<Clients>, target: Target<'_>, _: Reading) -> Result<Option<Observed>, Refusal> {
        let (cluster, addon) = place(target.name);
        let found = op.remotes.eks().await?.addon(cluster, addon).await?;
        is_known(op, target, found.is_some()).await?;
        Ok(found.map(|found| observed(target.name, &found)))
    }

    async fn of_owner(
        &self,
        op: &Operation<Clients>,
        owner: Option<&str>,
        _: Option<&Part<Clients>>,
        reading: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        // A refresh looks at what the state names; the next write finds what else there is.
        if reading == Reading::Shared {
            return Ok(Vec::new());
        }
        let Some(cluster) = cluster(op) else {
            return Ok(Vec::new());
        };
        let api = op.remotes.eks().await?;
        let mut of_it = Vec::new();
        for addon in api.addons(cluster).await? {
            let found = api.addon(cluster, &addon).await?;
            let own = found.filter(|found| marks::is_of(&found.tags, owner));
            of_it.extend(own.map(|found| observed(&format!("{cluster}/{addon}"), &found)));
        }
        Ok(of_it)
    }

    async fn put(&self, op: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        let (cluster, addon) = place(&put.part.name);
        let api = op.remotes.eks().await?;
        let (version, wanted) = (text(&put.part.content, "version"), wanted(op, &put));
        let role_arn = text(&put.part.content, "role_arn");
        let Some(over) = put.over else {
            let new = NewAddon {
                name: addon.to_owned(),
                version: version.to_owned(),
                role_arn: Some(role_arn.to_owned()).filter(|arn| !arn.is_empty()),
                tags: wanted,
            };
            let made = api.create_addon(cluster, &new).await?;
            return Ok(observed(&put.part.name, &made));
        };
        let Some(mut found) = idle(op, &api, &put.part.name).await? else {
            return Err(vanished("eks:DescribeAddon", &put.part.name));
        };
        if found.arn != over.uid {
            return Err(another("eks:UpdateAddon", &put.part.name));
        }
        let seen = observed(&put.part.name, &found);
        consented(&put, &differences(&put.part.content, &seen.content), &[""])?;
        found.tags = retag(op, &put, &api, &over.uid, (&found.tags, &wanted)).await?;
        // Where EKS has given up, the same version is tried once more.
        let role_differs = found.role_arn.as_deref().unwrap_or_default() != role_arn;
        if found.version != version || role_differs || has_failed(&found.status) {
            // EKS may take what is left out for removed, and refuses an empty role where there is none.
            let role_arn = Some(role_arn).filter(|role_arn| !role_arn.is_empty() || role_differs);
            api.update_addon(cluster, addon, version, role_arn).await?;
            found.role_arn = role_arn.map(str::to_owned);
            version.clone_into(&mut found.version);
            "UPDATING".clone_into(&mut found.status);
        }
        Ok(observed(&put.part.name, &found))
    }

    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        let (cluster, addon) = place(&object.name);
        let api = op.remotes.eks().await?;
        match idle(op, &api, &object.name).await? {
            None => Ok(true),
            Some(found) if found.arn != object.uid => Err(another("eks:DeleteAddon", &object.name)),
            Some(found) => {
                let preserve = found.tags.get(ON_DESTROY).map(String::as_str) != Some(DELETE);
                api.delete_addon(cluster, addon, preserve).await.map(|()| false)
            }
        }
    }

    async fn release(&self, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
        let api = op.remotes.eks().await?;
        release(&api, object).await
    }
}

/// The add-on is ACTIVE.
pub struct Active;

#[async_trait]
impl Ready<Clients> for Active {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, _: &Observed) -> Result<(), Failure> {
        let judge = |seen: Option<&Observed>| {
            let Some(seen) = seen else {
                return Err("not visible yet".to_owned());
            };
            let issues = seen.content["issues"].as_array().into_iter().flatten();
            let issues = issues.filter_map(Value::as_str).collect::<Vec<_>>().join("; ");
            match text(&seen.content, "status") {
                "ACTIVE" => Ok(None),
                status if has_failed(status) => Ok(Some((status.to_owned(), issues))),
                status if issues.is_empty() => Err(status.to_owned()),
                status => Err(format!("{status}: {issues}")),
            }
        };
        let failed = op.until(&ADDON, part.target(None), "is not ACTIVE yet", judge).await;
        match failed.map_err(|failure| failure.of(part))? {
            None => Ok(()),
            Some((status, issues)) => Err(Failure::about(
                part,
                Trouble::Domain {
                    what: "EKS could not install the add-on".to_owned(),
                    cause: format!("The add-on {} is {status}: {issues}.", place(&part.name).1),
                    advice: "Fix the cause, and apply again: EKS then tries the same version once more.".to_owned(),
                },
            )),
        }
    }

    async fn works(
        &self,
        _: &Operation<Clients>,
        _: &Part<Clients>,
        object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        Ok(Some(object.content["status"] == "ACTIVE"))
    }
}
