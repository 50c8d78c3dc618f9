//! AWS in memory: one account, whose services see each other as the real ones do.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use e2etls_engine::refusal::Refusal;

use super::acm::fake::FakeAcm;
use super::acm_pca::fake::FakeAcmPca;
use super::refusal::{Effect, said};
use super::route53::fake::FakeRoute53;
use crate::faults::Faults;

/// An account in memory, with faults that all of its services share.
#[derive(Debug)]
pub struct FakeAws {
    /// What goes wrong.
    pub faults: Arc<Faults>,
    /// Its DNS.
    pub route53: Arc<FakeRoute53>,
    account: String,
}

impl FakeAws {
    /// The account of this id, empty.
    #[must_use]
    pub fn new(account: &str) -> Self {
        let faults = Arc::new(Faults::default());
        let service = Service::new(account, "us-east-1", &faults);
        Self {
            route53: Arc::new(FakeRoute53::new(service)),
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

/// What the fakes of all services have.
#[derive(Debug)]
pub(crate) struct Service {
    account: String,
    region: String,
    faults: Arc<Faults>,
}

impl Service {
    fn new(account: &str, region: &str, faults: &Arc<Faults>) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            faults: Arc::clone(faults),
        }
    }

    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// A call whose effect may fail with status, code and message, as the service says them.
    pub(crate) fn call<T>(
        &self,
        operation: &str,
        target: &str,
        effect: Effect,
        run: impl FnOnce() -> Result<T, Said>,
    ) -> Result<T, Refusal> {
        let run = || {
            run().map_err(|error| {
                let (status, code, message) = &error;
                said(operation, target, effect, (*status, code, message))
            })
        };
        self.faults.call(operation, target, effect == Effect::Write, run)
    }
}

/// Status, code and message of an error.
pub(crate) type Said = (u16, &'static str, String);

/// Hexadecimal digits that are the same for the same content in every run.
pub(crate) fn digits(content: &[&str]) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let first = hasher.finish();
    first.hash(&mut hasher);
    format!("{first:016x}{:016x}", hasher.finish())
}

/// The identity of a fake is that of its service.
macro_rules! identity {
    ($fake:ty) => {
        #[async_trait::async_trait]
        impl $crate::aws::Identity for $fake {
            async fn account(&self) -> Result<&str, e2etls_engine::refusal::Refusal> {
                Ok(self.service.account())
            }

            fn region(&self) -> &str {
                self.service.region()
            }
        }
    };
}
pub(crate) use identity;
