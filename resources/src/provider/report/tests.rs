//! The command line, what is written, and exit codes.
//!
//! This file is long because half of it are command lines that are refused, and reports with their exit codes, as tables.

use std::path::Path;
use std::sync::{Arc, Mutex};

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::elbv2::fake::FakeElbV2;
use e2etls_clients::faults::Fate;
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_report::document::{ClusterReport, Document};
use e2etls_report::facet::Verdict;
use e2etls_report::{Chain, Item, Report, Scope};
use serde_json::Value;
use tfplugin_framework::Attr;

use super::arguments::{Arguments, Way, parse};
use super::clusters::examine_all;
use super::json::json;
use super::outcome::{Outcome, of};
use super::output::Destination;
use super::progress::Progress;
use super::text::text;
use crate::encryption_report::covered::Covered;
use crate::encryption_report::probe::Probing;
use crate::encryption_report::set_up::{aws, cluster, ec2};
use crate::kinds::Clients;
use crate::pki::{Certificate, sample};
use crate::session::Session;
use crate::session::model::{ClusterConfig, ProviderConfig};

const LABEL: &str = "e2etls.dev/owner";
/// Where nobody listens.
const NOBODY: &str = "https://127.0.0.1:1";

fn parsed(line: &str) -> Result<Arguments, String> {
    parse(line.split_whitespace().map(str::to_owned))
}

fn kubeconfig(file: Option<&str>, context: Option<&str>) -> Way {
    Way::Kubeconfig {
        file: file.map(str::to_owned),
        context: context.map(str::to_owned),
    }
}

#[test]
fn a_command_line_is_read() {
    let all = Arguments {
        clusters: Vec::new(),
        covered: Covered::Scope(Scope::All),
        json: None,
        html: None,
        expires_within: None,
        fail_below: None,
        evidence: false,
        probing: None,
    };
    let place = || ("shop".to_owned(), "web".to_owned());
    let (ns, name) = place();
    assert_eq!(parsed("--all"), Ok(all.clone()));
    for (line, covered) in [
        (
            "--hostname shop.example.com",
            Covered::Scope(Scope::Hostname("shop.example.com".to_owned())),
        ),
        (
            "--ingress shop/web",
            Covered::Scope(Scope::Ingress(ns.clone(), name.clone())),
        ),
        (
            "--service shop/web",
            Covered::Scope(Scope::Service(ns.clone(), name.clone())),
        ),
        ("--stack shop/web", Covered::Stack(ns.clone(), name)),
        ("--namespace shop", Covered::Scope(Scope::Namespace(ns))),
    ] {
        let wanted = Arguments { covered, ..all.clone() };
        assert_eq!(parsed(line), Ok(wanted), "{line}");
    }
    let arn = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
    let line = format!(
        "--cluster a --kubeconfig f --cluster b --kubeconfig ~/k:{arn} --kubeconfig :c --all --evidence --json -"
    );
    let wanted = Arguments {
        clusters: vec![
            Way::Eks("a".to_owned()),
            kubeconfig(Some("f"), None),
            Way::Eks("b".to_owned()),
            kubeconfig(Some("~/k"), Some(arn)),
            kubeconfig(None, Some("c")),
        ],
        json: Some(Destination::StandardOutput),
        evidence: true,
        ..all.clone()
    };
    assert_eq!(parsed(&line), Ok(wanted));
    let wanted = Arguments {
        json: Some(Destination::File("a/b.json".into())),
        html: Some(Destination::File("c.html".into())),
        expires_within: Some(30),
        fail_below: Some(Verdict::Confined),
        ..all
    };
    let line = "--fail-below confined --json a/b.json --html c.html --expires-within 30d --all";
    assert_eq!(parsed(line), Ok(wanted));
}

#[test]
fn pods_are_asked_only_if_that_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let pem = sample::root("root").pem;
    std::fs::write(&file, &pem).expect("a file");
    let probing = |line: &str| parsed(line).map(|arguments| arguments.probing);
    assert_eq!(probing("--all"), Ok(None));
    assert_eq!(probing("--all --probe port-forward"), Ok(Some(Probing::default())));
    let trusted = Some(Certificate::chain(&pem).expect("a CA"));
    let line = format!("--ca {} --probe port-forward --all", file.display());
    assert_eq!(probing(&line), Ok(Some(Probing { trusted })));
    let line = format!("--ca {} --all", file.display());
    assert_eq!(probing(&line), Err("--ca has no effect without --probe".to_owned()));
}

#[test]
fn every_wrong_command_line_is_refused_with_the_reason() {
    for (line, reason) in [
        ("", "no scope is given"),
        ("--cluster prod", "no scope is given"),
        ("--all --all", "more than one scope"),
        ("--namespace shop --service shop/web", "more than one scope"),
        ("--cluster", "--cluster requires the name of an EKS cluster"),
        ("--cluster --all", "--cluster requires the name"),
        ("--cluster a --cluster a --all", "the cluster a is given twice"),
        ("--cluster a --kubeconfig a --all", "the cluster a is given twice"),
        ("--kubeconfig", "--kubeconfig requires a file"),
        ("--kubeconfig : --all", "names no context"),
        ("--kubeconfig f: --all", "names no context"),
        ("--hostname", "--hostname requires a host name"),
        ("--hostname *.example.com", "has a wildcard"),
        ("--hostname -", "--hostname: `-`"),
        ("--ingress", "--ingress requires NAMESPACE/NAME"),
        ("--ingress web", "--ingress requires NAMESPACE/NAME"),
        ("--service shop/", "--service requires NAMESPACE/NAME"),
        ("--service /web", "is not a valid namespace name"),
        ("--stack a/b/c", "--stack requires NAMESPACE/NAME"),
        ("--stack Shop/web", "`Shop` is not a valid namespace name"),
        ("--namespace", "--namespace requires the name"),
        ("--namespace a_b", "`a_b` is not a valid namespace name"),
        ("--all --json", "--json requires a file, or -"),
        ("--all --json a --json b", "--json is given twice"),
        ("--all --fail-below", "--fail-below requires a verdict"),
        (
            "--all --fail-below good",
            "`good` is not a verdict; use one of: authenticated, encrypted, confined, unknown, plaintext",
        ),
        (
            "--all --fail-below unknown --fail-below unknown",
            "--fail-below is given twice",
        ),
        ("--all --html", "--html requires a file"),
        ("--all --html -", "--html requires a file"),
        ("--all --html a --html b", "--html is given twice"),
        ("--all --expires-within", "--expires-within requires a number of days"),
        ("--all --expires-within 30", "such as 30d, and not `30`"),
        ("--all --expires-within 30h", "such as 30d, and not `30h`"),
        ("--all --expires-within -1d", "such as 30d, and not `-1d`"),
        ("--all --probe", "--probe requires port-forward"),
        ("--all --probe here", "--probe requires port-forward, and not `here`"),
        (
            "--all --probe port-forward --probe port-forward",
            "--probe is given twice",
        ),
        ("--all --ca /nowhere/ca.pem", "--ca: /nowhere/ca.pem: No such file"),
        (
            "--all --ca Cargo.toml --probe port-forward",
            "--ca: Cargo.toml: the PEM text contains no certificate",
        ),
        ("--all --pdf f", "unknown option `--pdf`"),
        ("--all shop", "unknown option `shop`"),
    ] {
        let refused = parsed(line).expect_err(line);
        assert!(refused.contains(reason), "{line}: {refused}");
    }
}

fn chain(verdict: Verdict) -> Chain {
    Chain {
        host: None,
        object: "Service shop/web".to_owned(),
        listener: None,
        verdict,
        hops: Vec::new(),
    }
}

/// A cluster with chains of these verdicts.
fn seen(verdicts: &[Verdict], incomplete: &[&str]) -> ClusterReport {
    ClusterReport {
        report: Some(Report {
            found: true,
            verdict: verdicts.iter().min().copied().unwrap_or(Verdict::Unknown),
            chains: verdicts.iter().copied().map(chain).collect(),
            findings: Vec::new(),
            inventory: Vec::new(),
        }),
        incomplete: incomplete.iter().map(|line| (*line).to_owned()).collect(),
        ..ClusterReport::default()
    }
}

fn unreached() -> ClusterReport {
    ClusterReport {
        error: Some("nobody answered".to_owned()),
        ..ClusterReport::default()
    }
}

fn made_of(clusters: Vec<ClusterReport>) -> Document {
    let covered = Covered::Scope(Scope::All);
    crate::encryption_report::examine::document(Default::default(), &covered, clusters)
}

#[test]
fn the_exit_code_follows_from_the_document() {
    use Verdict::{Authenticated, Confined, Encrypted, Plaintext, Unknown};
    let whole = |verdicts: &[Verdict]| seen(verdicts, &[]);
    let partly = |verdicts: &[Verdict]| seen(verdicts, &["pods were not listed"]);
    for (clusters, fail_below, code) in [
        (vec![whole(&[Plaintext])], None, 0),
        (vec![whole(&[Plaintext])], Some(Plaintext), 0),
        (vec![whole(&[Plaintext])], Some(Unknown), 3),
        (vec![whole(&[Unknown])], Some(Unknown), 0),
        (vec![whole(&[Unknown])], Some(Confined), 3),
        (vec![whole(&[Encrypted, Confined])], Some(Confined), 0),
        (vec![whole(&[Encrypted, Confined])], Some(Encrypted), 3),
        (vec![whole(&[Authenticated])], Some(Authenticated), 0),
        // What is not there is not protected either.
        (vec![whole(&[])], None, 0),
        (vec![whole(&[])], Some(Confined), 3),
        // A host name need not be in every cluster.
        (vec![whole(&[]), whole(&[Encrypted])], Some(Encrypted), 0),
        (vec![whole(&[Encrypted]), whole(&[Plaintext])], Some(Encrypted), 3),
        (vec![partly(&[Encrypted])], None, 5),
        (vec![partly(&[Encrypted])], Some(Encrypted), 5),
        (vec![partly(&[Confined])], Some(Encrypted), 3),
        (vec![unreached()], None, 5),
        (vec![unreached()], Some(Authenticated), 5),
        (vec![unreached(), whole(&[Encrypted])], None, 5),
        (vec![unreached(), whole(&[Encrypted])], Some(Encrypted), 5),
        (vec![unreached(), whole(&[Plaintext])], Some(Encrypted), 3),
    ] {
        let outcome = of(&made_of(clusters.clone()), fail_below, None);
        assert_eq!(outcome.code(), code, "{clusters:?} {fail_below:?}");
        assert_eq!(outcome.in_words().is_none(), code == 0);
    }
    let both = vec![unreached(), partly(&[Encrypted])];
    assert_eq!(of(&made_of(both), None, None), Outcome::Incomplete(2));
}

/// One cluster of several is enough.
#[test]
fn what_does_not_exist_anywhere_is_not_reported_as_examined() {
    let without = || {
        let mut cluster = seen(&[], &[]);
        cluster.report.as_mut().expect("a report").found = false;
        cluster
    };
    for (clusters, fail_below, code) in [
        (vec![without()], None, 5),
        (vec![without(), without()], None, 5),
        (vec![without(), unreached()], None, 5),
        (vec![without()], Some(Verdict::Confined), 3),
        (vec![without(), seen(&[Verdict::Confined], &[])], None, 0),
    ] {
        assert_eq!(of(&made_of(clusters), fail_below, None).code(), code);
    }
}

#[test]
fn a_certificate_that_ends_too_soon_is_worth_a_code_of_its_own() {
    let lasting = |days: &[Option<i64>]| {
        let mut cluster = seen(&[Verdict::Confined], &["something"]);
        let report = cluster.report.as_mut().expect("a report");
        report.inventory = days
            .iter()
            .map(|days| Item {
                managed_by: "ACM",
                name: "arn".to_owned(),
                dns_names: Vec::new(),
                issuer: None,
                not_after: None,
                days_left: *days,
                used_by: Vec::new(),
            })
            .collect();
        made_of(vec![unreached(), cluster])
    };
    for (days, within, below, code) in [
        (&[Some(30), Some(29)][..], Some(30), None, 4),
        (&[Some(30)], Some(30), None, 5),
        (&[Some(-1)], Some(0), None, 4),
        (&[Some(0)], Some(0), None, 5),
        (&[Some(-1)], None, None, 5),
        // What is not known is not soon: that it was not read makes the report incomplete.
        (&[None], Some(30), None, 5),
        (&[Some(1)], Some(30), Some(Verdict::Encrypted), 3),
    ] {
        let outcome = of(&lasting(days), below, within);
        assert_eq!(outcome.code(), code, "{days:?} {within:?} {below:?}");
        assert!(outcome.in_words().is_some());
    }
}

/// Clients of a session with these clusters, reached or not.
fn clients<const N: usize>(
    config: ProviderConfig,
    reached: [(&str, Cluster); N],
    aws: (FakeAws, Arc<FakeElbV2>),
) -> Clients {
    Clients {
        session: Some(Arc::new(Session::new(config).with_clusters(reached))),
        ec2: Some(Arc::new(ec2(&aws.0))),
        elbv2: Some(aws.1),
        ..Clients::default()
    }
}

/// A configuration in which AWS can't say who we are.
fn nowhere() -> ProviderConfig {
    ProviderConfig {
        region: Attr::Known("eu-central-1".to_owned()),
        endpoints: Attr::Known([("sts".to_owned(), NOBODY.to_owned())].into()),
        ..ProviderConfig::default()
    }
}

async fn reported(clients: &Clients, keys: &[Option<String>], covered: &Covered) -> Document {
    let command = vec!["terraform-provider-e2etls".to_owned(), "report".to_owned()];
    examine_all(clients, keys, covered, None, command, &Progress::start(|_| ())).await
}

/// The document of the set-up, with what differs between runs set.
async fn reference() -> Document {
    let clients = clients(nowhere(), [("", cluster().cluster(LABEL))], aws());
    let mut document = reported(&clients, &[None], &Covered::Scope(Scope::All)).await;
    assert!(document.made.started <= document.made.ended && document.made.ended.is_some());
    document.made.started = "2026-01-02T03:04:05.6Z".parse().ok();
    document.made.ended = "2026-01-02T03:04:07.8Z".parse().ok();
    document.made.aws_identity = Some("arn:aws:sts::111122223333:assumed-role/audit/ci".to_owned());
    document.version = "1.2.3".to_owned();
    document
}

#[tokio::test]
async fn the_text_is_the_frozen_one() {
    let document = reference().await;
    assert_eq!(document.made.kubernetes_user.as_deref(), Some("kubernetes-admin"));
    for (file, evidence) in [("text.txt", false), ("evidence.txt", true)] {
        let written = text(&document, evidence);
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/provider/report/golden")
            .join(file);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &written).unwrap();
        }
        let frozen = std::fs::read_to_string(&path).expect("a golden file: UPDATE_GOLDEN=1 writes it");
        assert_eq!(written, frozen, "UPDATE_GOLDEN=1 updates {file}");
    }
}

#[tokio::test]
async fn json_is_the_document_and_nothing_else() {
    let document = reference().await;
    let read: Value = serde_json::from_str(&json(&document).expect("JSON")).expect("JSON");
    assert_eq!(read, serde_json::to_value(&document).unwrap());
    assert_eq!(read["schema"], "e2etls.dev/encryption-report/v1");
    assert_eq!(read["scope"], "the whole cluster");
    assert_eq!(read["made"]["command"][1], "report");
    assert_eq!(read["made"]["started"], "2026-01-02T03:04:05.6Z");
}

#[test]
fn what_controls_a_terminal_stays_in_the_report() {
    const EVIL: &str = "a\u{1b}[2J\r\nVerdict: authenticated\u{9b}31m\u{202e}\u{7}";
    let evil = || EVIL.to_owned();
    let mut cluster = seen(&[Verdict::Plaintext], &[EVIL]);
    (cluster.name, cluster.server, cluster.uid) = (evil(), evil(), Some(evil()));
    let report = cluster.report.as_mut().expect("a report");
    report.findings.push(evil());
    let facets = [e2etls_report::facet::Facet::Yes; 4];
    let mut hop = e2etls_report::hop::Hop::new("client", "app", facets, vec![evil()]);
    hop.except = vec![evil()];
    let chain = &mut report.chains[0];
    (chain.host, chain.object, chain.listener) = (Some(evil()), evil(), Some(evil()));
    chain.hops.push(hop);
    let mut document = made_of(vec![
        cluster,
        ClusterReport {
            error: Some(evil()),
            ..ClusterReport::default()
        },
    ]);
    document.scope = evil();
    (document.made.aws_identity, document.made.kubernetes_user) = (Some(evil()), Some(evil()));
    let shown = text(&document, true);
    let written = json(&document).expect("JSON");
    for c in shown.chars().chain(written.chars()) {
        assert!(c == '\n' || !crate::provider::terminal::controls(c), "{c:?}");
    }
    assert!(
        !shown.lines().any(|line| line.starts_with("Verdict: authenticated")),
        "{shown}"
    );
    let read: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(read, serde_json::to_value(&document).unwrap());
}

#[tokio::test]
async fn of_two_clusters_the_one_that_is_not_reached_is_said() {
    let far = ClusterConfig {
        host: Attr::Known(NOBODY.to_owned()),
        ..ClusterConfig::default()
    };
    let config = ProviderConfig {
        clusters: Attr::Known([("far".to_owned(), far)].into()),
        ..nowhere()
    };
    let clients = clients(config, [("near", cluster().cluster(LABEL))], aws());
    let keys = ["far", "near"].map(|key| Some(key.to_owned()));
    let document = reported(&clients, &keys, &Covered::Scope(Scope::All)).await;
    let [far, near] = document.clusters.as_slice() else {
        panic!("two clusters")
    };
    let error = far.error.as_deref().expect("an error");
    assert!(error.starts_with("Can't reach the cluster: "), "{error}");
    assert_eq!(
        (far.name.as_str(), far.server.as_str(), &far.uid),
        ("far", NOBODY, &None)
    );
    assert_eq!(
        near.report.as_ref().map(|report| report.verdict),
        Some(Verdict::Confined)
    );
    let shown = text(&document, false);
    let (missing, first) = (shown.find("Not examined:"), shown.find("Cluster:"));
    assert!(
        missing < first && shown.contains("  far: Can't reach the cluster"),
        "{shown}"
    );
    assert_eq!(of(&document, None, None).code(), 5);
    assert_eq!(of(&document, Some(Verdict::Encrypted), None).code(), 3);
    assert_eq!(document.made.aws_identity, None);
}

#[tokio::test]
async fn who_may_not_be_asked_for_is_not_known_and_nothing_fails() {
    let cluster = cluster();
    let posts = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&posts);
    cluster.faults.rule(move |call| {
        if call.operation.starts_with("GET ") {
            return Fate::Answered;
        }
        seen.lock().unwrap().push(call.operation.clone());
        Fate::Refused(Answer::Forbidden(Denial::Permission))
    });
    let clients = clients(nowhere(), [("", cluster.cluster(LABEL))], aws());
    let document = reported(&clients, &[None], &Covered::Scope(Scope::All)).await;
    assert_eq!(document.made.kubernetes_user, None);
    assert_eq!(of(&document, None, None).code(), 0);
    // Nothing else is sent that is no read.
    let posts = posts.lock().unwrap();
    assert_eq!(*posts, ["POST /apis/authentication.k8s.io/v1/selfsubjectreviews"]);
}

#[tokio::test]
async fn a_stack_is_the_service_of_its_proxy_and_one_that_does_not_exist_is_said() {
    let cluster = cluster();
    cluster.edit(kinds::SERVICE, Some("shop"), "web", |service| {
        service["metadata"]["labels"] = serde_json::json!({"e2etls.dev/proxy": "shop"});
        service["spec"]["selector"] = serde_json::json!({"app": "web", "e2etls.dev/proxy": "shop"});
    });
    let clients = clients(nowhere(), [("", cluster.cluster(LABEL))], aws());
    let stack = |name: &str| Covered::Stack("shop".to_owned(), name.to_owned());
    let document = reported(&clients, &[None], &stack("shop")).await;
    assert_eq!(document.scope, "stack shop/shop");
    assert_eq!(
        document.clusters[0].report.as_ref().map(|report| report.chains.len()),
        Some(1)
    );
    let document = reported(&clients, &[None], &stack("other")).await;
    let error = document.clusters[0].error.as_deref().expect("an error");
    assert!(
        error.starts_with("The stack does not exist: No Service in the namespace shop"),
        "{error}"
    );
    assert_eq!(of(&document, None, None).code(), 5);
}
