//! Where requests to some ports go on to, through whatever servers of the same configuration.

use super::address::Target;
use super::read::{Forwarding, Pass};

impl Forwarding {
    /// Where requests that come in on these ports leave the configuration: a server may pass them on to another one of it, over
    /// the loopback interface or a Unix socket.
    pub(crate) fn leaving(&self, ports: impl IntoIterator<Item = u16>) -> Vec<(&Pass, &Target)> {
        let mut ports: Vec<u16> = ports.into_iter().collect();
        let mut sockets = false;
        loop {
            let before = (ports.len(), sockets);
            let reached = self.reached(&ports, sockets);
            for target in reached.into_iter().flat_map(|pass| &pass.targets) {
                match self.inner(target) {
                    Some(port) if !ports.contains(&port) => ports.push(port),
                    _ => {}
                }
                sockets |= matches!(target, Target::Socket(_));
            }
            if before == (ports.len(), sockets) {
                break;
            }
        }
        let reached = self.reached(&ports, sockets).into_iter();
        let all = reached.flat_map(|pass| pass.targets.iter().map(move |target| (pass, target)));
        all.filter(|(_, target)| self.inner(target).is_none()).collect()
    }

    /// Passes of servers that listen on one of the ports; with `sockets`, also of those that listen on nothing else than a Unix
    /// socket.
    fn reached(&self, ports: &[u16], sockets: bool) -> Vec<&Pass> {
        let is =
            |pass: &&Pass| (sockets && pass.ports.is_empty()) || pass.ports.iter().any(|port| ports.contains(port));
        self.passes.iter().filter(is).collect()
    }

    /// The port, if a target is a server of the same configuration.
    fn inner(&self, target: &Target) -> Option<u16> {
        match target {
            Target::Host(_, port) if target.is_loopback() => {
                self.listens.iter().any(|listen| listen.port == *port).then_some(*port)
            }
            _ => None,
        }
    }
}
