//! The document for people: what was not examined first, then the chains of each cluster, the worst first.

use std::collections::BTreeSet;

use e2etls_report::document::{ClusterReport, Document};
use e2etls_report::hop::Hop;
use e2etls_report::{Chain, Item};

use super::outcome::verdict;
use crate::encryption_report::shown::way;
use crate::provider::terminal::escaped;

/// Lines that are safe to show: what they hold can't end them, or control a terminal.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, line: impl AsRef<str>) {
        self.0.push_str(&escaped(line.as_ref()));
        self.0.push('\n');
    }

    fn gap(&mut self) {
        self.0.push('\n');
    }
}

/// The document as text, and with `evidence` what the hops are based on.
pub(super) fn text(document: &Document, evidence: bool) -> String {
    let mut lines = Lines::default();
    head(&mut lines, document);
    let missing = missing(document);
    list(&mut lines, "Not examined:", &missing);
    for cluster in &document.clusters {
        lines.gap();
        describe(&mut lines, cluster, evidence);
    }
    lines.0
}

fn head(lines: &mut Lines, document: &Document) {
    let made = &document.made;
    lines.add(format!("Encryption report: {}", document.scope));
    if let (Some(started), Some(ended)) = (made.started, made.ended) {
        lines.add(format!(
            "Made from {started:.0} to {ended:.0} by terraform-provider-e2etls {}",
            document.version
        ));
    }
    for (whose, name) in [
        ("AWS identity", &made.aws_identity),
        ("Kubernetes user", &made.kubernetes_user),
    ] {
        lines.add(format!("{whose}: {}", name.as_deref().unwrap_or("not known")));
    }
    if let Some(verdict) = verdict(document) {
        lines.add(format!("Verdict: {verdict}"));
    }
}

/// What was not examined, with the cluster where there are several.
fn missing(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for cluster in &document.clusters {
        let whose = match document.clusters.len() {
            1 => String::new(),
            _ => format!("{}: ", name(cluster)),
        };
        let no_report = cluster.error.as_ref().filter(|_| cluster.report.is_none());
        let lines = no_report.into_iter().chain(&cluster.incomplete);
        found.extend(lines.map(|line| format!("{whose}{line}")));
    }
    found
}

fn name(cluster: &ClusterReport) -> &str {
    let mut names = [&cluster.name, &cluster.server].into_iter();
    names
        .find(|name| !name.is_empty())
        .map_or("the cluster", String::as_str)
}

fn describe(lines: &mut Lines, cluster: &ClusterReport, evidence: bool) {
    lines.add(format!("Cluster: {}", name(cluster)));
    if !cluster.server.is_empty() && cluster.server != name(cluster) {
        lines.add(format!("Server: {}", cluster.server));
    }
    if let Some(uid) = &cluster.uid {
        lines.add(format!("UID: {uid}"));
    }
    let Some(report) = &cluster.report else {
        lines.add("Not examined: see above.");
        return;
    };
    let counts: Vec<String> = cluster
        .examined
        .iter()
        .map(|(plural, count)| format!("{plural} {count}"))
        .collect();
    lines.add(format!("Examined: {}", counts.join(", ")));
    lines.add(format!("Verdict: {}", report.verdict));
    let mut chains: Vec<&Chain> = report.chains.iter().collect();
    chains.sort_by_key(|chain| chain.verdict);
    for chain in chains {
        lines.gap();
        lines.add(format!("{}: {}", way(chain), chain.verdict));
        chain.hops.iter().for_each(|hop| add_hop(lines, hop, evidence));
    }
    let hops = report.chains.iter().flat_map(|chain| &chain.hops);
    // Hops share most of them, and each is long.
    let excepted: BTreeSet<&String> = hops.flat_map(|hop| &hop.except).collect();
    list(lines, "Exceptions, to which \"confined\" does not apply:", excepted);
    list(lines, "Findings:", &report.findings);
    let certificates: Vec<String> = report.inventory.iter().map(lasts).collect();
    list(lines, "Certificates, by expiration date:", &certificates);
}

/// How long a certificate lasts, and what it is used by.
fn lasts(item: &Item) -> String {
    let ends = match (item.not_after, item.days_left) {
        (Some(end), Some(days)) if days < 0 => format!("expired on {end:.0}"),
        (Some(end), Some(days)) => format!("expires on {end:.0}, days left: {days}"),
        _ => "expiration date not known".to_owned(),
    };
    format!("{}: {ends}; used by {}", item.name, item.used_by.join(", "))
}

fn list<'a>(lines: &mut Lines, title: &str, items: impl IntoIterator<Item = &'a String>) {
    let mut items = items.into_iter().peekable();
    if items.peek().is_some() {
        lines.gap();
        lines.add(title);
        items.for_each(|item| lines.add(format!("  {item}")));
    }
}

fn add_hop(lines: &mut Lines, hop: &Hop, evidence: bool) {
    let step = format!("{} → {}", hop.from, hop.to);
    // The widest are `client → proxy` and `authenticated`.
    lines.add(format!(
        "  {step:<14}  {:<13}  TLS {}, peer verified {}, confined {}{}, link encrypted {}",
        hop.verdict.to_string(),
        hop.tls,
        hop.peer_verified,
        hop.confined,
        if hop.except.is_empty() {
            ""
        } else {
            " (with exceptions)"
        },
        hop.link
    ));
    if evidence {
        hop.except
            .iter()
            .for_each(|line| lines.add(format!("    except: {line}")));
        hop.evidence.iter().for_each(|line| lines.add(format!("    {line}")));
    }
}
