//! What users copy works: the examples and the README are valid, and the host takes every schema.

use std::fs;
use std::path::{Path, PathBuf};

use e2etls_lab::terraform::{Provider, Workspace};

use crate::ground;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a folder above")
        .to_owned()
}

async fn workspace() -> (Provider, Workspace) {
    let provider = ground::provider().await;
    let workspace = Workspace::new(&provider).expect("a workspace");
    (provider, workspace)
}

/// Validates a configuration; the head that names the provider's source is added where it has none.
async fn is_valid(config: &str, what: &str) {
    let (provider, workspace) = workspace().await;
    let head = if config.contains("required_providers") {
        String::new()
    } else {
        provider.required()
    };
    workspace.write("main.tf", &(head + config)).expect("it is written");
    let report = workspace.validate().await.expect("Terraform runs").json();
    assert_eq!(report["valid"], true, "{what}: {report:#}");
    // Of the workspace itself: the provider is taken from its folder.
    assert_eq!(report["warning_count"], 1, "{what}: {report:#}");
}

#[tokio::test]
async fn every_example_is_valid() {
    let mut examples = vec![repository().join("examples/provider/provider.tf")];
    for (kind, file) in [("resources", "resource.tf"), ("data-sources", "data-source.tf")] {
        let folder = fs::read_dir(repository().join("examples").join(kind)).expect("a folder");
        examples.extend(folder.flatten().map(|entry| entry.path().join(file)));
    }
    let stacks = fs::read_dir(repository().join("examples/stacks")).expect("a folder");
    examples.extend(stacks.flatten().map(|entry| entry.path().join("main.tf")));
    assert!(examples.len() >= 14, "{examples:?}");
    for path in examples {
        is_valid(
            &fs::read_to_string(&path).expect("an example"),
            &path.display().to_string(),
        )
        .await;
    }
}

#[tokio::test]
async fn the_configurations_of_the_readme_are_valid() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    let blocks: Vec<&str> = readme
        .split("```hcl\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(blocks.len(), 1, "{readme}");
    for block in blocks {
        is_valid(block, "README.md").await;
    }
}

#[tokio::test]
async fn the_host_takes_every_schema() {
    let (provider, workspace) = workspace().await;
    workspace.write("main.tf", &provider.required()).expect("it is written");
    let output = workspace
        .run(&["providers", "schema", "-json"])
        .await
        .expect("Terraform runs")
        .success();
    // Each host puts its own registry before the short source.
    let schemas = output.json()["provider_schemas"].clone();
    let schemas = schemas.as_object().expect("an object").iter();
    let mut ours = schemas.filter(|(source, _)| source.ends_with(&format!("/{}", provider.short_source())));
    let (_, schemas) = ours.next().expect("the provider's schemas");
    let names = |kind: &str| -> Vec<String> {
        schemas[kind]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    };
    assert_eq!(
        names("resource_schemas"),
        [
            "e2etls_certificate",
            "e2etls_edge",
            "e2etls_issuer",
            "e2etls_network_policy",
            "e2etls_platform",
            "e2etls_private_ca",
            "e2etls_proxy",
            "e2etls_public_certificate",
            "e2etls_stack"
        ]
    );
    assert_eq!(
        names("data_source_schemas"),
        [
            "e2etls_certificate_status",
            "e2etls_cluster",
            "e2etls_encryption_report",
            "e2etls_tls_probe"
        ]
    );
}
