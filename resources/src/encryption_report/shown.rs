//! From a report to the attributes.

use e2etls_report::document::Document;
use e2etls_report::facet::Verdict;
use e2etls_report::hop::{Hop, MOVING};
use e2etls_report::{Chain, Report};

use super::model::{EncryptionReport, Expected, ReportedHop};

/// Fills in what was found.
pub(super) fn fill(asked: &mut EncryptionReport, report: &Report, document: &Document) {
    let expected = asked.expected_verdict.known().map(|expected| verdict(*expected));
    let mut findings = Vec::new();
    if let Some(expected) = expected {
        findings.extend(report.chains.iter().flat_map(|chain| worse(chain, expected)));
    }
    findings.extend(report.findings.iter().cloned());
    let hops = report
        .chains
        .iter()
        .flat_map(|chain| chain.hops.iter().map(|hop| shown(chain, hop)));
    asked.verdict = report.verdict.to_string().into();
    asked.matches_expectation = expected.map(|expected| report.verdict >= expected).into();
    asked.hops = hops.collect::<Vec<_>>().into();
    asked.findings = findings.into();
    let incomplete = document.clusters.iter().flat_map(|cluster| cluster.incomplete.clone());
    asked.incomplete = incomplete.collect::<Vec<_>>().into();
    asked.evidence_json = serde_json::to_string(document).ok().into();
}

fn worse(chain: &Chain, expected: Verdict) -> impl Iterator<Item = String> {
    let hops = chain.hops.iter().filter(move |hop| hop.verdict < expected);
    hops.map(move |hop| {
        let mut lasting = hop.evidence.iter().filter(|item| !item.starts_with(MOVING));
        let why = lasting.next_back().map_or("", String::as_str);
        format!(
            "{}: the hop from {} to {} is {}, and {expected} was expected: {why}",
            way(chain),
            hop.from,
            hop.to,
            hop.verdict
        )
    })
}

/// `Ingress shop/web, HTTPS:443, shop.example.com`.
pub(crate) fn way(chain: &Chain) -> String {
    let parts = [Some(&chain.object), chain.listener.as_ref(), chain.host.as_ref()];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(", ")
}

fn shown(chain: &Chain, hop: &Hop) -> ReportedHop {
    ReportedHop {
        object: chain.object.clone().into(),
        host: chain.host.clone().into(),
        listener: chain.listener.clone().into(),
        from: hop.from.to_owned().into(),
        to: hop.to.to_owned().into(),
        tls: hop.tls.to_string().into(),
        peer_verified: hop.peer_verified.to_string().into(),
        confined: hop.confined.to_string().into(),
        link: hop.link.to_string().into(),
        except: hop.except.clone().into(),
        verdict: hop.verdict.to_string().into(),
        evidence: hop
            .evidence
            .iter()
            // A plan is not to change with each rollout.
            .filter(|item| !item.starts_with(MOVING))
            .cloned()
            .collect::<Vec<_>>()
            .into(),
    }
}

fn verdict(expected: Expected) -> Verdict {
    match expected {
        Expected::Authenticated => Verdict::Authenticated,
        Expected::Encrypted => Verdict::Encrypted,
        Expected::Confined => Verdict::Confined,
        Expected::Unknown => Verdict::Unknown,
        Expected::Plaintext => Verdict::Plaintext,
    }
}
