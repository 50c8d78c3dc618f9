//! Python environments of the cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::Result;
use super::step::run;

/// Makes an environment anew, with what these arguments of `pip install` name; its `python`.
pub(crate) fn install(venv: &Path, what: &[&str]) -> Result<PathBuf> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))?;
    let python = venv.join("bin/python");
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(what))?;
    Ok(python)
}
