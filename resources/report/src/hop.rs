//! One hop of the way from a client to an application.

use serde::Serialize;

use crate::facet::{Facet, Verdict, verdict};

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
    /// What the facets are based on, each item as `SOURCE: DETAIL` with the sources `api`, `probe` and `declared`.
    pub evidence: Vec<String>,
}

impl Hop {
    /// A hop with the verdict that its facets yield. `facets` are `tls`, `peer_verified`, `confined` and `link`.
    #[must_use]
    pub fn new(from: &'static str, to: &'static str, facets: [Facet; 4], evidence: Vec<String>) -> Self {
        let [tls, peer_verified, confined, link] = facets;
        let verdict = verdict(tls, peer_verified, confined, link);
        Self {
            from,
            to,
            tls,
            peer_verified,
            confined,
            link,
            except: except(confined),
            verdict,
            evidence,
        }
    }
}

/// Whom no policy stops: the VPC CNI of EKS enforces none between a node and its own Pods, and what comes in through a NodePort
/// has the address of the node.
fn except(confined: Facet) -> Vec<String> {
    let node = "processes on the Pod's own node, Pods with hostNetwork on that node, and traffic that arrives through a \
        NodePort of that node";
    (confined == Facet::Yes).then(|| node.to_owned()).into_iter().collect()
}

/// The weakest verdict; `Unknown` without hops.
#[must_use]
pub fn overall<'a>(hops: impl IntoIterator<Item = &'a Hop>) -> Verdict {
    hops.into_iter()
        .map(|hop| hop.verdict)
        .min()
        .unwrap_or(Verdict::Unknown)
}
