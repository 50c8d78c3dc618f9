//! The commands that tests run in a workspace.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use serde_json::Value;

use super::output::Output;
use super::plan::Plan;
use super::running::Running;
use super::workspace::Workspace;
use crate::lab::Result;

impl Workspace {
    /// `init`, for a mirrored workspace.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn init(&self) -> Result<Output> {
        self.run(&["init", "-no-color"]).await
    }

    /// `validate -json`.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn validate(&self) -> Result<Output> {
        self.run(&["validate", "-json"]).await
    }

    /// `plan -detailed-exitcode` into a file, and `show -json` of it, with more arguments (`-refresh=false`, …).
    ///
    /// # Errors
    /// The program can't be started.
    ///
    /// # Panics
    /// The plan failed; the message is everything that it wrote. [`Workspace::try_plan`] is for plans that shall fail.
    pub async fn plan(&self, args: &[&str]) -> Result<Plan> {
        let (output, file) = self.try_plan(args).await?;
        assert!(matches!(output.code, Some(0 | 2)), "the plan failed: {output}");
        let json = self.show_plan(&file).await?;
        Ok(Plan { output, file, json })
    }

    /// The same without a judgement, and without `show`.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn try_plan(&self, args: &[&str]) -> Result<(Output, PathBuf)> {
        let number = self.commands.load(Ordering::Relaxed);
        let file = self.path().join(format!("plan-{number}.bin"));
        let out = format!("-out={}", file.display());
        let output = self
            .run(&[&["plan", "-no-color", "-detailed-exitcode", &out], args].concat())
            .await?;
        Ok((output, file))
    }

    async fn show_plan(&self, file: &Path) -> Result<Value> {
        let file = file.display().to_string();
        Ok(self.run(&["show", "-json", &file]).await?.success().json())
    }

    /// `show -json` of the state.
    ///
    /// # Errors
    /// The program can't be started.
    ///
    /// # Panics
    /// The state can't be shown.
    pub async fn show(&self) -> Result<Value> {
        Ok(self.run(&["show", "-json"]).await?.success().json())
    }

    /// The attributes of one resource in the state.
    ///
    /// # Errors
    /// The program can't be started.
    ///
    /// # Panics
    /// The state can't be shown, or has no such resource in its root module.
    pub async fn values(&self, address: &str) -> Result<Value> {
        let state = self.show().await?;
        let mut resources = state["values"]["root_module"]["resources"]
            .as_array()
            .into_iter()
            .flatten();
        let found = resources
            .find(|resource| resource["address"] == address)
            .map(|found| found["values"].clone());
        Ok(found.unwrap_or_else(|| panic!("no {address} in {state:#}")))
    }

    /// `apply -auto-approve`, with more arguments.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn apply(&self, args: &[&str]) -> Result<Output> {
        self.start_apply(args)?.wait().await
    }

    /// `apply -auto-approve` in the background.
    ///
    /// # Errors
    /// The program can't be started.
    pub fn start_apply(&self, args: &[&str]) -> Result<Running> {
        self.start(&[&["apply", "-no-color", "-auto-approve"], args].concat())
    }

    /// Applies exactly this plan.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn apply_plan(&self, plan: &Plan) -> Result<Output> {
        let file = plan.file.display().to_string();
        self.run(&["apply", "-no-color", &file]).await
    }

    /// `apply -auto-approve`, then a plan without and a plan with refresh, which must both be empty.
    ///
    /// # Errors
    /// The program can't be started.
    ///
    /// # Panics
    /// The apply failed, or a plan isn't empty.
    pub async fn apply_quietly(&self) -> Result<Output> {
        let output = self.apply(&[]).await?.success();
        drop(self.plan(&["-refresh=false"]).await?.empty());
        drop(self.plan(&[]).await?.empty());
        Ok(output)
    }

    /// `destroy -auto-approve`, with more arguments.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn destroy(&self, args: &[&str]) -> Result<Output> {
        self.run(&[&["destroy", "-no-color", "-auto-approve"], args].concat())
            .await
    }

    /// `import ADDRESS ID`.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn import(&self, address: &str, id: &str) -> Result<Output> {
        self.run(&["import", "-no-color", address, id]).await
    }

    /// `taint` or, with `false`, `untaint`.
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn taint(&self, address: &str, tainted: bool) -> Result<Output> {
        self.run(&[if tainted { "taint" } else { "untaint" }, address]).await
    }

    /// `state` with these arguments (`show`, `list`, `pull`, `rm`, …).
    ///
    /// # Errors
    /// The program can't be started.
    pub async fn state(&self, args: &[&str]) -> Result<Output> {
        self.run(&[&["state"], args].concat()).await
    }

    /// `output -json`: name → value.
    ///
    /// # Errors
    /// The program can't be started.
    ///
    /// # Panics
    /// The outputs can't be read.
    pub async fn outputs(&self) -> Result<Value> {
        Ok(self.run(&["output", "-json"]).await?.success().json())
    }
}

#[cfg(test)]
mod tests {
    use super::super::provider::Provider;
    use super::Workspace;
    use crate::lab::cache::on_path;

    const CONFIG: &str = r#"
variable "word" {
  default = "one"
}

resource "terraform_data" "it" {
  input = var.word
}

output "word" {
  value = terraform_data.it.output
}
"#;

    /// An executable that stands for a provider which is never started; `None` where the machine has no Terraform.
    fn provider() -> Option<(tempfile::TempDir, Provider)> {
        on_path("terraform").or_else(|| on_path("tofu"))?;
        let folder = tempfile::tempdir().expect("tempdir");
        let copy = folder.path().join("sh");
        std::fs::copy(on_path("sh").expect("sh"), &copy).expect("copy");
        let provider = Provider::staged("registry.terraform.io/example/shell", &copy).expect("provider");
        Some((folder, provider))
    }

    /// A workspace with no provider but the built-in one.
    fn workspace() -> Option<(tempfile::TempDir, Workspace)> {
        let (folder, provider) = provider()?;
        let workspace = Workspace::new(&provider).expect("workspace");
        workspace.write("main.tf", CONFIG).expect("write");
        Some((folder, workspace))
    }

    #[tokio::test]
    async fn installs_from_a_mirror() {
        let Some((_folder, provider)) = provider() else { return };
        let workspace = Workspace::mirrored(&[&provider]).expect("workspace");
        workspace.write("main.tf", &provider.required()).expect("write");
        drop(workspace.init().await.expect("init").success());
        let lock = std::fs::read_to_string(workspace.path().join(".terraform.lock.hcl")).expect("lock file");
        assert!(lock.contains("example/shell") && lock.contains("h1:"), "{lock}");
    }

    #[tokio::test]
    async fn plans_applies_and_destroys() {
        let Some((_provider, workspace)) = workspace() else {
            return;
        };
        assert_eq!(
            workspace.validate().await.expect("validate").success().json()["valid"],
            true
        );
        let plan = workspace.plan(&[]).await.expect("plan");
        assert_eq!(plan.change("terraform_data.it").actions, ["create"]);
        drop(workspace.apply_plan(&plan).await.expect("apply").success());
        drop(workspace.apply_quietly().await.expect("apply"));
        assert_eq!(workspace.outputs().await.expect("outputs")["word"]["value"], "one");
        assert_eq!(
            workspace.values("terraform_data.it").await.expect("values")["input"],
            "one"
        );
        let plan = workspace.plan(&["-var=word=two"]).await.expect("plan");
        assert_eq!(plan.change("terraform_data.it").actions, ["update"]);
        drop(
            workspace
                .taint("terraform_data.it", true)
                .await
                .expect("taint")
                .success(),
        );
        assert_eq!(
            workspace.plan(&[]).await.expect("plan").changes()[0].actions,
            ["delete", "create"]
        );
        drop(workspace.destroy(&[]).await.expect("destroy").success());
        assert!(workspace.show().await.expect("show")["values"].is_null());
        let log = std::fs::read_to_string(workspace.path().join("logs/01-validate.log")).expect("a log");
        assert!(log.contains("[TRACE]"), "{log}");
    }

    #[tokio::test]
    async fn a_failure_says_what_terraform_said() {
        let Some((_provider, workspace)) = workspace() else {
            return;
        };
        workspace
            .write("more.tf", "output \"x\" { value = nothing.here }")
            .expect("write");
        let (output, _) = workspace.try_plan(&[]).await.expect("plan");
        drop(output.failure(&["Reference to undeclared resource", "in the root module"]));
    }
}
