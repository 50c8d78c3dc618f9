//! One hop of the way from a client to an application.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::facet::{Facet, Verdict, verdict};
use crate::objects::PodPort;
use crate::policy_engine::except::NODE;

/// One hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// Who sends.
    pub from: &'static str,
    /// Who receives.
    pub to: &'static str,
    /// Encrypted by TLS.
    pub tls: Facet,
    /// The sender verifies the receiver's certificate.
    pub peer_verified: Facet,
    /// Loopback, or a policy admits only the previous hop.
    pub confined: Facet,
    /// Encrypted below TLS.
    pub link: Facet,
    /// What the facet `confined` does not hold for.
    pub except: Vec<String>,
    /// What follows.
    pub verdict: Verdict,
    /// The ports of ready Pods that receive, of which live handshakes tell more.
    #[serde(skip)]
    pub(crate) at: Vec<PodPort>,
    /// What the facets are based on, each item as `SOURCE: DETAIL` with the sources `api`, `seen`, `probe` and `declared`.
    pub evidence: Vec<String>,
}

/// How evidence begins that was read, and that changes with each rollout: names of Pods, and the health of targets.
pub const MOVING: &str = "seen: ";

impl Hop {
    /// A hop with the verdict that its facets yield. `facets` are `tls`, `peer_verified`, `confined` and `link`.
    #[must_use]
    pub fn new(from: &'static str, to: &'static str, facets: [Facet; 4], evidence: Vec<String>) -> Self {
        let [tls, peer_verified, confined, link] = facets;
        Self {
            from,
            to,
            tls,
            peer_verified,
            confined,
            link,
            except: except(confined),
            verdict: verdict(tls, peer_verified, confined, link),
            at: Vec::new(),
            evidence,
        }
    }
}

impl Hop {
    /// The same, to these ports.
    #[must_use]
    pub(crate) fn with_ports(mut self, at: Vec<PodPort>) -> Self {
        self.at = at;
        self
    }

    /// Some of the receivers are not known: what holds for the others does not hold for all.
    pub(crate) fn weaken(&mut self) {
        self.tls = self.tls.and(Facet::Unknown);
        self.weaken_confined();
    }

    /// The same where the sender decides whether it speaks TLS.
    pub(crate) fn weaken_confined(&mut self) {
        self.confined = self.confined.and(Facet::Unknown);
        self.at.clear();
        self.except.clear();
        self.judge();
    }

    /// Facets have changed: the verdict follows.
    pub(crate) fn judge(&mut self) {
        self.verdict = verdict(self.tls, self.peer_verified, self.confined, self.link);
    }

    /// The same with what was seen of the engine that enforces policies, in place of what holds for every engine.
    #[must_use]
    pub(crate) fn with_except(mut self, except: &BTreeSet<&'static str>) -> Self {
        if self.confined == Facet::Yes {
            self.except = except.iter().map(|text| (*text).to_owned()).collect();
        }
        self
    }
}

/// Whom no policy stops: the VPC CNI of EKS enforces none between a node and its own Pods, and what comes in through a NodePort
/// has the address of the node.
fn except(confined: Facet) -> Vec<String> {
    (confined == Facet::Yes).then(|| NODE.to_owned()).into_iter().collect()
}

/// The weakest verdict; `Unknown` without hops.
#[must_use]
pub fn overall<'a>(hops: impl IntoIterator<Item = &'a Hop>) -> Verdict {
    hops.into_iter()
        .map(|hop| hop.verdict)
        .min()
        .unwrap_or(Verdict::Unknown)
}
