//! Binaries of this workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::{Context as _, Error, Result};

/// Builds something of the workspace and returns the executable of this name.
///
/// # Errors
/// The build failed, or made no such executable.
pub fn cargo_build(args: &[&str], name: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .args(["build", "--quiet", "--message-format=json-render-diagnostics"])
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo build")?;
    if !output.status.success() {
        return Err(Error::new(format!("cargo build {} failed", args.join(" "))));
    }
    let executables = String::from_utf8_lossy(&output.stdout);
    executables
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .find(|path| path.file_stem().is_some_and(|stem| stem == name))
        .context(format!("cargo build {} made no {name}", args.join(" ")))
}
