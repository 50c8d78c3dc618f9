//! A directory with a configuration, and `terraform` in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A configuration of its own, with an installed example provider and an empty folder for documents.
pub(crate) struct Workspace {
    root: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run of `terraform` left.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    /// Both streams, without colour and line frames, and with single spaces: terraform wraps lines.
    pub(crate) text: String,
}

impl Run {
    /// Fails unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.text);
        self
    }

    /// Fails unless `part` was printed.
    #[track_caller]
    pub(crate) fn says(self, part: &str) -> Self {
        assert!(self.text.contains(part), "`{part}` is not in: {}", self.text);
        self
    }
}

impl Workspace {
    /// A workspace whose provider is configured by `settings`, with `body` as configuration. `{docs}` in both is the
    /// folder for documents.
    pub(crate) fn new(settings: &str, body: &str) -> Self {
        let workspace = Self {
            root: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        };
        fs::create_dir_all(workspace.docs()).unwrap();
        fs::create_dir_all(workspace.path("module")).unwrap();
        workspace.install(["example", "broken"]);
        workspace.write(settings, body);
        workspace
    }

    /// The usual settings.
    pub(crate) fn simple(body: &str) -> Self {
        Self::new("directory = \"{docs}\"", body)
    }

    /// Replaces the configuration.
    pub(crate) fn write(&self, settings: &str, body: &str) {
        let head = "terraform {\n  required_providers {\n    example = { source = \"example/example\" }\n  }\n}\n";
        let text = format!("{head}provider \"example\" {{\n{settings}\n}}\n{body}\n");
        self.write_all(&text);
    }

    /// Replaces the configuration with `text` alone.
    pub(crate) fn write_all(&self, text: &str) {
        let docs = self.docs();
        fs::write(
            self.path("module/main.tf"),
            text.replace("{docs}", docs.to_str().unwrap()),
        )
        .unwrap();
    }

    /// Replaces what stands below the usual settings.
    pub(crate) fn rewrite(&self, body: &str) {
        self.write("directory = \"{docs}\"", body);
    }

    /// Sets an environment variable for all runs.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.push((name.to_owned(), value.into()));
    }

    /// Makes the examples available as development overrides: linked alone into a folder, because Cargo's own has
    /// other files whose names would fit.
    fn install<const N: usize>(&self, names: [&str; N]) {
        let folder = self.path("bin");
        fs::create_dir_all(&folder).unwrap();
        let mut overrides = String::new();
        for name in names {
            let binary = format!("terraform-provider-{name}");
            std::os::unix::fs::symlink(example(&binary), folder.join(&binary)).unwrap();
            overrides += &format!(
                "    \"registry.terraform.io/example/{name}\" = {:?}\n",
                folder.to_str().unwrap()
            );
        }
        let text = format!("provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n");
        fs::write(self.path("cli.tfrc"), text).unwrap();
    }

    /// The folder of the documents.
    pub(crate) fn docs(&self) -> PathBuf {
        self.path("docs")
    }

    /// A path in this workspace.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The state file.
    pub(crate) fn state(&self) -> PathBuf {
        self.path("module/terraform.tfstate")
    }

    /// `terraform` with `arguments`, not yet run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        let inherited = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TF_"));
        for (name, _) in inherited {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.path("module"))
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `terraform`.
    pub(crate) fn terraform(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output();
        finished(output.expect("these tests drive the real `terraform`, which must be on PATH"))
    }

    /// `terraform apply`, which must succeed.
    #[track_caller]
    pub(crate) fn apply(&self) -> Run {
        self.terraform(&["apply", "-auto-approve", "-input=false"]).code(0)
    }

    /// `terraform plan`: 0 is no change, 1 an error, 2 changes.
    pub(crate) fn plan(&self) -> Run {
        self.terraform(&["plan", "-detailed-exitcode", "-input=false"])
    }
}

/// What a finished process left.
pub(crate) fn finished(output: Output) -> Run {
    let both = [output.stdout, output.stderr].concat();
    let frames = ['│', '╷', '╵'];
    let text = without_colour(&String::from_utf8_lossy(&both)).replace(frames, " ");
    let words: Vec<_> = text.split_whitespace().collect();
    Run {
        code: output.status.code(),
        text: words.join(" "),
    }
}

/// `text` without what stands between an escape and its `m`.
fn without_colour(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|part| plain += part.split_once('m').map_or("", |(_, rest)| rest));
    plain
}

/// The binary of an example; Cargo builds examples before it runs tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("examples")
        .join(name);
    assert!(
        path.exists(),
        "{} is missing: run `cargo build -p tfplugin-protocol --examples`",
        path.display()
    );
    path
}
