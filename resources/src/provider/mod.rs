//! The provider's configuration and what a configured provider holds.

use std::sync::Arc;

use tfplugin_framework::Diagnostics;

use crate::clients::kube::cluster::Cluster;

/// A configured provider.
pub struct Session {
    /// `owner_id`.
    pub owner_id: Option<String>,
    /// `owner_id` is not known yet.
    pub owner_id_unknown: bool,
    /// `read_only`.
    pub read_only: bool,
    /// `unreachable = "keep_state"`.
    pub keep_state: bool,
}

impl Session {
    /// The cluster of `key`.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn cluster(&self, _key: Option<&str>) -> Result<Arc<Cluster>, Diagnostics> {
        Err(Diagnostics::new())
    }
}
