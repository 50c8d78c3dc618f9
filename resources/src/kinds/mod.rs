//! The kinds of remote objects that resources are made of: implementations of the engine's [`Kind`] and what they share.
//!
//! [`Kind`]: e2etls_engine::kind::Kind

pub mod aws;
pub mod kube;

use std::collections::BTreeMap;
use std::sync::Arc;

use e2etls_clients::aws::acm_pca::AcmPcaApi;
use e2etls_clients::kube::cluster::Cluster;

/// The clients of one operation. A resource has those that its place needs.
#[derive(Clone, Default)]
pub struct Clients {
    /// The cluster that the resource lives in.
    pub cluster: Option<Arc<Cluster>>,
    /// AWS Private CA in the resource's account and Region.
    pub acm_pca: Option<Arc<dyn AcmPcaApi>>,
    /// Tags of every AWS object, beside its own; those win where both have a key.
    pub default_tags: BTreeMap<String, String>,
    /// Tags that are others': `key`, or `prefix*`.
    pub ignore_tags: Vec<String>,
}

impl Clients {
    /// The cluster.
    ///
    /// # Panics
    /// If the resource does not live in a cluster: a mistake of its `place`, which every test of it shows.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "kinds of a cluster are used by resources of a cluster only"
    )]
    pub fn cluster(&self) -> &Cluster {
        self.cluster.as_deref().expect("a resource of a cluster")
    }

    /// AWS Private CA.
    ///
    /// # Panics
    /// If the resource has no client of it, as [`Clients::cluster`].
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "kinds of a service are used by resources that have its client only"
    )]
    pub fn acm_pca(&self) -> &dyn AcmPcaApi {
        self.acm_pca.as_deref().expect("a client of AWS Private CA")
    }
}
