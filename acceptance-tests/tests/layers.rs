//! The direction of dependencies, read from `cargo metadata`: what a layer must not see, it can't name.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Crates that only some layers may see, by the start of their names.
const WIRE: &[&str] = &["tonic", "prost", "tfplugin-proto", "tfplugin-protocol"];
const REMOTES: &[&str] = &["aws-", "kube", "k8s-openapi", "e2etls-resources"];

#[test]
fn no_layer_sees_what_it_must_not() {
    let metadata = metadata();
    for (layer, forbidden) in [
        ("e2etls-resources", WIRE),
        ("e2etls-clients", &["tonic", "prost", "tfplugin-"]),
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
