//! What stands on the page, and in which order.

use std::time::{Duration, Instant};

use super::{SHA256, at, broken, document, good, many, now, rows, select, shown, text, texts};
use crate::document::{ClusterReport, Document, Made};
use crate::facet::Verdict;
use crate::page::page;

fn all(document: &Document) -> String {
    rows(&shown(document), "body").concat()
}

#[test]
fn it_opens_with_what_was_not_examined() {
    for document in [good(), broken(), document(Vec::new())] {
        let html = shown(&document);
        assert_eq!(texts(&html, "main h2")[0], "What was not examined");
        let never = texts(&html, ".not-examined .never").concat();
        for word in [
            "handshakes",
            "DNS records",
            "Gateways and TargetGroupBindings",
            "CloudFront",
            "Security groups",
            "Revocation of certificates",
            "Encryption between nodes",
            "other than NGINX",
        ] {
            assert!(never.contains(word), "{word}");
        }
    }
}

#[test]
fn what_is_missing_is_named() {
    let missing = rows(&shown(&broken()), ".not-examined").concat();
    for words in [
        "Cluster standby was not examined Reason: connection refused",
        "cluster/shop was only partly read networkpolicies: the user auditor may not list them",
    ] {
        assert!(missing.contains(words), "{words} in {missing}");
    }
    assert!(!missing.contains("cluster/pay"));
    let counts = texts(&shown(&broken()), ".counts li");
    assert_eq!(
        counts
            .iter()
            .filter(|count| *count == "networkpolicies: not listed")
            .count(),
        1
    );
    let silent = ClusterReport {
        server: "https://x".to_owned(),
        ..ClusterReport::default()
    };
    let missing = all(&document(vec![silent]));
    assert!(missing.contains("https://x was not examined Reason: it is not known why."));
    assert!(all(&document(Vec::new())).contains("No cluster was examined."));
}

#[test]
fn the_header_says_who_made_it_of_what() {
    let html = shown(&good());
    let facts = rows(&html, ".facts tr");
    for row in [
        "Scope the whole cluster",
        "Started 2026-11-02 09:59:48 UTC",
        "Ended 2026-11-02 10:00:00 UTC",
        "Page made 2026-11-02 12:00:00 UTC",
        "AWS identity arn:aws:sts::111122223333:assumed-role/auditor/jane",
        "Kubernetes user auditor",
        "Command line terraform-provider-e2etls report --cluster shop",
        "Version of the tool 0.1.0",
        "Schema e2etls.dev/encryption-report/v1",
        &format!("SHA-256 of the JSON {SHA256}"),
        "API server https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com",
        "UID of kube-system 6b1f4a3e-6f0e-4c47-9d5c-0a4f3b1f7a55",
        "Weakest verdict confined",
    ] {
        assert!(facts.iter().any(|found| found == row), "{row} in {facts:#?}");
    }
    let counts = texts(&html, ".counts li");
    assert!(counts.contains(&"networkpolicies: 2".to_owned()), "{counts:?}");
}

#[test]
fn what_is_not_known_says_so() {
    let mut document = good();
    document.made = Made::default();
    document.clusters[0].uid = None;
    let page = page(&document, "", now());
    let facts = rows(&scraper::Html::parse_document(&page), ".facts tr");
    for row in [
        "Started not known",
        "Ended not known",
        "AWS identity not known",
        "Kubernetes user not known",
        "Command line none",
        "SHA-256 of the JSON not known",
        "UID of kube-system not known",
    ] {
        assert!(facts.iter().any(|found| found == row), "{row} in {facts:#?}");
    }
    assert!(all(&document).contains("The age is not known"));
}

#[test]
fn an_old_document_says_so() {
    let old = |now: &str| texts(&scraper::Html::parse_document(&page(&good(), SHA256, at(now))), ".old").concat();
    assert_eq!(old("2026-11-03T10:00:00Z"), "");
    assert!(
        old("2026-11-03T10:00:01Z")
            .starts_with("This report is old: it was completed 2026-11-02 10:00:00 UTC, more than 1 day before")
    );
    assert!(old("2026-11-05T12:00:00Z").contains("more than 3 days before"));
    assert!(old("2026-11-02T09:00:00Z").starts_with("The clocks disagree"));
    let (_, print) = crate::page::STYLE
        .split_once("@media print")
        .expect("a style for print");
    assert!(!print.contains(".old"));
}

/// Hops with their facets as words, what they leave out, and evidence that opens without a script.
#[test]
fn a_chain_is_drawn_hop_by_hop() {
    let html = shown(&good());
    let report = good().clusters.remove(0).report.expect("a report");
    assert_eq!(
        texts(&html, ".chain h3"),
        ["1. Ingress shop/shop, host shop.example.com, listener HTTPS:443"]
    );
    assert_eq!(
        texts(&html, ".chain .way"),
        ["client to edge", "edge to proxy", "proxy to app"]
    );
    assert_eq!(texts(&html, ".outcome"), ["encrypted", "encrypted", "confined"]);
    assert_eq!(
        rows(&html, ".hop:last-child .facets div"),
        [
            "TLS no",
            "Certificate verified no",
            "Confined yes",
            "Link encrypted unknown"
        ]
        .map(|row| row.replacen(' ', "", 0))
    );
    let except: Vec<String> = report.chains[0]
        .hops
        .iter()
        .flat_map(|hop| hop.except.clone())
        .collect();
    assert_eq!(texts(&html, ".except li"), except);
    let evidence: Vec<String> = report.chains[0]
        .hops
        .iter()
        .flat_map(|hop| hop.evidence.clone())
        .collect();
    assert_eq!(texts(&html, "details > ul > li"), evidence);
    assert_eq!(texts(&html, "details > summary:first-child").len(), 3);
}

/// A proxy with two ways on: the second one does not come after the first.
#[test]
fn another_way_on_is_drawn_by_itself() {
    let html = shown(&broken());
    let chain = select(&html, "#chain-1")[0];
    assert!(text(chain).contains("Ingress shop/open"));
    assert_eq!(texts(&html, "#chain-1 .hops").len(), 2);
    assert_eq!(
        texts(&html, ".another"),
        ["Another way on from a hop above, beginning at: proxy"]
    );
}

#[test]
fn every_cluster_has_its_findings() {
    let found = texts(&shown(&broken()), ".findings li");
    assert_eq!(found, broken().clusters[0].report.as_ref().expect("a report").findings);
    assert!(all(&good()).contains("Findings None among what was examined."));
}

#[test]
fn the_worst_comes_first_in_the_contents_and_below() {
    let html = shown(&many(500));
    let links = texts(&html, ".contents li a");
    assert_eq!(links.len(), 500);
    let titles: Vec<String> = texts(&html, ".chain h3");
    let numbered: Vec<String> = links
        .iter()
        .zip(1..)
        .map(|(link, number)| format!("{number}. {link}"))
        .collect();
    assert_eq!(titles, numbered);
    let verdicts = texts(&html, ".contents li .verdict");
    let mut sorted = verdicts.clone();
    sorted.sort_by_key(|word| {
        crate::page::verdict::ALL
            .iter()
            .position(|verdict| verdict.to_string() == *word)
    });
    assert_eq!(verdicts, sorted);
    assert_eq!(verdicts[0], "plaintext");
}

/// Counts of each verdict, and nothing that adds them up.
#[test]
fn the_summary_has_no_total() {
    let html = shown(&broken());
    let verdicts = ["plaintext", "unknown", "confined", "encrypted", "authenticated"];
    assert_eq!(texts(&html, ".verdicts tbody th"), verdicts);
    let counts = texts(&html, ".verdicts .count");
    assert_eq!(counts, ["1", "1", "2", "1", "1"]);
    assert!(all(&broken()).contains("Clusters that were not examined: 1."));
    assert!(all(&document(Vec::new())).contains("No chain was found."));
}

#[test]
fn words_of_verdicts_are_those_of_the_json() {
    for verdict in crate::page::verdict::ALL {
        assert_eq!(crate::page::verdict::name(verdict), verdict.to_string());
    }
    assert!(crate::page::verdict::ALL.is_sorted());
    assert_eq!(crate::page::verdict::ALL.last(), Some(&Verdict::Authenticated));
}

#[test]
fn requirements_are_supported_and_never_more() {
    let html = shown(&good());
    let section = rows(&html, "#requirements").concat();
    for words in [
        "PCI DSS 4.0.1",
        "Supports 4.2.1 (configurations of TLS in transit)",
        "Supports 12.3.3 (TLS part)",
        "Does not cover",
        "carry cardholder data, and which of them cross open, public networks, is for the entity to declare",
    ] {
        assert!(section.contains(words), "{words}");
    }
    let claims = ["met", "compliant", "compliance", "passed", "satisfied", "secure"];
    let page = all(&good()).to_lowercase();
    let mut words = page.split(|character: char| !character.is_alphanumeric());
    assert_eq!(words.find(|word| claims.contains(word)), None);
}

#[test]
fn nobody_has_signed() {
    let html = shown(&good());
    assert_eq!(texts(&html, ".blank th"), ["Name", "Date", "Signature"]);
    assert_eq!(texts(&html, ".blank td"), ["", "", ""]);
}

#[test]
fn many_chains_are_fast_and_linear() {
    let document = many(500);
    // The best of several: other tests run beside this one.
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let begin = Instant::now();
        let _ = page(&document, SHA256, now());
        best = best.min(begin.elapsed());
    }
    assert!(best < Duration::from_secs(10), "{best:?}");
    let large = page(&document, SHA256, now());
    let base = page(&many(0), SHA256, now()).len();
    let small = page(&many(100), SHA256, now()).len() - base;
    let factor = (large.len() - base) as f64 / small as f64;
    assert!((4.9..5.2).contains(&factor), "{factor}");
}

#[test]
fn it_is_pure() {
    assert_eq!(page(&broken(), SHA256, now()), page(&broken(), SHA256, now()));
}
