//! The service in memory, which can be killed at any call.

use std::ops::Deref;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::acm_pca::fake::{FakeAcmPca, Kept};
use e2etls_clients::faults::Fate;

use crate::kinds::aws::marks::CREATING as CREATING_TAG;

pub(super) struct Fake {
    aws: FakeAws,
    service: FakeAcmPca,
}

impl Default for Fake {
    fn default() -> Self {
        let aws = FakeAws::default();
        Self {
            service: aws.acm_pca("eu-central-1"),
            aws,
        }
    }
}

impl Deref for Fake {
    type Target = FakeAcmPca;

    fn deref(&self) -> &FakeAcmPca {
        &self.service
    }
}

impl Fake {
    /// Every call after the `calls`-th fails, as for a process that was killed then; the `calls`-th has its effect and
    /// loses its answer.
    pub(super) fn killed_after(&self, calls: usize) {
        self.revived();
        match calls {
            0 => self.aws.faults.at(1, Fate::KilledBefore),
            _ => self.aws.faults.at(calls, Fate::KilledAfter),
        }
    }

    pub(super) fn revived(&self) {
        self.aws.faults.reset();
    }

    pub(super) fn calls(&self) -> usize {
        self.aws.faults.calls().len()
    }
}

pub(super) fn is_marked(kept: &Kept) -> bool {
    kept.tags.contains_key(CREATING_TAG)
}
