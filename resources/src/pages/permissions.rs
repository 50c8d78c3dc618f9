//! The guide on permissions is true: its tables hold what the policies and the pages of the resources do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::prose::Readme;
use super::{Kind, Page, pages};

/// The services whose actions are meant: everything else with a colon is no action.
const SERVICES: [&str; 9] = [
    "acm",
    "acm-pca",
    "cloudwatch",
    "ec2",
    "eks",
    "elasticloadbalancing",
    "iam",
    "route53",
    "sts",
];
/// Rights on what the provider's configuration names, which no policy of ours can.
const BY_CONFIGURATION: &str = "sts:AssumeRole";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn guide() -> String {
    read("docs/guides/permissions.md")
}

/// The rows of the table below this heading, by their first cell.
fn table(heading: &str) -> BTreeMap<String, String> {
    let guide = guide();
    let section = guide.split(&format!("## {heading}\n")).nth(1).expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.trim_matches('|').split_once(" | "));
    cells
        .map(|(name, rest)| (name.trim().trim_matches('`').to_owned(), rest.to_owned()))
        .collect()
}

/// The actions of IAM that a text names.
fn actions(text: &str) -> BTreeSet<String> {
    let words = text.split('`').skip(1).step_by(2);
    let is_action = |word: &&str| {
        let (service, action) = word.split_once(':').unwrap_or_default();
        SERVICES.contains(&service) && action.starts_with(|c: char| c.is_ascii_uppercase())
    };
    words.filter(is_action).map(str::to_owned).collect()
}

/// The actions that a policy allows.
fn allowed(file: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(&read(&format!("examples/permissions/{file}"))).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let lists = statements.flat_map(|statement| match &statement["Action"] {
        Value::Array(actions) => actions.clone(),
        one => vec![one.clone()],
    });
    lists.filter_map(|action| action.as_str().map(str::to_owned)).collect()
}

#[test]
fn the_actions_of_the_guide_are_those_of_the_policies() {
    let rows = table("AWS, by resource");
    let listed = |platform: bool| -> BTreeSet<String> {
        let rows = rows.iter().filter(|(name, _)| (*name == "platform") == platform);
        rows.flat_map(|(_, row)| actions(row)).collect()
    };
    assert_eq!(listed(false), allowed("iam-policy.json"));
    assert_eq!(listed(true), allowed("iam-policy-platform.json"));
    let mut all = listed(false);
    all.extend(listed(true));
    all.insert(BY_CONFIGURATION.to_owned());
    let named: Vec<String> = actions(&guide()).difference(&all).cloned().collect();
    assert_eq!(named, Vec::<String>::new(), "the text names others");
}

#[test]
fn each_resource_has_a_row_with_what_its_page_says() {
    let (aws, cluster) = (table("AWS, by resource"), table("The cluster, by resource"));
    let pages: Vec<_> = pages().into_iter().filter(|page| page.kind != Kind::Provider).collect();
    let names: BTreeSet<&str> = pages.iter().map(|page| page.folder).collect();
    assert_eq!(aws.keys().map(String::as_str).collect::<BTreeSet<_>>(), names);
    for page in &pages {
        let row = actions(&aws[page.folder]);
        let said = actions(&page.schema.description);
        let missing: Vec<&String> = said.difference(&row).collect();
        assert_eq!(missing, Vec::<&String>::new(), "{}: its page says more", page.folder);
        // Of a page that lists its actions, the list is complete.
        let own = row.iter().filter(|action| !action.starts_with("sts:"));
        let unsaid: Vec<&String> = own.filter(|action| !said.contains(*action)).collect();
        let refers = ["private_ca", "platform"].contains(&page.folder);
        // A stack refers to the page of its edge.
        let refers = |action: &&&String| refers || (page.folder == "stack" && action.starts_with("elasticload"));
        let unsaid: Vec<&&String> = unsaid.iter().filter(|action| !refers(action)).collect();
        assert_eq!(unsaid, Vec::<&&String>::new(), "{}: its page says less", page.folder);
        let has_role = page.role().is_some();
        assert_eq!(cluster.contains_key(page.folder), has_role, "{}", page.folder);
    }
}

/// The part of a page that is about a remote: a paragraph of its permissions.
fn permissions(page: &Page, remote: &str) -> String {
    let readme = Readme::parse(&page.schema.description);
    let section = readme.section("Permissions").expect("permissions");
    let paragraph = section.split("\n\n").find(|paragraph| paragraph.starts_with(remote));
    paragraph.expect("a paragraph of the remote").replace('\n', " ")
}

/// The kinds that a rule is about, with its verb, and the one object where it names one.
fn rules(file: &str) -> BTreeSet<String> {
    let text = read(&format!("examples/permissions/{file}"));
    let mut found = BTreeSet::new();
    for rule in text.split("\n  - ").skip(1) {
        let list = |field: &str| -> Vec<&str> {
            let line = rule
                .lines()
                .find_map(|line| line.trim().strip_prefix(&format!("{field}: [")));
            let items = line.and_then(|line| line.split(']').next()).unwrap_or_default();
            items.split(", ").filter(|item| !item.is_empty()).collect()
        };
        let names = list("resourceNames").join(" ");
        for (group, verb) in list("apiGroups")
            .into_iter()
            .flat_map(|group| list("verbs").into_iter().map(move |verb| (group, verb)))
        {
            let group = group.trim_matches('"');
            let kinds = list("resources").into_iter();
            found.extend(kinds.map(|kind| format!("{verb} {kind} {group} {names}")));
        }
    }
    found
}

#[test]
fn what_a_report_may_is_what_its_page_says_and_no_more() {
    let page = pages()
        .into_iter()
        .find(|page| page.folder == "encryption_report")
        .expect("its page");
    let mut said = actions(&permissions(&page, "AWS"));
    // The command says who made the report, and finds a cluster by its name.
    said.extend(["sts:GetCallerIdentity", "eks:DescribeCluster"].map(str::to_owned));
    assert_eq!(allowed("iam-policy-report.json"), said);

    // Sentences don't tell which group in brackets is that of which kind.
    let kinds = [
        ("namespaces", ""),
        ("nodes", ""),
        ("pods", ""),
        ("services", ""),
        ("configmaps", ""),
        ("endpointslices", "discovery.k8s.io"),
        ("ingresses", "networking.k8s.io"),
        ("networkpolicies", "networking.k8s.io"),
        ("clusternetworkpolicies", "networking.k8s.aws"),
        ("applicationnetworkpolicies", "networking.k8s.aws"),
        ("certificates", "cert-manager.io"),
        ("targetgroupbindings", "elbv2.k8s.aws"),
        ("targetgroupbindings", "eks.amazonaws.com"),
        ("gateways", "gateway.networking.k8s.io"),
        ("httproutes", "gateway.networking.k8s.io"),
        ("grpcroutes", "gateway.networking.k8s.io"),
        ("tcproutes", "gateway.networking.k8s.io"),
        ("tlsroutes", "gateway.networking.k8s.io"),
        ("udproutes", "gateway.networking.k8s.io"),
    ];
    let text = permissions(&page, "Kubernetes");
    let words: BTreeSet<&str> = text.split('`').skip(1).step_by(2).collect();
    let mut named: BTreeSet<&str> = kinds.iter().flat_map(|(kind, group)| [*kind, *group]).collect();
    named.remove("");
    named.extend(["list", "get", "kube-system"]);
    assert_eq!(words, named, "the page and this test name others");
    let mut wanted: BTreeSet<String> = kinds
        .iter()
        .map(|(kind, group)| format!("list {kind} {group} "))
        .collect();
    wanted.insert("get namespaces  kube-system".to_owned());
    assert_eq!(rules("report.yaml"), wanted);
    let probes = ["create pods/portforward  ", "get pods/portforward  "].map(str::to_owned);
    assert_eq!(rules("report-probe.yaml"), probes.into());
    assert!(
        page.schema
            .description
            .contains("the verbs `get` and `create` on `pods/portforward`")
    );
}

#[test]
fn the_guide_of_the_report_leads_to_its_files() {
    let guide = read("docs/guides/report.md");
    for file in ["report.yaml", "report-probe.yaml", "iam-policy-report.json"] {
        assert!(
            guide.contains(&format!("(../../examples/permissions/{file})")),
            "{file}"
        );
    }
    assert!(guide.contains("`e2etls-report`") && read("README.md").contains("docs/guides/report.md"));
}

#[test]
fn every_file_of_permissions_is_in_the_guide_and_the_readme_leads_there() {
    let guide = guide();
    for entry in std::fs::read_dir(root().join("examples/permissions")).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        assert!(guide.contains(&format!("`{name}`")), "{name}");
        for role in read(&format!("examples/permissions/{name}")).lines() {
            // The roles of the files, by their names.
            if let Some(role) = role.strip_prefix("  name: ") {
                assert!(guide.contains(&format!("`{role}`")), "{role} of {name}");
            }
        }
    }
    for (resource, row) in table("The cluster, by resource") {
        let file = format!("examples/resources/e2etls_{resource}/role.yaml");
        assert!(row.contains(&file) && root().join(&file).is_file(), "{file}");
    }
    assert!(read("README.md").contains("docs/guides/permissions.md"));
}
