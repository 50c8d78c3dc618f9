//! OpenTofu, built where the machine has neither Terraform nor OpenTofu.

use std::fs;
use std::process::Command;

use super::cache::Cache;
use super::error::{Context as _, Result};
use super::step::run;

const VERSION: &str = "v1.12.6";

/// Builds `tofu` into the cache.
///
/// Its go.mod replaces two modules, and replacements count in the main module only: a copy of that file is made ours.
///
/// # Errors
/// A build failed.
pub(crate) fn build(cache: &Cache) -> Result<()> {
    let target = cache.program("tofu");
    if target.is_file() {
        return Ok(());
    }
    let module = format!("github.com/opentofu/opentofu@{VERSION}");
    let listing = run(Command::new("go")
        .current_dir(&cache.root)
        .args(["mod", "download", "-json", &module]))?;
    let listing: serde_json::Value = serde_json::from_str(&listing).context("go mod download")?;
    let source = listing["Dir"].as_str().context("go mod download names no folder")?;
    let part = cache.program(".tofu.part");
    let ldflags = "-s -w -X github.com/opentofu/opentofu/version.dev=no -X main.experimentsAllowed=no";
    run(Command::new("go")
        .current_dir(source)
        .args(["build", "-trimpath", "-mod=readonly", "-ldflags", ldflags, "-o"])
        .arg(&part)
        .arg("./cmd/tofu"))?;
    fs::rename(&part, &target).context(target.display())
}
