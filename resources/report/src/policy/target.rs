//! What a connection goes to.

use std::fmt;

use crate::objects::Pod;

/// A protocol that NetworkPolicies know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// A port of a Pod.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The Pod.
    pub pod: &'a Pod,
    /// Number of the port, on the Pod: the `targetPort` of a Service, not its `port`.
    pub port: u16,
    /// Protocol.
    pub protocol: Protocol,
}

impl Protocol {
    /// As the API writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Tcp, Self::Udp, Self::Sctp]
            .into_iter()
            .find(|protocol| protocol.name() == name)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
