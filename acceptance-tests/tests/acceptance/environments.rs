//! The examples of environments, which share a module: their own tests pass on the lab and leave nothing.

use std::fs;
use std::path::{Path, PathBuf};

use e2etls_lab::terraform::Workspace;
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use serde_json::Value;

use crate::aws::living;
use crate::ground::{self, Ground};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// Copies the files below `from` into the workspace.
fn copy(workspace: &Workspace, from: &Path, to: &str) {
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let name = format!("{to}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            copy(workspace, &entry.path(), &name);
        } else {
            let text = fs::read_to_string(entry.path()).expect("a text");
            workspace.write(&name, &text).expect("it is written");
        }
    }
}

/// Runs the tests of an environment: `init`, which installs the provider and the module, and `test`.
async fn passes(environment: &str, authorities: &[&str]) {
    let ground = Ground::new(&format!("environment-{environment}")).await;
    let provider = ground::provider().await;
    let workspace =
        Workspace::mirrored(&[&provider])
            .expect("a workspace")
            .in_lab(ground.lab, &ground.session, &ground.kubeconfig);
    for folder in ["modules", "environments"] {
        copy(&workspace, &examples().join(folder), folder);
    }
    let here = format!("-chdir=environments/{environment}");
    let init = workspace.run(&[&here, "init", "-input=false", "-no-color"]).await;
    drop(init.expect("Terraform runs").success());
    let test = workspace.run(&[&here, "test", "-no-color"]).await;
    drop(test.expect("Terraform runs").success());
    let namespaces: Api<Namespace> = Api::all(ground.kube.clone());
    let namespace = namespaces.get_opt(&format!("shop-{environment}")).await;
    assert_eq!(namespace.expect("an answer"), None);
    for name in authorities {
        assert_eq!(living(&ground, name), Vec::<Value>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn development_passes_its_own_tests() {
    passes("dev", &["Shop dev root"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn production_passes_its_own_tests() {
    passes("prod", &["Company root", "Shop prod issuing CA"]).await;
}
