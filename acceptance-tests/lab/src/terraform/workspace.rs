//! A directory with a configuration and a state of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio::process::Command;

use super::output::Output;
use super::private_keys::Scan;
use super::provider::Provider;
use super::running::Running;
use crate::lab::hosts;
use crate::lab::{Context as _, Lab, Result, SessionEndpoints};

/// The version under which a mirror serves a provider.
const MIRRORED_VERSION: &str = "0.1.0";

/// A workspace of Terraform or OpenTofu; its directory goes with it.
#[derive(Debug)]
pub struct Workspace {
    // Goes first, while the directory is there.
    _scan: Scan,
    dir: TempDir,
    program: PathBuf,
    env: Vec<(String, String)>,
    pub(super) commands: AtomicU32,
}

impl Workspace {
    /// A workspace that takes the provider from its folder: no init, no lock file.
    ///
    /// # Errors
    /// There is no `terraform` or `tofu`, or no room for a directory.
    pub fn new(provider: &Provider) -> Result<Self> {
        let folder = provider.binary().parent().unwrap_or(Path::new("/")).display();
        let source = provider.short_source();
        Self::with_installation(&format!("  dev_overrides {{ \"{source}\" = \"{folder}\" }}\n"))
    }

    /// A workspace that installs these providers from a mirror; [`Workspace::init`] comes first.
    ///
    /// # Errors
    /// There is no `terraform` or `tofu`, or no room for a directory.
    pub fn mirrored(providers: &[&Provider]) -> Result<Self> {
        let workspace = Self::with_installation("  filesystem_mirror { path = \"MIRROR\" }\n")?;
        let mirror = workspace.path().join("mirror");
        for provider in providers {
            for host in ["registry.terraform.io", "registry.opentofu.org"] {
                let name = format!("terraform-provider-{}_v{MIRRORED_VERSION}", provider.name());
                let folder = mirror
                    .join(host)
                    .join(provider.short_source())
                    .join(MIRRORED_VERSION)
                    .join(platform());
                fs::create_dir_all(&folder).context(folder.display())?;
                let file = folder.join(name);
                if fs::hard_link(provider.binary(), &file).is_err() {
                    fs::copy(provider.binary(), &file).context(file.display())?;
                }
            }
        }
        let config = workspace.path().join("terraformrc");
        let text = fs::read_to_string(&config).context(config.display())?;
        fs::write(&config, text.replace("MIRROR", &mirror.display().to_string())).context(config.display())?;
        Ok(workspace)
    }

    fn with_installation(installation: &str) -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("e2etls-tf-")
            .tempdir()
            .context("making a workspace")?;
        for folder in ["logs", "home", "tmp"] {
            fs::create_dir(dir.path().join(folder)).context(folder)?;
        }
        let config = dir.path().join("terraformrc");
        fs::write(&config, format!("provider_installation {{\n{installation}}}\n")).context(config.display())?;
        let program = hosts::terraform(&crate::lab::setup::ensure()?);
        Ok(Self {
            _scan: Scan(dir.path().to_owned()),
            dir,
            program,
            env: Vec::new(),
            commands: AtomicU32::new(0),
        })
    }

    /// Runs this program in place of the first of `terraform` and `tofu` on `PATH`.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// Adds a variable to the environment of every command, which is empty but for what Terraform needs.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// Points the environment at a session of the lab: AWS, and the cluster as whoever holds this kubeconfig.
    #[must_use]
    pub fn in_lab(mut self, lab: &Lab, session: &SessionEndpoints, kubeconfig: &Path) -> Self {
        self.env.extend(lab.aws_env(session));
        self.program = lab.endpoints().programs.terraform.clone();
        self.env("KUBE_CONFIG_PATH", kubeconfig.display().to_string())
    }

    /// The workspace's directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file of the configuration.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).context(folder.display())?;
        }
        fs::write(&path, text).context(path.display())
    }

    /// Removes a file of the configuration.
    ///
    /// # Errors
    /// It isn't there.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.path().join(name);
        fs::remove_file(&path).context(path.display())
    }

    /// Starts any command and leaves it running.
    ///
    /// # Errors
    /// The program can't be started.
    pub fn start(&self, args: &[&str]) -> Result<Running> {
        let number = self.commands.fetch_add(1, Ordering::Relaxed) + 1;
        let name = args.first().copied().unwrap_or("version");
        let log = self.path().join("logs").join(format!("{number:02}-{name}.log"));
        let mut command = Command::new(&self.program);
        command
            .current_dir(self.path())
            .args(args)
            .env_clear()
            .envs(self.base_env(&log));
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let line = format!("{} {}", self.program.display(), args.join(" "));
        let template = Output {
            command: line,
            code: None,
            stdout: String::new(),
            stderr: String::new(),
            log,
        };
        Running::spawn(command, template)
    }

    /// Runs any command to its end.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn run(&self, args: &[&str]) -> Result<Output> {
        self.start(args)?.wait().await
    }

    fn base_env(&self, log: &Path) -> Vec<(&'static str, String)> {
        let below = |name: &str| self.path().join(name).display().to_string();
        vec![
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", below("home")),
            ("TMPDIR", below("tmp")),
            ("TF_CLI_CONFIG_FILE", below("terraformrc")),
            ("TF_DATA_DIR", below("data")),
            ("TF_IN_AUTOMATION", "1".to_owned()),
            ("TF_INPUT", "0".to_owned()),
            ("TF_LOG", "trace".to_owned()),
            ("TF_LOG_PATH", log.display().to_string()),
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("NO_COLOR", "1".to_owned()),
        ]
    }

    /// Keeps the directory for a look at it, and returns where it is.
    #[must_use]
    pub fn keep(self) -> PathBuf {
        self.dir.keep()
    }
}

/// This machine, as mirrors name it.
fn platform() -> String {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let os = if std::env::consts::OS == "macos" {
        "darwin"
    } else {
        std::env::consts::OS
    };
    format!("{os}_{arch}")
}
