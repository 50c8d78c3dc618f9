//! EKS Pod Identity associations: the role whose permissions the Pods of a service account have.
//!
//! Content: `role_arn`, and `tags`. An association that belongs to an add-on bears no marks of ours: EKS changes and deletes
//! it with that.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use e2etls_clients::aws::eks::{self, NewAssociation};
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::{Value, json};

use super::{another, is_known, release, retag, tagged, text, vanished};
use crate::kinds::Clients;
use crate::kinds::aws::content::{consented, differences};
use crate::kinds::aws::marks;
use crate::kinds::aws::wait::despite;

/// The kind.
pub static ASSOCIATION: Association = Association;

/// EKS Pod Identity associations.
pub struct Association;

/// How long EKS may take to see a new role, or its new trust policy.
const VISIBLE: Duration = Duration::from_secs(120);

/// Cluster, namespace and service account.
fn place(name: &str) -> (&str, &str, &str) {
    let mut fields = name.splitn(3, '/').map(Some).chain([None; 3]);
    let mut next = || fields.next().flatten().unwrap_or_default();
    (next(), next(), next())
}

fn observed(name: &str, found: &eks::Association) -> Observed {
    let seen = Observed {
        name: name.to_owned(),
        uid: found.arn.clone(),
        content: json!({"role_arn": found.role_arn}),
        ..Observed::default()
    };
    tagged(seen, &found.tags)
}

impl Association {
    async fn find(&self, op: &Operation<Clients>, name: &str) -> Result<Option<eks::Association>, Refusal> {
        let (cluster, namespace, service_account) = place(name);
        op.remotes
            .eks()
            .await?
            .association(cluster, namespace, service_account)
            .await
    }
}

#[async_trait]
impl Kind<Clients> for Association {
    fn name(&self) -> &'static str {
        "EKS Pod Identity association"
    }

    fn identity(&self) -> Identity {
        Identity::Named
    }

    /// Before the role that it gives.
    fn order(&self) -> u8 {
        3
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        differences(desired, live)
    }

    async fn look(&self, op: &Operation<Clients>, target: Target<'_>, _: Reading) -> Result<Option<Observed>, Refusal> {
        let found = self.find(op, target.name).await?;
        is_known(op, target, found.is_some()).await?;
        Ok(found.map(|found| observed(target.name, &found)))
    }

    /// None: a service account has one at most, and parts name it.
    async fn of_owner(
        &self,
        _: &Operation<Clients>,
        _: Option<&str>,
        _: Option<&Part<Clients>>,
        _: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        Ok(Vec::new())
    }

    async fn put(&self, op: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        let (cluster, namespace, service_account) = place(&put.part.name);
        let api = op.remotes.eks().await?;
        let (role_arn, wanted) = (text(&put.part.content, "role_arn"), marks::wanted(op, &put));
        let Some(over) = put.over else {
            let new = NewAssociation {
                namespace: namespace.to_owned(),
                service_account: service_account.to_owned(),
                role_arn: role_arn.to_owned(),
                tags: wanted,
            };
            let send = || async { api.create_association(cluster, &new).await };
            let made = despite(&Answer::Absent, VISIBLE, send).await?;
            return Ok(observed(&put.part.name, &made));
        };
        let Some(mut found) = self.find(op, &put.part.name).await? else {
            return Err(vanished("eks:DescribePodIdentityAssociation", &put.part.name));
        };
        if found.arn != over.uid {
            return Err(another("eks:UpdatePodIdentityAssociation", &put.part.name));
        }
        let seen = observed(&put.part.name, &found);
        consented(&put, &differences(&put.part.content, &seen.content), &[""])?;
        found.tags = retag(op, &put, &api, &found.arn, (&found.tags, &wanted)).await?;
        if found.role_arn != role_arn {
            let send = || async { api.update_association(cluster, &found.id, role_arn).await };
            despite(&Answer::Absent, VISIBLE, send).await?;
            role_arn.clone_into(&mut found.role_arn);
        }
        Ok(observed(&put.part.name, &found))
    }

    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        let (cluster, _, _) = place(&object.name);
        match self.find(op, &object.name).await? {
            None => Ok(true),
            Some(found) if found.arn != object.uid => Err(another("eks:DeletePodIdentityAssociation", &object.name)),
            Some(found) => {
                let deleted = op.remotes.eks().await?.delete_association(cluster, &found.id).await;
                deleted.map(|()| false)
            }
        }
    }

    async fn release(&self, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
        let api = op.remotes.eks().await?;
        release(&api, object).await
    }
}
