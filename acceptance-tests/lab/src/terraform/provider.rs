//! The provider under test, apart from cargo's own files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

use crate::lab::{Context as _, Result, cargo_build};

/// Names a provider binary to test in place of a fresh build (a release build, for figures).
const BINARY: &str = "E2ETLS_PROVIDER_BIN";

/// A provider that a [`super::Workspace`] can use.
#[derive(Debug, Clone)]
pub struct Provider {
    source: String,
    binary: PathBuf,
}

impl Provider {
    /// This repository's provider, built once per process, or the binary that `E2ETLS_PROVIDER_BIN` names.
    ///
    /// # Errors
    /// The build failed.
    pub fn e2etls() -> Result<Self> {
        static BUILT: OnceLock<Result<Provider>> = OnceLock::new();
        let build = || {
            let name = "terraform-provider-e2etls";
            let binary = match std::env::var_os(BINARY) {
                Some(path) => PathBuf::from(path),
                None => cargo_build(&["-p", name], name)?,
            };
            Self::staged("registry.terraform.io/e2etls/e2etls", &binary)
        };
        BUILT.get_or_init(build).clone()
    }

    /// The framework's example provider, built once per process.
    ///
    /// # Errors
    /// The build failed.
    pub fn example() -> Result<Self> {
        static BUILT: OnceLock<Result<Provider>> = OnceLock::new();
        let build = || {
            let name = "terraform-provider-example";
            let binary = cargo_build(&["-p", "tfplugin-protocol", "--example", name], name)?;
            Self::staged("registry.terraform.io/example/example", &binary)
        };
        BUILT.get_or_init(build).clone()
    }

    /// Any binary under any source address (`HOST/NAMESPACE/TYPE`); it is put into a folder of its own.
    ///
    /// # Errors
    /// The binary can't be read, or linked beside the lab's other files.
    pub fn staged(source: &str, binary: &Path) -> Result<Self> {
        let facts = fs::metadata(binary).context(binary.display())?;
        let modified = facts
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let stamp = format!("{:x}-{:x}", facts.len(), modified.unwrap_or_default().as_nanos());
        let name = format!("terraform-provider-{}", source.rsplit('/').next().unwrap_or_default());
        let folder = binary
            .parent()
            .unwrap_or(Path::new("."))
            .join("acceptance")
            .join(&name)
            .join(stamp);
        let staged = folder.join(&name);
        if !staged.is_file() {
            fs::create_dir_all(&folder).context(folder.display())?;
            let part = folder.join(format!(".{name}.{}", std::process::id()));
            if fs::hard_link(binary, &part).is_err() {
                fs::copy(binary, &part).context(part.display())?;
            }
            fs::rename(&part, &staged).context(staged.display())?;
        }
        Ok(Self {
            source: source.to_owned(),
            binary: staged,
        })
    }

    /// The executable.
    #[must_use]
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The source address, with its host.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The source address as configurations name it: without the default host, which Terraform and OpenTofu fill in
    /// differently.
    #[must_use]
    pub fn short_source(&self) -> &str {
        self.source
            .strip_prefix("registry.terraform.io/")
            .unwrap_or(&self.source)
    }

    /// The last part of the source address.
    #[must_use]
    pub fn name(&self) -> &str {
        self.source.rsplit('/').next().unwrap_or_default()
    }

    /// A `terraform` block that requires it, for a configuration.
    #[must_use]
    pub fn required(&self) -> String {
        let (name, source) = (self.name(), self.short_source());
        format!("terraform {{\n  required_providers {{\n    {name} = {{ source = \"{source}\" }}\n  }}\n}}\n")
    }
}
