//! One cluster: its client and what all resources of a run share.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OnceCell};

use super::connect::Connected;
use super::error::ApiError;
use super::kinds::NAMESPACE;
use super::lists::Lists;
use super::objects::Objects;
use super::watches::Watches;
use crate::orchestrate::owner::OWNER_LABEL;

/// How long a namespace that was seen is believed to be there.
const NAMESPACE_SEEN: Duration = Duration::from_secs(30);

/// A cluster that the provider is configured for.
pub struct Cluster {
    /// Key in the provider's `clusters`; empty for the argument `cluster`.
    pub key: String,
    /// Requests for single objects.
    pub objects: Objects,
    /// Shared reads.
    pub lists: Lists,
    /// Shared waits.
    pub watches: Watches,
    /// The ARN of a cluster that EKS described.
    pub eks_arn: Option<String>,
    expect_uid: Option<String>,
    uid: OnceCell<String>,
    namespaces: Mutex<HashMap<String, Instant>>,
}

impl Cluster {
    /// The cluster that was connected to; with `expect_uid`, no other than that.
    #[must_use]
    pub fn new(key: impl Into<String>, connected: Connected, expect_uid: Option<String>) -> Self {
        let Connected { client, eks_arn } = connected;
        let objects = Objects::new(client.clone());
        Self {
            key: key.into(),
            lists: Lists::new(objects.clone(), OWNER_LABEL),
            watches: Watches::new(client, OWNER_LABEL),
            objects,
            eks_arn,
            expect_uid,
            uid: OnceCell::new(),
            namespaces: Mutex::default(),
        }
    }

    /// The UID of the namespace `kube-system`: it tells clusters apart, whatever they are called. Read once.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn uid(&self) -> Result<&str, ApiError> {
        let read = async {
            let found = self.objects.get(NAMESPACE, None, "kube-system").await?;
            let uid = found
                .as_ref()
                .and_then(|namespace| namespace["metadata"]["uid"].as_str());
            let refuse = |cause: String| ApiError::Unreachable {
                operation: "GET /api/v1/namespaces/kube-system".to_owned(),
                cause,
            };
            let uid =
                uid.ok_or_else(|| refuse("the answer holds no uid: this is no Kubernetes API server".to_owned()))?;
            match &self.expect_uid {
                Some(expected) if expected != uid => Err(refuse(format!(
                    "the cluster has uid {uid}, but `expect_uid` is {expected}"
                ))),
                _ => Ok(uid.to_owned()),
            }
        };
        self.uid.get_or_try_init(|| read).await.map(String::as_str)
    }

    /// True if the namespace exists; a positive answer is kept for half a minute.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn has_namespace(&self, name: &str) -> Result<bool, ApiError> {
        let mut namespaces = self.namespaces.lock().await;
        if namespaces.get(name).is_some_and(|seen| seen.elapsed() < NAMESPACE_SEEN) {
            return Ok(true);
        }
        let found = self.objects.get(NAMESPACE, None, name).await?.is_some();
        if found {
            namespaces.insert(name.to_owned(), Instant::now());
        }
        Ok(found)
    }
}
