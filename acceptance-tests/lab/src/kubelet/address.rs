//! Addresses and ports of the lab: 10/8 in the API, 127/8 on the machine.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use k8s_openapi::api::core::v1::Service;

/// What is added to a privileged port where the machine does not let us bind it.
const SHIFT: u16 = 30_000;
/// The last port that may need a privilege.
const LAST_PRIVILEGED: u16 = 1023;

/// The address that a process binds for an address of the cluster: `10.x.y.z` is `127.x.y.z`.
///
/// The API server refuses loopback addresses in EndpointSlices, so the cluster's own objects hold the 10 form.
#[must_use]
pub fn to_loopback(address: Ipv4Addr) -> Ipv4Addr {
    let [first, b, c, d] = address.octets();
    if first == 10 {
        Ipv4Addr::new(127, b, c, d)
    } else {
        address
    }
}

/// The way back: the address of the cluster that a client or a process on the machine stands for.
pub(crate) fn to_cluster(address: Ipv4Addr) -> Ipv4Addr {
    let [first, b, c, d] = address.octets();
    if first == 127 {
        Ipv4Addr::new(10, b, c, d)
    } else {
        address
    }
}

/// In the third octet: the address behind a filter.
const BEHIND: u8 = 0x80;

/// Where the processes of a pod listen whose own address a filter has.
#[must_use]
pub fn behind(address: Ipv4Addr) -> Ipv4Addr {
    let [a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c | BEHIND, d)
}

/// The pod's own address for one behind a filter; its own address is that already.
pub(crate) fn before(address: Ipv4Addr) -> Ipv4Addr {
    let [a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c & !BEHIND, d)
}

/// Parses an address of the cluster and returns its loopback form.
#[must_use]
pub fn parse_loopback(address: &str) -> Option<Ipv4Addr> {
    address.parse().ok().map(to_loopback)
}

/// The 127 form of a Service's address; `None` if it is headless.
pub(crate) fn cluster_ip(service: &Service) -> Option<Ipv4Addr> {
    parse_loopback(service.spec.as_ref()?.cluster_ip.as_deref()?)
}

/// How ports of the cluster map to ports of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    privileged: bool,
}

impl Ports {
    /// Asks the machine whether privileged ports may be bound.
    #[must_use]
    pub fn detect() -> Self {
        let probe = SocketAddrV4::new(Ipv4Addr::new(127, 255, 255, 253), 1);
        let refused = TcpListener::bind(probe).is_err_and(|e| e.kind() == std::io::ErrorKind::PermissionDenied);
        Self { privileged: !refused }
    }

    /// A mapping with a known answer to that question.
    #[must_use]
    pub const fn new(privileged: bool) -> Self {
        Self { privileged }
    }

    /// The port of the machine that serves this port of the cluster.
    #[must_use]
    pub const fn lab_port(self, port: u16) -> u16 {
        if self.privileged || port == 0 || port > LAST_PRIVILEGED {
            port
        } else {
            port + SHIFT
        }
    }

    /// Whether every port is served as itself.
    #[must_use]
    pub const fn is_identity(self) -> bool {
        self.privileged
    }
}

/// The port of this machine that serves a port of a pod or a Service.
///
/// It is the same port, except that a port below 1024 is served at `port + 30000` where the machine does not let an
/// unprivileged process bind it.
#[must_use]
pub fn lab_port(port: u16) -> u16 {
    Ports::detect().lab_port(port)
}

/// Hands out pod addresses of `10.<octet>.0.0/17`: the other half is behind filters.
#[derive(Debug)]
pub(crate) struct Pool {
    octet: u8,
    next: u16,
    taken: BTreeSet<Ipv4Addr>,
}

impl Pool {
    pub(crate) const fn new(octet: u8) -> Self {
        Self {
            octet,
            next: 0,
            taken: BTreeSet::new(),
        }
    }

    /// Marks an address as taken, as that of a pod which outlived an earlier run.
    pub(crate) fn reserve(&mut self, address: Ipv4Addr) -> Ipv4Addr {
        self.taken.insert(address);
        address
    }

    /// The next free address. Addresses are reused late, so that a stale client rarely meets another pod.
    pub(crate) fn take(&mut self) -> Option<Ipv4Addr> {
        for _ in 0..=u16::MAX {
            self.next = (self.next + 1) & 0x7fff;
            let [high, low] = self.next.to_be_bytes();
            let address = Ipv4Addr::new(10, self.octet, high, low);
            if (1..255).contains(&low) && self.taken.insert(address) {
                return Some(address);
            }
        }
        None
    }

    pub(crate) fn release(&mut self, address: Ipv4Addr) {
        self.taken.remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cluster_addresses_become_loopback() {
        assert_eq!(parse_loopback("10.96.0.1"), Some(Ipv4Addr::new(127, 96, 0, 1)));
        assert_eq!(parse_loopback("192.168.0.1"), Some(Ipv4Addr::new(192, 168, 0, 1)));
        assert_eq!(parse_loopback("None"), None);
    }

    #[test]
    fn privileged_ports_shift_only_when_refused() {
        assert_eq!(Ports::new(false).lab_port(443), 30_443);
        assert_eq!(Ports::new(false).lab_port(1024), 1024);
        assert_eq!(Ports::new(true).lab_port(443), 443);
    }

    #[test]
    fn addresses_are_unique_and_return() {
        let mut pool = Pool::new(7);
        let reserved = pool.reserve(Ipv4Addr::new(10, 7, 0, 1));
        let first = pool.take().unwrap();
        assert_ne!(first, reserved);
        pool.release(first);
        assert_ne!(pool.take(), Some(first), "reused late");
    }
}
