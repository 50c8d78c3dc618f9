//! Secrets, which cert-manager makes for Certificates. Never read, never written: a dry run of their deletion shows the
//! UID.

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_clients::kube::kinds::SECRET;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;

use super::manifest::place;
use crate::kinds::Clients;

/// The kind `Secret`, for parts that follow a Certificate.
pub struct SecretKind;

#[async_trait]
impl Kind<Clients> for SecretKind {
    fn name(&self) -> &'static str {
        SECRET.kind
    }

    fn identity(&self) -> Identity {
        Identity::Named
    }

    fn order(&self) -> u8 {
        2
    }

    /// The content belongs to its creator.
    fn differences(&self, _desired: &Value, _live: &Value) -> BTreeMap<String, Value> {
        BTreeMap::new()
    }

    async fn look(&self, op: &Operation<Clients>, target: Target<'_>, _: Reading) -> Result<Option<Observed>, Refusal> {
        let (namespace, name) = place(SECRET, target.name);
        let objects = &op.remotes.cluster().objects;
        let uid = objects.uid_by_dry_run_delete(SECRET, namespace, name).await?;
        Ok(uid.map(|uid| Observed {
            name: target.name.to_owned(),
            uid,
            ..Observed::default()
        }))
    }

    /// None: a Secret carries no marks of ours.
    async fn of_owner(
        &self,
        _: &Operation<Clients>,
        _: Option<&str>,
        _: Option<&Part<Clients>>,
        _: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        Ok(Vec::new())
    }

    /// Refused: a controller writes Secrets.
    async fn put(&self, _: &Operation<Clients>, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        let words = "only the controller that creates a Secret writes it";
        Err(Refusal::new(Answer::Invalid, "write", put.part.reference(), words))
    }

    async fn delete(&self, op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
        let (namespace, name) = place(SECRET, &object.name);
        let objects = &op.remotes.cluster().objects;
        objects.delete(SECRET, namespace, name, &object.uid).await
    }

    /// Nothing: there are no marks to remove.
    async fn release(&self, _: &Operation<Clients>, _: &Observed) -> Result<(), Refusal> {
        Ok(())
    }
}
