//! The kinds of remote objects that resources are made of: implementations of the engine's [`Kind`] and what they share.
//!
//! [`Kind`]: e2etls_engine::kind::Kind

pub mod aws;
pub mod kube;

use std::collections::BTreeMap;
use std::sync::Arc;

use e2etls_clients::aws::acm::{Acm, AcmApi};
use e2etls_clients::aws::acm_pca::{AcmPca, AcmPcaApi};
use e2etls_clients::aws::route53::{Route53, Route53Api};
use e2etls_clients::aws::{Aws, Identity};
use e2etls_clients::kube::cluster::Cluster;
use tfplugin_framework::Diagnostics;

use crate::session::Session;

/// What a resource in AWS is made of: decides under which identities it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// AWS Private CA, under `pca_role_arn` where that is given.
    PrivateCa,
    /// ACM, and Route 53 under `dns_role_arn` where that is given.
    Certificates,
}

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
    /// ACM there.
    pub acm: Option<Arc<dyn AcmApi>>,
    /// Route 53, perhaps in another account.
    pub route53: Option<Arc<dyn Route53Api>>,
    /// Tags of every AWS object, beside its own; those win where both have a key.
    pub default_tags: BTreeMap<String, String>,
    /// Tags that are others': `key`, or `prefix*`.
    pub ignore_tags: Vec<String>,
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

    /// The same with the services in `region`, or the configured one, that resources of `service` need.
    ///
    /// # Errors
    /// As [`Session::aws`].
    pub async fn in_aws(self, service: Service, region: Option<&str>) -> Result<Self, Diagnostics> {
        let Some(session) = self.session.clone() else {
            return Ok(self);
        };
        match service {
            Service::PrivateCa => {
                let aws = session.private_ca_identity(region).await?;
                Ok(Self {
                    acm_pca: Some(Arc::new(AcmPca::new(Arc::clone(&aws)))),
                    aws: Some(aws),
                    ..self
                })
            }
            Service::Certificates => {
                let aws = session.aws(region, None).await?;
                let dns = session.dns_identity(region).await?;
                Ok(Self {
                    acm: Some(Arc::new(Acm::new(Arc::clone(&aws)))),
                    route53: Some(Arc::new(Route53::new(dns))),
                    aws: Some(aws),
                    ..self
                })
            }
        }
    }

    /// Account and Region of the resource in AWS.
    #[must_use]
    pub fn identity(&self) -> Option<&dyn Identity> {
        let acm = self.acm.as_deref().map(|acm| acm as &dyn Identity);
        acm.or_else(|| self.acm_pca.as_deref().map(|service| service as &dyn Identity))
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

    /// The configured provider.
    ///
    /// # Panics
    /// If there is none: clients of an operation have one, those of a test need one where a kind asks for it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "operations are made of a session")]
    pub fn session(&self) -> &Session {
        self.session.as_deref().expect("a session")
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

    /// ACM.
    ///
    /// # Panics
    /// As [`Clients::acm_pca`].
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "kinds of a service are used by resources that have its client only"
    )]
    pub fn acm(&self) -> &dyn AcmApi {
        self.acm.as_deref().expect("a client of ACM")
    }

    /// Route 53.
    ///
    /// # Panics
    /// As [`Clients::acm_pca`].
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "kinds of a service are used by resources that have its client only"
    )]
    pub fn route53(&self) -> &dyn Route53Api {
        self.route53.as_deref().expect("a client of Route 53")
    }
}
