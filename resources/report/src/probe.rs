//! What live handshakes with Pods show, and what follows for the hops to them.
//!
//! They are made through the API server, which connects from within the Pod: they prove what the port of that Pod speaks, and
//! nothing of who can reach it.

use std::collections::{BTreeMap, BTreeSet};

use crate::facet::Facet;
use crate::hop::{Hop, MOVING, overall};
use crate::objects::PodPort;
use crate::report::Report;

/// What a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// TLS; a request in plain text is refused.
    TlsOnly,
    /// TLS, and plain text is answered, too.
    Tls,
    /// TLS; what becomes of plain text was not seen.
    Unclear,
    /// Requests in plain text are answered, and handshakes are not.
    Plain,
    /// Neither was seen.
    Nothing,
}

/// What was seen at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// What it speaks.
    pub speaks: Speaks,
    /// In words, without what a renewal or a rollout changes: `negotiates TLSv1.3 with X25519MLKEM768, ...`.
    pub words: String,
    /// The certificate, in words; nothing without a handshake.
    pub certificate: Option<String>,
    /// What is wrong with the certificate, in words.
    pub finding: Option<String>,
}

impl Report {
    /// The ports to which its hops lead.
    pub fn ports(&self) -> BTreeSet<PodPort> {
        let hops = self.chains.iter().flat_map(|chain| &chain.hops);
        hops.flat_map(|hop| hop.at.iter().cloned()).collect()
    }

    /// Takes in what was seen at [`ports`](Self::ports).
    pub fn take(&mut self, probed: &BTreeMap<PodPort, Probed>) {
        for chain in &mut self.chains {
            chain.hops.iter_mut().for_each(|hop| take(hop, probed));
            chain.verdict = overall(&chain.hops);
        }
        self.verdict = overall(self.chains.iter().flat_map(|chain| &chain.hops));
        let findings = probed.iter().filter_map(|(at, seen)| {
            let finding = seen.finding.as_ref()?;
            Some(format!("Pod {}/{}, port {}: {finding}", at.namespace, at.pod, at.port))
        });
        self.findings.extend(findings);
        self.findings.sort_unstable();
        self.findings.dedup();
    }
}

fn take(hop: &mut Hop, probed: &BTreeMap<PodPort, Probed>) {
    let seen: Vec<(&PodPort, &Probed)> = hop.at.iter().filter_map(|at| Some((at, probed.get(at)?))).collect();
    if seen.is_empty() {
        return;
    }
    let tls = tls(hop, &seen);
    let said = said(&seen, hop.at.len());
    hop.evidence.extend(said);
    hop.tls = tls;
    // Nothing is verified over a connection without TLS.
    if tls == Facet::No && hop.peer_verified == Facet::Yes {
        hop.peer_verified = Facet::No;
    }
    hop.judge();
}

/// Whether a hop is encrypted by TLS, with what was seen at its ports.
fn tls(hop: &Hop, seen: &[(&PodPort, &Probed)]) -> Facet {
    let every = seen.len() == hop.at.len();
    let all = |speaks: Speaks| every && seen.iter().all(|(_, found)| found.speaks == speaks);
    let any = |speaks: Speaks| seen.iter().any(|(_, found)| found.speaks == speaks);
    // Clients that come straight to a port choose what they speak, where it answers both.
    let chosen_by_clients = hop.from == "client";
    if any(Speaks::Plain) || (chosen_by_clients && any(Speaks::Tls)) {
        Facet::No
    } else if all(Speaks::TlsOnly) && hop.tls == Facet::Unknown {
        Facet::Yes
    } else {
        hop.tls
    }
}

/// What was seen at ports, of this many that the hop leads to: the same words once, then the certificates.
fn said(seen: &[(&PodPort, &Probed)], ports: usize) -> Vec<String> {
    let mut said: BTreeMap<(u16, &str), usize> = BTreeMap::new();
    for (at, found) in seen {
        *said.entry((at.port, &found.words)).or_default() += 1;
    }
    let words = said.into_iter().map(|((port, words), count)| {
        let who = if count == ports {
            "every ready Pod"
        } else {
            "at least one Pod"
        };
        format!("probe: through port-forward, port {port} of {who} {words}")
    });
    let certificates = seen.iter().filter_map(|(at, found)| {
        let certificate = found.certificate.as_ref()?;
        Some(format!("{MOVING}Pod {}/{} shows {certificate}", at.namespace, at.pod))
    });
    words.chain(certificates).collect()
}
