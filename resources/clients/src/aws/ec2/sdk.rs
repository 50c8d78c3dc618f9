//! The port on the runtime of the AWS SDK.

use std::sync::Arc;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::call::Call;
use super::{Ec2Api, Interface, Subnet};
use crate::aws::{Aws, Identity};

/// EC2 in the Region of an identity.
#[derive(Clone)]
pub struct Ec2 {
    aws: Arc<Aws>,
    subnets: Call<Subnet>,
    interfaces: Call<Interface>,
}

impl Ec2 {
    /// The service under one identity.
    #[must_use]
    pub fn new(aws: Arc<Aws>) -> Self {
        Self {
            subnets: Call::new(&aws),
            interfaces: Call::new(&aws),
            aws,
        }
    }
}

#[async_trait]
impl Identity for Ec2 {
    async fn account(&self) -> Result<&str, Refusal> {
        self.aws.account().await
    }

    fn region(&self) -> &str {
        self.aws.region()
    }
}

#[async_trait]
impl Ec2Api for Ec2 {
    async fn subnets(&self, vpc: &str) -> Result<Vec<Subnet>, Refusal> {
        self.subnets.all(vpc).await
    }

    async fn interfaces(&self, vpc: &str) -> Result<Vec<Interface>, Refusal> {
        self.interfaces.all(vpc).await
    }
}
