//! Address ranges that no other lab of this machine has.

use std::fs::File;

use super::error::{Error, Result};

/// How many labs a machine has room for.
const LABS: u8 = 64;

/// The ranges of one run, held by a file lock until this process ends.
#[derive(Debug)]
pub(crate) struct Network {
    number: u8,
    _lock: File,
}

impl Network {
    /// Takes the first free number.
    pub(crate) fn take() -> Result<Self> {
        for number in 0..LABS {
            let path = std::env::temp_dir().join(format!("e2etls-lab-network-{number}.lock"));
            let Ok(lock) = File::options().create(true).append(true).open(path) else {
                continue;
            };
            if lock.try_lock().is_ok() {
                return Ok(Self { number, _lock: lock });
            }
        }
        Err(Error::new(format!("{LABS} labs run on this machine already")))
    }

    /// The second octet of pod addresses.
    pub(crate) fn pod_octet(&self) -> u8 {
        128 + self.number
    }

    /// Pods get addresses of this range.
    pub(crate) fn pods(&self) -> String {
        format!("10.{}.0.0/16", self.pod_octet())
    }

    /// Services get addresses of this range; the node stand-in serves 10.x.y.z on 127.x.y.z.
    pub(crate) fn services(&self) -> String {
        format!("10.{}.0.0/16", 64 + self.number)
    }

    /// The second octet of the addresses of load balancers.
    pub(crate) fn balancer_octet(&self) -> u8 {
        192 + self.number
    }

    /// The address of the Service `kubernetes`.
    pub(crate) fn first_service(&self) -> String {
        format!("10.{}.0.1", 64 + self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn two_labs_differ() {
        let (first, second) = (Network::take().expect("network"), Network::take().expect("network"));
        assert_ne!(first.pods(), second.pods());
        assert_ne!(first.services(), second.services());
        assert_ne!(first.pods(), first.services());
    }
}
