//! CAs that resources only issue from: read once per run, whatever the number of resources.

use std::collections::HashMap;
use std::sync::Arc;

use e2etls_engine::refusal::Refusal;
use tokio::sync::Mutex;

use super::{AcmPca, AcmPcaApi, Authority, Issued};

/// What is known of a CA; `None` until it was seen ACTIVE. Who holds the lock asks for all who wait.
type Slot = Arc<Mutex<Option<Arc<Issuer>>>>;

/// By ARN.
pub(crate) type Issuers = HashMap<String, Slot>;

/// A CA that was ACTIVE when this run looked.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Its description.
    pub authority: Authority,
    /// Its own certificate and chain.
    pub own: Issued,
}

impl AcmPca {
    /// The CA, if it is ACTIVE; else its description, or nothing if there is no such CA. Any change that this provider
    /// makes to the CA makes the next caller ask again.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn issuer(&self, arn: &str) -> Result<Result<Arc<Issuer>, Option<Authority>>, Refusal> {
        let slot = Arc::clone(self.aws.issuers.lock().await.entry(arn.to_owned()).or_default());
        let mut slot = slot.lock().await;
        if let Some(seen) = slot.as_ref() {
            return Ok(Ok(Arc::clone(seen)));
        }
        match self.describe(arn).await? {
            Some(authority) if authority.status == "ACTIVE" => {
                let own = self.certificate(arn).await?;
                Ok(Ok(Arc::clone(slot.insert(Arc::new(Issuer { authority, own })))))
            }
            other => Ok(Err(other)),
        }
    }

    /// The CA changes.
    pub(super) async fn forget(&self, arn: &str) {
        self.aws.issuers.lock().await.remove(arn);
    }
}
