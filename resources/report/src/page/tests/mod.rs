//! The page of good, broken, hostile and large documents.

mod content;
mod contrast;
mod golden;
mod hostile;
mod markup;

use std::collections::BTreeMap;

use jiff::Timestamp;
use scraper::{ElementRef, Html, Selector};

use crate::chain::Chain;
use crate::document::{ClusterReport, Document, Made, SCHEMA, examined};
use crate::facet::Facet;
use crate::hop::{Hop, overall};
use crate::page::page;
use crate::{Item, Report, Scope};

use crate::tests::set_up::{SetUp, whole};

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Two hours after the documents of these tests ended.
fn now() -> Timestamp {
    at("2026-11-02T12:00:00Z")
}

fn cluster(set_up: &SetUp, scope: &Scope) -> ClusterReport {
    ClusterReport {
        name: "arn:aws:eks:eu-central-1:111122223333:cluster/shop".to_owned(),
        server: "https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com".to_owned(),
        uid: Some("6b1f4a3e-6f0e-4c47-9d5c-0a4f3b1f7a55".to_owned()),
        error: None,
        examined: examined(&set_up.objects),
        incomplete: Vec::new(),
        report: Some(set_up.report(scope)),
    }
}

fn document(clusters: Vec<ClusterReport>) -> Document {
    Document {
        schema: SCHEMA,
        version: "0.1.0".to_owned(),
        made: Made {
            started: Some(at("2026-11-02T09:59:48Z")),
            ended: Some(at("2026-11-02T10:00:00Z")),
            command: ["terraform-provider-e2etls", "report", "--cluster", "shop"]
                .map(str::to_owned)
                .into(),
            aws_identity: Some("arn:aws:sts::111122223333:assumed-role/auditor/jane".to_owned()),
            kubernetes_user: Some("auditor".to_owned()),
        },
        scope: "the whole cluster".to_owned(),
        clusters,
    }
}

/// The reference set-up.
fn good() -> Document {
    document(vec![cluster(&whole(), &Scope::All)])
}

/// One cluster with a chain of every verdict, one that was not read as a whole, and one that was not reached.
fn broken() -> Document {
    let mut first = cluster(&whole(), &Scope::All);
    let report = first.report.as_mut().expect("a report");
    report.chains.extend(every_verdict());
    report.verdict = overall(report.chains.iter().flat_map(|chain| &chain.hops));
    report.findings = vec![
        "Ingress shop/debug also leads to Pods of the application".to_owned(),
        "Service shop/debug opens port 30080 of every Node to Pods of the application".to_owned(),
    ];
    first.examined.remove("networkpolicies");
    first.incomplete = vec!["networkpolicies: the user auditor may not list them: grant the verb list".to_owned()];
    let mut second = cluster(&whole(), &Scope::All);
    second.name = "arn:aws:eks:eu-west-1:111122223333:cluster/pay".to_owned();
    let third = ClusterReport {
        name: "standby".to_owned(),
        error: Some("connection refused".to_owned()),
        ..ClusterReport::default()
    };
    document(vec![first, second, third])
}

fn every_verdict() -> Vec<Chain> {
    let to_edge = |tls| {
        let evidence = vec!["api: port 443 of the load balancer k8s-shop (internet-facing) serves HTTPS".to_owned()];
        Hop::new(
            "client",
            "edge",
            [tls, Facet::Unknown, Facet::No, Facet::Unknown],
            evidence,
        )
    };
    let on = |from, to, facets| {
        Hop::new(
            from,
            to,
            facets,
            vec!["api: Service shop/web leads to 2 Pods".to_owned()],
        )
    };
    let (yes, no, unknown) = (Facet::Yes, Facet::No, Facet::Unknown);
    [
        (
            "Ingress shop/mutual",
            vec![on("client", "app", [yes, yes, no, unknown])],
        ),
        (
            "Ingress shop/tls",
            vec![to_edge(yes), on("edge", "app", [yes, no, no, unknown])],
        ),
        ("Ingress shop/dark", vec![to_edge(unknown)]),
        (
            "Ingress shop/open",
            vec![
                to_edge(yes),
                on("edge", "proxy", [yes, no, unknown, unknown]),
                on("proxy", "app", [no, no, no, unknown]),
                on("proxy", "app", [no, no, yes, unknown]),
            ],
        ),
    ]
    .into_iter()
    .map(|(object, hops)| chain(object, hops))
    .collect()
}

fn chain(object: &str, hops: Vec<Hop>) -> Chain {
    Chain {
        host: Some("shop.example.com".to_owned()),
        object: object.to_owned(),
        listener: Some("HTTPS:443".to_owned()),
        verdict: overall(&hops),
        hops,
    }
}

/// `count` chains of three hops each.
fn many(count: usize) -> Document {
    let mut cluster = cluster(&whole(), &Scope::All);
    let report = cluster.report.as_mut().expect("a report");
    let kinds = [report.chains.clone(), every_verdict()].concat();
    report.chains = (0..count)
        .map(|number| {
            let mut hops = kinds[0].hops.clone();
            // Each kind lends its weakest hop.
            if let Some(weakest) = kinds[number % kinds.len()].hops.iter().min_by_key(|hop| hop.verdict) {
                hops[2] = Hop {
                    from: "proxy",
                    to: "app",
                    ..weakest.clone()
                };
            }
            Chain {
                host: Some(format!("app-{number}.example.com")),
                ..chain(&format!("Ingress team-{}/app-{number}", number % 20), hops)
            }
        })
        .collect();
    document(vec![cluster])
}

/// A document with the same text in every field.
fn all_of(text: &str, fixed: &'static str) -> Document {
    let own = || text.to_owned();
    let hop = Hop {
        from: fixed,
        to: fixed,
        except: vec![own()],
        evidence: vec![own(), own()],
        ..Hop::new("", "", [Facet::No, Facet::No, Facet::Yes, Facet::Unknown], Vec::new())
    };
    let report = Report {
        found: true,
        verdict: hop.verdict,
        chains: vec![Chain {
            host: Some(own()),
            object: own(),
            listener: Some(own()),
            verdict: hop.verdict,
            hops: vec![hop.clone(), hop],
        }],
        findings: vec![own()],
        inventory: vec![Item {
            managed_by: "ACM",
            name: own(),
            dns_names: vec![own()],
            issuer: Some(own()),
            not_after: None,
            days_left: Some(-1),
            used_by: vec![own()],
        }],
    };
    let reached = ClusterReport {
        name: own(),
        server: own(),
        uid: Some(own()),
        error: None,
        examined: BTreeMap::from([(fixed, 1)]),
        incomplete: vec![own()],
        report: Some(report),
    };
    let unreached = ClusterReport {
        error: Some(own()),
        name: own(),
        ..ClusterReport::default()
    };
    Document {
        schema: fixed,
        version: own(),
        made: Made {
            command: vec![own()],
            aws_identity: Some(own()),
            kubernetes_user: Some(own()),
            ..good().made
        },
        scope: own(),
        clusters: vec![reached, unreached],
    }
}

fn shown(document: &Document) -> Html {
    Html::parse_document(&page(document, SHA256, now()))
}

fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).expect("a selector")).collect()
}

/// All text within an element, with blanks as one.
fn text(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All text within each element, with a blank between what is in different ones.
fn rows(html: &Html, selector: &str) -> Vec<String> {
    let of = |element: ElementRef<'_>| {
        element
            .text()
            .flat_map(str::split_whitespace)
            .collect::<Vec<_>>()
            .join(" ")
    };
    select(html, selector).into_iter().map(of).collect()
}

fn texts(html: &Html, selector: &str) -> Vec<String> {
    select(html, selector).into_iter().map(text).collect()
}
