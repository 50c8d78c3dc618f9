//! The kinds of remote objects that resources are made of: implementations of the engine's [`Kind`] and what they share.

pub mod aws;
pub mod kube;
pub mod load_balancer;

use std::collections::BTreeMap;
use std::sync::Arc;

use e2etls_clients::aws::Aws;
use e2etls_clients::aws::acm::{Acm, AcmApi};
use e2etls_clients::aws::acm_pca::{AcmPca, AcmPcaApi};
use e2etls_clients::aws::cloudwatch::{CloudWatch, CloudWatchApi};
use e2etls_clients::aws::ec2::{Ec2, Ec2Api};
use e2etls_clients::aws::eks::{Eks, EksApi};
use e2etls_clients::aws::elbv2::{ElbV2, ElbV2Api};
use e2etls_clients::aws::iam::{Iam, IamApi};
use e2etls_clients::aws::route53::{Route53, Route53Api};
use e2etls_clients::kube::cluster::Cluster;
use e2etls_engine::kind::Kind;
use e2etls_engine::refusal::{Answer, Refusal};
use tfplugin_framework::Diagnostics;

use crate::session::Session;

/// What a resource in AWS is made of: decides under which identities it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// AWS Private CA, under `pca_role_arn` where that is given.
    PrivateCa,
    /// ACM, and Route 53 under `dns_role_arn` where that is given.
    Certificates,
    /// IAM.
    Roles,
}

/// Kinds of objects.
pub type Kinds = &'static [&'static dyn Kind<Clients>];

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
    /// EC2, where it is not that of the session.
    pub ec2: Option<Arc<dyn Ec2Api>>,
    /// EKS, where it is not that of the session.
    pub eks: Option<Arc<dyn EksApi>>,
    /// Elastic Load Balancing, where it is not that of the session.
    pub elbv2: Option<Arc<dyn ElbV2Api>>,
    /// Route 53, perhaps in another account.
    pub route53: Option<Arc<dyn Route53Api>>,
    /// IAM, where it is not that of the session.
    pub iam: Option<Arc<dyn IamApi>>,
    /// CloudWatch, where it is not that of the session.
    pub cloudwatch: Option<Arc<dyn CloudWatchApi>>,
    /// Tags of every AWS object, beside its own; those win where both have a key.
    pub default_tags: BTreeMap<String, String>,
    /// Labels of every Kubernetes object, beside its own; those win where both have a key.
    pub labels: BTreeMap<String, String>,
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
            labels: session.labels.clone(),
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
            Service::Roles => {
                let aws = session.aws(region, None).await?;
                Ok(Self {
                    iam: Some(Arc::new(Iam::new(Arc::clone(&aws)))),
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

    /// The cluster.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        there(self.cluster.as_deref())
    }

    /// The configured provider.
    #[must_use]
    pub fn session(&self) -> &Session {
        there(self.session.as_deref())
    }

    /// AWS Private CA.
    #[must_use]
    pub fn acm_pca(&self) -> &dyn AcmPcaApi {
        there(self.acm_pca.as_deref())
    }

    /// ACM: that of the place in AWS, or in the account and Region of the cluster.
    ///
    /// # Errors
    /// AWS can't be used as the provider is configured.
    pub async fn acm(&self) -> Result<Arc<dyn AcmApi>, Refusal> {
        if let Some(acm) = &self.acm {
            return Ok(Arc::clone(acm));
        }
        let aws = self.aws_of_cluster().await.map_err(|why| unusable("ACM", &why))?;
        Ok(Arc::new(Acm::new(aws)))
    }

    /// Elastic Load Balancing in `region`, or the configured one: a load balancer may be in another Region than the provider
    /// works in.
    ///
    /// # Errors
    /// AWS can't be used as the provider is configured.
    pub async fn load_balancing(&self, region: Option<&str>) -> Result<Arc<dyn ElbV2Api>, Refusal> {
        if let Some(elbv2) = &self.elbv2 {
            return Ok(Arc::clone(elbv2));
        }
        let aws = self.session().aws(region, None).await;
        let aws = aws.map_err(|why| unusable("Elastic Load Balancing", &why))?;
        Ok(Arc::new(ElbV2::new(aws)))
    }

    /// EC2 in `region`, or the configured one: a load balancer and its VPC may be in another Region than the provider works
    /// in.
    ///
    /// # Errors
    /// AWS can't be used as the provider is configured.
    pub async fn networks(&self, region: Option<&str>) -> Result<Arc<dyn Ec2Api>, Refusal> {
        if let Some(ec2) = &self.ec2 {
            return Ok(Arc::clone(ec2));
        }
        let aws = self.session().aws(region, None).await;
        let aws = aws.map_err(|why| unusable("EC2", &why))?;
        Ok(Arc::new(Ec2::new(aws)))
    }

    /// ACM in `region`, or the configured one: a load balancer and its certificates may be in another Region than the
    /// provider works in.
    ///
    /// # Errors
    /// AWS can't be used as the provider is configured.
    pub async fn certificates(&self, region: Option<&str>) -> Result<Arc<dyn AcmApi>, Refusal> {
        if let Some(acm) = &self.acm {
            return Ok(Arc::clone(acm));
        }
        let aws = self.session().aws(region, None).await;
        let aws = aws.map_err(|why| unusable("ACM", &why))?;
        Ok(Arc::new(Acm::new(aws)))
    }

    /// EKS, of the account and in the Region of the cluster.
    ///
    /// # Errors
    /// AWS can't be used as the provider is configured.
    pub async fn eks(&self) -> Result<Arc<dyn EksApi>, Refusal> {
        if let Some(eks) = &self.eks {
            return Ok(Arc::clone(eks));
        }
        let aws = self.aws_of_cluster().await.map_err(|why| unusable("EKS", &why))?;
        Ok(Arc::new(Eks::new(aws)))
    }

    /// IAM, in the account of the cluster.
    ///
    /// # Errors
    /// AWS can't be used as the provider is configured.
    pub async fn iam(&self) -> Result<Arc<dyn IamApi>, Refusal> {
        if let Some(iam) = &self.iam {
            return Ok(Arc::clone(iam));
        }
        let aws = self.aws_of_cluster().await.map_err(|why| unusable("IAM", &why))?;
        Ok(Arc::new(Iam::new(aws)))
    }

    /// CloudWatch, in the account and Region of the cluster.
    ///
    /// # Errors
    /// AWS can't be used as the provider is configured.
    pub async fn cloudwatch(&self) -> Result<Arc<dyn CloudWatchApi>, Refusal> {
        if let Some(cloudwatch) = &self.cloudwatch {
            return Ok(Arc::clone(cloudwatch));
        }
        let aws = self.aws_of_cluster().await;
        let aws = aws.map_err(|why| unusable("CloudWatch", &why))?;
        Ok(Arc::new(CloudWatch::new(aws)))
    }

    async fn aws_of_cluster(&self) -> Result<Arc<Aws>, Diagnostics> {
        let key = self.cluster.as_ref().map(|cluster| cluster.key.as_str());
        self.session().aws_of_cluster(key.filter(|key| !key.is_empty())).await
    }

    /// Route 53.
    ///
    /// # Errors
    /// AWS can't be used as the provider is configured.
    pub async fn dns(&self) -> Result<Arc<dyn Route53Api>, Refusal> {
        if let Some(route53) = &self.route53 {
            return Ok(Arc::clone(route53));
        }
        let dns = self
            .session()
            .dns_identity(None)
            .await
            .map_err(|why| unusable("Route 53", &why))?;
        Ok(Arc::new(Route53::new(dns)))
    }
}

/// Why AWS can't be used, as a refusal.
fn unusable(service: &str, why: &Diagnostics) -> Refusal {
    let words = why.iter().map(|one| format!("{}: {}", one.what, one.cause));
    let words = words.collect::<Vec<_>>().join(" ");
    Refusal::new(Answer::Unauthenticated, "configure", service, words)
}

/// A client that the kinds of a resource need: its place says which it has.
///
/// # Panics
/// If it has none: a mistake of its place, which every test of it shows.
#[expect(
    clippy::expect_used,
    reason = "kinds are used by resources that have their clients only"
)]
fn there<T: ?Sized>(client: Option<&T>) -> &T {
    client.expect("a client of what the resource is made of")
}
