//! AWS in memory: one account, whose services see each other as the real ones do.

use std::sync::Arc;

use super::acm::fake::FakeAcm;
use super::acm_pca::fake::FakeAcmPca;
use super::cloudwatch::fake::FakeCloudWatch;
use super::ec2::fake::FakeEc2;
use super::eks::fake::FakeEks;
use super::elbv2::fake::FakeElbV2;
use super::fake::Service;
use super::iam::fake::FakeIam;
use super::route53::fake::FakeRoute53;
use crate::faults::Faults;

/// An account in memory, with faults that all of its services share.
#[derive(Debug)]
pub struct FakeAws {
    /// What goes wrong.
    pub faults: Arc<Faults>,
    /// Its DNS.
    pub route53: Arc<FakeRoute53>,
    /// Its roles.
    pub iam: Arc<FakeIam>,
    account: String,
}

impl FakeAws {
    /// The account of this id, empty.
    #[must_use]
    pub fn new(account: &str) -> Self {
        let faults = Arc::new(Faults::default());
        let global = || Service::new(account, "us-east-1", &faults);
        Self {
            route53: Arc::new(FakeRoute53::new(global())),
            iam: Arc::new(FakeIam::new(global())),
            faults,
            account: account.to_owned(),
        }
    }

    /// An empty ACM in a Region.
    #[must_use]
    pub fn acm(&self, region: &str) -> FakeAcm {
        let service = Service::new(&self.account, region, &self.faults);
        FakeAcm::new(service, Arc::clone(&self.route53))
    }

    /// CloudWatch without alarms in a Region.
    #[must_use]
    pub fn cloudwatch(&self, region: &str) -> FakeCloudWatch {
        FakeCloudWatch::new(Service::new(&self.account, region, &self.faults))
    }

    /// EC2 without VPCs in a Region.
    #[must_use]
    pub fn ec2(&self, region: &str) -> FakeEc2 {
        FakeEc2::new(Service::new(&self.account, region, &self.faults))
    }

    /// EKS without clusters in a Region.
    #[must_use]
    pub fn eks(&self, region: &str) -> FakeEks {
        FakeEks::new(Service::new(&self.account, region, &self.faults))
    }

    /// An empty Elastic Load Balancing in a Region.
    #[must_use]
    pub fn elbv2(&self, region: &str) -> FakeElbV2 {
        FakeElbV2::new(Service::new(&self.account, region, &self.faults))
    }

    /// An empty AWS Private CA in a Region.
    #[must_use]
    pub fn acm_pca(&self, region: &str) -> FakeAcmPca {
        FakeAcmPca::new(Service::new(&self.account, region, &self.faults))
    }
}

impl Default for FakeAws {
    fn default() -> Self {
        Self::new("111122223333")
    }
}
