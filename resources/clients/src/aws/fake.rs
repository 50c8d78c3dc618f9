//! What the fakes of all services share.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use e2etls_engine::refusal::Refusal;

use super::refusal::{Effect, said};
use crate::faults::Faults;

/// What the fakes of all services have.
#[derive(Debug)]
pub(crate) struct Service {
    account: String,
    region: String,
    faults: Arc<Faults>,
}

impl Service {
    pub(crate) fn new(account: &str, region: &str, faults: &Arc<Faults>) -> Self {
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
