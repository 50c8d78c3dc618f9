//! EC2 in memory. A test puts in what is in its VPCs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::{Ec2Api, Interface, Subnet};
use crate::aws::Effect;
use crate::aws::fake::{Service, identity};

/// A VPC of the fake.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Its id.
    pub vpc: String,
    /// Its subnets.
    pub subnets: Vec<Subnet>,
    /// Its network interfaces.
    pub interfaces: Vec<Interface>,
}

/// EC2 in memory.
#[derive(Debug)]
pub struct FakeEc2 {
    service: Service,
    kept: Mutex<Vec<Kept>>,
}

identity!(FakeEc2);

impl FakeEc2 {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            kept: Mutex::default(),
        }
    }

    /// All VPCs, to be edited by hand. Not a call.
    ///
    /// # Caveats
    /// Holds a lock: no call is answered meanwhile.
    pub fn all(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn list<T>(&self, operation: &str, vpc: &str, of: impl Fn(&Kept) -> Vec<T>) -> Result<Vec<T>, Refusal> {
        self.service.call(operation, vpc, Effect::Read, || {
            let kept = self.all();
            Ok(kept.iter().filter(|kept| kept.vpc == vpc).flat_map(of).collect())
        })
    }
}

#[async_trait]
impl Ec2Api for FakeEc2 {
    async fn subnets(&self, vpc: &str) -> Result<Vec<Subnet>, Refusal> {
        self.list("ec2:DescribeSubnets", vpc, |kept| kept.subnets.clone())
    }

    async fn interfaces(&self, vpc: &str) -> Result<Vec<Interface>, Refusal> {
        self.list("ec2:DescribeNetworkInterfaces", vpc, |kept| kept.interfaces.clone())
    }
}
