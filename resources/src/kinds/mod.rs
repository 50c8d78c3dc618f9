//! The kinds of remote objects that resources are made of: implementations of the engine's [`Kind`] and what they share.
//!
//! [`Kind`]: e2etls_engine::kind::Kind

pub mod aws;
pub mod kube;

use std::collections::BTreeMap;
use std::sync::Arc;

use e2etls_clients::aws::Aws;
use e2etls_clients::aws::acm_pca::{AcmPca, AcmPcaApi};
use e2etls_clients::kube::cluster::Cluster;
use tfplugin_framework::Diagnostics;

use crate::session::Session;

/// The clients of one operation. A resource has those that its place needs.
#[derive(Clone, Default)]
pub struct Clients {
    /// The cluster that the resource lives in.
    pub cluster: Option<Arc<Cluster>>,
    /// The configured provider, for clients that only some operations need.
    pub session: Option<Arc<Session>>,
    /// AWS in the resource's account and Region.
    pub aws: Option<Arc<Aws>>,
    /// AWS Private CA there.
    pub acm_pca: Option<Arc<dyn AcmPcaApi>>,
    /// Tags of every AWS object, beside its own; those win where both have a key.
    pub default_tags: BTreeMap<String, String>,
    /// Tags that are others': `key`, or `prefix*`.
    pub ignore_tags: Vec<String>,
    /// Outputs that the state has of an object, by its uid: a read need not ask for what follows from another one that is the
    /// same.
    pub known: BTreeMap<String, BTreeMap<String, String>>,
}

impl Clients {
    /// The clients of a resource of this session, before it is known where it lives.
    #[must_use]
    pub fn of(session: &Arc<Session>) -> Self {
        Self {
            session: Some(Arc::clone(session)),
            default_tags: session.default_tags.clone(),
            ignore_tags: session.ignore_tags.clone(),
            ..Self::default()
        }
    }

    /// The same with AWS in `region`, or the configured one.
    ///
    /// # Errors
    /// As [`Session::aws`].
    pub async fn in_aws(self, region: Option<&str>) -> Result<Self, Diagnostics> {
        let Some(session) = &self.session else { return Ok(self) };
        let aws = session.private_ca_identity(region).await?;
        Ok(Self {
            acm_pca: Some(Arc::new(AcmPca::new(Arc::clone(&aws)))),
            aws: Some(aws),
            ..self
        })
    }

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
