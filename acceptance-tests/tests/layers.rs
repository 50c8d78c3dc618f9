//! The direction of dependencies. Between crates it is read from `cargo metadata`: what a layer must not see, it can't
//! name. Within a crate it is read from the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use acceptance_tests::Sources;
use acceptance_tests::rules::{Layers, file_circles, long_files, module_circles, upward_arrows};
use serde_json::Value;

/// Crates that only some layers may see, by the start of their names.
const WIRE: &[&str] = &["tonic", "prost", "tfplugin-proto", "tfplugin-protocol"];
const REMOTES: &[&str] = &["aws-", "kube", "k8s-openapi", "e2etls-resources"];

/// The modules of `resources`, top down: each row may use itself and the rows below it, but not in a circle.
const RESOURCES: Layers<'_> = &[
    &["pages"],
    &["provider", "registry", "leftovers"],
    &["stack", "network_policy", "encryption_report"],
    &["edge"],
    &["proxy"],
    &["certificate"],
    &["issuer", "platform"],
    &[
        "private_ca",
        "public_certificate",
        "certificate_status",
        "cluster",
        "tls_probe",
    ],
    &["cert_manager"],
    &["lifecycle"],
    &["kinds"],
    &["session"],
    &["syntax", "pki", "sha256", "usage"],
];

/// The folders of sources that are read, with their layers where they have a table.
const FOLDERS: &[(&str, Layers<'_>)] = &[
    ("resources/src", RESOURCES),
    ("resources/engine/src", &[]),
    ("resources/report/src", &[]),
    ("resources/clients/src", &[]),
    ("provider/src", &[]),
    ("provider/protocol/src", &[]),
    ("provider/framework/src", &[]),
    ("provider/macros/src", &[]),
    ("acceptance-tests/src", &[]),
    ("acceptance-tests/lab/src", &[]),
];

/// What is still wrong, by how its line begins, to be emptied: the test fails for everything else, and for an entry that
/// is no longer needed.
const KNOWN: &[(&str, &[&str])] = &[("provider/framework/src", &["circle of modules", "circle of files"])];

#[test]
fn within_a_crate_every_arrow_points_down() {
    let mut wrong = Vec::new();
    for (folder, layers) in FOLDERS {
        let found = offences(folder, layers);
        let known = KNOWN.iter().filter(|(known, _)| known == folder);
        let known: Vec<&str> = known.flat_map(|(_, entries)| entries.iter().copied()).collect();
        let is_known = |line: &&String| known.iter().any(|entry| line.starts_with(entry));
        wrong.extend(
            found
                .iter()
                .filter(|line| !is_known(line))
                .map(|line| format!("{folder}: {line}")),
        );
        let is_needed = |entry: &&&str| found.iter().any(|line| line.starts_with(**entry));
        wrong.extend(
            known
                .iter()
                .filter(|entry| !is_needed(entry))
                .map(|entry| format!("{folder}: take out of KNOWN: {entry}")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// One line for everything that is wrong in a folder of sources.
fn offences(folder: &str, layers: Layers<'_>) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let sources = Sources::read(&path).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut found = module_circles(&sources);
    found.extend(file_circles(&sources));
    found.extend(long_files(&sources));
    if !layers.is_empty() {
        found.extend(upward_arrows(&sources, layers));
    }
    found
}

#[test]
fn no_layer_sees_what_it_must_not() {
    let metadata = metadata();
    for (layer, forbidden) in [
        ("e2etls-resources", WIRE),
        ("e2etls-clients", &["tonic", "prost", "tfplugin-", "e2etls-resources"]),
        ("e2etls-engine", WIRE),
        ("e2etls-engine", REMOTES),
        ("e2etls-engine", &["e2etls-clients"]),
        ("e2etls-report", WIRE),
        (
            "e2etls-report",
            &[
                "aws-",
                "kube",
                "e2etls-clients",
                "e2etls-engine",
                "e2etls-resources",
                "tokio",
            ],
        ),
        ("tfplugin-framework", REMOTES),
        ("tfplugin-framework", WIRE),
        ("tfplugin-macros", WIRE),
        ("tfplugin-macros", REMOTES),
        (
            "tfplugin-protocol",
            &["aws-sdk", "aws-config", "kube", "k8s-openapi", "e2etls-resources"],
        ),
        ("tfplugin-proto", REMOTES),
    ] {
        let seen = reachable(&metadata, layer);
        assert!(seen.contains(layer), "{layer} is not in the workspace");
        let broken: Vec<_> = seen
            .iter()
            .filter(|name| forbidden.iter().any(|start| name.starts_with(start)))
            .collect();
        assert!(broken.is_empty(), "{layer} depends on {broken:?}");
    }
}

#[test]
fn the_binary_sees_everything() {
    let seen = reachable(&metadata(), "terraform-provider-e2etls");
    for needed in ["tonic", "kube", "aws-sdk-acmpca", "rustls"] {
        assert!(
            seen.contains(needed),
            "the provider does not link {needed}: the test above would prove nothing"
        );
    }
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

/// Names of all packages that `root` reaches through normal dependencies.
fn reachable(metadata: &Value, root: &str) -> BTreeSet<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let names: BTreeMap<String, String> = list(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let nodes: BTreeMap<String, Vec<String>> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| {
            let normal = |dependency: &Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let dependencies = list(&node["deps"])
                .into_iter()
                .filter(normal)
                .map(|found| text(&found["pkg"]))
                .collect();
            (text(&node["id"]), dependencies)
        })
        .collect();
    let mut open: Vec<String> = names
        .iter()
        .filter(|(_, name)| *name == root)
        .map(|(id, _)| id.clone())
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id.clone()) {
            open.extend(nodes.get(&id).cloned().unwrap_or_default());
        }
    }
    seen.iter().filter_map(|id| names.get(id).cloned()).collect()
}
